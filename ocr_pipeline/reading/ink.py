"""What the ink of a line says without reading it: is there any, is it struck out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.recogniser import Gray

PIXELS_PER_MM = 200 / 25.4
"""Field lines are cut at 200 dpi."""

_CONTRAST = 35  # grey levels under the paper that count as ink
_SPECK = round(0.12 * PIXELS_PER_MM**2)  # px: smaller pieces are dirt, unless they belong to a word
_FLAT = 0.7 * PIXELS_PER_MM  # px: a wide piece lower than this is a remnant of a leader or rule
_EMPTY = 0.9 * PIXELS_PER_MM**2  # px of ink: a small digit has more than this
_STRIKE_LENGTH = 7 * PIXELS_PER_MM
_STRIKE_SHARE = 0.35  # of the writing's width


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of one line.

    Attributes:
        area: pixels of ink that may be writing (specks, leader dots and rules left out).
        width: pixels from the first to the last of it.
        height: pixels from the highest to the lowest of it.
        struck: a long stroke runs through the middle of the writing.

    """

    area: int
    width: int
    height: int
    struck: bool

    @property
    def empty(self) -> bool:
        """Nothing is written here."""
        return self.area < _EMPTY


NO_INK = Ink(0, 0, 0, False)


def look_at(line: Gray) -> Ink:
    """Measure the ink of one line.

    Args:
        line: (H, W) uint8, dark ink on light paper, 200 dpi.

    """
    if line.size == 0 or min(line.shape) < 3:
        return NO_INK
    paper = float(np.median(line))
    mask = (line < paper - _CONTRAST).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width, area = (
        stats[:, cv2.CC_STAT_HEIGHT],
        stats[:, cv2.CC_STAT_WIDTH],
        stats[:, cv2.CC_STAT_AREA],
    )
    good = (area >= _SPECK) & ~((height < _FLAT) & (width > 4 * height))
    good[0] = False
    good &= ~_edge_bits(stats.astype(np.int32), line.shape[0])
    if not good.any():
        return NO_INK
    kept = stats[good]
    left = int(kept[:, cv2.CC_STAT_LEFT].min())
    right = int((kept[:, cv2.CC_STAT_LEFT] + kept[:, cv2.CC_STAT_WIDTH]).max())
    top = int(kept[:, cv2.CC_STAT_TOP].min())
    bottom = int((kept[:, cv2.CC_STAT_TOP] + kept[:, cv2.CC_STAT_HEIGHT]).max())
    writing = mask[top:bottom, left:right]
    return Ink(int(kept[:, cv2.CC_STAT_AREA].sum()), right - left, bottom - top, _struck(writing))


def _edge_bits(stats: npt.NDArray[np.int32], rows: int) -> npt.NDArray[np.bool_]:
    """Ends of neighbouring lines' letters that reach into the picture from above or below."""
    top = stats[:, cv2.CC_STAT_TOP]
    bottom = top + stats[:, cv2.CC_STAT_HEIGHT]
    low = stats[:, cv2.CC_STAT_HEIGHT] < 0.3 * rows
    edge: npt.NDArray[np.bool_] = low & ((top <= 1) | (bottom >= rows - 1))
    return edge


def _struck(mask: npt.NDArray[np.uint8]) -> bool:
    """Whether a long, thin, nearly level stroke has writing above and below it."""
    height, width = mask.shape
    if width < _STRIKE_LENGTH:
        return False
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))  # a hand-drawn stroke is not quite level
    length = int(max(_STRIKE_LENGTH, 0.2 * width))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    columns = np.flatnonzero(runs.any(axis=0))
    if len(columns) < max(_STRIKE_SHARE * width, _STRIKE_LENGTH):
        return False
    centre = (runs.argmax(axis=0) + height - 1 - runs[::-1].argmax(axis=0))[columns] / 2
    above = [mask[: max(int(c) - 3, 0), x].any() for c, x in zip(centre, columns, strict=True)]
    below = [mask[int(c) + 4 :, x].any() for c, x in zip(centre, columns, strict=True)]
    return float(np.mean(above)) > 0.25 and float(np.mean(below)) > 0.25
