"""Everything that is seen of a form on one sheet: lines, captions, blanks with their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.schema import BoxMm, LayoutField
from ocr_pipeline.proposing.blanks import WritingBlank, find_blanks
from ocr_pipeline.proposing.caption_words import CaptionRole
from ocr_pipeline.proposing.field_columns import ChosenField, choose_columns
from ocr_pipeline.proposing.found_captions import FoundCaption, find_captions
from ocr_pipeline.proposing.layout_proposal import FormEvidence
from ocr_pipeline.proposing.printed_lines import (
    PER_MM,
    LevelLine,
    PrintedLines,
    UprightLine,
    find_lines,
)
from ocr_pipeline.proposing.sections import Sections
from ocr_pipeline.proposing.table_fields import FoundTable, read_table
from ocr_pipeline.proposing.table_grid import TableGrid, find_grid
from ocr_pipeline.proposing.tick_fields import tick_fields
from ocr_pipeline.proposing.written_words import mended_lines, without_writing
from ocr_pipeline.reading.tesseract import PrintedWord, find_words

_WORD_SECONDS = 90.0
_MEETS_MM = 1.5
_ON_LINE_MM = 3.5  # the row above is at least 7 mm away
_OVER_SHARE = 0.6
_DOTTED_SHARE = 0.8  # of the lines that may be written on


@dataclass(frozen=True, slots=True, eq=False)
class FoundForm:
    """What is seen of a form.

    Attributes:
        size: width and height of the page in mm.
        lines: what is drawn.
        writable: lines to write on.
        captions: printed words.
        chosen: blanks with a column.
        open: blanks without one, each with the column that another blank has taken.
        ticks: fields of tick boxes with their scores.
        open_ticks: tick boxes without known words.
        table: the table with the records; None on a form without one. What stands in it is in none
            of the others.

    """

    size: tuple[float, float]
    lines: PrintedLines
    writable: list[LevelLine]
    captions: list[FoundCaption]
    chosen: list[ChosenField]
    open: list[tuple[WritingBlank, str]]
    ticks: list[tuple[LayoutField, float]]
    open_ticks: list[BoxMm]
    table: FoundTable | None = None

    @property
    def evidence(self) -> FormEvidence:
        """What speaks for a form."""
        in_table = self.table.captions if self.table is not None else []
        known = [
            c
            for c in (*self.captions, *in_table)
            if c.known and c.known.role in (CaptionRole.FIELD, CaptionRole.HEAD)
        ]
        return FormEvidence(
            captions=len(known),
            blanks=len(self.chosen) + len(self.table.fields if self.table is not None else ()),
            leaders=len(self.writable),
            rules=len(self.lines.solid) + len(self.lines.upright),
            ticks=len(self.lines.ticks),
        )


def find_form(
    sheet: Gray, type: str, size: tuple[float, float], written: Gray | None = None
) -> FoundForm:
    """Look for a form of a register type.

    Args:
        sheet: (H, W) uint8 at `SHEET_DPI`, upright.
        type: register type code.
        size: width and height in mm.
        written: the same with all that is written on any page, where `sheet` has the print alone.

    """
    lines = find_lines(sheet)
    table = None
    if (grid := find_grid(lines)) is not None:
        table = read_table(grid, lines, type, sheet if written is None else written)
        lines = _beside(lines, grid)
    words = find_words(lines.words, seconds=_WORD_SECONDS)
    drawn = _to_write_on(lines)
    known = [c for c in find_captions(words, drawn, type) if c.known is not None]
    writable = mended_lines(drawn, known, sheet if written is None else written)
    standing = [word for word in words if not _written(word, writable)]
    captions = find_captions(standing, writable, type)
    captions, writable = without_writing(captions, writable)
    blanks = find_blanks(captions, writable, lines.upright, size[0])
    chosen, left = choose_columns(blanks, Sections(captions, lines.upright, type), type)
    ticks, open_ticks = tick_fields(lines.ticks, captions)
    return FoundForm(size, lines, writable, captions, chosen, left, ticks, open_ticks, table)


def _beside(lines: PrintedLines, grid: TableGrid) -> PrintedLines:
    """What is drawn and printed around a table; its own rules stay."""
    x, y, width, height = (round(value * PER_MM) for value in grid.box)
    words = lines.words.copy()
    words[max(y, 0) : y + height, max(x, 0) : x + width] = 255
    outside = tuple(
        line for line in lines.dotted if not grid.holds((line.x1 + line.x2) / 2, line.y)
    )
    ticks = tuple(tick for tick in lines.ticks if not grid.holds(tick[0], tick[1]))
    return replace(lines, dotted=outside, ticks=ticks, words=words)


def _written(word: PrintedWord, writable: Sequence[LevelLine]) -> bool:
    """Whether a word stands on a line to write on: then it was written there."""
    x, y, width, height = (value / PER_MM for value in word.box)
    return any(
        -2.0 < line.y - (y + height) < _ON_LINE_MM
        and min(line.x2, x + width) - max(line.x1, x) > _OVER_SHARE * width
        for line in writable
    )


def _to_write_on(lines: PrintedLines) -> list[LevelLine]:
    """Dotted lines; solid ones too, unless there are so few that they part the form."""
    free = _free(lines.solid, lines.upright)
    parting = len(lines.dotted) >= _DOTTED_SHARE * (len(lines.dotted) + len(free))
    return list(lines.dotted) if parting else [*lines.dotted, *free]


def _free(solid: Sequence[LevelLine], upright: Sequence[UprightLine]) -> list[LevelLine]:
    """Solid lines that stand free: those of frames and tables meet an upright rule."""
    return [line for line in solid if not any(_meets(line, rule) for rule in upright)]


def _meets(line: LevelLine, rule: UprightLine) -> bool:
    beside = rule.y1 - 1 < line.y < rule.y2 + 1
    return beside and min(abs(rule.x - line.x1), abs(rule.x - line.x2)) < _MEETS_MM
