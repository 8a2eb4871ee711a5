"""Small maps of the plane: pixel-exact scaling, rotation about the middle, perspective."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""(3, 3) homogeneous map of pixel coordinates; (0, 0) is the centre of the first pixel."""

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
    if k <= 1:
        return picture, 1
    part = picture[: height // k * k, : width // k * k]
    small = cv2.resize(part, (width // k, height // k), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), k
