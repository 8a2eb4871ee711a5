"""A page as pixels, with its scale and the way back to the original picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Matrix, Pixels

#: Longest side in mm of a page whose resolution is unknown: A3 with room around it.
_LONGEST_PAGE_MM = 504.0
#: Long sides in mm outside this range: the resolution in the file is a default, not measured.
_PLAUSIBLE_SIDES_MM = (100.0, 700.0)


_A4_LONG_MM = 297.0
_FAX_DPI = {(204, 98), (204, 196), (203, 98), (203, 196), (408, 391)}  # ITU-T T.4
_SAME_DPI_SHARE = 0.02
_CLEARLY = 0.1  # books are bound in other proportions too: 170×250 mm is 0.04 off
_GAP_SHARE = 0.02  # between two pages beside each other


def _identity() -> Matrix:
    return np.eye(3)


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as it lies before a reader: EXIF and PDF rotation are already applied.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        dpi: pixels per inch of `pixels`; None when the file does not say, or says nonsense.
        to_original: maps pixel coordinates of `pixels` to those of the page at the full resolution
            of the file (differs from identity only when the page was loaded smaller).

    """

    pixels: Pixels
    dpi: float | None
    to_original: Matrix = field(default_factory=_identity)


def plausible_dpi(dpi: float, width: int, height: int) -> float | None:
    """`dpi` if a page of this many pixels would have the size of a page, else None."""
    if not np.isfinite(dpi) or dpi <= 0:
        return None
    low, high = _PLAUSIBLE_SIDES_MM
    return float(dpi) if low <= max(width, height) / dpi * 25.4 <= high else None


def has_square_pixels(dpi_x: float, dpi_y: float, width: int, height: int) -> bool:
    """Whether a page has square pixels although its file tells two resolutions.

    Some drivers write the resolution of the sensor and that of its steps, and square pixels. A
    page that is a sheet as it stands, and would be a strip when stretched, is not stretched; what
    a fax machine writes is believed. A page twice as fine downwards, a sheet both ways, is
    not stretched either: sensors step finer than they see, and no kind of file has such pixels.
    """
    x, y = sorted((dpi_x, dpi_y), reverse=True)
    if abs(x / y - 1) <= _SAME_DPI_SHARE or (round(x), round(y)) in _FAX_DPI:
        return False
    stands = _off_sheet(width, height)
    stretched = _off_sheet(width / dpi_x, height / dpi_y)
    return stands + _CLEARLY < stretched or (dpi_y > dpi_x and stands < _CLEARLY)


def square_dpi(dpi_x: float, dpi_y: float, width: int, height: int) -> float:
    """The one of two resolutions at which a page of square pixels is nearest to A4."""
    longer = max(width, height)
    return min(
        (dpi_x, dpi_y), key=lambda dpi: abs(float(np.log(longer / dpi * 25.4 / _A4_LONG_MM)))
    )


def _off_sheet(width: float, height: float) -> float:
    """How far a page is from the proportions of A4, lying or standing; 0 when not at all."""
    return float(abs(np.log(max(width, height) / min(width, height) / 2**0.5)))


def reduction(width: int, height: int, dpi: float | None, max_dpi: float | None) -> float:
    """Factor ≤ 1 that brings a page down to `max_dpi`; 1 when it is not worth the trouble."""
    if max_dpi is None:
        return 1.0
    assumed = dpi or max(width, height) / _LONGEST_PAGE_MM * 25.4
    factor = max_dpi / assumed
    return factor if factor < 0.9 else 1.0


def resized(page: PageImage, factor_x: float, factor_y: float) -> PageImage:
    """The page with its sides multiplied by the factors; `dpi` follows `factor_x`."""
    if factor_x == 1 and factor_y == 1:
        return page
    height, width = page.pixels.shape[:2]
    new = (max(1, round(width * factor_x)), max(1, round(height * factor_y)))
    # Linear interpolation is 5 times faster than area and does no harm above this factor.
    gentle = min(factor_x, factor_y) >= 0.6
    pixels = cv2.resize(
        page.pixels, new, interpolation=cv2.INTER_LINEAR if gentle else cv2.INTER_AREA
    )
    back = scaling(width / new[0], height / new[1])
    dpi = None if page.dpi is None else page.dpi * new[0] / width
    return PageImage(np.asarray(pixels, np.uint8), dpi, page.to_original @ back)


def beside(first: PageImage, others: Sequence[PageImage]) -> PageImage:
    """Pages as one scan that shows them from left to right on white; scale and dpi of the first."""
    if not others:
        return first
    gap = round(first.pixels.shape[1] * _GAP_SHARE)
    height = max(page.pixels.shape[0] for page in (first, *others))
    parts = [first.pixels]
    for page in others:
        parts += [np.full((height, gap, 3), 255, np.uint8), page.pixels]
    padded = [
        np.pad(part, ((0, height - part.shape[0]), (0, 0), (0, 0)), constant_values=255)
        for part in parts
    ]
    return replace(first, pixels=np.ascontiguousarray(np.hstack(padded)))


def scaling(x: float, y: float) -> Matrix:
    """Matrix that multiplies by x and y, with the edges (not the centres) of pixels aligned."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
