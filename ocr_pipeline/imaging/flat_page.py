"""The door of this room: a scanned or photographed page becomes flat, straight and even."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray, Matrix
from ocr_pipeline.imaging.geometry import rectification, rotation, scaling, shrunk, transformed
from ocr_pipeline.imaging.illumination import page_alone
from ocr_pipeline.imaging.ink import deepened, ink_gray
from ocr_pipeline.imaging.keystone import keystone
from ocr_pipeline.imaging.outline import Outline, find_page
from ocr_pipeline.imaging.page_content import may_be_cover, page_content
from ocr_pipeline.imaging.skew import Skew, estimate_quarter_turn, measure_skew

__all__ = [
    "FlatPage",
    "deepen",
    "estimate_quarter_turn",
    "flatten",
    "may_be_cover",
    "page_content",
]

_LEAST_ANGLE_DEGREES = 0.06  # degrees; less is left alone, resampling would only blur
_SMALL_PIXELS = 1600  # longer side in pixels at which outline and skew are measured
_KEYSTONE_ROUNDS = 3
_LEAST_GAIN = 1.08  # in sharpness, or the page stays as it is
_MOST_GROWTH_SHARE = 0.15  # of the frame on each side, when perspective is removed
_LINEAR = cv2.INTER_LINEAR


class ScannedPage(Protocol):
    """What is needed of a loaded page (`scans.pages.PageImage` has it)."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 RGB."""
        ...

    @property
    def dpi(self) -> float | None:
        """Pixels per inch, None when unknown."""
        ...

    @property
    def to_original(self) -> Matrix:
        """From pixel coordinates of `pixels` to those of the original at full resolution."""
        ...


@dataclass(frozen=True, slots=True)
class FlatPage:
    """A page as if scanned straight and alone; it may still be upside down or on its side.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        gray: (H, W) uint8, ink on white paper: `ink_gray(pixels)`.
        to_original: (3, 3), from pixel coordinates of `pixels` to those of the original page at
            full resolution (upright as stored). (0, 0) is the centre of the first pixel.
        photographed: whether the page was cut out of a larger picture and perspective removed.
        dpi: pixels per inch of `pixels` where the file says so; None for photographs.

    """

    pixels: NDArray[np.uint8]
    gray: Gray
    to_original: Matrix
    photographed: bool
    dpi: float | None = None


def flatten(page: ScannedPage) -> FlatPage:
    """Cut a photographed page out of its surroundings, straighten it, remove uneven light.

    A page without a reliable outline keeps its frame and is only turned straight (to < 0.2°,
    from up to 20°); a clean, straight flatbed page keeps its pixels.

    Args:
        page: pixels, resolution and the way back to the original.

    """
    small, divisor = shrunk(page.pixels, _SMALL_PIXELS)
    outline = find_page(small)
    matrix, size = _straightening(small, outline)
    enlarge = scaling(divisor, divisor)
    pixels = page.pixels
    if matrix is None:
        matrix = np.eye(3)
    else:
        matrix = enlarge @ matrix @ np.linalg.inv(enlarge)
        rest = (
            pixels.shape[1] - small.shape[1] * divisor,
            pixels.shape[0] - small.shape[0] * divisor,
        )
        whole = (round(size[0] * divisor) + rest[0], round(size[1] * divisor) + rest[1])
        pixels = _warped(pixels, matrix, whole)
    photographed = not np.allclose(matrix[2] / matrix[2, 2], (0, 0, 1), atol=1e-9)
    return FlatPage(
        pixels,
        ink_gray(pixels),
        page.to_original @ np.linalg.inv(matrix),
        photographed,
        None if photographed else page.dpi,
    )


def deepen(flat: FlatPage) -> FlatPage:
    """The page with pale ink made as dark as on usual scans, in `gray` alone."""
    return replace(flat, gray=deepened(flat.gray))


def _straightening(
    small: NDArray[np.uint8], outline: Outline | None
) -> tuple[Matrix | None, tuple[float, float]]:
    """Map from the small picture to the straight page and that page's size; None if it is one."""
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    size = (float(gray.shape[1]), float(gray.shape[0]))
    matrix: Matrix | None = None
    if outline is not None:
        size = outline.size
        matrix = rectification(outline.corners, *size)
        gray = _warped(gray, matrix, (round(size[0]), round(size[1])))
    bent, skew = _parallel(page_alone(gray))
    if bent is not None:
        bent, size = _framed(bent, size)
        matrix = bent if matrix is None else bent @ matrix
    if not skew.reliable or abs(skew.degrees) < _LEAST_ANGLE_DEGREES:
        return matrix, size
    turn = rotation(-skew.degrees, *size)
    return (turn if matrix is None else turn @ matrix), size


def _parallel(flat: Gray) -> tuple[Matrix | None, Skew]:
    """Map that makes the page's lines parallel, if that gathers its ink on lines; skew after it."""
    matrix: Matrix | None = None
    skew = measure_skew(flat, flat=True)
    now = flat
    for _ in range(_KEYSTONE_ROUNDS):
        step = keystone(now, skew.degrees) if skew.reliable else None
        if step is None:
            break
        tried = step if matrix is None else step @ matrix
        now = _warped(flat, tried, (flat.shape[1], flat.shape[0]))
        better = measure_skew(now, flat=True)
        if better.sharpness < _LEAST_GAIN * skew.sharpness:
            break
        matrix, skew = tried, better
    return matrix, skew


def _framed(matrix: Matrix, size: tuple[float, float]) -> tuple[Matrix, tuple[float, float]]:
    """The map shifted, and the size of the picture, such that (nearly) all of the frame stays."""
    width, height = size
    frame = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    ends = transformed(matrix, frame)
    slack = _MOST_GROWTH_SHARE * np.array(size)
    low = np.maximum(ends.min(axis=0), -slack)
    high = np.minimum(ends.max(axis=0) + 1, slack + size)
    shift = np.eye(3)
    shift[:2, 2] = -low
    return shift @ matrix, (float(high[0] - low[0]), float(high[1] - low[1]))


def _warped(picture: NDArray[np.uint8], matrix: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    edge = cv2.BORDER_REPLICATE
    if np.allclose(matrix[2], (0, 0, 1)):
        moved = cv2.warpAffine(picture, matrix[:2], size, flags=_LINEAR, borderMode=edge)
    else:
        moved = cv2.warpPerspective(picture, matrix, size, flags=_LINEAR, borderMode=edge)
    return np.asarray(moved, np.uint8)
