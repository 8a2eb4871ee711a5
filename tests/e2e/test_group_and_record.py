"""Group verification, and the record beside its scan, in a real browser."""

from __future__ import annotations

from ocr_pipeline.registers.fields import State


def test_a_group_is_confirmed_at_once_and_odd_ones_picked_out(seat, book):
    lan = seat("lan")
    lan.open(f"/group?book={book}&kind=person_name")
    card = lan.page.locator(".group-card", has_text="Võ Quốc Khánh")
    card.wait_for()
    card.focus()
    lan.press("Enter")
    lan.tiles_seen(3)
    lan.press("2")
    lan.until("() => document.querySelectorAll('.tile.odd').length === 1")
    lan.press("ArrowRight", " ", " ")  # picked out and put back
    lan.press("Enter")
    lan.until("() => !document.querySelector('#fix').hidden")
    assert lan.page.input_value("#fix-value") == "Võ Quốc Khánh"
    lan.type("Võ Quốc Khang")
    lan.until("() => document.querySelector('#fix').dataset.sight === 'seen'")
    lan.press("Enter")
    lan.until("() => !document.querySelector('#choose').hidden")
    lan.saved()
    signers = [record["nguoiKy"] for record in lan.station.fields(book)]
    assert sorted((f.value, f.state) for f in signers) == [
        ("Võ Quốc Khang", State.CORRECTED),
        ("Võ Quốc Khánh", State.CONFIRMED),
        ("Võ Quốc Khánh", State.CONFIRMED),
    ]


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
    place = lan.page.locator("[data-code='nksNoiSinh'] textarea")
    place.fill("xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre")
    lan.row_seen()
    lan.press("Enter")
    lan.page.wait_for_selector("[data-code='nksNoiSinh'] .tag:has-text('đã sửa')")
    lan.saved()
    fields = lan.station.fields(book)[0]
    assert fields["nksNoiSinh"].value == "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
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
