"""Group verification, and the record beside its scan, in a real browser."""

from __future__ import annotations

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import Role

TRUE_PLACE = "Xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"


def open_group(seat, book: str, card: str, tiles: int, kind: str = "") -> None:
    seat.open(f"/group?book={book}" + (f"&kind={kind}" if kind else ""))
    seat.page.locator(".group-card", has_text=card).first.click()
    seat.tiles_seen(tiles)


def stands(seat, book: str, code: str) -> list[tuple[str, State]]:
    """Value and state of a column, down the book."""
    return [(r[code].value, r[code].state) for r in seat.station.fields(book)]


def test_a_group_is_confirmed_at_once_and_those_left_out_are_corrected_beside_it(seat, book):
    lan = seat("lan")
    lan.open(f"/group?book={book}&kind=person_name")
    card = lan.page.locator(".group-card", has_text="Võ Quốc Khánh")
    card.wait_for()
    card.focus()
    lan.press("Enter")
    lan.tiles_seen(3)
    lan.press("2")
    lan.until("() => document.querySelectorAll('.tile.odd').length === 1")
    lan.press("ArrowRight", " ", " ")  # left out and put back
    lan.press("Enter")
    lan.until("() => !document.querySelector('#fix').hidden")
    assert lan.page.input_value("#fix-value") == "Võ Quốc Khánh"
    assert lan.page.locator(".tile").count() == 1
    lan.type("Võ Quốc Khang")
    lan.until("() => document.querySelector('#fix').dataset.sight === 'seen'")
    lan.press("Enter")
    lan.until("() => !document.querySelector('#choose').hidden")
    lan.saved()
    assert sorted(stands(lan, book, "nguoiKy")) == [
        ("Võ Quốc Khang", State.CORRECTED),
        ("Võ Quốc Khánh", State.CONFIRMED),
        ("Võ Quốc Khánh", State.CONFIRMED),
    ]


def test_a_value_typed_once_goes_to_all_tiles_and_one_key_takes_all_back(seat, book):
    lan = seat("lan")
    open_group(lan, book, "Võ Quốc Khánh", 3, "person_name")
    lan.press("ArrowRight", " ", "=")  # the second is left out
    lan.type("Võ Quốc Khang")
    lan.page.wait_for_selector("#confirm-group:has-text('Võ Quốc Khang')")
    lan.press("Enter")
    lan.until("() => document.querySelectorAll('.tile').length === 1")
    lan.saved()
    assert [value for value, _ in stands(lan, book, "nguoiKy")] == [
        "Võ Quốc Khang", "Võ Quốc Khánh", "Võ Quốc Khang",
    ]  # fmt: skip
    lan.press("Escape")  # from the tile that was left out to the grid
    lan.press("Control+z")
    lan.until("() => document.querySelectorAll('.tile').length === 3")
    assert stands(lan, book, "nguoiKy") == [("Võ Quốc Khánh", State.IN_REVIEW)] * 3
    assert lan.api("GET", f"/api/queue/waiting?book={book}")["total"] == 12


def test_a_column_is_decided_each_tile_with_its_own_value(seat, book):
    lan = seat("lan")
    open_group(lan, book, "Ngày sinh người được khai sinh", 3)
    shown = lan.page.locator(".tile-value").all_inner_texts()
    assert shown == ["10.02.2016", "11.02.2016", "12.02.2016"]
    lan.press("ArrowRight", "F6")  # the second one alone
    lan.until("() => document.querySelector('#fix').dataset.sight === 'seen'")
    lan.type("21022016")
    lan.press("Enter")
    lan.until("() => document.querySelectorAll('.tile').length === 2")
    lan.press("Enter")
    lan.until("() => !document.querySelector('#choose').hidden")
    lan.saved()
    assert stands(lan, book, "nksNgaySinh") == [
        ("10.02.2016", State.CONFIRMED), ("21.02.2016", State.CORRECTED),
        ("12.02.2016", State.CONFIRMED),
    ]  # fmt: skip


def test_a_tile_is_seen_in_its_page_put_off_and_asked_about(seat, book):
    lan = seat("lan")
    open_group(lan, book, "Võ Quốc Khánh", 3, "person_name")
    lan.press("F2")
    lan.until("() => document.querySelector('#tile-page:not([hidden]) img')")
    lan.press("Escape")
    lan.until("() => document.querySelector('#tile-page').hidden")
    lan.press("F10")
    lan.until("() => document.querySelectorAll('.tile').length === 2")
    lan.press("F9")
    lan.page.wait_for_selector(".ask-note-input")
    lan.type("Người ký là ai?")
    lan.press("Enter")
    lan.until("() => document.querySelectorAll('.tile').length === 1")
    lan.saved()
    senior = seat("hoa", Role.REVIEWER)
    senior.open(f"/review?book={book}&lane=senior")
    assert senior.shown()["code"] == "nguoiKy"
    assert senior.page.inner_text("#readings").startswith("Câu hỏi") or "ai?" in (
        senior.page.inner_text("#readings")
    )
    assert [state for _, state in stands(lan, book, "nguoiKy")].count(State.IN_REVIEW) == 3


def test_a_correction_is_made_everywhere_in_its_book(seat, book):
    """Accepted values included; seen first, undone as one."""
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    record = lan.shown()["record"]
    lan.open(f"/record/{record}")
    lan.page.locator("[data-code='nksNoiSinh'] .row-value").click()
    lan.row_seen()
    lan.press("Control+a")
    lan.type(TRUE_PLACE)
    lan.until("(text) => document.activeElement.value === text", TRUE_PLACE)
    lan.press("Escape")
    lan.press("Enter")
    lan.page.wait_for_selector("[data-code='nksNoiSinh'] .tag:has-text('đã sửa')")
    lan.press("Alt+s")
    lan.page.wait_for_url("**/correction/*")
    lan.until("() => /^Sửa 2 ô/.test(document.querySelector('#confirm-group').textContent)")
    assert "xã Lộc Thuận" in lan.page.inner_text("#same-value")
    assert stands(lan, book, "nksNoiSinh").count(("xã Lộc Thuận", State.ACCEPTED)) == 2
    lan.press("Enter")
    lan.page.wait_for_selector("text=không còn ô nào")
    lan.saved()
    assert {value for value, _ in stands(lan, book, "nksNoiSinh")} == {TRUE_PLACE}
    lan.press("Control+z")
    lan.until("() => document.querySelectorAll('.tile').length === 2")
    assert stands(lan, book, "nksNoiSinh").count(("xã Lộc Thuận", State.ACCEPTED)) == 2


def test_tiles_are_picked_by_mouse_and_given_back_on_escape(seat, book):
    lan = seat("lan")
    lan.open(f"/group?book={book}&kind=person_name")
    lan.page.click(".group-card:has-text('Võ Quốc Khánh')")
    lan.tiles_seen(3)
    lan.page.click(".tile:nth-child(3)")
    assert lan.page.inner_text("#confirm-group").startswith("Xác nhận 2")
    lan.press("Escape")
    lan.page.wait_for_selector(".group-card:has-text('Võ Quốc Khánh')")
    other = seat("hoa")
    other.open(f"/review?book={book}&kind=person_name")
    assert other.shown() is not None
    assert {record["nguoiKy"].state for record in lan.station.fields(book)} == {State.IN_REVIEW}


def test_any_field_of_a_record_is_edited_beside_the_scan(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=sex")
    item = lan.shown()
    lan.open(f"/record/{item['record']}")
    lan.until("() => document.querySelector('#scan img')")
    born = lan.page.locator("[data-code='nksNgaySinh'] textarea")
    born.fill("1/2/16")
    lan.row_seen()
    lan.press("ArrowUp")  # leaving the row saves it
    lan.page.wait_for_selector("[data-code='nksNgaySinh'] .tag:has-text('đã sửa')")
    lan.page.locator("[data-code='nksNoiSinh'] textarea").click()
    lan.row_seen()
    lan.press("Control+a")
    lan.type(TRUE_PLACE)
    lan.press("Escape", "Enter")
    lan.page.wait_for_selector("[data-code='nksNoiSinh'] .tag:has-text('đã sửa')")
    lan.saved()
    fields = lan.station.fields(book)[0]
    assert fields["nksNoiSinh"].value == TRUE_PLACE
    assert fields["nksNgaySinh"].value == "01.02.2016"


def test_the_next_record_is_one_key_away(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=sex")
    record = lan.shown()["record"]
    lan.open(f"/record/{record}")
    lan.until("() => document.activeElement.classList.contains('row-value')")
    with lan.page.expect_navigation():
        lan.press("PageDown")
    lan.until("() => document.querySelector('#previous:not([hidden])')")
    assert lan.page.get_attribute("#previous", "href") == f"/record/{record}"


def test_a_group_looks_back_and_a_past_decision_opens_beside_its_scan(seat, book):
    lan = seat("lan")
    open_group(lan, book, "Ngày sinh người được khai sinh", 3)
    lan.press("F4")  # the first one alone
    lan.until("() => document.querySelectorAll('.tile').length === 2")
    lan.press("F7")
    row = lan.page.locator(".past-row").first
    row.wait_for()
    lan.press("F7")  # back to the tiles, which are all there
    lan.page.locator("dialog.past").wait_for(state="detached")
    assert lan.page.locator(".tile").count() == 2
    lan.page.click("#past")
    row.wait_for()
    with lan.page.expect_navigation():
        row.click()
    assert "/record/" in lan.page.url


def test_a_tile_is_never_taller_than_what_can_be_seen_at_once(seat, book):
    lan = seat("lan")
    lan.page.set_viewport_size({"width": 683, "height": 240})
    open_group(lan, book, "Ngày sinh người được khai sinh", 0)
    tallest = "Math.max(...[...document.querySelectorAll('.tile')].map((e) => e.offsetHeight))"
    seen = "innerHeight - document.querySelector('.top').offsetHeight"
    lan.until(f"() => {tallest} <= {seen}")
    for tile in lan.page.locator(".tile").all():
        tile.evaluate("(e) => e.scrollIntoView({block: 'end'})")
        lan.page.wait_for_timeout(700)
    lan.tiles_seen(3)
