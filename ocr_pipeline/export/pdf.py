"""The PDF of one record: its page scans at about 100 kB each, always the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import img2pdf
import numpy as np

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.scans.pages import PageImage

BYTES_PER_A4 = 100_000
"""About what the guideline's contractors deliver for a colour A4 page."""

_A4_MM = (210.0, 297.0)
_A3_MM = (297.0, 420.0)
_POINTS_PER_MM = 72 / 25.4
MAX_DPI = 150
_RESOLUTIONS = (MAX_DPI, 130, 115, 100)  # dpi; pen strokes (0.3–0.7 mm) stay 2 pixels wide at 115
_BEST = 88
_POOREST = 40  # below this JPEG quality thin strokes dissolve: rather fewer dots per inch
_LAST_RESORT = 8  # at the lowest resolution: a noisy photograph is still better than no scan


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page ready for a PDF: colour JPEG and the sheet's size in millimetres."""

    jpeg: bytes
    width_mm: float
    height_mm: float


def compress(page: PageImage, *, turn: int = 0, several_records: bool = False) -> PagePicture:
    """A page as a colour JPEG of at most about 100 kB per A4 area (A3: twice that).

    The resolution starts at 150 dpi and falls only where even quality 40 is too large: fewer dots
    blur handwriting less than JPEG blocks do.

    Args:
        page: RGB (H, W, 3) uint8, dpi if known.
        turn: degrees clockwise (0, 90, 180, 270) that bring the page upright.
        several_records: the sheet is a table of several records: an A3 unless dpi says otherwise.

    """
    turned = np.rot90(page.pixels, k=-(turn // 90) % 4)
    width_mm, height_mm = sheet_size(turned.shape[1], turned.shape[0], page.dpi, several_records)
    budget = int(BYTES_PER_A4 * width_mm * height_mm / (_A4_MM[0] * _A4_MM[1]))
    jpeg = b""
    for dpi in _RESOLUTIONS:
        small = _resized(turned, width_mm, height_mm, dpi)
        jpeg = _jpeg_within(small, budget, _POOREST if dpi > _RESOLUTIONS[-1] else _LAST_RESORT)
        if len(jpeg) <= budget:
            break
    return PagePicture(jpeg, width_mm, height_mm)


def sheet_size(
    width: int, height: int, dpi: float | None, several_records: bool
) -> tuple[float, float]:
    """Width and height in mm: from dpi where that gives between A5 and A2, else A4 (or A3)."""
    if dpi:
        size = (width / dpi * 25.4, height / dpi * 25.4)
        if 120 <= min(size) and max(size) <= 620:
            return size
    short, long = _A3_MM if several_records else _A4_MM
    scale = min(long / max(width, height), short / min(width, height))
    return width * scale, height * scale


def record_pdf(pictures: Sequence[PagePicture]) -> bytes:
    """One PDF of the given pages: no dates, no title, the same bytes for the same pictures."""
    sizes = iter([(p.width_mm * _POINTS_PER_MM, p.height_mm * _POINTS_PER_MM) for p in pictures])

    def fill_own_sheet(*_pixels: object) -> tuple[float, float, float, float]:
        width, height = next(sizes)
        return width, height, width, height

    return bytes(
        img2pdf.convert(
            [picture.jpeg for picture in pictures],
            engine=img2pdf.Engine.internal,
            nodate=True,
            producer="sohoa",
            layout_fun=fill_own_sheet,
        )
    )


def _resized(pixels: Pixels, width_mm: float, height_mm: float, dpi: int) -> Pixels:
    width, height = (max(1, round(mm / 25.4 * dpi)) for mm in (width_mm, height_mm))
    if width >= pixels.shape[1]:
        return np.ascontiguousarray(pixels)
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _jpeg_within(pixels: Pixels, budget: int, poorest: int) -> bytes:
    """The best quality that fits the budget; the poorest one where none does."""
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    qualities = range(poorest, _BEST + 1, 4)
    low, high = 0, len(qualities) - 1
    best = _jpeg(bgr, qualities[0])
    while low < high and len(best) <= budget:
        middle = (low + high + 1) // 2
        jpeg = _jpeg(bgr, qualities[middle])
        if len(jpeg) <= budget:
            best, low = jpeg, middle
        else:
            high = middle - 1
    return best


def _jpeg(bgr: Pixels, quality: int) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    return cv2.imencode(".jpg", bgr, options)[1].tobytes()
