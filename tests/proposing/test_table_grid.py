"""The table of a sheet, from its ruled lines alone."""

from dataclasses import replace

import numpy as np
import pytest

from ocr_pipeline.proposing.printed_lines import LevelLine, PrintedLines, UprightLine
from ocr_pipeline.proposing.table_grid import find_grid

XS = (10.0, 30.0, 70.0, 120.0, 150.0, 200.0)
TOP, FIRST, HIGH, RECORDS = 30.0, 46.0, 20.0, 6
BOTTOM = FIRST + HIGH * RECORDS


def level(y, x1=XS[0], x2=XS[-1]):
    return LevelLine(x1, x2, y, solid=True)


def ruled(levels=(), xs=XS, begins=None):
    """A plain table, `levels` besides its rows, columns that begin lower at `begins`."""
    rows = [level(y) for y in (TOP, *np.arange(FIRST, BOTTOM + 1, HIGH))]
    upright = [UprightLine(x, (begins or {}).get(x, TOP), BOTTOM) for x in xs]
    words = np.full((10, 10), 255, np.uint8)
    return PrintedLines((), (*rows, *levels), tuple(upright), (), words)


def test_columns_head_and_rows_of_a_plain_table():
    grid = find_grid(ruled())
    assert grid.columns == tuple(zip(XS, XS[1:], strict=False))
    assert grid.head == (TOP, FIRST)
    assert [top for top, _ in grid.rows] == pytest.approx([FIRST + HIGH * n for n in range(6)])
    assert [cell.columns for cell in grid.head_cells()] == [(n, n) for n in range(5)]


def test_a_common_head_stands_above_its_columns():
    lines = ruled([level(38.0, XS[1], XS[3])], begins={XS[2]: 38.0})
    cells = find_grid(lines).head_cells()
    [common] = [cell for cell in cells if cell.columns[0] != cell.columns[1]]
    assert common.columns == (1, 2) and common.box == (XS[1], TOP, XS[3] - XS[1], 8.0)
    under = [cell for cell in cells if cell.columns in ((1, 1), (2, 2))]
    assert all(cell.box[1] == 38.0 for cell in under) and len(cells) == 6


def test_a_row_of_column_numbers_is_no_part_of_the_head():
    grid = find_grid(ruled([level(FIRST - 5)]))
    assert grid.head == (TOP, FIRST - 5) and grid.rows[0][0] == FIRST


def test_a_row_whose_rule_is_hidden_counts():
    lines = ruled()
    hidden = tuple(line for line in lines.solid if line.y != FIRST + 2 * HIGH)
    assert len(find_grid(replace(lines, solid=hidden)).rows) == RECORDS


def test_writing_may_break_a_rule_in_parts():
    lines = ruled()
    torn = [part for line in lines.solid
            for part in (replace(line, x2=90.0), replace(line, x1=110.0))]  # fmt: skip
    assert len(find_grid(replace(lines, solid=tuple(torn))).rows) == RECORDS


@pytest.mark.parametrize(
    "lines",
    [
        ruled(xs=XS[:4]),  # three columns: the frame of a form
        replace(ruled(), solid=()),
        replace(ruled(), solid=(level(TOP), level(FIRST))),  # no row below the head
        replace(ruled(), upright=tuple(UprightLine(x, 30, 50) for x in XS)),  # low
    ],
)
def test_what_is_no_table(lines):
    assert find_grid(lines) is None
