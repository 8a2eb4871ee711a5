"""What is printed on a page, apart from light and paper: ink, long level and upright lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray

Map = npt.NDArray[np.float32]

_FLOOR_SHARE = 0.05  # of the paper's brightness: grain, not ink
_RUN_MM = 8.0  # shorter strokes are handwriting, not rules or leaders
_BAND_MM = 3.0


@dataclass(frozen=True, slots=True)
class LineMaps:
    """Responses 0–1 to level lines (rules, leaders), upright lines, and words; (H, W) float32."""

    level: Map
    upright: Map
    words: Map

    def channels(self) -> tuple[Map, Map, Map]:
        """The three maps."""
        return self.level, self.upright, self.words


def ink_map(gray: Gray, scale: float, floor: float = _FLOOR_SHARE) -> Map:
    """Darkness relative to the paper around, 0–1.

    Args:
        gray: (H, W) uint8.
        scale: pixels per mm, roughly.
        floor: what is only this much darker than paper is grain.

    """
    size = max(3, round(4 * scale)) | 1
    paper = cv2.dilate(gray, np.ones((size, size), np.uint8))
    paper = cv2.blur(paper, (2 * size + 1, 2 * size + 1))
    ink: Map = gray.astype(np.float32)  # changed in place: new memory costs more than the sums
    ink /= np.maximum(paper, 1).astype(np.float32)
    np.subtract(1.0, ink, out=ink)
    ink -= floor
    return np.clip(ink, 0.0, 1.0, out=ink)


def line_maps(ink: Map, scale: float) -> LineMaps:
    """Separate the long lines of a form from its words; `scale` in pixels per mm."""
    level = _lines(ink, scale)
    upright = np.ascontiguousarray(_lines(np.ascontiguousarray(ink.T), scale).T)
    blob = max(1, round(2 * scale))
    words = cv2.blur(np.maximum(ink - level - upright, 0), (2 * blob + 1, blob | 1))
    return LineMaps(_level_out(level), _level_out(upright), _level_out(words))


def _lines(ink: Map, scale: float) -> Map:
    run = max(3, round(_RUN_MM * scale)) | 1
    band = max(3, round(_BAND_MM * scale)) | 1
    along = np.asarray(cv2.blur(ink, (run, 1)), np.float32)
    along -= np.asarray(cv2.blur(along, (1, band)), np.float32)
    return np.maximum(along, 0, out=along)


def _level_out(values: Map) -> Map:
    """Bring the response of a usual line to 1, so that faint print counts as much as black."""
    strong = values[values > 0.02]
    if strong.size < 50:
        return values
    usual = float(np.percentile(strong[:: max(1, strong.size // 5000)], 80))
    result: Map = np.minimum(values / max(usual, 0.03), 1.0)
    return result
