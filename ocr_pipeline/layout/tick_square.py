"""The printed square of a tick box, looked for near a place."""

from __future__ import annotations

import cv2
import numpy as np

from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.line_maps import Map
from ocr_pipeline.layout.schema import BoxMm

_TICK_ALONG_MM, _TICK_DOWN_MM = 9.0, 4.5  # of a tick box from where its surroundings went
_TICK_FAR = 0.008  # what a square loses for each mm
_TICK_SIZES = (0.9, 1.0, 1.1)
_TICK_PAD_MM = 1.5  # of bare paper around a square
_LEAST_TICK = 0.5  # correlation with an empty square


def square_near(soft: Map, box: BoxMm) -> BoxMm | None:
    """The empty square nearest to where a tick box should be; None where there is none.

    Args:
        soft: (H, W) softened ink of the print at `FINE_PER_MM`, 0 to 1.
        box: where it should be, in mm.

    """
    x, y, width, height = box
    top = max(round((y - _TICK_DOWN_MM) * FINE_PER_MM), 0)
    left = max(round((x - _TICK_ALONG_MM) * FINE_PER_MM), 0)
    window = soft[
        top : round((y + height + _TICK_DOWN_MM) * FINE_PER_MM),
        left : round((x + width + _TICK_ALONG_MM) * FINE_PER_MM),
    ]
    best = (0.0, x, y, 1.0)
    for size in _TICK_SIZES:
        square = _square(width * size, height * size)
        if window.shape[0] <= square.shape[0] or window.shape[1] <= square.shape[1]:
            continue
        score = cv2.matchTemplate(window, square, cv2.TM_CCOEFF_NORMED)
        rows, columns = np.indices(score.shape)
        across = left / FINE_PER_MM + _TICK_PAD_MM + columns / FINE_PER_MM
        down = top / FINE_PER_MM + _TICK_PAD_MM + rows / FINE_PER_MM
        score = score - _TICK_FAR * np.hypot(across - x, down - y)
        _, value, _, (px, py) = cv2.minMaxLoc(score)
        if value > best[0]:
            best = (float(value), float(across[py, px]), float(down[py, px]), size)
    value, at_x, at_y, size = best
    return (at_x, at_y, width * size, height * size) if value >= _LEAST_TICK else None


def _square(width: float, height: float) -> Map:
    """An empty tick box on bare paper, softened."""
    pad = _TICK_PAD_MM
    size = (round((height + 2 * pad) * FINE_PER_MM), round((width + 2 * pad) * FINE_PER_MM))
    picture = np.zeros(size, np.float32)
    first = (round(pad * FINE_PER_MM), round(pad * FINE_PER_MM))
    last = (round((pad + width) * FINE_PER_MM), round((pad + height) * FINE_PER_MM))
    cv2.rectangle(picture, first, last, 1.0, 1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.float32)
