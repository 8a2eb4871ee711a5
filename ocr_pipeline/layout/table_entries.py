"""Entries of a table that do not keep to their row: they go on below, or a brace holds several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ocr_pipeline.arrays import Mask
from ocr_pipeline.layout.ink_pieces import InkPieces
from ocr_pipeline.layout.loading import outline, record_box
from ocr_pipeline.layout.row_braces import Brace, find_braces
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField
from ocr_pipeline.registers.fields import WORD_KINDS, FieldKind

Place = tuple[int, str]
"""Position of a record on the sheet, from 1, and code of a field."""

_OF_ONE_RECORD = ("so", "ngayDangKy")  # every record has its own: a row without them may go on
_GOES_ON = WORD_KINDS | {FieldKind.ID_DOCUMENT, FieldKind.DATE}
_NOTHING_MM2 = 0.5  # of ink: two strokes of a ditto mark have 0.7
_WRITING_MM2 = 2.0  # of ink: a short word has 5, dirt rarely as much
_MOST_GOING_ON = 0.8  # of the columns: a row with more is a record without its number
_SAME_COLUMN = 0.7  # of the narrower field's width
_BESIDE_MM = 3.0  # a brace may stand on the edge of its record
_WITHIN_ROW = 0.15  # of the pitch: how far a value may stick out of its row
_ONE_VALUE = 0.95  # of the pitch: what is higher is writing of several rows


@dataclass(frozen=True)
class RowEntries:
    """What does not keep to its row on one sheet.

    Attributes:
        lines: where a field is written that goes on in further rows, or that a brace holds for
            several; boxes in mm, in reading order.
        repeated: fields under a brace whose value stands at the first row of the brace.
        part_of: rows that only go on an entry above, with the position of its record.
        strokes: which pieces of ink are braces.

    """

    lines: Mapping[Place, tuple[BoxMm, ...]] = field(default_factory=dict)
    repeated: frozenset[Place] = frozenset()
    part_of: Mapping[int, int] = field(default_factory=dict)
    strokes: tuple[int, ...] = ()


def row_entries(layout: Layout, ink: InkPieces, writing: Mask) -> RowEntries:
    """Find the entries of a table that do not keep to their row.

    A row goes on the record above it when number and day of registration are empty, and all that is
    written in it stands below writing. A brace counts where one value stands beside it.

    Args:
        layout: of a sheet with several records, one below the other.
        ink: the pieces of ink on the sheet.
        writing: those that are neither specks nor remnants of rules.

    """
    if not any(one.scope == "record" and one.lines for one in layout.fields):
        return RowEntries()
    table = _Table(layout, ink, writing)
    if not table.pitch:
        return RowEntries()
    for brace in find_braces(ink, writing, table.pitch):
        table.hold(brace)
    for position in table.order:
        table.go_on(position)
    return RowEntries(table.lines, frozenset(table.repeated), table.part_of, tuple(table.strokes))


class _Table:
    """The rows and columns of one sheet, and what was found in them."""

    def __init__(self, layout: Layout, ink: InkPieces, writing: Mask) -> None:
        self.ink, self.writing = ink, writing
        self.offsets = dict(enumerate(layout.records.offsets, start=1))
        self.order = sorted(self.offsets, key=lambda one: self.offsets[one])
        self.fields = [one for one in layout.fields if one.scope == "record" and one.lines]
        self.columns = _columns(self.fields)
        self.above = _above(self.offsets)
        self.pitch = min((self._drop(*pair) for pair in self.above.items()), default=0.0)
        self.left, top, self.width, height = outline(_boxes_of(self.fields))
        self.middle = top + height / 2
        self.lines: dict[Place, tuple[BoxMm, ...]] = {}
        self.repeated: set[Place] = set()
        self.part_of: dict[int, int] = {}
        self.strokes: list[int] = []

    def _drop(self, below: int, above: int) -> float:
        return self.offsets[below][1] - self.offsets[above][1]

    def _band(self, position: int, column: Sequence[LayoutField]) -> BoxMm:
        """The cell of a row in a column: its whole height, not only the lines to write on."""
        left, _, width, _ = outline(_boxes_of(column))
        dx, dy = self.offsets[position]
        return left + dx, self.middle + dy - self.pitch / 2, width, self.pitch

    def _boxes(self, position: int, own: LayoutField) -> tuple[BoxMm, ...]:
        return tuple(record_box(box, self.offsets[position]) for box in own.lines)

    def _amount(self, box: BoxMm) -> float:
        return float(self.ink.area[self.ink.inside(box) & self.writing].sum())

    def _is_written(self, position: int, own: LayoutField) -> bool:
        boxes = self.lines.get((position, own.code)) or self._boxes(position, own)
        return sum(map(self._amount, boxes)) >= _NOTHING_MM2

    def hold(self, brace: Brace) -> None:
        """Give the one value beside a brace to its first row, and to the others as repeated."""
        rows = [one for one in self.order if self._is_beside(one, brace)]
        if len(rows) < 2:  # noqa: PLR2004
            return
        with_brace, without = self.writing, self.writing.copy()
        without[list(brace.pieces)] = False
        self.writing = without
        for number, column in enumerate(self._columns_beside(rows[0], brace)):
            first, value = rows[0], self._value(rows, column)
            if value is None and number == 0:  # a stroke down from a value above it
                first, value = self._value_above(rows, column)
            if value is not None:
                code = column[0].code
                self.strokes += brace.pieces
                self.lines[first, code] = value
                self.repeated |= {(row, code) for row in rows if row != first}
                return
        self.writing = with_brace

    def _is_beside(self, position: int, brace: Brace) -> bool:
        reach = 0.2 * self.pitch
        dx, dy = self.offsets[position]
        left, right = self.left + dx - _BESIDE_MM, self.left + self.width + dx + _BESIDE_MM
        across = left <= brace.left and brace.right <= right
        y = self.middle + dy
        return across and brace.top - reach <= y <= brace.bottom + reach

    def _columns_beside(self, row: int, brace: Brace) -> list[Sequence[LayoutField]]:
        """Columns of one field each: that in which the brace stands, right of it, left of it."""
        bands = [self._band(row, column) for column in self.columns]
        x = (brace.left + brace.right) / 2
        away = [max(band[0] - x, x - band[0] - band[2], 0.0) for band in bands]
        at = int(np.argmin(away))
        order = [one for one in (at, at + 1, at - 1) if 0 <= one < len(self.columns)]
        found = [self.columns[one] for one in order]
        return [one for one in found if len(one) == 1 and one[0].code != _OF_ONE_RECORD[0]]

    def _value_above(
        self, rows: Sequence[int], column: Sequence[LayoutField]
    ) -> tuple[int, tuple[BoxMm, ...] | None]:
        """The row right above these and its lines, where only that one is written in the column."""
        above, own = self.above.get(rows[0], 0), column[0]
        empty = all(self._amount(self._band(row, column)) < _NOTHING_MM2 for row in rows)
        if not above or not empty or not self._is_written(above, own):
            return 0, None
        return above, self.lines.get((above, own.code)) or self._boxes(above, own)

    def _value(
        self, rows: Sequence[int], column: Sequence[LayoutField]
    ) -> tuple[BoxMm, ...] | None:
        """Lines of the only value that stands in the column beside these rows; None: not one."""
        first, last = self._band(rows[0], column), self._band(rows[-1], column)
        whole = (first[0], first[1], first[2], last[1] + last[3] - first[1])
        inside = np.flatnonzero(self.ink.inside(whole) & self.writing)
        if self.ink.area[inside].sum() < _WRITING_MM2:
            return None
        top, bottom = float(self.ink.top[inside].min()), float(self.ink.bottom[inside].max())
        if bottom - top > _ONE_VALUE * self.pitch:
            return None
        for row in rows:
            band = self._band(row, column)
            beyond = _WITHIN_ROW * self.pitch
            if band[1] - beyond <= top and bottom <= band[1] + band[3] + beyond:
                return self._boxes(row, column[0])
        return ((whole[0], top, whole[2], bottom - top),)

    def go_on(self, position: int) -> None:
        """Add what is written in a row to the record above, where it goes on with that one."""
        if position not in self.above or not self._lacks_its_own(position):
            return
        record = self.part_of.get(self.above[position], self.above[position])
        parts = [self._parts(position, record, column) for column in self.columns]
        found = [one for one in parts if one is not None]
        targets = {own.code for own, _ in found if own is not None}
        asked = sum(not _is_of_one_record(column) for column in self.columns)
        if not found or len(targets) < len(found) or len(found) > _MOST_GOING_ON * asked:
            return
        kinds = [own.kind for own, _ in found if own is not None]
        if self._names_a_person(targets) and FieldKind.DATE in kinds:
            return  # a name with its date: a record without a number
        for own, boxes in found:
            assert own is not None
            before = self.lines.get((record, own.code)) or self._boxes(record, own)
            self.lines[record, own.code] = (*before, *boxes)
        self.part_of[position] = record

    def _lacks_its_own(self, position: int) -> bool:
        own = [column for column in self.columns if _is_of_one_record(column)]
        codes = {one.code for column in own for one in column}
        empty = all(self._amount(self._band(position, one)) < _NOTHING_MM2 for one in own)
        return _OF_ONE_RECORD[0] in codes and empty and not self._is_repeated(position, codes)

    def _is_repeated(self, position: int, codes: set[str]) -> bool:
        return any((position, code) in self.repeated for code in codes)

    def _parts(
        self, position: int, record: int, column: Sequence[LayoutField]
    ) -> tuple[LayoutField | None, tuple[BoxMm, ...]] | None:
        """What a row holds in a column, and the field that it goes on; None: nothing is written.

        In a cell of several fields the lowest one that is written goes on.
        """
        boxes = [box for one in column for box in self._boxes(position, one)]
        written = tuple(box for box in boxes if self._amount(box) >= _NOTHING_MM2)
        if sum(map(self._amount, written)) < _WRITING_MM2:
            return None
        above = [one for one in column if self._is_written(record, one)]
        own = max(above, key=lambda one: one.lines[-1][1], default=None)
        if own is None or own.kind not in _GOES_ON or own.join != " ":
            return None, ()
        kept = boxes if len(column) == 1 else written
        return own, tuple(sorted(kept, key=lambda box: box[1]))

    def _names_a_person(self, codes: set[str]) -> bool:
        """Whether the first name of the record is among the codes: that of whom it is about."""
        names = [one.code for one in self.fields if one.kind is FieldKind.PERSON_NAME]
        return bool(names) and names[0] in codes


def _is_of_one_record(column: Sequence[LayoutField]) -> bool:
    return any(one.code in _OF_ONE_RECORD for one in column)


def _above(offsets: Mapping[int, tuple[float, float]]) -> dict[int, int]:
    """The position right above each, by position; the first of each column has none."""
    found = {}
    for position, (dx, dy) in offsets.items():
        higher = [(y, at) for at, (x, y) in offsets.items() if abs(x - dx) < 1 and y < dy - 1]
        if higher:
            found[position] = max(higher)[1]
    return found


def _columns(fields: Sequence[LayoutField]) -> list[list[LayoutField]]:
    """The fields by column of the table, from left to right."""
    found: list[list[LayoutField]] = []
    for own in sorted(fields, key=lambda one: outline(one.lines)[0]):
        x, _, width, _ = outline(own.lines)
        for column in found:
            other, _, wide, _ = outline(column[0].lines)
            shared = min(x + width, other + wide) - max(x, other)
            if shared > _SAME_COLUMN * min(width, wide):
                column.append(own)
                break
        else:
            found.append([own])
    return found


def _boxes_of(fields: Sequence[LayoutField]) -> list[BoxMm]:
    return [box for one in fields for box in one.lines]
