"""The grey picture of the ink alone: even light, red stamps gone, blue and black writing kept."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.illumination import flatten_light
from ocr_pipeline.imaging.stamps import stamp_mask

_LONG_SIDE_PIXELS = 1000  # at which the depth of ink is measured
_DEEPEST_PERCENT = 0.5  # of a form's pixels: the middle of its strokes
_USUAL_LEVELS = 150  # grey levels of these under the paper, on usual scans

_WEIGHTS = np.array([[0.5, 0.4, 0.1]])  # red sees blue ink best, green sees faded brown ink


def ink_gray(pixels: NDArray[np.uint8]) -> Gray:
    """Grey picture of a page's ink, for reading, detection and registration.

    Args:
        pixels: (H, W, 3) uint8 RGB, or (H, W) grey.

    Returns:
        (H, W) uint8: paper about 255 whatever the light; blue and black ink dark, also under
        stamps; red stamps (large or at the page's edge, not single red words) nearly paper.

    """
    if pixels.ndim == 2:
        return flatten_light(pixels)
    gray = np.asarray(cv2.transform(pixels, _WEIGHTS), np.uint8)
    mask = stamp_mask(pixels)
    if mask is None:
        return flatten_light(gray)
    red = np.asarray(cv2.extractChannel(pixels, 0), np.uint8)
    return _blend(flatten_light(gray), flatten_light(red), mask)


def ink_depth(gray: Gray) -> float:
    """How far the ink of an evenly lit page lies under the paper, in grey levels (0–255)."""
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    return 255.0 - float(np.percentile(small, _DEEPEST_PERCENT))


def deepened(gray: Gray) -> Gray:
    """A pale page with ink as dark as on usual scans; a usual page as it is.

    Args:
        gray: (H, W) uint8 from `ink_gray`.

    """
    depth = ink_depth(gray)
    if not 0 < depth < _USUAL_LEVELS:
        return gray
    levels = 255.0 - (255.0 - np.arange(256)) * (_USUAL_LEVELS / depth)
    return np.asarray(cv2.LUT(gray, np.clip(np.rint(levels), 0, 255).astype(np.uint8)), np.uint8)


def _blend(gray: Gray, red: Gray, mask: Gray) -> Gray:
    """`red`, where red stamp ink is nearly invisible, inside the mask; `gray` elsewhere."""
    height, width = gray.shape
    full = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    result = gray.copy()
    rows = np.flatnonzero(full.any(axis=1))
    part = slice(int(rows[0]), int(rows[-1]) + 1)
    inside = full[part] > 127
    result[part][inside] = red[part][inside]
    return result
