"""Covers in a geometry that no generator of the project knows: a label pasted on cloth, a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

import ocr_pipeline.layout

_FONTS = Path(ocr_pipeline.layout.__file__).parent / "fonts"
_WIDTH, _HEIGHT = 1240, 1754  # A4 at 150 dpi
_PEN = (40, 45, 120)


def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / f"form-{face}.ttf"), size)


def label_cover(
    title: str, office: list[str], number: str, year: str, opened: str = "", closed: str = ""
) -> npt.NDArray[np.uint8]:
    """A label with everything left-aligned, in the lower half; (H, W, 3) uint8 RGB.

    Args:
        title: in capitals.
        office: printed lines below the title, largest unit last.
        number: written behind “Quyển số”.
        year: written behind “Năm”.
        opened: written behind “Từ ngày”.
        closed: written behind “đến ngày”, on the same line.

    """
    page = Image.new("RGB", (_WIDTH, _HEIGHT), (238, 236, 228))
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((120, 700, 1120, 1560), 30, (250, 249, 244), (60, 60, 60), 3)
    pen.text((170, 780), title, (20, 20, 20), _font("sans-bold", 52))
    for row, line in enumerate(office):
        pen.text((170, 890 + 60 * row), line, (20, 20, 20), _font("sans-regular", 34))
    top = 1130
    pen.text((170, top), "Quyển số", (20, 20, 20), _font("sans-regular", 34))
    pen.line((340, top + 40, 520, top + 40), (90, 90, 90), 2)
    pen.text((380, top - 12), number, _PEN, _font("serif-italic", 46))
    pen.text((560, top), "Năm", (20, 20, 20), _font("sans-regular", 34))
    pen.line((650, top + 40, 860, top + 40), (90, 90, 90), 2)
    pen.text((690, top - 12), year, _PEN, _font("serif-italic", 46))
    top = 1270
    pen.text((170, top), "Từ ngày", (20, 20, 20), _font("sans-regular", 34))
    pen.line((310, top + 40, 590, top + 40), (90, 90, 90), 2)
    pen.text((330, top - 12), opened, _PEN, _font("serif-italic", 46))
    pen.text((600, top), "đến ngày", (20, 20, 20), _font("sans-regular", 34))
    pen.line((760, top + 40, 1080, top + 40), (90, 90, 90), 2)
    pen.text((780, top - 12), closed, _PEN, _font("serif-italic", 46))
    return np.asarray(page)
