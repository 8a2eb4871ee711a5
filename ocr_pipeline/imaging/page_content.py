"""Whether a page holds writing at all, or is a blank side or a book's cover."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.illumination import flatten_light

Content = Literal["content", "blank", "cover"]

_LONG_SIDE_PIXELS = 1000  # pixels: 0.3 mm each on A4
_EDGE_SHARE = 0.04  # of each side left out: shadows of the fold, holes, lid
_INK_LEVELS = 45  # grey levels under the paper; writing that shines through stays above
_SPECK_PIXELS = 3  # pixels: smaller both ways is dirt
_BLANK_INK_SHARE = 0.0004  # of the page
_TITLE_LETTERS = 10  # capitals in one row that make a title
_ALIKE = 0.15  # capitals of one row differ in height by less than this part of it
_BOLD_SHARE = 0.35  # of a letter's box is ink: titles are set bold, pens write thin
_TITLE_HEIGHT_SHARE = (0.014, 0.08)  # of the longer side
_SMALL_HEIGHT_SHARE = 0.011  # of the longer side: letters of a form's captions are lower
_MOST_SMALL = 150  # a page with more small marks than this is no cover


def page_content(gray: Gray) -> Content:
    """What a page is: blank (no ink but specks), cover (a title and little else), or content.

    Doubtful pages are content: a page taken for content in error is seen by a person, a page
    taken for blank in error would be lost.

    Args:
        gray: (H, W) uint8 page, ink dark on light paper.

    """
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    boxes = _marks(flatten_light(small))
    if boxes[:, cv2.CC_STAT_AREA].sum() < _BLANK_INK_SHARE * small.size:
        return "blank"
    side = max(small.shape)
    low = boxes[:, cv2.CC_STAT_HEIGHT] < _SMALL_HEIGHT_SHARE * side
    if np.count_nonzero(low) <= _MOST_SMALL and _has_title(boxes, side):
        return "cover"
    return "content"


def _marks(flat: Gray) -> NDArray[np.int32]:
    """Left, top, width, height and area of each mark on the page that is no speck."""
    top, left = (round(side * _EDGE_SHARE) for side in flat.shape)
    inner = flat[top : flat.shape[0] - top, left : flat.shape[1] - left]
    ink = np.where(inner < 255 - _INK_LEVELS, 255, 0).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = np.asarray(stats[1:], np.int32)
    real = np.maximum(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]) > _SPECK_PIXELS
    # What reaches the margin comes from outside: shadows, the table, the facing page.
    ends = boxes[:, :2] + boxes[:, 2:4]
    inside = (boxes[:, :2] > 0).all(axis=1) & (ends < (ink.shape[1], ink.shape[0])).all(axis=1)
    return boxes[real & inside]


def _has_title(boxes: NDArray[np.int32], side: int) -> bool:
    """Whether a row of large bold capitals, alike in height and on one line, is among the marks."""
    _, top, width, height, area = boxes.astype(np.float64).T
    large = (height >= _TITLE_HEIGHT_SHARE[0] * side) & (height <= _TITLE_HEIGHT_SHARE[1] * side)
    bottom, height, fill = (top + height)[large], height[large], (area / (width * height))[large]
    for line, tall in zip(bottom, height, strict=True):
        row = (np.abs(height - tall) < _ALIKE * tall) & (np.abs(bottom - line) < _ALIKE * tall)
        if np.count_nonzero(row) >= _TITLE_LETTERS and np.median(fill[row]) >= _BOLD_SHARE:
            return True
    return False
