"""Drawn pages under hardships: what happens to a page on its way to the program, and to forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Rgb, Rng
from ocr_pipeline.layout.form_drawing import FormStyle, load_font
from ocr_pipeline.layout.schema import Layout
from ocr_pipeline.training import cover_pages
from ocr_pipeline.training.drawn_pages import FilledPage, FillingHabits, empty_page, fill_page
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.invented_cases import Register
from ocr_pipeline.training.invented_people import Society, pick, regions
from ocr_pipeline.training.scanner import DrawnScan, book_paper, conditions, draw, scan

DPI = 110
_TORN_MM = (25.0, 55.0)
_MISSING_MM = (6.0, 12.0)
_BLED = 0.22


@dataclass(frozen=True)
class Hardship:
    """What happens to a page.

    Attributes:
        condition: key of `training/data/conditions.yaml`.
        good: a page that an office may expect to be read.
        paper: done to the filled sheet before it is scanned.
        picture: done to the scan.

    """

    condition: str
    good: bool = False
    paper: Callable[[FilledPage, Layout, Rng], FilledPage] | None = None
    picture: Callable[[DrawnScan, Rng], DrawnScan] | None = None


def filled_form(layout: Layout, hands: HandChoice, condition: str, rng: Rng) -> FilledPage:
    """A form of another printing of the same house, filled by one clerk."""
    c = conditions()[condition]
    style = FormStyle(
        family=pick(rng, ["serif", "serif", "sans"]),
        darkness=draw(rng, c.print.darkness),
        caption_shift_mm=draw(rng, c.print.shift),
        stretch=float(rng.uniform(0.97, 1.04)),
        leader=pick(rng, ["dots", "dots", "dashes", "line"]),
        seed=int(rng.integers(1 << 30)),
    )
    society = Society(pick(rng, regions()), rng)
    by_year = any(f.lexicon == "year" for f in layout.fields)
    year = 1990 if "before" in layout.era else 2010
    register = Register(layout.type, society, society.place(), year, 1, rng, by_year)
    cases = list(register.cases(len(layout.records.offsets)))
    manner = FillingHabits(hands.typed(rng), x_height=float(rng.uniform(2.0, 2.7)))
    return fill_page(empty_page(layout, DPI * 1.2, style), layout, cases, manner, rng)


def taken(page: FilledPage, layout: Layout, hardship: Hardship, rng: Rng) -> DrawnScan:
    """The page after the hardship, as a picture with its true mapping."""
    if hardship.paper is not None:
        page = hardship.paper(page, layout, rng)
    found = scan(page, hardship.condition, book_paper(hardship.condition, rng), rng, DPI)
    return hardship.picture(found, rng) if hardship.picture else found


def _torn(page: FilledPage, layout: Layout, rng: Rng) -> FilledPage:
    """One corner of the sheet is gone; the cover of the book lies under it."""
    pixels = page.pixels.copy()
    height, width = pixels.shape[:2]
    a, b = (draw(rng, _TORN_MM) * page.scale for _ in range(2))
    x, y = pick(rng, [(0, 0), (width, 0), (0, height), (width, height)])
    corner = [(x, y), (x + (a if x == 0 else -a), y), (x, y + (b if y == 0 else -b))]
    cv2.fillPoly(pixels, [np.array(corner, np.int32)], (96, 92, 90))
    return replace(page, pixels=pixels)


def _stamped(page: FilledPage, layout: Layout, rng: Rng) -> FilledPage:
    """Two round seals, 36 mm wide, over printed words."""
    pixels = page.pixels.astype(np.float32)
    for _ in range(2):
        x, y, width, height = pick(rng, layout.captions).box
        centre = (round((x + width / 2) * page.scale), round((y + height / 2) * page.scale))
        ink = np.zeros(pixels.shape[:2], np.float32)
        for radius, line in ((18.0, 1.1), (14.5, 0.5), (6.0, 4.0)):
            thickness = max(1, round(line * page.scale))
            cv2.circle(ink, centre, round(radius * page.scale), 1.0, thickness, cv2.LINE_AA)
        pixels *= 1 - 0.75 * ink[..., None] * np.array([0.15, 0.8, 0.75], np.float32)
    return replace(page, pixels=np.clip(pixels, 0, 255).astype(np.uint8))


def _bled(page: FilledPage, layout: Layout, rng: Rng) -> FilledPage:
    """What stands on the back, mirrored, shines through strongly."""
    back = cv2.GaussianBlur(np.ascontiguousarray(page.pixels[:, ::-1]), (0, 0), 0.25 * page.scale)
    move = np.array([[1, 0, 3 * page.scale], [0, 1, 5 * page.scale]], np.float32)
    size = (back.shape[1], back.shape[0])
    back = cv2.warpAffine(back, move, size, borderValue=(255, 255, 255))
    shade = 1 - _BLED * (1 - back.astype(np.float32) / 255)
    return replace(page, pixels=np.clip(page.pixels * shade, 0, 255).astype(np.uint8))


def _cut(found: DrawnScan, rng: Rng) -> DrawnScan:
    """A margin of one side is not on the scan."""
    lost = round(draw(rng, _MISSING_MM) * DPI / 25.4)
    left, top = pick(rng, [(lost, 0), (0, lost), (-lost, 0), (0, -lost)])
    height, width = found.pixels.shape[:2]
    x1, y1 = max(left, 0), max(top, 0)
    pixels = np.ascontiguousarray(
        found.pixels[y1 : height + min(top, 0), x1 : width + min(left, 0)]
    )
    move = np.array([[1.0, 0, -x1], [0, 1, -y1], [0, 0, 1]])
    return replace(found, pixels=pixels, map=replace(found.map, matrix=move @ found.map.matrix))


def _half_turn(found: DrawnScan, rng: Rng) -> DrawnScan:
    return found.turned(2)


HARDSHIPS: dict[str, Hardship] = {
    "flatbed-good": Hardship("flatbed-office", good=True),
    "phone-good": Hardship("phone-good", good=True),
    "flatbed-bad": Hardship("flatbed-bad"),
    "phone-bad": Hardship("phone-bad"),
    "phone-30-degrees": Hardship("phone-slanted"),
    "torn-corner": Hardship("flatbed-office", paper=_torn),
    "missing-margin": Hardship("flatbed-office", picture=_cut),
    "stamp-on-print": Hardship("flatbed-office", paper=_stamped),
    "half-turn": Hardship("flatbed-office", picture=_half_turn),
    "bleed-through": Hardship("flatbed-office", paper=_bled),
}
"""By name, as the report tells them."""


def two_pages(first: DrawnScan, second: DrawnScan) -> DrawnScan:
    """Two pages side by side on one scan; the mapping is that of the first."""
    height = max(first.pixels.shape[0], second.pixels.shape[0])
    sides = []
    for one in (first, second):
        room = height - one.pixels.shape[0]
        sides.append(
            cv2.copyMakeBorder(one.pixels, 0, room, 0, 12, cv2.BORDER_CONSTANT, value=(225,) * 3)
        )
    return replace(first, pixels=np.ascontiguousarray(np.hstack(sides)))


def no_form(kind: str, rng: Rng) -> Rgb:
    """A picture (H, W, 3) of an A4 page that is no form; `kind` is one of `NO_FORMS`."""
    sheet = cover_pages.empty_sheet(210, 297, DPI)
    if kind == "ruled":
        for y in np.arange(25, 285, 8.0):
            at = round(float(y) * sheet.scale)
            cv2.line(sheet.pixels, (60, at), (sheet.pixels.shape[1] - 60, at), (150, 150, 180), 1)
    elif kind != "blank":
        columns = 4 if kind == "newspaper" else 1
        _set_text(sheet, columns, rng)
    paper = book_paper("flatbed-office", rng)
    return scan(sheet, "flatbed-office", paper, rng, DPI).pixels


NO_FORMS: Sequence[str] = ("newspaper", "letter", "blank", "ruled")


def _set_text(sheet: FilledPage, columns: int, rng: Rng) -> None:
    """Printed lines of invented words in columns."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(sheet.pixels)
    pen = ImageDraw.Draw(picture)
    size = (2.6 if columns > 1 else 4.2) * sheet.scale
    font = load_font("serif", "regular", round(size, 1))
    wide = 180 / columns
    words = [word for name in regions() for word in name.lower().split()]
    for column in range(columns):
        left = (15 + column * wide) * sheet.scale
        for y in np.arange(20, 280, 4.2 if columns > 1 else 7.0):
            line = ""
            while font.getlength(line) < (wide - 8) * sheet.scale:
                line += pick(rng, words) + " "
            pen.text((left, float(y) * sheet.scale), line, fill=(50, 50, 50), font=font)
    sheet.pixels[...] = np.asarray(picture)
