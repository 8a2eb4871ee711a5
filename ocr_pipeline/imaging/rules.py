"""Takes printed lines away from under writing: ruled lines and dotted leaders, strokes kept."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.light import Gray

_INK = 50  # grey levels under white
_LEAST_LENGTH = 60  # pixels
_THICKEST = 7  # pixels at 200 dpi: a thicker line is a stroke or an edge
_DOT = 6  # pixels: larger blobs are writing
_DOTS_IN_ROW = 6
_WHITE = 255


def remove_rules(gray: Gray, *, vertical: bool = True) -> Gray:
    """The picture without long thin straight lines; strokes that cross them stay whole.

    Args:
        gray: (H, W) uint8 at about 200 dpi, ink on white paper; a line crop or a page.
        vertical: also lines that run down.

    """
    cleaned = _without_level_rules(gray)
    if vertical:
        cleaned = np.ascontiguousarray(_without_level_rules(np.ascontiguousarray(cleaned.T)).T)
    return cleaned


def remove_leaders(gray: Gray) -> Gray:
    """The picture without rows of dots to write on; dots that touch writing stay with it.

    Args:
        gray: (H, W) uint8 at about 200 dpi, ink on white paper; a line crop or a page.

    """
    ink = np.where(gray < _WHITE - _INK, 255, 0).astype(np.uint8)
    _, labels, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = (stats[:, cv2.CC_STAT_WIDTH] <= _DOT) & (stats[:, cv2.CC_STAT_HEIGHT] <= _DOT)
    small[0] = False
    candidates = np.flatnonzero(small)
    keep = _in_rows(np.asarray(middles[candidates], np.float64))
    dots = np.zeros(len(stats), bool)
    dots[candidates[keep]] = True
    mask = np.where(dots[labels], 255, 0).astype(np.uint8)
    result = gray.copy()
    result[cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0] = _WHITE
    return result


def _without_level_rules(gray: Gray) -> Gray:
    height, width = gray.shape
    if min(height, width) < 3:
        return gray
    ink = np.where(gray < _WHITE - _INK, 255, 0).astype(np.uint8)
    length = max(_LEAST_LENGTH, width // 12)
    if width < length:
        return gray
    bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    rules = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    if not rules.any():
        return gray
    rules = _thin_only(rules)
    band = cv2.dilate(rules, np.ones((3, 5), np.uint8))
    crossing = _crossing(cv2.subtract(ink, band), band)
    result = gray.copy()
    result[(band > 0) & (crossing == 0)] = _WHITE
    return result


def _thin_only(rules: NDArray[np.uint8]) -> NDArray[np.uint8]:
    thick = cv2.morphologyEx(rules, cv2.MORPH_OPEN, np.ones((_THICKEST + 1, 1), np.uint8))
    return np.asarray(cv2.subtract(rules, thick), np.uint8)


def _crossing(rest: NDArray[np.uint8], band: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Parts of the band between ink that touches it from above and from below."""
    reach = np.ones((_THICKEST + 4, 1), np.uint8)
    anchor = (0, 0)
    from_above = cv2.dilate(rest, reach, anchor=(0, _THICKEST + 3))
    from_below = cv2.dilate(rest, reach, anchor=anchor)
    slanted = np.ones((1, 5), np.uint8)
    both = cv2.bitwise_and(cv2.dilate(from_above, slanted), cv2.dilate(from_below, slanted))
    return np.asarray(cv2.bitwise_and(both, band), np.uint8)


def _in_rows(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which dots stand in a row of at least six, closely and evenly spaced."""
    keep = np.zeros(len(points), bool)
    if len(points) < _DOTS_IN_ROW:
        return keep
    order = np.lexsort((points[:, 0], np.round(points[:, 1] / 3)))
    run = [int(order[0])]
    for index in [*map(int, order[1:]), -1]:
        here, last = points[index], points[run[-1]]
        joined = index >= 0 and abs(here[1] - last[1]) <= 3 and 0 < here[0] - last[0] <= 24
        if joined:
            run.append(index)
            continue
        if len(run) >= _DOTS_IN_ROW:
            keep[run] = True
        run = [index]
    return keep
