"""A page cut out along four corners that a person gave, instead of an outline that was found."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.imaging.flat_page import FlatPage, ScannedPage
from ocr_pipeline.imaging.geometry import Quad, rectification
from ocr_pipeline.imaging.ink import ink_gray

_MARGIN_MM = 12.0  # around the page: people miss a corner by a few millimetres
_MOST_PER_MM = 300 / 25.4  # pixels; more helps nobody, crops are read at 200 dpi
_LEAST_PER_MM = 100 / 25.4  # registration needs 100 dpi
_LEAST_SHARE = 0.02  # of the picture that a page takes up
_BEYOND_SHARE = 0.5  # of the picture's sides: corners of cut-off pages lie outside it


@dataclass(frozen=True, slots=True)
class CutOut:
    """A page between given corners, made straight.

    Attributes:
        flat: the page and a margin around it, lying as in the picture (not turned upright).
        turn: degrees clockwise (0, 90, 180, 270) that bring `flat` upright.
        scale: its pixels per mm.
        offset: pixel (x, y) of the page's top left corner once it is upright.

    """

    flat: FlatPage
    turn: int
    scale: float
    offset: tuple[float, float]


def plausible(corners: Quad, width: int, height: int) -> bool:
    """Whether (4, 2) corners go clockwise around a page in (or a little beyond) the picture."""
    beyond = _BEYOND_SHARE * np.array([width, height])
    if not np.isfinite(corners).all():
        return False
    if (corners < -beyond).any() or (corners > beyond + (width, height)).any():
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    bends = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    area = cv2.contourArea(corners.astype(np.float32))
    return bool((bends > 0).all()) and area > _LEAST_SHARE * width * height


def cut_out(page: ScannedPage, corners: Quad, size_mm: tuple[float, float]) -> CutOut:
    """Cut a page out along given corners and remove perspective.

    Args:
        page: the whole picture.
        corners: (4, 2) x, y in pixels of `page.pixels`, clockwise from the corner where the form
            begins as it reads (its top left), whichever way it lies in the picture.
        size_mm: width and height of the upright page in mm.

    Raises:
        ValueError: the corners are not those of a page (see `plausible`).

    """
    height, width = page.pixels.shape[:2]
    if not plausible(corners, width, height):
        raise ValueError("these are not the corners of a page, clockwise")
    turn = _turn(corners)
    quad = np.roll(corners, -(turn // 90), axis=0)
    lying = size_mm if turn % 180 == 0 else (size_mm[1], size_mm[0])
    scale = _scale(quad, lying)
    margin = round(_MARGIN_MM * scale)
    inner = (round(lying[0] * scale), round(lying[1] * scale))
    matrix = rectification(quad, *inner)
    matrix = np.array([[1.0, 0, margin], [0, 1, margin], [0, 0, 1]]) @ matrix
    size = (inner[0] + 2 * margin, inner[1] + 2 * margin)
    pixels = np.asarray(
        cv2.warpPerspective(
            page.pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
    back = page.to_original @ np.linalg.inv(matrix)
    flat = FlatPage(pixels, ink_gray(pixels), back, photographed=True)
    return CutOut(flat, turn, scale, (float(margin), float(margin)))


def _turn(corners: Quad) -> int:
    """Degrees clockwise that bring a page upright whose corners begin at its own top left."""
    along = corners[1] - corners[0] + corners[2] - corners[3]
    lies = np.degrees(np.arctan2(along[1], along[0]))  # clockwise on the screen: y goes down
    return int(-round(lies / 90) * 90 % 360)


def _scale(quad: Quad, size_mm: tuple[float, float]) -> float:
    """Pixels per mm that keep what the sharper part of the page shows, within limits."""
    sides = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    across = max(sides[0], sides[2]) / size_mm[0]
    down = max(sides[1], sides[3]) / size_mm[1]
    return float(np.clip(max(across, down), _LEAST_PER_MM, _MOST_PER_MM))
