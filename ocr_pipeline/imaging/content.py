"""Whether a page holds writing at all, or is a blank side or a book's cover."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.light import Gray, flatten_light

Content = Literal["content", "blank", "cover"]

_LONG_SIDE = 1000  # pixels: 0.3 mm each on A4
_EDGE = 0.04  # of each side left out: shadows of the fold, holes, lid
_INK = 45  # grey levels under the paper; writing that shines through stays above
_SPECK = 3  # pixels: smaller both ways is dirt
_BLANK_INK = 0.0004  # of the page
_TITLE_LETTERS = 8  # large letters in one row that make a title
_TITLE_HEIGHT = (0.014, 0.08)  # of the longer side
_SMALL_HEIGHT = 0.011  # of the longer side: letters of a form's captions are lower
_MOST_SMALL = 150  # a page with more small marks than this is no cover


def page_content(gray: Gray) -> Content:
    """What a page is: blank (no ink but specks), cover (a title and little else), or content.

    Doubtful pages are content: a page taken for content in error is seen by a person, a page
    taken for blank in error would be lost.

    Args:
        gray: (H, W) uint8 page, ink dark on light paper.

    """
    small, _ = shrunk(gray, _LONG_SIDE)
    heights, rows, areas, marks = _marks(flatten_light(small))
    if areas.sum() < _BLANK_INK * small.size:
        return "blank"
    side = max(small.shape)
    if marks <= _MOST_SMALL and _has_title(heights / side, rows / side):
        return "cover"
    return "content"


def _marks(
    flat: Gray,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int]:
    """Heights, middles and areas of marks that are no specks; number of low ones."""
    top, left = (round(side * _EDGE) for side in flat.shape)
    inner = flat[top : flat.shape[0] - top, left : flat.shape[1] - left]
    ink = np.where(inner < 255 - _INK, 255, 0).astype(np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stats, middles = stats[1:], middles[1:]
    real = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) > _SPECK
    # What reaches the margin comes from outside: shadows, the table, the facing page.
    ends = stats[:, :2] + stats[:, 2:4]
    inside = (stats[:, :2] > 0).all(axis=1) & (ends < (ink.shape[1], ink.shape[0])).all(axis=1)
    stats, middles = stats[real & inside], middles[real & inside]
    heights = stats[:, cv2.CC_STAT_HEIGHT].astype(np.float64)
    low = int(np.count_nonzero(heights < _SMALL_HEIGHT * max(flat.shape)))
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    return heights, np.asarray(middles[:, 1], np.float64), areas, low


def _has_title(heights: NDArray[np.float64], rows: NDArray[np.float64]) -> bool:
    """Whether a row of large letters of like height is among the marks (all in page heights)."""
    large = (heights >= _TITLE_HEIGHT[0]) & (heights <= _TITLE_HEIGHT[1])
    heights, rows = heights[large], rows[large]
    for height, row in zip(heights, rows, strict=True):
        alike = np.abs(heights - height) < 0.25 * height
        if np.count_nonzero(alike & (np.abs(rows - row) < 0.4 * height)) >= _TITLE_LETTERS:
            return True
    return False
