"""Several people on one book: nothing is lost, overwritten, or keyed by one person alone."""

from __future__ import annotations

import re
from pathlib import Path

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book


def test_two_people_never_get_the_same_field(seat, book):
    lan, hoa = seat("lan"), seat("hoa")
    seen: dict[str, list[str]] = {"lan": [], "hoa": []}
    for own in (lan, hoa):
        own.open(f"/review?book={book}")
    turns = [("lan", lan), ("hoa", hoa)] * 20
    for name, own in turns:
        if item := own.shown():
            seen[name].append(item["field"])
            own.decide(lambda own=own: own.press("Enter"))
    for own in (lan, hoa):
        own.saved()
    both = seen["lan"] + seen["hoa"]
    assert len(both) == len(set(both)) == 12
    states = {f.state for r in lan.station.fields(book) for f in r.values()}
    assert states == {State.CONFIRMED, State.ACCEPTED}


def test_an_edit_that_came_second_is_shown_and_overwrites_nothing(seat, book):
    lan, binh = seat("lan"), seat("binh", Role.REVIEWER)
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    binh.open(f"/record/{item['record']}?field={item['field']}")
    binh.page.locator(f"[data-field='{item['field']}'] textarea").fill("Trần Thị Bình Sửa")
    binh.row_seen()
    binh.press("Enter")
    binh.saved()
    lan.type("Lê Thị Lan Sửa")
    lan.decide(lambda: lan.press("Enter"))
    lan.until("() => !document.querySelector('#conflicts').hidden")
    kept = lan.api("GET", f"/api/fields/{item['field']}")
    assert kept["value"] == "Trần Thị Bình Sửa"
    lan.page.click("#conflicts")
    shown = lan.page.inner_text("dialog.conflict")
    assert "Trần Thị Bình Sửa" in shown and "Lê Thị Lan Sửa" in shown and binh.name in shown
    lan.page.click("dialog.conflict .danger")  # mine, knowing theirs
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == "Lê Thị Lan Sửa"


def test_a_record_that_somebody_else_edited_asks_which_value_stays(seat, book):
    lan, binh = seat("lan"), seat("binh", Role.REVIEWER)
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    binh.open(f"/record/{item['record']}?field={item['field']}")
    own = binh.page.locator(f"[data-field='{item['field']}'] textarea")
    own.wait_for()
    lan.type("Lê Thị Lan Sửa")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    own.fill("Trần Thị Bình Sửa")
    binh.row_seen()
    binh.press("Enter")
    binh.page.click("#conflicts")
    binh.page.click("dialog.conflict button:not(.danger)")  # theirs
    binh.until(
        "f => document.querySelector(`[data-field='${f}'] textarea`)?.value === 'Lê Thị Lan Sửa'",
        item["field"],
    )
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == "Lê Thị Lan Sửa"


def test_blind_second_keying_and_a_third_person_arbitrates(seat, book):
    quan, lan = seat("quan", Role.ADMIN), seat("lan")
    hoa, binh = seat("hoa"), seat("binh", Role.REVIEWER)
    policy = {"book": book, "kind": "date", "mode": "double"}
    quan.open("/")
    quan.api("PUT", "/api/policies", {"policies": [policy]})

    lan.open(f"/review?book={book}&kind=date")
    first = lan.shown()
    lan.type("01022016")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    lan.open(f"/review?book={book}&kind=date&lane=second")
    assert lan.shown() is None  # nobody keys a field twice

    hoa.open(f"/review?book={book}&kind=date&lane=second")
    second = hoa.shown()
    assert second["field"] == first["field"] and second["value"] == ""
    text = hoa.page.inner_text("#screen")
    assert "01.02.2016" not in text and first["value"] not in text
    hoa.type("01022015")
    hoa.decide(lambda: hoa.press("Enter"))
    hoa.saved()

    binh.open(f"/review?book={book}&kind=date&lane=arbitration")
    third = binh.shown()
    assert third["field"] == first["field"]
    offered = binh.page.locator("#readings .reading-text").all_inner_texts()
    assert sorted(offered) == ["01.02.2015", "01.02.2016"]
    number = offered.index("01.02.2015") + 1
    binh.decide(lambda: binh.press(str(number)))
    binh.saved()
    kept = binh.api("GET", f"/api/fields/{first['field']}")
    assert (kept["value"], kept["state"]) == ("01.02.2015", "corrected")


def test_a_question_reaches_a_senior_with_its_words(seat, book):
    lan, binh = seat("lan"), seat("binh", Role.REVIEWER)
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    lan.press("F9")
    lan.type("Chữ này là Ân hay Ấn?")
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    binh.open(f"/review?book={book}&lane=senior")
    assert binh.shown()["field"] == item["field"]
    assert "Ân hay Ấn" in binh.page.inner_text("#readings")


def test_a_dead_server_and_a_dead_browser_lose_nothing(seat, own_station, tmp_path: Path):
    with Workspace.open(tmp_path / "job") as workspace:
        drawn = make_book(year=2016)
        fill_book(workspace, drawn, tmp_path / "scans", records=3)
    station = own_station(tmp_path / "job")
    lan = seat("lan", at=station)
    address = f"/review?book={drawn.id}&kind=person_name"
    lan.open(address)
    typed = {}
    for number in range(3):
        item = lan.shown()
        typed[int(item["field"])] = f"Nguyễn Văn Tạm {'ABC'[number]}"
        lan.type(typed[int(item["field"])])
        if number == 1:
            station.kill()
        lan.decide(lambda: lan.press("Enter"))
    lan.until("() => document.querySelector('#save-state').dataset.state === 'offline'")
    assert re.search("[23] mục", lan.page.inner_text("#save-state"))
    station.start()
    lan.saved()  # the page tries again by itself

    item = lan.shown()
    station.kill()
    typed[int(item["field"])] = "Nguyễn Văn Tạm D"
    lan.type("Nguyễn Văn Tạm D")
    lan.decide(lambda: lan.press("Enter"))
    draft = lan.shown()
    lan.type("Nguyễn Văn Dở")
    lan.page.close()
    station.start()
    lan.page = lan.page.context.new_page()
    lan.open(address)
    lan.saved()  # what the other page could not send was kept on the computer
    assert lan.shown()["field"] == draft["field"]
    assert lan.page.input_value("#value") == "Nguyễn Văn Dở"
    kept = {f: lan.api("GET", f"/api/fields/{f}")["value"] for f in typed}
    assert kept == typed
