"""Pages without records: the cover of a book, an empty sheet."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.arrays import Rgb, Rng
from ocr_pipeline.books.book import Agency
from ocr_pipeline.data_files import load_data
from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.places import short_name
from ocr_pipeline.training.data_schema import (
    DATA,
    CoverPrint,
    CoverPrintFile,
    CoverRow,
    FillingHabitsFile,
)
from ocr_pipeline.training.drawn_pages import Colour, FilledPage, lay
from ocr_pipeline.training.font_hands import Hand

_PART = re.compile(r"\[(\w+)\]|\{(\w+) (\d+)\}|([^\[{]+)")
_INK = (40, 40, 40)
_MOST_SHARE = 0.8  # of the page's width that a row of print takes
_SMALLEST_EM_MM = 3.0
_X_HEIGHT_MM = 3.0  # of what is written on a cover


@dataclass(frozen=True, slots=True)
class CoverFacts:
    """What stands on the cover of a book.

    Attributes:
        type: register type.
        agency: with its units' type words.
        number: of the book in its year.
        year: year opened.
        opened: day on which the book was opened; None where it is left blank.
        closed: day on which it was closed; None where it is left blank.

    """

    type: RegisterType
    agency: Agency
    number: int
    year: int
    opened: datetime.date | None = None
    closed: datetime.date | None = None

    def words(self) -> dict[str, str]:
        """What each name of a printed row stands for (`data/cover_prints.yaml`)."""
        units = self.agency
        return {
            "agency": units.full_name,
            "commune": units.commune,
            "district": units.district,
            "province": units.province,
            "commune_name": short_name(units.commune),
            "district_name": short_name(units.district),
            "province_name": short_name(units.province),
            "title": _titles()[self.type],
            "number": f"{self.number:02d}",
            "year": str(self.year),
            "volume": f"{self.number:02d}/{self.year}",
            **_day("opened", self.opened),
            **_day("closed", self.closed),
        }


def _day(name: str, day: datetime.date | None) -> dict[str, str]:
    if day is None:
        return dict.fromkeys((name, f"{name}_day", f"{name}_month", f"{name}_year"), "")
    return {
        name: f"{day:%d/%m/%Y}",
        f"{name}_day": f"{day:%d}",
        f"{name}_month": f"{day:%m}",
        f"{name}_year": f"{day:%Y}",
    }


@cache
def _titles() -> Mapping[RegisterType, str]:
    return load_data(DATA / "filling_habits.yaml", FillingHabitsFile).titles


@cache
def cover_prints() -> Mapping[str, CoverPrint]:
    """Contents of `data/cover_prints.yaml`."""
    return load_data(DATA / "cover_prints.yaml", CoverPrintFile).prints


def empty_sheet(width: float, height: float, dpi: float) -> FilledPage:
    """Bare paper of a size in mm."""
    size = (round(height * dpi / 25.4), round(width * dpi / 25.4), 3)
    return FilledPage(np.full(size, 255, np.uint8), dpi)


def cover(
    sheet: FilledPage,
    printed: CoverPrint,
    facts: CoverFacts,
    hand: Hand,
    ink: Colour,
    rng: Rng,
    family: str = "serif",
) -> FilledPage:
    """A cover as one of the houses prints it, filled in by a hand.

    Args:
        sheet: bare paper.
        printed: how the cover is printed.
        facts: what stands on it.
        hand: writes into the blanks.
        ink: colour of the pen.
        rng: moves the hand.
        family: of the print, `serif` or `sans`.

    """
    pixels = _framed(sheet) if printed.frame else sheet.pixels.copy()
    drawing = _CoverDrawing(pixels, sheet.scale, facts.words(), hand, ink, rng)
    for row in printed.rows:
        drawing.row(row, printed.leader, family)
    return FilledPage(drawing.pixels, sheet.dpi)


def _framed(sheet: FilledPage) -> Rgb:
    picture = Image.fromarray(sheet.pixels)
    width, height = picture.size
    ImageDraw.Draw(picture).rectangle(
        (width * 0.08, height * 0.06, width * 0.92, height * 0.94),
        outline=_INK,
        width=max(round(0.8 * sheet.scale), 2),
    )
    return np.asarray(picture).copy()


@dataclass
class _CoverDrawing:
    """A cover while it is drawn."""

    pixels: Rgb
    scale: float
    words: Mapping[str, str]
    hand: Hand
    ink: Colour
    rng: Rng

    def row(self, row: CoverRow, leader: str, family: str) -> None:
        """Print one row around the middle of the page, and fill in its blanks."""
        height, width = self.pixels.shape[:2]
        parts = [_Part(self.words.get(m[1], m[4] or ""), m[2] or "", float(m[3] or 0))
                 for m in _PART.finditer(row.text)]  # fmt: skip
        if row.face == "bold" and "[" in row.text:  # names are printed in capitals
            parts = [_Part(part.text.upper(), part.blank, part.width) for part in parts]
        size = row.size
        font = load_font(family, row.face, size * self.scale)
        while size > _SMALLEST_EM_MM and self._length(parts, font) > width * _MOST_SHARE:
            size -= 0.25
            font = load_font(family, row.face, size * self.scale)
        x, y = (width - self._length(parts, font)) / 2, height * row.y
        for part in parts:
            x = self._part(part, x, y, font, leader)

    def _length(self, parts: list[_Part], font: ImageFont.FreeTypeFont) -> float:
        return sum(part.width * self.scale or font.getlength(part.text) for part in parts)

    def _part(
        self, part: _Part, x: float, y: float, font: ImageFont.FreeTypeFont, leader: str
    ) -> float:
        """Draw a part from `x` on the baseline `y`; where the next one begins."""
        picture = Image.fromarray(self.pixels)
        pen = ImageDraw.Draw(picture)
        end = x + (part.width * self.scale or font.getlength(part.text))
        if not part.blank:
            pen.text((x, y), part.text, fill=_INK, font=font, anchor="ls")
        elif leader == "line":
            pen.line((x, y, end, y), fill=_INK, width=max(round(0.2 * self.scale), 1))
        else:
            dots = "." * int((end - x) // font.getlength("."))
            pen.text((x, y), dots, fill=_INK, font=font, anchor="ls")
        self.pixels = np.asarray(picture).copy()
        if part.blank:
            self._write(self.words[part.blank], x, end, y)
        return end

    def _write(self, text: str, x: float, end: float, y: float) -> None:
        if not text:
            return
        height = _X_HEIGHT_MM * self.scale
        line = self.hand.write(text, height, self.rng)
        if line is not None and line.advance > end - x:  # a clerk writes smaller where he must
            line = self.hand.write(text, height * (end - x) / line.advance, self.rng)
        if line is None:
            return
        free = max(end - x - line.advance, 0.0)
        left = x + free * float(self.rng.uniform(0.1, 0.6))
        top = round(y - 0.4 * self.scale - line.baseline)
        lay(self.pixels, line.ink, round(left - line.left), top, self.ink, 0.85)


@dataclass(frozen=True, slots=True)
class _Part:
    """Print, or a blank of some mm with the name of what is written there."""

    text: str
    blank: str
    width: float
