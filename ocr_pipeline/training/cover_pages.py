"""Pages without records: the cover of a book, an empty sheet."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.training.drawn_pages import Colour, FilledPage, lay
from ocr_pipeline.training.font_hands import Hand


def empty_sheet(width: float, height: float, dpi: float) -> FilledPage:
    """Bare paper of a size in mm."""
    size = (round(height * dpi / 25.4), round(width * dpi / 25.4), 3)
    return FilledPage(np.full(size, 255, np.uint8), dpi)


def cover(
    sheet: FilledPage,
    title: str,
    agency: str,
    volume: str,
    hand: Hand,
    ink: Colour,
    rng: np.random.Generator,
) -> FilledPage:
    """A cover: the agency above, the title large, year and volume written by hand below."""
    picture = Image.fromarray(sheet.pixels)
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    pen.rectangle(
        (width * 0.08, height * 0.06, width * 0.92, height * 0.94),
        outline=(40, 40, 40),
        width=max(round(0.8 * sheet.scale), 2),
    )
    small = load_font("serif", "bold", 5.0 * sheet.scale)
    for text, y, font in (
        (agency, 0.13, _fitting(agency, width * 0.76, sheet.scale * 0.55)),
        (title, 0.42, _fitting(title, width * 0.76, sheet.scale)),
        ("Quyển số: ..........................", 0.58, small),
    ):
        pen.text((width / 2, height * y), text, fill=(40, 40, 40), font=font, anchor="mm")
    pixels = np.asarray(picture).copy()
    line = hand.write(volume, 4.0 * sheet.scale, rng)
    if line is not None:
        y = round(height * 0.585 - line.baseline)
        lay(pixels, line.ink, round(width * 0.52 - line.left), y, ink, 0.85)
    return FilledPage(pixels, sheet.dpi)


def _fitting(text: str, width: float, scale: float) -> ImageFont.FreeTypeFont:
    size = 10.0
    while size > 4 and load_font("serif", "bold", size * scale).getlength(text) > width:
        size -= 0.5
    return load_font("serif", "bold", size * scale)
