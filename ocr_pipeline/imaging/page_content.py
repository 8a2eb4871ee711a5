"""Whether a page holds writing at all, or is a blank side or a book's cover."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.illumination import flatten_light

Content = Literal["content", "blank", "cover", "pale", "faint", "dark"]

_LONG_SIDE_PIXELS = 1000  # pixels: 0.3 mm each on A4
_A4_HEIGHT_MM = 297.0
_EDGE_SHARE = 0.04  # of each side left out: shadows of the fold, holes, lid
_INK_LEVELS = 45  # grey levels under the paper; writing that shines through stays above
_SPECK_PIXELS = 3  # pixels: smaller both ways is dirt
_BLANK_INK_SHARE = 0.0004  # of the page
_DARK_SHARE = 0.5  # of the page darker than paper: nothing was seen of it
_TITLE_LETTERS = 10  # capitals in one row that make a title
_ALIKE = 0.15  # capitals of one row differ in height by less than this part of it
_BOLD_SHARE = 0.35  # of a letter's box is ink: titles are set bold, pens write thin
_TITLE_HEIGHT_SHARE = (0.014, 0.08)  # of the longer side
_SMALL_HEIGHT_SHARE = 0.011  # of the longer side: letters of a form's captions are lower
_MOST_SMALL = 150  # a page with more small marks than this is no cover
_MOST_ROWS = 8  # of print on a cover; a form has 13 and more even with its lower half cut off
_MOST_COVER_ROWS = 16  # with rules, a frame and blanks for dates; drawn ones have up to 11
_ROW_SHARE = 0.25  # of the page's width that a row of print reaches at least
_ROW_GAP_MM = 6.0  # between words and the dots of a leader
_ROW_STEP_MM = 2.5  # rows lie further apart than this
# Paper is flattened to a little above white, so its grain only shows where it is coarse. Stains of
# 12 levels, 0.6 mm across, stay below what is pale; print at a fifth of its contrast stands above.
_PALE_LEVELS = (10, 5)  # at least, and beside the noise
_FAINT_LEVELS = (4, 3)  # print at a tenth of its contrast
_NOISES = 6  # standard deviations of the bare paper
_TILE_PIXELS = 20
_BARE_PERCENT = 30  # of the tiles of a page hold no writing
_LONGEST = 6  # times as long as wide: folds, edges and rules say nothing of writing
_LEAST_EDGE = 0.15  # of a mark's depth from one pixel to the next; stains fade out more slowly


def page_content(gray: Gray) -> Content:
    """What a page looks like: `content`, `blank`, `cover`, or what more than a look must tell.

    Doubtful pages are content: a page taken for content in error is seen by a person, a page
    taken for blank in error would be lost. All but `content` and `blank` are what the page is
    only if no form lies on it: forms have titles, and are found where the eye hardly sees them.

    Args:
        gray: (H, W) uint8 page, ink dark on light paper.

    Returns:
        `blank`: nothing but specks, stains and folds stands out of the paper's own noise.
        `cover`: a title and little else. `pale`: marks too pale for ink, but clear of the noise.
        `faint`: as `pale`, but so pale that nobody would see it. `dark`: no paper is seen.

    """
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    flat = flatten_light(small)
    marks = _marks(flat, _INK_LEVELS)
    if not _enough(marks, flat):
        return _without_ink(flat)
    return "cover" if _is_cover(marks, flat, _INK_LEVELS) else "content"


def may_be_cover(gray: Gray) -> bool:
    """Whether a page has a title and so little print that it is worth being read as a cover.

    More pages than `page_content` calls covers: those with a frame, and blanks for the days on
    which the book was opened and closed.

    Args:
        gray: (H, W) uint8 page, ink dark on light paper.

    """
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    flat = flatten_light(small)
    return _is_cover(_marks(flat, _INK_LEVELS), flat, _INK_LEVELS, _MOST_COVER_ROWS)


def _without_ink(flat: Gray) -> Content:
    """What a page without ink of the usual depth is, measured by its own noise."""
    if np.count_nonzero(flat < 255 - _INK_LEVELS) > _DARK_SHARE * flat.size:
        return "dark"
    noise = _NOISES * _noise(flat)
    pale, faint = (
        max(least, round(beside + noise)) for least, beside in (_PALE_LEVELS, _FAINT_LEVELS)
    )
    marks = _pale_marks(flat, pale)
    if _enough(marks, flat):
        return "cover" if _is_cover(marks, flat, pale) else "pale"
    return "faint" if _enough(_pale_marks(flat, faint), flat) else "blank"


def _noise(flat: Gray) -> float:
    """Standard deviation of the bare paper, in grey levels."""
    rows, columns = (side // _TILE_PIXELS for side in flat.shape)
    if not rows or not columns:
        return 0.0
    whole = flat[: rows * _TILE_PIXELS, : columns * _TILE_PIXELS].astype(np.float32)
    tiles = whole.reshape(rows, _TILE_PIXELS, columns, _TILE_PIXELS)
    return float(np.percentile(tiles.std(axis=(1, 3)), _BARE_PERCENT))


def _enough(marks: NDArray[np.int32], flat: Gray) -> bool:
    """Whether the marks are more than a blank page has."""
    return bool(marks[:, cv2.CC_STAT_AREA].sum() >= _BLANK_INK_SHARE * flat.size)


def _marks(flat: Gray, levels: int) -> NDArray[np.int32]:
    """Left, top, width, height and area of each mark on the page that is no speck."""
    boxes, _ = _labelled(_inner(flat), levels)
    return boxes[_real(boxes, flat)]


def _pale_marks(flat: Gray, levels: int) -> NDArray[np.int32]:
    """As `_marks`, without what may be stains, folds and edges of paper."""
    inner = _inner(flat)
    boxes, labels = _labelled(inner, levels)
    sides = np.sort(boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1], axis=1)
    compact = sides[:, 1] <= _LONGEST * sides[:, 0]
    clear = _edges(inner, labels, len(boxes)) >= _LEAST_EDGE
    return boxes[_real(boxes, flat) & compact & clear]


def _inner(flat: Gray) -> Gray:
    """The page without its edges."""
    top, left = (round(side * _EDGE_SHARE) for side in flat.shape)
    return flat[top : flat.shape[0] - top, left : flat.shape[1] - left]


def _labelled(inner: Gray, levels: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Left, top, width, height and area of each mark; the number of its mark at each pixel."""
    ink = np.where(inner < 255 - levels, 255, 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return np.asarray(stats[1:], np.int32), np.asarray(labels, np.int32)


def _real(boxes: NDArray[np.int32], flat: Gray) -> NDArray[np.bool_]:
    """Which marks are no specks, and do not come from outside the page."""
    height, width = _inner(flat).shape
    large = np.maximum(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]) > _SPECK_PIXELS
    # What reaches the margin comes from outside: shadows, the table, the facing page.
    ends = boxes[:, :2] + boxes[:, 2:4]
    inside = (boxes[:, :2] > 0).all(axis=1) & (ends < (width, height)).all(axis=1)
    return np.asarray(large & inside, np.bool_)


def _edges(inner: Gray, labels: NDArray[np.int32], number: int) -> NDArray[np.float64]:
    """Steepest step from pixel to pixel within each mark, as a share (0–1) of its depth."""
    depth = 255.0 - inner.astype(np.float32)
    across, down = (cv2.Sobel(depth, cv2.CV_32F, *way) / 8 for way in ((1, 0), (0, 1)))
    steepest, deepest = np.zeros(number + 1), np.ones(number + 1)
    np.maximum.at(steepest, labels.ravel(), np.hypot(across, down).ravel())
    np.maximum.at(deepest, labels.ravel(), depth.ravel())
    return np.asarray((steepest / deepest)[1:], np.float64)


def _is_cover(
    marks: NDArray[np.int32], flat: Gray, levels: int, most_rows: int = _MOST_ROWS
) -> bool:
    """Whether there is a title and hardly anything else, no form with its rows of print."""
    side = max(flat.shape)
    low = marks[:, cv2.CC_STAT_HEIGHT] < _SMALL_HEIGHT_SHARE * side
    few = np.count_nonzero(low) <= _MOST_SMALL and _has_title(marks, side)
    return few and _rows(flat, levels) <= most_rows


def _rows(flat: Gray, levels: int) -> int:
    """How many long rows of print, leaders or rules are on the page, one above the other."""
    per_mm = max(flat.shape) / _A4_HEIGHT_MM
    ink = np.where(flat < 255 - levels, 255, 0).astype(np.uint8)
    gap = np.ones((1, max(3, round(_ROW_GAP_MM * per_mm))), np.uint8)
    run = np.ones((1, max(3, round(_ROW_SHARE * flat.shape[1]))), np.uint8)
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, gap)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(closed, cv2.MORPH_OPEN, run))
    found = stats[1:]
    middles = np.sort(found[:, cv2.CC_STAT_TOP] + found[:, cv2.CC_STAT_HEIGHT] / 2)
    rows, last = 0, -np.inf
    for middle in middles:
        if middle - last > _ROW_STEP_MM * per_mm:
            rows, last = rows + 1, middle
    return rows


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
