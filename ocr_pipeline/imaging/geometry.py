"""Small maps of the plane: pixel-exact scaling, rotation about the middle, perspective."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Matrix

_GENTLE = 0.6  # linear interpolation, many times faster than area, does no harm above this factor

Quad = NDArray[np.float64]
"""(4, 2) corners x, y in pixels: top left, top right, bottom right, bottom left."""


def scaling(x: float, y: float) -> Matrix:
    """Matrix that multiplies by x and y, with the edges (not the centres) of pixels aligned."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def rotation(degrees: float, width: float, height: float) -> Matrix:
    """Clockwise rotation (as seen on the screen) about the middle of a picture of this size."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [[cos, -sin, x - x * cos + y * sin], [sin, cos, y - x * sin - y * cos], [0, 0, 1]]
    )


def rectification(quad: Quad, width: float, height: float) -> Matrix:
    """Perspective map that takes the corners of `quad` to the corners of a width×height picture."""
    right, bottom = width - 1, height - 1
    target = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(quad.astype(np.float32), target), np.float64)


def transformed(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) points through a (3, 3) map."""
    ends = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(ends[:, :2] / ends[:, 2:3], np.float64)


def shrunk(picture: NDArray[np.uint8], long_side: int) -> tuple[NDArray[np.uint8], int]:
    """The picture divided by the whole number that makes its longer side at most `long_side`.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        long_side: pixels.

    Returns:
        The small picture and the divisor k: its pixel (x, y) is the mean of k×k pixels, so
        `scaling(k, k)` leads back exactly. Whole divisors are also several times faster. Up to
        k − 1 rows and columns at the lower and right edge are left out.

    """
    height, width = picture.shape[:2]
    k = min(-(-max(height, width) // long_side), height, width)
    small = picture[: height // k * k, : width // k * k]
    rest = k
    while rest % 2 == 0:  # halving is many times faster than dividing by other numbers
        small, rest = _divided(small, 2), rest // 2
    return (small if rest <= 1 else _divided(small, rest)), max(k, 1)


def reduced(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The picture with its sides multiplied by `factor` < 1: halved first, as often as possible.

    Pixel (x, y) of the result lies at ((x + 0.5) / factor − 0.5, …) of the picture, within half a
    pixel at the lower and right edge.
    """
    while factor <= 0.5 and min(picture.shape[:2]) > 1:
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        picture, factor = _divided(picture[:height, :width], 2), factor * 2
    if factor >= 1:
        return picture
    method = cv2.INTER_LINEAR if factor >= _GENTLE else cv2.INTER_AREA
    return np.asarray(
        cv2.resize(picture, None, fx=factor, fy=factor, interpolation=method), np.uint8
    )


def _divided(picture: NDArray[np.uint8], k: int) -> NDArray[np.uint8]:
    size = (picture.shape[1] // k, picture.shape[0] // k)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
