"""Tick boxes: which of a field's options is ticked, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray

_CONTRAST_LEVELS = 30  # grey levels under the paper that count as ink at least
_DARK_SHARE = 0.35  # of the way from paper to outline: shadows and smudges are lighter
_RULE_SHARE = 0.5  # of a row or column: a printed outline fills more of its length than this
_THICKEST_SHARE = 0.2  # of the picture's side: a printed outline is thinner
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


def read_ticks(boxes: Sequence[Gray], values: Sequence[str]) -> TickReading:
    """Decide which boxes are ticked.

    Args:
        boxes: one grey picture a box, dark on light, with or without its outline; it may lie a
            little off the box, and the tick may leave the box.
        values: the value that each box stands for.

    """
    marks = tuple(_probability(ink_share(box)) for box in boxes)
    chosen = tuple(v for v, mark in zip(values, marks, strict=True) if mark >= 0.5)
    sure = float(np.prod([max(mark, 1 - mark) for mark in marks])) if marks else 1.0
    return TickReading(chosen, sure, marks)


def ink_share(box: Gray) -> float:
    """Share of ink (0–1) inside the box, its outline left out.

    The outline is found as straight dark rows and columns, wherever it lies; a tick is slanted or
    curved and never fills one.
    """
    height, width = box.shape
    if min(height, width) < 6:
        return 0.0
    paper = float(np.percentile(box, 75))
    dark = float(np.percentile(box, 5))
    mask = box < paper - max(_CONTRAST_LEVELS, _DARK_SHARE * (paper - dark))
    top, bottom = _between(_outline(mask, axis=1), height)
    left, right = _between(_outline(mask, axis=0), width)
    inner = mask[top:bottom, left:right]
    if inner.size < 9:
        return 0.0
    solid = cv2.morphologyEx(inner.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return float(solid.mean())


def _outline(mask: npt.NDArray[np.bool_], axis: int) -> npt.NDArray[np.bool_]:
    """Rows (axis 1) or columns (axis 0) that belong to a printed line, its grey edges included."""
    size = mask.shape[axis]
    length = max(int(_RULE_SHARE * size), 5)
    kernel = np.ones((1, length) if axis == 1 else (length, 1), np.uint8)
    across = np.ones((3, 1) if axis == 1 else (1, 3), np.uint8)  # a line may be a little aslant
    thick = cv2.dilate(mask.astype(np.uint8), across)
    runs = cv2.morphologyEx(
        thick, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    ).any(axis=axis)
    runs = _thin_only(np.asarray(runs), max(round(_THICKEST_SHARE * size), 3))
    wide = np.convolve(runs.astype(np.uint8), np.ones(3, np.uint8), mode="same") > 0
    return np.asarray(wide)


def _thin_only(lines: npt.NDArray[np.bool_], thickest: int) -> npt.NDArray[np.bool_]:
    """Without the broad stretches: a box filled with ink is no outline."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], lines.astype(np.int8), [0]))))
    out = lines.copy()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > thickest:
            out[start:end] = False
    return out


def _between(lines: npt.NDArray[np.bool_], size: int) -> tuple[int, int]:
    """The largest gap between outline rows or columns: the inside of the box."""
    edges = np.concatenate(([-1], np.flatnonzero(lines), [size]))
    gaps = np.diff(edges)
    widest = int(gaps.argmax())
    return int(edges[widest]) + 1, int(edges[widest + 1])


def _probability(share: float) -> float:
    """From the share of ink to the probability of a tick: flat ends, a steep slope between."""
    middle = (_NONE + _FULL) / 2
    slope = 6.0 / (_FULL - _NONE)
    return float(np.clip(1 / (1 + np.exp(-slope * (share - middle))), 0.003, 0.997))
