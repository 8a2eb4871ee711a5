"""Tick boxes: which of a field's options is ticked, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.field_crops import SCALE, TICK_MARGIN_MM

TICK_MARGIN_PIXELS = round(TICK_MARGIN_MM * SCALE)

_CONTRAST_LEVELS = 30  # grey levels under the paper that count as ink at least
_DARK_SHARE = 0.35  # of the way from paper to outline: shadows and smudges are lighter
_RULE_SHARE = 0.75  # of the box's side: a printed outline is an unbroken line of this length
_THICKEST_SHARE = 0.3  # of the box's side: a printed outline is thinner
_STRETCH_SHARE = 0.15  # of the box's side: print is drawn larger or smaller than the form by this
_EDGE_PIXELS = 6  # what the search for lines adds to both sides of a broad one
_WITHOUT_OUTLINE = 0.6  # certainty that is left where none is found: what lies there may be print
SUREST_WITHOUT_OUTLINE = 0.5 + 0.5 * _WITHOUT_OUTLINE
"""Highest probability of a reading of boxes of which one was not found."""

_NONE, _FULL = 0.02, 0.10  # share of ink in that part: certainly no tick; certainly one


@dataclass(frozen=True, slots=True)
class TickReading:
    """What a field's boxes say.

    Attributes:
        values: values of the boxes taken as ticked, in the order given.
        probability: that exactly these are ticked, 0–1 (not calibrated).
        marks: for each box the probability that it is ticked.

    """

    values: tuple[str, ...]
    probability: float
    marks: tuple[float, ...]


def read_ticks(
    boxes: Sequence[Gray], values: Sequence[str], margin: int = TICK_MARGIN_PIXELS
) -> TickReading:
    """Decide which boxes are ticked.

    Args:
        boxes: one grey picture a box, dark on light; the box may lie up to `margin` off the
            middle, and the tick may leave it. A box without its outline is never sure.
        values: the value that each box stands for.
        margin: pixels around the box in its picture.

    """
    marks = tuple(_mark(box, margin) for box in boxes)
    chosen = tuple(v for v, mark in zip(values, marks, strict=True) if mark >= 0.5)
    sure = float(np.prod([max(mark, 1 - mark) for mark in marks])) if marks else 1.0
    return TickReading(chosen, sure, marks)


def _mark(box: Gray, margin: int) -> float:
    """Probability that a box is ticked."""
    height, width = box.shape
    side = min(height, width) - 2 * margin
    if side < 6:
        return 0.5 - 0.5 * _WITHOUT_OUTLINE
    paper = float(np.percentile(box, 75))
    dark = float(np.percentile(box, 2))
    mask = box < paper - max(_CONTRAST_LEVELS, _DARK_SHARE * (paper - dark))
    rows = _inside(_outline(mask, side, axis=1), side)
    columns = _inside(_outline(mask, side, axis=0), side)
    middle = slice(margin, margin + side)
    inner = mask[rows or middle, columns or middle].astype(np.uint8)
    solid = cv2.morphologyEx(inner, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    mark = _probability(float(solid.mean()) if solid.size else 0.0)
    return mark if rows and columns else 0.5 + (mark - 0.5) * _WITHOUT_OUTLINE


def _outline(mask: npt.NDArray[np.bool_], side: int, axis: int) -> npt.NDArray[np.bool_]:
    """Rows (axis 1) or columns (axis 0) that belong to a printed line, its grey edges included.

    A tick is slanted or curved and never fills one.
    """
    length = max(int(_RULE_SHARE * side), 5)
    kernel = np.ones((1, length) if axis == 1 else (length, 1), np.uint8)
    across = np.ones((3, 1) if axis == 1 else (1, 3), np.uint8)  # a line may be a little aslant
    thick = cv2.dilate(mask.astype(np.uint8), across)
    runs = cv2.morphologyEx(
        thick, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    ).any(axis=axis)
    wide = np.convolve(np.asarray(runs).astype(np.uint8), np.ones(3, np.uint8), mode="same") > 0
    return np.asarray(wide)


def _inside(lines: npt.NDArray[np.bool_], side: int) -> slice | None:
    """What lies between two lines as far apart as the box is large; None where there are none.

    A box filled up to its outline is one broad line of that size. Of several places the one next
    to the middle of the picture counts: the box should lie there.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], lines.astype(np.int8), [0]))))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    thin = [run for run in runs if run[1] - run[0] <= max(_THICKEST_SHARE * side, 3)]
    least, most = (1 - _STRETCH_SHARE) * side, (1 + _STRETCH_SHARE) * side
    places = [run for run in runs if least <= run[1] - run[0] <= most + _EDGE_PIXELS]
    places += [
        (first[1], second[0])
        for first in thin
        for second in thin
        if least <= (sum(second) - sum(first)) / 2 <= most
    ]
    if not places:
        return None
    return slice(*min(places, key=lambda place: abs(sum(place) - len(lines))))


def _probability(share: float) -> float:
    """From the share of ink to the probability of a tick: flat ends, a steep slope between."""
    middle = (_NONE + _FULL) / 2
    slope = 6.0 / (_FULL - _NONE)
    return float(np.clip(1 / (1 + np.exp(-slope * (share - middle))), 0.003, 0.997))
