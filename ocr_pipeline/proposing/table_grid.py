"""Finds the table of a register that is one: its columns, its head, the rows of its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.layout.schema import BoxMm
from ocr_pipeline.proposing.printed_lines import LevelLine, PrintedLines, UprightLine

_LEAST_COLUMNS = 4
_LEAST_HIGH_MM = 60.0  # frames of a birth form's halves are higher, but have two columns at most
_SAME_MM = 1.2  # parts of one rule
_COLUMN_SHARE = 0.6  # of the longest upright rule; under a common head rules begin lower
_ACROSS_SHARE = 0.75  # of the table's width: writing hides parts of a rule
_NUMBERS_MM = 8.0  # a row of column numbers is no higher
_ROW_MM = (6.0, 90.0)
_UNEVEN_MM, _UNEVEN_SHARE = 1.5, 0.06  # rows of one table differ by no more
_MOST_MISSED = 3  # rows whose rules are not seen, one after the other


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of a table's head.

    Attributes:
        box: x, y, width, height in mm.
        columns: first and last column under it, from 0; one column for the lowest cells.

    """

    box: BoxMm
    columns: tuple[int, int]


@dataclass(frozen=True, slots=True)
class TableGrid:
    """A ruled table, in mm.

    Attributes:
        columns: left and right end of each column.
        head: top and bottom of the words of the head; a row of column numbers is left out.
        rows: top and bottom of the row of each record.
        parting: level rules inside the head, between a common head and its columns.

    """

    columns: tuple[tuple[float, float], ...]
    head: tuple[float, float]
    rows: tuple[tuple[float, float], ...]
    parting: tuple[LevelLine, ...]

    @property
    def box(self) -> BoxMm:
        """The whole table: x, y, width, height."""
        left, right = self.columns[0][0], self.columns[-1][1]
        return left, self.head[0], right - left, self.rows[-1][1] - self.head[0]

    def holds(self, x: float, y: float) -> bool:
        """Whether a place lies in the table."""
        left, top, width, height = self.box
        return left - 1 < x < left + width + 1 and top - 1 < y < top + height + 1

    def head_cells(self) -> list[HeadCell]:
        """Cells of the head: one for each column, and the common heads above several of them."""
        top, bottom = self.head
        cells, begun = [], set[int]()
        for index, (x1, x2) in enumerate(self.columns):
            above = self._parting_of(index)
            start = top if above is None else above.y
            cells.append(HeadCell((x1, start, x2 - x1, bottom - start), (index, index)))
            if above is not None and index not in begun:
                under = self._columns_under(above, index)
                begun |= set(under)
                left, right = self.columns[under[0]][0], self.columns[under[-1]][1]
                box = (left, top, right - left, above.y - top)
                cells.append(HeadCell(box, (under[0], under[-1])))
        return cells

    def _parting_of(self, index: int) -> LevelLine | None:
        x1, x2 = self.columns[index]
        across = [
            one for one in self.parting if min(one.x2, x2) - max(one.x1, x1) > 0.8 * (x2 - x1)
        ]
        return max(across, key=lambda one: one.y, default=None)

    def _columns_under(self, line: LevelLine, first: int) -> list[int]:
        under = [first]
        while under[-1] + 1 < len(self.columns):
            following = self._parting_of(under[-1] + 1)
            if following is None or abs(following.y - line.y) > _SAME_MM or following.x1 > line.x2:
                break
            under.append(under[-1] + 1)
        return under


def find_grid(lines: PrintedLines) -> TableGrid | None:
    """The table of a sheet, or None: fewer than four columns, no head, or no rows of one height."""
    xs = _column_rules(lines.upright)
    if len(xs) <= _LEAST_COLUMNS:
        return None
    levels = _across(lines.solid, xs[0], xs[-1])
    rows = _record_rows(levels)
    if not rows:
        return None
    head = (levels[0], _words_end(levels, rows[0][0]))
    parting = tuple(
        line
        for line in lines.solid
        if head[0] + 2 < line.y < head[1] - 2 and xs[0] - 1 < line.x1 and line.x2 < xs[-1] + 1
    )
    return TableGrid(tuple(zip(xs, xs[1:], strict=False)), head, tuple(rows), parting)


def _words_end(levels: Sequence[float], first_row: float) -> float:
    """Where the words of the head end: above the low row of column numbers, where there is one."""
    above = [y for y in levels if y < first_row - _SAME_MM]
    numbered = len(above) > 1 and first_row - above[-1] <= _NUMBERS_MM
    return above[-1] if numbered else first_row


def _column_rules(upright: Sequence[UprightLine]) -> list[float]:
    """Where the rules between columns stand, from left to right."""
    rules: list[tuple[list[float], float]] = []  # places of the parts, their length together
    for rule in sorted(upright, key=lambda rule: rule.x):
        length = rule.y2 - rule.y1
        if rules and rule.x - rules[-1][0][-1] < _SAME_MM:
            rules[-1] = ([*rules[-1][0], rule.x], rules[-1][1] + length)
        else:
            rules.append(([rule.x], length))
    longest = max((length for _, length in rules), default=0.0)
    if longest < _LEAST_HIGH_MM:
        return []
    return [float(np.mean(xs)) for xs, length in rules if length >= _COLUMN_SHARE * longest]


def _across(solid: Sequence[LevelLine], left: float, right: float) -> list[float]:
    """Heights of the level rules that run across the whole table."""
    rules: list[tuple[list[float], float]] = []
    for line in sorted(solid, key=lambda line: line.y):
        length = min(line.x2, right) - max(line.x1, left)
        if length <= 0:
            continue
        if rules and line.y - rules[-1][0][-1] < _SAME_MM:
            rules[-1] = ([*rules[-1][0], line.y], rules[-1][1] + length)
        else:
            rules.append(([line.y], length))
    least = _ACROSS_SHARE * (right - left)
    return [float(np.mean(ys)) for ys, length in rules if length >= least]


def _record_rows(levels: Sequence[float]) -> list[tuple[float, float]]:
    """Rows of one height below the head: the longest run of them; empty where there is none."""
    gaps = np.diff(levels)
    best: list[tuple[float, float]] = []
    for start in range(1, len(gaps)):
        for height in gaps[start:]:
            rows = _even_rows(levels[start:], float(height))
            if len(rows) > len(best):
                best = rows
    return best


def _even_rows(levels: Sequence[float], height: float) -> list[tuple[float, float]]:
    """Rows of about this height from the first level on; one whose rule is missing counts, too."""
    rows: list[tuple[float, float]] = []
    if not _ROW_MM[0] <= height <= _ROW_MM[1]:
        return rows
    for top, bottom in zip(levels, levels[1:], strict=False):
        count = max(1, round((bottom - top) / height))
        off = abs((bottom - top) / count - height)
        if count > _MOST_MISSED or off > max(_UNEVEN_MM, _UNEVEN_SHARE * height):
            break
        ends = np.linspace(top, bottom, count + 1)
        rows += [(float(a), float(b)) for a, b in zip(ends, ends[1:], strict=False)]
    return rows
