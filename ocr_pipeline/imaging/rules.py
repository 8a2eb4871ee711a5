"""Takes lines to write on away from under writing: ruled lines and dotted leaders, strokes kept."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.light import Gray

Mask = NDArray[np.uint8]

_WHITE = 255
_INK = 50  # grey levels under white
_LEAST_LENGTH = 80  # pixels, 10 mm: longer than any straight stroke of a letter
_LEAST_SHARE = 0.12  # of the picture's width: on a page, letters of a title are long too
_GAP = 5  # pixels: breaks of a worn line
_THICKEST = 7  # pixels: a thicker line is an edge or a bar
_DOT_HEIGHT, _DOT_WIDTH = 7, 30  # pixels: dots, dashes and dots run together
_DOT_GAP = 25  # pixels from dot to dot
_DOTS_IN_ROW = 6
_STRAIGHT = 1.6  # pixels that dots of one leader stray from a straight line


def remove_rules(gray: Gray, *, vertical: bool = True) -> Gray:
    """The picture without long thin straight lines; strokes that cross or touch them stay.

    Args:
        gray: (H, W) uint8 at about 200 dpi, ink dark on white; a line crop or a page, turned by
            at most about 1°.
        vertical: also lines that run down.

    """
    cleaned = _without_level_rules(gray)
    if vertical:
        cleaned = np.ascontiguousarray(_without_level_rules(np.ascontiguousarray(cleaned.T)).T)
    return cleaned


def remove_leaders(gray: Gray) -> Gray:
    """The picture without rows of dots or dashes to write on; those grown into writing stay.

    Args:
        gray: (H, W) uint8 at about 200 dpi, ink dark on white; a line crop or a page.

    """
    if gray.size == 0:
        return gray
    _, labels, stats, middles = cv2.connectedComponentsWithStats(_ink(gray), connectivity=8)
    small = (stats[:, cv2.CC_STAT_WIDTH] <= _DOT_WIDTH) & (
        stats[:, cv2.CC_STAT_HEIGHT] <= _DOT_HEIGHT
    )
    small[0] = False
    dots = np.flatnonzero(small)
    if len(dots) < _DOTS_IN_ROW:
        return gray
    leader = np.zeros(len(stats), bool)
    leader[dots[_in_rows(np.asarray(middles[dots], np.float64), small[labels])]] = True
    return _whitened(gray, np.where(leader[labels], 255, 0).astype(np.uint8))


def _ink(gray: Gray) -> Mask:
    return np.where(gray < _WHITE - _INK, 255, 0).astype(np.uint8)


def _whitened(gray: Gray, mask: Mask) -> Gray:
    """White where the mask is, and on its blurred rim."""
    result = gray.copy()
    result[cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0] = _WHITE
    return result


def _without_level_rules(gray: Gray) -> Gray:
    height, width = gray.shape
    length = max(_LEAST_LENGTH, round(_LEAST_SHARE * width))
    if height < 3 or width < length:
        return gray
    ink = _ink(gray)
    bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    rules = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    # Worn ends are shorter than the opening lets through.
    rules = cv2.bitwise_and(cv2.dilate(rules, np.ones((1, length // 4), np.uint8)), bridged)
    bars = cv2.morphologyEx(rules, cv2.MORPH_OPEN, np.ones((_THICKEST + 1, 1), np.uint8))
    thin = np.asarray(cv2.subtract(rules, bars), np.uint8)
    if not thin.any():
        return gray
    thickness = _thickness(thin)
    # Ink that goes on above or below the line is a stroke: it stays, with the line's bit in it.
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thickness + 3, 1), np.uint8))
    band = cv2.bitwise_and(cv2.dilate(thin, np.ones((3, 1), np.uint8)), ink)
    kept = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
    return _whitened(gray, np.asarray(cv2.subtract(band, kept), np.uint8))


def _thickness(rules: Mask) -> int:
    """Usual height in pixels of the lines in a mask."""
    columns = np.count_nonzero(rules, axis=0)
    starts = np.count_nonzero((rules[1:] > 0) & (rules[:-1] == 0), axis=0) + (rules[0] > 0)
    some = starts > 0
    return round(float(np.median(columns[some] / starts[some])))


def _in_rows(points: NDArray[np.float64], dots: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which dots (middles x, y; their pixels) stand close together on a straight level line."""
    near = cv2.dilate(dots.astype(np.uint8), np.ones((3, _DOT_GAP), np.uint8))
    _, rows = cv2.connectedComponents(near, connectivity=8)
    columns, lines = points.round().astype(int).T
    row_of = rows[lines, columns]
    keep = np.zeros(len(points), bool)
    for row in np.flatnonzero(np.bincount(row_of) >= _DOTS_IN_ROW):
        members = np.flatnonzero((row_of == row) & (row > 0))
        keep[members] = _straight(points[members])
    return keep


def _straight(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie on the level line that most of them share; none if fewer than a row do."""
    x, y = points.T
    good = np.abs(y - np.median(y)) < 3 * _STRAIGHT + 0.02 * np.ptp(x) if len(points) else y > 0
    for _ in range(2):
        if np.count_nonzero(good) < _DOTS_IN_ROW:
            return np.zeros(len(points), bool)
        slope, middle = np.polyfit(x[good], y[good], 1)
        good = np.abs(y - slope * x - middle) < _STRAIGHT
    return good if np.count_nonzero(good) >= _DOTS_IN_ROW else np.zeros(len(points), bool)
