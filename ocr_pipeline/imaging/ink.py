"""The grey picture of the ink alone: even light, red stamps gone, blue and black writing kept."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.illumination import (
    colours_of_paper,
    even_light,
    flatten_light,
    part_of_light,
)
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
    flat = flatten_light(gray)
    mask = stamp_mask(pixels)
    if mask is not None:
        _bleach(flat, pixels, mask)
    return flat


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


def _bleach(flat: Gray, pixels: NDArray[np.uint8], mask: Gray) -> None:
    """Take the red ink off `flat` where the mask (0 or 255, smaller) says stamps; in place.

    Red ink is darker in green and blue than in red by as much as it is dark in red, or more: 90 of
    100 pixels on stamps of scans and photographs. Black and blue ink is as dark in red as in blue.
    """
    height, width = flat.shape
    scale = np.array([width / mask.shape[1], height / mask.shape[0]])
    papers = colours_of_paper(pixels)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for x, y, w, h, _area in stats[1:]:
        left, top = np.floor((x, y) * scale).astype(int)
        right, bottom = np.minimum(np.ceil((x + w, y + h) * scale).astype(int), (width, height))
        part = np.s_[top:bottom, left:right]
        size = (int(right - left), int(bottom - top))
        inside = cv2.resize(mask[y : y + h, x : x + w], size, interpolation=cv2.INTER_LINEAR) > 127
        red, green, blue = (
            cv2.bitwise_not(
                even_light(pixels[part][..., k], part_of_light(paper, (height, width), part))
            )
            for k, paper in enumerate(papers)
        )
        redness = cv2.subtract(cv2.min(green, blue), red)
        ink = cv2.bitwise_not(cv2.subtract(red, redness))
        flat[part][inside] = ink[inside]
