"""Cells without lines to write on are cut where their records leave gaps."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.proposing.parted_cells import writing_cuts
from ocr_pipeline.proposing.printed_lines import PER_MM

HIGH, WIDTH = 24.0, 40.0
CELLS = [(10.0, 20.0 + HIGH * number, WIDTH, HIGH) for number in range(6)]


def written(lines, records=6, spread=0.0):
    """Words of 3 mm on lines at these distances from the top of a cell; the foot of each word."""
    rng = np.random.default_rng(5)
    sheet = np.full((round(170 * PER_MM), round(60 * PER_MM)), 255, np.uint8)
    for x, y, width, _ in CELLS[:records]:
        for line in lines:
            foot = y + line + rng.normal(0, spread)
            for left in np.arange(x + 1, x + width - 4, 5):
                high, wide = rng.uniform(1.5, 3.0), rng.uniform(2, 4)
                corners = [(left, foot - high), (left + wide, foot)]
                first, last = ((round(a * PER_MM), round(b * PER_MM)) for a, b in corners)
                cv2.line(sheet, first, last, 40, 2)
                cv2.line(sheet, (first[0], last[1]), (last[0], first[1]), 40, 2)
    return sheet


@pytest.mark.parametrize(
    ("lines", "gaps"),
    [
        ((5.0, 11.0, 20.0), ((5.0, 8.0), (11.0, 17.0))),
        ((8.0, 15.0, 23.0), ((8.0, 12.0), (15.0, 20.0))),
        ((4.5, 9.5, 14.5, 22.0), ((4.5, 6.5), (9.5, 11.5), (14.5, 19.0))),
    ],
)
def test_cuts_lie_in_the_gaps_that_all_records_leave(lines, gaps):
    cuts = writing_cuts(written(lines, spread=0.4), CELLS, len(lines))
    for cut, (foot, head) in zip(cuts, gaps, strict=True):
        assert foot - 0.5 < cut < head + 0.5


@pytest.mark.parametrize(("lines", "records"), [((), 6), ((5.0, 11.0, 20.0), 1)])
def test_what_too_little_is_written_in_is_cut_evenly(lines, records):
    assert writing_cuts(written(lines, records), CELLS, 3) == [8.0, 16.0]


def test_hands_without_common_lines_move_no_cut_far():
    cuts = writing_cuts(written((6.0, 12.0, 18.0), spread=4.0), CELLS, 3)
    assert cuts == sorted(cuts) and np.abs(np.subtract(cuts, [8.0, 16.0])).max() < 3.2


def test_a_cell_beyond_the_sheet_says_nothing():
    beyond = [(10.0, 160.0, WIDTH, HIGH), (70.0, 20.0, WIDTH, HIGH)]
    assert writing_cuts(written((5.0, 11.0, 20.0)), beyond, 3) == [8.0, 16.0]
    assert writing_cuts(written(()), CELLS, 1) == []
