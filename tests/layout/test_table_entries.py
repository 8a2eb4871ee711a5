"""Entries of a table that go on in the next row, or that a brace holds for several rows."""

import numpy as np
import pytest

from ocr_pipeline.layout.ink_pieces import InkPieces
from ocr_pipeline.layout.schema import Layout, LayoutField, PageSize, Records
from ocr_pipeline.layout.table_entries import row_entries
from tests.builders.foreign_forms import PX
from tests.builders.table_clerk import FORM, Clerk
from tests.layout.test_cell_lines import holds

RECORD = {
    "so": "12", "ngayDangKy": "3.5.87", "nksHoTen": "Lê Văn Sáu", "nksGioiTinh": "Nam",
    "nksNgaySinh": "1.5.87", "nksNoiSinh": "ấp Tân Hòa", "chaHoTen": "Lê Văn Lợi",
    "meHoTen": "Võ Thị Út", "nycHoTen": "Lê Văn Lợi",
}  # fmt: skip


def page(*rows):
    """A clerk who wrote these rows, each {code: text}."""
    clerk = Clerk()
    for number, row in enumerate(rows, start=1):
        for code, text in row.items():
            clerk.write(number, code, text, 9.0)
    return clerk


def parts(clerk):
    return {one.position: one.part_of for one in clerk.cut() if one.part_of}


GOING_ON = {"nksNoiSinh": "xã Lộc Thuận", "chaHoTen": "tự Ba"}


def test_a_row_without_a_number_goes_on_the_record_above():
    records = page(RECORD, GOING_ON, {"nksNoiSinh": "Bình Đại"}, RECORD).cut()
    assert [one.part_of for one in records] == [0, 1, 1, 0, 0, 0, 0, 0]
    first = records[0].fields
    assert {code for code, own in first.items() if own.over_rows} == {"nksNoiSinh", "chaHoTen"}
    assert [len(first[code].lines) for code in ("nksNoiSinh", "chaHoTen", "meHoTen")] == [3, 2, 1]
    box, below = first["nksNoiSinh"].box, records[2].fields["nksNoiSinh"].box
    assert box.y + box.height == pytest.approx(below.y + below.height, abs=2)
    assert not any(own.over_rows for one in records[1:] for own in one.fields.values())


@pytest.mark.parametrize(
    "row",
    [
        {**GOING_ON, "so": "13"},
        {**GOING_ON, "ngayDangKy": "4.5.87"},
        {**GOING_ON, "ghiChu": "cấp lại"},
        {**GOING_ON, "nksGioiTinh": "Nam"},
        {"nksHoTen": "Lê Thị Bảy", "nksNgaySinh": "2.5.87"},
        {code: text for code, text in RECORD.items() if code not in {"so", "ngayDangKy"}},
        {},
    ],
    ids=["number", "day", "below nothing", "a sex", "name and date", "whole record", "empty"],
)
def test_a_row_that_may_be_a_record_is_left_alone(row):
    assert parts(page(RECORD, row)) == {}


def test_a_date_may_go_on_beside_other_words():
    assert parts(page(RECORD, {"nksNgaySinh": "giờ Tý", "chaHoTen": "tự Ba"})) == {2: 1}


def test_the_first_row_goes_on_nothing():
    assert parts(page(GOING_ON, RECORD)) == {}


def without(code):
    return {key: text for key, text in RECORD.items() if key != code}


def brace(clerk, code, first, last, at=1.5, bent=1.4):
    """A brace beside rows `first` to `last` in the cells of a column, `at` mm from their left."""
    [box] = next(one.lines for one in FORM.blanks if one.code == code)
    top, bottom = (box[1] + FORM.rows[row - 1] + y for row, y in ((first, 5), (last, 16)))
    t = np.linspace(0, 1, 200)
    x = bent * (np.clip(np.minimum(t, 1 - t) * 12, 0, 1) + np.exp(-(((t - 0.5) / 0.04) ** 2)))
    points = [
        ((box[0] + at + dx) * PX, (top + s * (bottom - top)) * PX)
        for dx, s in zip(x, t, strict=True)
    ]
    return clerk.stroke(lambda draw: draw.line(points, 40, 3, "curve"))


def repeated(records):
    return {
        (one.position, code) for one in records for code, own in one.fields.items() if own.as_above
    }


@pytest.mark.parametrize("y", [9.0, 21.0], ids=["in a row", "between two rows"])
def test_a_brace_holds_one_value_for_all_its_rows(y):
    rows = [without("ngayDangKy")] * 4
    clerk = page(RECORD, *rows, RECORD)
    brace(clerk, "ngayDangKy", 2, 5)
    written = clerk.write(3, "ngayDangKy", "   9.8.8", y)
    records = clerk.cut()
    assert repeated(records) == {(row, "ngayDangKy") for row in (3, 4, 5)}
    held = records[1].fields["ngayDangKy"]
    assert held.over_rows and holds(held, [written])
    assert all(not one.fields["ngayDangKy"].lines for one in records[2:5])
    assert parts(clerk) == {}


def test_a_brace_may_stand_in_the_column_before():
    rows = [without("nksNoiSinh")] * 2
    clerk = page(*rows)
    brace(clerk, "nksNgaySinh", 1, 2, at=23.0)
    clerk.write(1, "nksNoiSinh", "ấp Tân Hòa", 20.0)
    records = clerk.cut()
    assert repeated(records) == {(2, "nksNoiSinh")}
    assert records[0].fields["nksNoiSinh"].over_rows
    assert all(len(one.fields["nksNgaySinh"].lines) == 1 for one in records[:2])


def test_a_stroke_down_from_a_value_repeats_it():
    clerk = page(RECORD, *[without("nksNoiSinh")] * 3)
    brace(clerk, "nksNoiSinh", 2, 4, at=12.0, bent=0.0)
    records = clerk.cut()
    assert repeated(records) == {(row, "nksNoiSinh") for row in (2, 3, 4)}
    assert records[0].fields["nksNoiSinh"].over_rows


def test_a_stroke_beside_values_of_their_own_holds_nothing():
    clerk = page(RECORD, RECORD, RECORD)
    brace(clerk, "nksNoiSinh", 1, 3, at=40.0)
    records = clerk.cut()
    assert repeated(records) == set()
    assert not any(own.over_rows for one in records for own in one.fields.values())


def test_of_records_side_by_side_a_brace_holds_its_own():
    """Two columns of three records each, four fields in a record, all of one line."""
    codes = ("so", "ngayDangKy", "nksHoTen", "nksNoiSinh")
    fields = tuple(
        LayoutField(code=code, kind="free_text", lines=((10.0 + 20 * at, 20.0, 19.0, 8.0),))
        for at, code in enumerate(codes)
    )
    offsets = tuple((dx, dy) for dx in (0.0, 90.0) for dy in (0.0, 12.0, 24.0))
    layout = Layout(
        id="KS-x", type="KS", era="x", title="x", page=PageSize(width=200, height=80),
        records=Records(offsets=offsets), fields=fields,
    )  # fmt: skip
    words = [
        (12.0 + 20 * at + dx, 22.0 + dy, 10.0, 4.0)
        for dx, dy in offsets
        for at, code in enumerate(codes)
        if code != "nksNoiSinh" or dx == 0 or dy == 12
    ]
    boxes = np.array([*words, (161.0, 23.0, 2.0, 29.0)])  # the brace, right of the value
    left, top, wide, high = boxes.T
    area = np.append(0.4 * wide[:-1] * high[:-1], 12.0)
    ink = InkPieces(left, top, left + wide, top + high, left + wide / 2, top + high / 2, area)
    found = row_entries(layout, ink, ink.may_be_writing(layout))
    assert found.repeated == {(5, "nksNoiSinh"), (6, "nksNoiSinh")}
    assert found.lines == {(4, "nksNoiSinh"): ((160.0, 32.0, 19.0, 8.0),)}
    assert found.part_of == {} and found.strokes == (len(words),)
