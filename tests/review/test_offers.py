"""What a reviewer is offered beside the input, and what stands under Enter."""

from __future__ import annotations

import pytest

from ocr_pipeline.registers.fields import Candidate, State
from ocr_pipeline.review.offers.offer import preselected, readings
from tests.builders.records import make_field


def _read(*readings: tuple[str, float], written: str = ""):
    choices = tuple(Candidate(written or value, value, p) for value, p in readings)
    return make_field("meHoTen", readings[0][0], confidence=readings[0][1], n_best=choices)


def test_readings_are_offered_once_each_and_only_those_that_can_be_right():
    field = _read(("Lê Ân", 0.6), ("Lê Ấn", 0.3), ("Lê Ân", 0.05), ("Lệ Ân", 0.004))
    assert [(one.value, one.source) for one in readings(field)] == [
        ("Lê Ân", "reading"),
        ("Lê Ấn", "reading"),
    ]


def test_what_was_entered_for_a_former_scan_is_offered_though_nothing_was_read():
    field = _read(("Lê Ân", 0.6), ("Lê Văn Ân", 0.0))
    former = readings(field)[1]
    assert (former.value, former.source) == ("Lê Văn Ân", "former")


@pytest.mark.parametrize(("confidence", "under_enter"), [(0.29, None), (0.31, "Lê Ân")])
def test_a_reading_that_is_hardly_ever_right_is_not_under_enter(confidence, under_enter):
    field = _read(("Lê Ân", confidence), ("Lê Ấn", 0.1))
    assert preselected(field, decided=False) == under_enter
    assert preselected(field, decided=True) == "Lê Ân"


def test_a_writing_that_was_not_understood_is_never_under_enter():
    field = make_field("meNgaySinh", "", confidence=0.9, as_written="ngày 45")
    assert preselected(field, decided=False) is None
    assert preselected(field, decided=True) is None


def test_an_empty_box_read_as_blank_is_under_enter_and_what_a_person_entered_stays():
    blank = make_field("meHoTen", "", confidence=0.9, as_written="", n_best=())
    assert preselected(blank, decided=False) == ""
    entered = make_field("meHoTen", "", confidence=1.0, as_written="x", state=State.BLANK)
    assert preselected(entered, decided=True) == ""
