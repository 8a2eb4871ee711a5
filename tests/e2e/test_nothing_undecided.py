"""Nothing is saved that nobody decided: lost focus, held keys, double clicks, pictures not seen."""

from __future__ import annotations

import re

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import policies
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.policies import ReviewPolicy
from ocr_pipeline.store.workspace import Workspace

CROPS = re.compile(r"/pictures/")


def hold(seat, key: str, times: int = 30) -> None:
    """Lean on a key: the browser repeats it every 33 ms."""
    for _ in range(times):
        seat.page.keyboard.down(key)
        seat.page.wait_for_timeout(33)
    seat.page.keyboard.up(key)


def open_fields(seat, book: str, code: str = "") -> int:
    records = seat.station.fields(book)
    fields = [f for r in records for c, f in r.items() if c == code or not code]
    return sum(field.state is State.IN_REVIEW for field in fields)


def test_typing_goes_on_in_the_input_after_tab(seat, book):
    """`12051985`, Tab without a list, `13061990`, Enter: never the machine's date."""
    lan = seat("lan")
    lan.open(f"/review?kind=date&book={book}")
    item = lan.shown()
    lan.type("12051985")
    lan.press("Escape", "Tab")
    assert lan.page.evaluate("() => document.activeElement.id") == "value"
    lan.press("Control+a")
    lan.type("13062010")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == "13.06.2010"


def test_a_button_never_saves_its_value_in_the_place_of_what_was_typed(seat, book):
    lan = seat("lan")
    lan.open(f"/review?kind=person_name&book={book}")
    item = lan.shown()
    lan.type("Nguyễn Thị Mận")
    lan.press("Escape")
    for reading in lan.page.locator("#readings button").all():
        reading.click()
        lan.page.wait_for_timeout(600)  # the clicks are no double click
        assert lan.shown()["field"] == item["field"]
    lan.page.fill("#value", "Nguyễn Thị Mận")
    for action in ("blank", "unreadable"):
        lan.page.click(f"[data-action={action}]")
        lan.page.wait_for_timeout(600)
        assert lan.shown()["field"] == item["field"]
        assert "Nguyễn Thị Mận" in lan.page.inner_text("#hint")
    lan.page.locator("#readings button").first.focus()
    lan.type("x")  # whatever has the focus, letters go to the input
    assert lan.page.evaluate("() => document.activeElement.id") == "value"


def test_a_held_key_decides_one_field(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}")
    for key in ("Enter", "F4", "F8", "2"):
        lan.shown()
        before = open_fields(lan, book)
        hold(lan, key)
        lan.saved()
        assert open_fields(lan, book) >= before - 1, key


def test_a_double_click_decides_one_field(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    for selector in ("#readings button", "[data-action=blank]"):
        lan.shown()
        before = open_fields(lan, book)
        lan.page.locator(selector).first.dblclick()
        lan.page.wait_for_timeout(300)
        lan.saved()
        assert open_fields(lan, book) == before - 1, selector


def test_nothing_is_decided_before_its_picture_stands_on_the_screen(seat, book):
    lan = seat("lan")
    waiting = []
    lan.page.route(CROPS, lambda route: waiting.append(route))  # noqa: PLW0108
    lan.open(f"/review?book={book}")
    lan.until("() => document.querySelector('#screen').dataset.state === 'item'")
    before = open_fields(lan, book)
    lan.press("Enter", "F4", "F8", "1")
    assert lan.page.inner_text("#hint")
    assert lan.page.evaluate("() => document.querySelector('#screen').dataset.turn") == "1"
    for route in waiting:
        route.continue_()
    lan.page.unroute(CROPS)
    lan.shown()
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert open_fields(lan, book) == before - 1


def test_a_picture_that_failed_is_acknowledged_first(seat, book):
    lan = seat("lan")
    lan.page.route(CROPS, lambda route: route.fulfill(status=404))
    lan.open(f"/review?book={book}")
    item = lan.shown()
    lan.press("Enter")
    assert lan.shown()["field"] == item["field"] and "ảnh" in lan.page.inner_text("#hint")
    lan.page.click("[data-action=without-picture]")
    lan.decide(lambda: lan.press("Enter"))


def test_a_group_confirms_only_what_was_on_the_screen(seat, book):
    lan = seat("lan")
    lan.page.set_viewport_size({"width": 1366, "height": 420})
    lan.open(f"/group?book={book}&kind=person_name")
    lan.page.click(".group-card:has-text('Võ Quốc Khánh')")
    lan.until("() => document.querySelectorAll('.tile img').length === 3")
    lan.page.evaluate(
        "() => document.querySelectorAll('.tile').forEach((tile) => {"
        " tile.style.minHeight = '200px'; tile.style.gridColumn = '1 / -1'; })"
    )
    lan.until("() => /^Xác nhận [1-9]/.test(document.querySelector('#confirm-group').textContent)")
    hold(lan, "Enter", 10)
    lan.saved()
    left = open_fields(lan, book, "nguoiKy")
    assert 0 < left < 3
    lan.until("(n) => document.querySelectorAll('.tile').length === n", left)
    assert lan.page.locator(".tile img").count() == left


def test_fields_of_one_crop_have_a_picture_each(seat, book):
    """Two fields can stand in one box; an element of a page stands in one place only."""
    lan = seat("lan")

    def one_crop(route):
        answer = route.fetch()
        data = answer.json()
        for item in data["items"]:
            item["crop"] = data["items"][0]["crop"]
        route.fulfill(response=answer, json=data)

    lan.page.route(re.compile("/api/groups/take"), one_crop)
    lan.open(f"/group?book={book}&kind=person_name")
    lan.page.click(".group-card:has-text('Võ Quốc Khánh')")
    lan.until("() => document.querySelectorAll('.tile img').length === 3")


def test_held_enter_confirms_one_row_of_a_record(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=sex")
    record = lan.shown()["record"]
    lan.open(f"/record/{record}")
    lan.row_seen()
    before = open_fields(lan, book)
    hold(lan, "Enter")
    lan.saved()
    assert open_fields(lan, book) >= before - 1


def test_a_sample_shows_no_value(seat, book):
    lan = seat("lan", Role.REVIEWER)
    with Workspace.open(lan.station.workspace) as ws:
        who = User("dung", Role.ADMIN)
        policies.set_policy(ws, who, ReviewPolicy(book=book, sample=1.0))
    lan.open(f"/review?book={book}&lane=sample")
    assert lan.shown()["value"] == ""
    assert lan.page.locator("#readings button").count() == 0
    lan.press("Enter")
    assert "trống" in lan.page.inner_text("#hint")


def test_the_value_that_is_kept_is_told_when_another_one_was_shown(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=date")
    item = lan.shown()
    lan.page.route(re.compile("/api/check"), lambda route: route.abort())
    lan.type("mồng một tháng hai năm 2016")
    lan.decide(lambda: lan.press("Enter"))
    lan.until("() => document.body?.textContent.includes('đã lưu là “01.02.2016”')")
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == "01.02.2016"


def test_text_of_an_old_encoding_is_refused_with_what_it_means(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    for waits_ms in (0, 1500):  # before and after the server's check has been answered
        lan.shown()
        lan.page.fill("#value", "NguyÔn V¨n B×nh")
        lan.page.wait_for_timeout(waits_ms)
        lan.press("Escape", "Enter", "Enter")
        lan.until("() => document.body?.textContent.includes('TCVN3')")
        lan.saved()
        kept = lan.api("GET", f"/api/fields/{item['field']}")
        assert (kept["state"], kept["value"]) == ("in_review", item["value"])
        lan.open(f"/review?kind=person_name&book={book}")
