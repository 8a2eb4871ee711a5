"""The record screen in a real browser: writing at a size to read, doubts, picks, history."""

from __future__ import annotations

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import Role

SCREENS = [(1366, 768), (1024, 768), (911, 512)]  # the last: 1366×768 at 150 %


@pytest.fixture
def record(seat, book):
    """Somebody at the first record of a book."""
    chi = seat("chi", Role.REVIEWER)
    chi.open(f"/review?book={book}&kind=sex")
    chi.open(f"/record/{chi.shown()['record']}")
    chi.until("() => document.querySelector('#record').dataset.sight === 'seen'")
    return chi


def test_a_line_of_writing_is_large_enough_on_every_screen(record):
    for width, height in SCREENS:
        record.page.set_viewport_size({"width": width, "height": height})
        for code in ("so", "nksHoTen", "nksNoiSinh"):
            record.page.locator(f"[data-code='{code}'] textarea").focus()
            record.row_seen()
            box = record.page.locator("#scan .box").bounding_box()
            frame = record.page.locator("#scan").bounding_box()
            assert box["height"] >= 86, "20 pixels for the letter x"
            assert frame["y"] - 8 <= box["y"] and box["y"] < frame["y"] + frame["height"]
            assert frame["x"] - 8 <= box["x"] < frame["x"] + frame["width"] / 2
        assert record.page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )


def test_a_long_value_is_seen_whole(record):
    place = record.page.locator("[data-code='nksNoiSinh'] textarea")
    place.fill("Trạm y tế xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre, " * 3)
    assert place.evaluate("own => own.scrollHeight <= own.clientHeight + 1")
    assert place.evaluate("own => own.scrollWidth <= own.clientWidth")


def test_from_doubt_to_doubt_picking_and_asking(record, book):
    def code():
        return record.page.evaluate(
            "() => document.activeElement.closest('.field-row').dataset.code"
        )

    first = code()
    record.press("F6")
    assert code() != first
    while code() != "nksHoTen":
        record.press("F6")
    record.row_seen()
    assert record.page.inner_text("#why").strip()
    with record.page.expect_response("**/api/decide"):
        record.press("2")  # the second offer
    record.saved()
    assert record.station.fields(book)[0]["nksHoTen"].state is State.CORRECTED
    record.page.locator("[data-code='nguoiKy'] textarea").focus()
    record.row_seen()
    record.press("F9")
    record.type("Khánh hay Khanh?")
    with record.page.expect_response("**/api/decide"):
        record.press("Enter")
    record.saved()
    record.page.locator("[data-code='nguoiKy'] textarea").focus()
    record.page.wait_for_selector("#history q:has-text('Khánh hay Khanh?')")


def test_who_decided_what_is_told_beside_the_field(record):
    name = record.page.locator("[data-code='nksHoTen'] textarea")
    name.fill("Lê Thị Mai")
    record.row_seen()
    record.press("Enter")
    record.saved()
    name.focus()
    record.page.wait_for_selector("#history li.counts:has-text('Lê Thị Mai')")
    assert record.name in record.page.inner_text("#history")
    assert "Máy đọc" in record.page.inner_text("#history")


def test_a_late_answer_leaves_the_hands_alone(record, book):
    """The answer about a row that was left: cursor, selection and half a word stay as they are."""
    held = []
    record.page.route("**/api/decide", lambda route: held.append(route))  # noqa: PLW0108
    name = record.page.locator("[data-code='nksHoTen'] textarea")
    name.click()
    record.row_seen()
    record.press("Control+a")
    record.type("Lê Thị Mai")
    record.press("Escape", "Enter")
    place = record.page.locator("[data-code='nksNoiSinh'] textarea")
    place.click()
    record.row_seen()
    record.press("Control+a")
    for event in ("blur", "focus"):  # another window came to the front, and went
        place.evaluate("(own, name) => own.dispatchEvent(new FocusEvent(name))", event)
    answer(record, held, "nksHoTen")
    record.type("xã Lộc")
    record.press("ArrowUp")  # saved by leaving the row
    record.until("() => document.activeElement.closest('[data-code]').dataset.code != 'nksNoiSinh'")
    place.click()
    record.press("Control+a")
    record.type("xã Bình")
    answer(record, held, "nksNoiSinh")
    assert place.input_value() == "xã Bình"
    record.type(" Thắng")
    record.press("Escape")
    record.page.unroute("**/api/decide")
    record.press("Enter")
    record.saved()
    fields = record.station.fields(book)[0]
    assert fields["nksHoTen"].value == "Lê Thị Mai"
    assert fields["nksNoiSinh"].value == "Xã Bình Thắng"


def answer(seat, held: list, code: str) -> None:
    """Let the one request through that was held, and wait until its row says that it is saved."""
    seat.until("() => document.querySelector('#save-state').dataset.state === 'sending'")
    seat.page.wait_for_timeout(100)  # nothing more is sent in the meantime
    seat.one_held(held).continue_()
    seat.page.wait_for_selector(f"[data-code='{code}'] .row-note:has-text('đã lưu')")


def test_a_page_without_a_record_is_put_aside_by_one_key(record):
    asked = []

    def put_aside(route):  # what becomes of the page is for the tests of the rules
        asked.append((route.request.url, route.request.post_data_json))
        route.fulfill(json={})

    record.page.route("**/api/pages/*/aside", put_aside)
    record.press("Control+Delete")
    record.page.wait_for_selector("dialog select")
    before = record.page.url
    with record.page.expect_navigation():
        record.press("Enter")
    assert [what for _, what in asked] == [{"reason": "blank"}]
    assert record.page.url != before


def test_of_several_records_on_a_sheet_only_this_one_is_dropped(record):
    asked = []

    def on_a_sheet(route):
        told = route.fetch().json()
        route.fulfill(json={**told, "on_page": 4})

    def drop(route):
        asked.append((route.request.url.split("/")[-2], route.request.post_data_json))
        route.fulfill(json={"page": 1, "position": 1, "record": None})

    own = record.page.url.split("/")[-1].split("#")[0].split("?")[0]
    record.page.route(f"**/api/records/{own}", on_a_sheet)
    record.page.route("**/api/records/*/drop", drop)
    record.page.reload()
    record.page.wait_for_selector(".row-value")
    record.press("Control+Delete")
    record.page.wait_for_selector("dialog[open]")
    assert "Dòng 1 của trang này" in record.page.inner_text("dialog[open]")
    with record.page.expect_navigation():
        record.press("Enter")
    assert asked == [(own, {"confirm": False})]


def test_the_help_names_the_keys_of_the_screen(record):
    record.press("F1")
    told = record.page.inner_text("dialog.help")
    assert all(key in told for key in ("F6", "Ctrl+Del", "PgDn"))
