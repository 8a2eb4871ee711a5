"""How much print a picture holds, measured in the same way as on the empty forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.imaging.geometry import reduced
from ocr_pipeline.imaging.illumination import flatten_light
from ocr_pipeline.layout.line_maps import Map, ink_map, line_maps
from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout

_WORK_PER_MM = 2.4  # pixels per mm, about 60 dpi: enough for lines and words
_LINES_PER_MM = 4.0  # pixels per mm where thin lines are told from writing
_GAP_MM = 1.8  # between the dots of a leader
_THIN_MM = 1.3  # writing is higher
_LONG_MM = 20.0  # no stroke of a pen is as long
_INK_LEVELS = 45  # grey levels under the paper
_SAME_START_MM = 4.0
_ROW_MM = 2.0
_NOTEBOOK_SHARE = 0.55
_LINE = 0.5  # response of a line that counts
_WORD = 0.3  # response of words that count


@dataclass(frozen=True, slots=True)
class PrintAmount:
    """Areas covered by level lines (rules, leaders) and by words, in mm².

    The empty forms shipped have 1,300–4,800 mm² of lines and 10,600–22,600 mm² of words; a cover
    has 350–410 and 4,000–4,900.
    """

    lines: float
    words: float

    def reaches(self, other: PrintAmount, share: float) -> bool:
        """Whether both areas are at least this share of the other's."""
        return self.lines >= share * other.lines and self.words >= share * other.words


def print_amount(gray: Gray, scale: float) -> PrintAmount:
    """Measure a picture.

    Args:
        gray: (H, W) uint8, in any of the two turns in which its lines are level.
        scale: pixels per mm.

    """
    factor = _WORK_PER_MM / scale
    small = flatten_light(reduced(gray, factor) if factor < 1 else gray)
    work = min(scale, _WORK_PER_MM)
    maps = line_maps(ink_map(small, work), work)
    return PrintAmount(_area(maps.level, _LINE, work), _area(maps.words, _WORD, work))


def least_print(layouts: Sequence[LoadedLayout]) -> PrintAmount:
    """The least lines and the least words that any of the empty forms has."""
    found = [_of_form(loaded) for loaded in layouts]
    return PrintAmount(min(one.lines for one in found), min(one.words for one in found))


def has_form_lines(gray: Gray, scale: float, least_mm: float) -> bool:
    """Whether a picture has the thin lines of a form, and not those of a notebook.

    Handwriting, typed letters and table tops have none, an identity card some 340 mm, a cover 350
    mm, filled-in forms of the samples 1,150 mm and more. Lines of a notebook all begin at
    the same place, with no upright ones between.

    Args:
        gray: (H, W) uint8, lines level.
        scale: pixels per mm.
        least_mm: length of all level lines together.

    """
    level, upright = _thin_lines(gray, scale)
    if level[:, 1].sum() < least_mm:
        return False
    starts = _starts_of_rows(level)
    alike = (np.abs(starts[:, None] - starts) < _SAME_START_MM).mean(axis=1).max()
    return bool(alike < _NOTEBOOK_SHARE or upright[:, 1].sum() > least_mm / 3)


def _starts_of_rows(lines: Floats) -> Floats:
    """Where, in mm, the first line of each row of lines begins: writing breaks lines up."""
    rows: dict[int, float] = {}
    for start, _, place in lines:
        row = round(place / _ROW_MM)
        rows[row] = min(start, rows.get(row, start))
    return np.array(list(rows.values()))


def _thin_lines(gray: Gray, scale: float) -> tuple[Floats, Floats]:
    """Level and upright lines, each as rows (start, length, place across) in mm."""
    factor = _LINES_PER_MM / scale
    small = flatten_light(reduced(gray, factor) if factor < 1 else gray)
    work = min(scale, _LINES_PER_MM)
    ink = (small < 255 - _INK_LEVELS).astype(np.uint8)
    return _long_and_thin(ink, work), _long_and_thin(np.ascontiguousarray(ink.T), work)


def _long_and_thin(ink: NDArray[np.uint8], scale: float) -> Floats:
    gap = np.ones((1, round(_GAP_MM * scale) | 1), np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, gap)  # dots of a leader
    fat = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((round(_THIN_MM * scale), 1), np.uint8))
    # Thickened: a line that is not quite level steps from row to row.
    thin = cv2.dilate(cv2.subtract(joined, fat), np.ones((3, 1), np.uint8))
    long = np.ones((1, round(_LONG_MM * scale)), np.uint8)
    found = cv2.morphologyEx(thin, cv2.MORPH_OPEN, long)
    _, _, stats, _ = cv2.connectedComponentsWithStats(found)
    places = stats[1:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_TOP]]
    return np.asarray(places, np.float64) / scale


@kept_with_layout
def form_lines_mm(loaded: LoadedLayout) -> float:
    """Length of the thin level lines of an empty form in mm."""
    level, _ = _thin_lines(loaded.reference, loaded.layout.reference_dpi / 25.4)
    return float(level[:, 1].sum())


@kept_with_layout
def _of_form(loaded: LoadedLayout) -> PrintAmount:
    return print_amount(loaded.reference, loaded.layout.reference_dpi / 25.4)


def _area(response: Map, least: float, scale: float) -> float:
    return float(np.count_nonzero(response > least)) / scale**2
