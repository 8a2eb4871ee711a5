"""The door of this room: a scanned or photographed page becomes flat, straight and even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.content import page_content
from ocr_pipeline.imaging.geometry import Matrix, fitted, rectification, rotation, scaling
from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.imaging.light import Gray
from ocr_pipeline.imaging.outline import Outline, find_page
from ocr_pipeline.imaging.skew import Skew, estimate_quarter_turn, measure_skew

__all__ = ["FlatPage", "estimate_quarter_turn", "flatten", "page_content"]

_LEAST_ANGLE = 0.06  # degrees; less is left alone, resampling would only blur
_SMALL = 1400
_LINEAR = cv2.INTER_LINEAR


class Page(Protocol):
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


def flatten(page: Page) -> FlatPage:
    """Cut a photographed page out of its surroundings, straighten it, remove uneven light.

    A page without a reliable outline keeps its frame and is only turned straight (to < 0.2°,
    from up to 20°); a clean, straight flatbed page keeps its pixels.

    Args:
        page: pixels, resolution and the way back to the original.

    """
    outline = find_page(page.pixels)
    matrix, size = _to_rectangle(page.pixels, outline)
    skew = _skew_after(page.pixels, matrix, size)
    turning = skew.reliable and abs(skew.degrees) >= _LEAST_ANGLE
    if turning:
        matrix = rotation(-skew.degrees, *size) @ matrix
    pixels = _warped(page.pixels, matrix, size) if turning or outline else page.pixels
    photographed = outline is not None and outline.perspective
    return FlatPage(
        pixels,
        ink_gray(pixels),
        page.to_original @ np.linalg.inv(matrix),
        photographed,
        None if photographed else page.dpi,
    )


def _to_rectangle(
    pixels: NDArray[np.uint8], outline: Outline | None
) -> tuple[Matrix, tuple[int, int]]:
    """Map from the picture to the rectified page, and that page's width and height."""
    if outline is None:
        return np.eye(3), (pixels.shape[1], pixels.shape[0])
    width, height = outline.size
    return rectification(outline.corners, width, height), (width, height)


def _skew_after(pixels: NDArray[np.uint8], matrix: Matrix, size: tuple[int, int]) -> Skew:
    """Skew of the page that `matrix` will give, measured on a small grey version of it."""
    factor = min(1.0, _SMALL / max(size))
    small_size = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    shrunk, shrink = fitted(gray, round(max(gray.shape) * factor))
    back = scaling(shrunk.shape[1] / gray.shape[1], shrunk.shape[0] / gray.shape[0])
    there = scaling(small_size[0] / size[0], small_size[1] / size[1])
    if np.allclose(matrix, np.eye(3)):
        return measure_skew(shrunk)
    small = cv2.warpPerspective(
        shrunk,
        there @ matrix @ np.linalg.inv(back),
        small_size,
        flags=_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return measure_skew(np.asarray(small, np.uint8))


def _warped(pixels: NDArray[np.uint8], matrix: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    warp = cv2.warpPerspective
    if np.allclose(matrix[2], (0, 0, 1)):
        affine = cv2.warpAffine(
            pixels, matrix[:2], size, flags=_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(affine, np.uint8)
    flat = warp(pixels, matrix, size, flags=_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)
