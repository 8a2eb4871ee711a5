"""Rows of a sheet that hold no record of their own."""

from dataclasses import replace

import pytest

from ocr_pipeline.registers.fields import Box, Special
from ocr_pipeline.registers.left_out_rows import left_out_rows
from tests.builders.fake_stages import blank_field
from tests.builders.records import make_field, make_record

OWN = ("so", "ngayDangKy", "nksHoTen", "nksNoiSinh")


def place(position, **filled):
    """A place of a sheet: its own fields blank but for those that are given."""
    sheet = make_field("trangSo", "31", box=Box(90, 1, 3, 4))
    own = {code: replace(blank_field(code), box=Box(1, 20 * position, 3, 4)) for code in OWN}
    for code, field in filled.items():
        own[code] = replace(field, box=own[code].box)
    return make_record("1.png", [sheet, *own.values()], position)


def filled(position):
    return place(position, so=make_field("so", "7/1987"))


EMPTY_3, EMPTY_4 = place(3), place(4)
SPECK = place(4, nksHoTen=blank_field("nksHoTen", 0.85))
SPECKS = place(4, nksHoTen=blank_field("nksHoTen", 0.85), so=blank_field("so", 0.85))
DITTO = replace(blank_field("nksNoiSinh"), special=Special.DITTO, as_written='"')
FIRST = [filled(1), filled(2)]


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ([EMPTY_3, EMPTY_4], {3, 4}),
        ([filled(3), EMPTY_4], {4}),
        ([EMPTY_3, filled(4)], set()),
        ([EMPTY_3, SPECK], {3, 4}),
        ([EMPTY_3, SPECKS], set()),
        ([EMPTY_3, place(4, nksNoiSinh=DITTO)], set()),
        ([EMPTY_3, place(4, nksNoiSinh=make_field("nksNoiSinh", "", as_written="x"))], set()),
    ],
    ids=["two", "one", "between", "a speck", "two specks", "ditto", "not understood"],
)
def test_the_places_below_the_last_record_are_unfilled(rest, found):
    assert left_out_rows([*FIRST, *rest]) == dict.fromkeys(found, 0)


def test_a_sheet_without_any_record_is_for_a_person():
    assert left_out_rows([place(1), place(2)]) == {}
    assert left_out_rows([place(1)]) == left_out_rows([]) == {}


def test_rows_that_go_on_a_record_are_none_themselves():
    rest = replace(place(3, nksNoiSinh=make_field("nksNoiSinh", "xã Lộc Thuận")), part_of=2)
    assert left_out_rows([*FIRST, rest, EMPTY_4]) == {3: 2, 4: 0}
