"""The table from what context says to what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ocr_pipeline.checks.beliefs import as_found
from ocr_pipeline.checks.context_settings import Tail, context_settings
from ocr_pipeline.registers.fields import State
from tests.builders.rows import read

TAIL = Tail(said=(0, 0.9, 1), found=(0, 0.95, 1))


def test_between_its_points_it_is_straight():
    assert [TAIL.of(at) for at in (0, 0.45, 0.9, 0.95, 1)] == pytest.approx(
        [0, 0.475, 0.95, 0.975, 1]
    )


@pytest.mark.parametrize(
    ("said", "found"),
    [((0, 1), (0, 0.5, 1)), ((0, 0.5), (0, 1)), ((0.1, 1), (0, 1)),
     ((0, 0.9, 0.9, 1), (0, 0.9, 0.9, 1)),
     ((0, 0.5, 1), (0, 0.6, 0.5)), ((0,), (0,))],
)  # fmt: skip
def test_a_table_that_does_not_rise_is_refused(said, found):
    with pytest.raises(ValidationError):
        Tail(said=said, found=found)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_the_shipped_one_never_changes_an_order(confidences):
    low, high = sorted(confidences)
    tail = context_settings().tail
    assert 0 <= tail.of(low) <= tail.of(high) < 1 or high > 0.9999


def test_a_field_gets_what_was_found_and_a_persons_stays():
    own = as_found(read("nksHoTen", ("Nguyễn Văn An", 0.9), ("Nguyễn Văn Ân", 0.02)), TAIL)
    assert (own.confidence, own.n_best[0].probability) == pytest.approx((0.95, 0.95))
    entered = read("nksHoTen", ("Nguyễn Văn An", 0.9), state=State.CORRECTED)
    assert as_found(entered, TAIL) == entered
    blank = read("ghiChu")
    assert as_found(blank, TAIL) == blank
