"""The fields of a table: what the cells of its head ask for, and where it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import Text
from ocr_pipeline.layout.schema import BoxMm, LayoutField
from ocr_pipeline.proposing.caption_words import (
    CaptionRole,
    KnownCaption,
    caption_words,
    column_of,
    first_person,
    letters_of,
    narrower_lexicon,
    person_code,
)
from ocr_pipeline.proposing.found_captions import (
    FoundCaption,
    find_captions,
    match_caption,
    text_of,
)
from ocr_pipeline.proposing.line_boxes import BELOW_MM, height_below, rounded
from ocr_pipeline.proposing.parted_cells import writing_cuts
from ocr_pipeline.proposing.printed_lines import PER_MM, LevelLine, PrintedLines
from ocr_pipeline.proposing.table_grid import HeadCell, TableGrid
from ocr_pipeline.reading.tesseract import PrintedWord, find_words
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_kinds

_CELL_SECONDS = 20.0
_INSIDE_MM = 0.7  # a rule is half as thick at most
_BORDER = 12  # pixels of white: Tesseract misses words at the edge
_ONE_LINE_MM, _LINE_MM = 13.0, 8.5  # a cell without leaders up to here is one line; else so high
_SAME_LINE_MM = 1.5  # the next line to write on is at least 6 mm away
_RECORDS_SHARE = 0.5  # of the records must show a line
_SEVERAL = 0.6  # several things in a cell: which line is whose, a person has to see
_UNRULED = 0.7  # no lines are printed in a high cell
_AGE = "tuoi"
_LONG_KINDS = (FieldKind.PLACE, FieldKind.DATE_WORDS)
_MIDDLE_KINDS = (FieldKind.PERSON_NAME, FieldKind.FREE_TEXT)


@dataclass(frozen=True, slots=True)
class TableField:
    """A field of the first record of a table.

    Attributes:
        field: as the layout has it.
        score: 0–1.
        reason: what the column was concluded from.

    """

    field: LayoutField
    score: float
    reason: Text


@dataclass(frozen=True, slots=True, eq=False)
class FoundTable:
    """What is seen of a table.

    Attributes:
        grid: its rules.
        captions: printed words of its head.
        fields: of the first record.
        open: cells without a known column: the boxes of its lines, and the words above.
        leaders: lines to write on, of the first record.

    """

    grid: TableGrid
    captions: list[FoundCaption]
    fields: list[TableField]
    open: list[tuple[tuple[BoxMm, ...], str]]
    leaders: list[LevelLine]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One thing that a cell asks for; no code where the register has no column for it."""

    code: str
    kind: FieldKind
    alike: float
    year: bool = False


def read_table(grid: TableGrid, lines: PrintedLines, type: str, written: Gray) -> FoundTable:
    """Read the head of a table and say what its columns hold.

    Args:
        grid: the table.
        lines: of the sheet.
        type: register type code.
        written: the sheet with what is written in its records.

    Raises:
        MachineError: Tesseract is missing, or takes too long over a cell.

    """
    captions: list[FoundCaption] = []
    texts: dict[HeadCell, str] = {}
    for cell in grid.head_cells():
        words = _words_of(cell.box, lines.words)
        texts[cell] = text_of(words)
        captions += [_without_date_part(one) for one in find_captions(words, (), type)]
    table = FoundTable(grid, captions, [], [], _leaders(grid, lines.dotted))
    for cell, text in texts.items():
        if cell.columns[0] == cell.columns[1] and not _is_common(cell, texts):
            _add_column(table, cell, text, _head_above(cell, texts), type, written)
    return table


def _leaders(grid: TableGrid, dotted: Sequence[LevelLine]) -> list[LevelLine]:
    """Lines to write on in the first record, as all records together show them.

    Writing hides a line in one record and not in another; the dots of a sentence are in one alone.
    """
    found: list[LevelLine] = []
    first = grid.rows[0][0]
    for x1, x2 in grid.columns:
        seen: list[tuple[list[LevelLine], set[int]]] = []  # parts of a line, records with it
        parts = [
            (replace(line, y=line.y - top + first), record)
            for record, (top, bottom) in enumerate(grid.rows)
            for line in dotted
            if top + 2 < line.y < bottom + 1 and x1 - 1 < (line.x1 + line.x2) / 2 < x2 + 1
        ]
        for line, record in sorted(parts, key=lambda part: part[0].y):
            if seen and line.y - seen[-1][0][-1].y < _SAME_LINE_MM:
                seen[-1][0].append(line)
                seen[-1][1].add(record)
            else:
                seen.append(([line], {record}))
        found += [
            LevelLine(
                max(min(part.x1 for part in same), x1),
                min(max(part.x2 for part in same), x2),
                float(np.median([part.y for part in same])),
            )
            for same, records in seen
            if len(records) >= _RECORDS_SHARE * len(grid.rows)
        ]
    return found


def _without_date_part(caption: FoundCaption) -> FoundCaption:
    """`Nam` over a column is no year."""
    part = caption.known is not None and caption.known.role is CaptionRole.DATE_PART
    return replace(caption, known=None, alike=0.0) if part else caption


def _is_common(cell: HeadCell, texts: dict[HeadCell, str]) -> bool:
    """A common head over one column alone: its own cell lies under it."""
    return any(
        other is not cell and other.columns == cell.columns and other.box[1] > cell.box[1]
        for other in texts
    )


def _head_above(cell: HeadCell, texts: dict[HeadCell, str]) -> str:
    column = cell.columns[0]
    return next(
        (
            text
            for other, text in texts.items()
            if other.columns[0] <= column <= other.columns[1] and other.box[1] < cell.box[1] - 1
        ),
        "",
    )


def _words_of(box: BoxMm, sheet: Gray) -> list[PrintedWord]:
    """Printed words of a cell, in pixels of the sheet."""
    x, y, width, height = box
    left, top = round((x + _INSIDE_MM) * PER_MM), round((y + _INSIDE_MM) * PER_MM)
    right, bottom = (
        round((x + width - _INSIDE_MM) * PER_MM),
        round((y + height - _INSIDE_MM) * PER_MM),
    )
    part = sheet[top:bottom, left:right]
    if not part.size:
        return []
    edged = cv2.copyMakeBorder(
        part, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_CONSTANT, value=255
    )
    found = find_words(np.asarray(edged, np.uint8), seconds=_CELL_SECONDS, block=True)
    return [
        replace(
            word,
            box=(word.box[0] + left - _BORDER, word.box[1] + top - _BORDER, *word.box[2:]),
        )
        for word in found
    ]


def _add_column(
    table: FoundTable, cell: HeadCell, text: str, above: str, type: str, written: Gray
) -> None:
    asked = _asked(text, above, type)
    taken = {one.field.code for one in table.fields}
    boxes = _line_boxes(table, cell.columns[0], len(asked), written)
    if not any(one.code for one in asked):
        table.open.append((boxes, f"{above} {text}".strip()))
        return
    several = len(asked) > 1
    unruled = len(boxes) > 1 and not _led(table, cell.columns[0])
    told = f"{above}: {text}" if above else text
    for one, own in zip(asked, _shares(asked, boxes), strict=True):
        if not one.code or one.code in taken or not own:
            continue
        score = one.alike * (_SEVERAL if several else 1) * (_UNRULED if unruled else 1)
        field = LayoutField(
            code=one.code,
            kind=one.kind,
            lines=own,
            lexicon=narrower_lexicon(one.code, one.kind, year=one.year),
        )
        reason = Text(f"đầu cột “{told}”", f"head of the column “{told}”")
        table.fields.append(TableField(field, score, reason))


def _asked(text: str, above: str, type: str) -> list[_Asked]:
    """What a cell of the head asks for, in its order."""
    bare = re.sub(r"\([^)]*\)", " ", text)
    matches = [match_caption(part, type) for part in _parts(bare, type)]
    parts = [match for match in matches if match is not None]
    person = _person(above, type) or next((k.person for k, _ in parts if k.person), "")
    person = person or first_person(type)
    kinds = paper_kinds(type)
    asked: list[_Asked] = []
    for known, alike in parts:
        for code in _codes(known, person, type):
            year = known.year or letters_of(known.wording) == _AGE
            asked.append(_Asked(code, kinds.get(code, FieldKind.FREE_TEXT), alike, year))
    if len(asked) == 1 and asked[0].kind is FieldKind.DATE and "chu" in letters_of(text):
        words = f"{asked[0].code}BangChu"  # „Ngày sinh (số và chữ)“
        if words in kinds:
            asked.append(_Asked(words, kinds[words], asked[0].alike))
    return asked


def _parts(text: str, type: str) -> list[str]:
    """The wordings of a cell: all of it where the list has it, else what signs part."""
    if match_caption(text, type):
        return [text]
    for sign in (";", ","):
        if sign in text:
            return [one for part in text.split(sign) for one in _parts(part, type)]
    return [text]


def _person(above: str, type: str) -> str:
    known = match_caption(above, type) if above else None
    return known[0].person if known else ""


def _codes(known: KnownCaption, person: str, type: str) -> list[str]:
    if letters_of(known.wording) == _AGE:
        return [person_code(type, person, ("NgaySinh",))]
    code = column_of(known, person, type)
    return list(caption_words().splits.get(code, (code,)))


def _led(table: FoundTable, column: int) -> list[LevelLine]:
    """Lines to write on in a cell of the first record."""
    x1, x2 = table.grid.columns[column]
    return [line for line in table.leaders if x1 - 1 < (line.x1 + line.x2) / 2 < x2 + 1]


def _line_boxes(table: FoundTable, column: int, asked: int, written: Gray) -> tuple[BoxMm, ...]:
    """Boxes of the lines of writing in a cell of the first record."""
    x1, x2 = table.grid.columns[column]
    top, bottom = table.grid.rows[0]
    left, width = x1 + _INSIDE_MM, x2 - x1 - 2 * _INSIDE_MM
    led = sorted(line.y for line in _led(table, column))
    if led:
        gaps = [y - before for before, y in zip([top, *led], led, strict=False)]
        heights = [height_below(gap) for gap in gaps]
        return tuple(
            rounded((left, y + BELOW_MM - height, width, height))
            for y, height in zip(led, heights, strict=True)
        )
    high = bottom - top - 2 * _INSIDE_MM
    count = max(1 if high <= _ONE_LINE_MM else round(high / _LINE_MM), asked, 1)
    cells = [(left, y + _INSIDE_MM, width, high) for y, _ in table.grid.rows]
    ends = [0.0, *writing_cuts(written, cells, count), high]
    return tuple(
        rounded((left, top + _INSIDE_MM + begin, width, end - begin))
        for begin, end in zip(ends, ends[1:], strict=False)
    )


def _shares(asked: Sequence[_Asked], boxes: Sequence[BoxMm]) -> list[tuple[BoxMm, ...]]:
    """Lines of a cell for each thing it asks for: one each, spare ones for what is long."""
    counts = [1] * len(asked)
    for kinds in (_LONG_KINDS, _MIDDLE_KINDS):
        long = [at for at, one in enumerate(asked) if one.kind in kinds and one.code]
        if long:
            break
    long = long or [len(asked) - 1]
    for spare in range(len(boxes) - len(asked)):
        counts[long[spare % len(long)]] += 1
    ends = np.cumsum([0, *counts]).tolist()
    return [tuple(boxes[a:b]) for a, b in zip(ends, ends[1:], strict=False)]
