"""Confidences of a new network are only lowered, by what was measured, and keep their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.learning.widened_confidence import widened

GRID = np.linspace(0, 1, 401)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=80))
def test_whatever_was_seen_no_confidence_rises_and_the_order_stays(seen):
    table = widened([sure for sure, _ in seen], [right for _, right in seen])
    believed = [table.of(one) for one in GRID]
    assert all(b <= c + 1e-9 for b, c in zip(believed, GRID, strict=True))
    assert all(a <= b + 1e-12 for a, b in zip(believed, believed[1:], strict=False))


def test_where_nothing_was_seen_it_counts_as_wrong_twice_as_often_as_it_says():
    table = widened([], [])
    assert table.of(0.98) == pytest.approx(0.96, abs=0.002)
    assert table.of(0.97) < 0.95  # was accepted before it was widened
    assert table.seen == 0


def test_many_fields_that_are_as_right_as_they_say_bring_the_confidence_back():
    sure = np.full(4000, 0.97)
    right = np.arange(4000) % 100 >= 3
    few, many = widened(sure[:100], right[:100]), widened(sure, right)
    assert few.of(0.97) < many.of(0.97) <= 0.97
    assert many.of(0.97) > 0.96


def test_wrong_among_the_accepted_falls_where_the_network_boasts():
    """It says 99 % and is right in 90 %: with the table people see these fields."""
    rng = np.random.default_rng(5)
    sure = rng.uniform(0.955, 0.998, 1200)
    right = rng.random(1200) < np.where(sure > 0.985, 0.995, 0.9)
    table = widened(sure[:600], right[:600])
    before = sure[600:] >= 0.95
    after = np.array([table.of(one) for one in sure[600:]]) >= 0.95
    wrong = ~right[600:]
    assert wrong[before].mean() > 0.05
    assert wrong[after].mean() < 0.02
    assert after.sum() > 100


def test_a_tail_keeps_its_shape_with_the_table_behind_it():
    table = widened([], [])
    x, y = table.tail([0.0, 0.5, 1.0], [0.1, 0.6, 0.999])
    for plain in GRID:
        claimed = float(np.interp(plain, [0.0, 0.5, 1.0], [0.1, 0.6, 0.999]))
        assert np.interp(plain, x, y) == pytest.approx(table.of(claimed), abs=0.01)
        assert np.interp(plain, x, y) <= claimed + 1e-6
