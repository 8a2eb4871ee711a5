"""Where red stamps are on a page; red words and numbers are left alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.geometry import shrunk

_SMALL_PIXELS = 900  # longer side in pixels; stamps are large and JPEG colour is coarse anyway
_REDNESS_LEVELS = (
    32  # grey levels by which red exceeds green and blue, beyond what the paper's tint does
)
_GAP_SHARE = 0.012  # of the longer side: parts of one stamp lie closer than this
_HEIGHT = (
    0.05  # of the longer side (15 mm on A4): a stamp is larger than this both ways, words are not
)
_LEAST_INK_SHARE = 0.0006  # of the page


def stamp_mask(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Mask (0 or 255, at most 900 pixels long) of the neighbourhood of red stamps; None without.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    """
    small, _ = shrunk(pixels, _SMALL_PIXELS)
    red, green, blue = cv2.split(small)
    redness = np.asarray(cv2.subtract(red, cv2.max(green, blue)), np.uint8)
    tint = int(np.median(redness[::4, ::4]))
    mask = np.where(redness > tint + _REDNESS_LEVELS, 255, 0).astype(np.uint8)
    if np.count_nonzero(mask) < _LEAST_INK_SHARE * mask.size:
        return None
    stamps = _large_groups(mask)
    if not stamps.any():
        return None
    return np.asarray(cv2.dilate(stamps, np.ones((5, 5), np.uint8)), np.uint8)


def _large_groups(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The red pixels of groups that are large both ways, or that the page's edge cuts."""
    side = max(mask.shape)
    gap = max(3, round(_GAP_SHARE * side) | 1)
    grouped = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(grouped, connectivity=8)
    height, width = mask.shape
    keep = np.zeros(len(stats), bool)
    for label, (x, y, w, h, _area) in enumerate(stats[1:], start=1):
        at_edge = x <= 2 or y <= 2 or x + w >= width - 2 or y + h >= height - 2
        keep[label] = min(w, h) >= _HEIGHT * side or (at_edge and max(w, h) >= _HEIGHT * side)
    # Everything red near a stamp belongs to it: its broken outline, the signature's red shadow.
    return np.where(keep[labels] & (grouped > 0), 255, 0).astype(np.uint8)
