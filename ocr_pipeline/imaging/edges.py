"""A page's outline from its edges alone, for tables nearly as bright as the paper."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.geometry import Quad

Line = NDArray[np.float64]
"""(4,): unit direction x, y and a point x, y."""

_WRITING_SHARE = 0.028  # of the longer side: dark things narrower than this are closed over
_SHORTEST_SHARE = 0.08  # of the longer side: segments worth looking at
_SAME_ANGLE, _SAME_PLACE = 2.0, 0.012  # degrees, of the longer side: parts of one line
_MOST_LINES = 5  # of each of the four kinds
_STEEPEST_DEGREES = 30.0  # degrees off level or plumb
_LEAST_STEP_LEVELS = 2.0  # grey levels by which paper is lighter than what is beside it
#: A side of a page shows that step over at least this part of its length.
LEAST_SUPPORT = 0.7
_SAMPLES = 60


def edge_candidates(paper: NDArray[np.uint8]) -> list[tuple[float, Quad]]:
    """Quadrilaterals whose four sides all show a step from lighter inside to darker outside.

    Args:
        paper: (H, W) uint8 brightness from `without_writing`, about 900 pixels long.

    Returns:
        (support 0–1 of the weakest side, corners as `Quad`), best first; at most five.

    """
    tops, bottoms, lefts, rights = _lines(paper)
    found: list[tuple[float, Quad]] = []
    for top, bottom, left, right in product(tops, bottoms, lefts, rights):
        quad = corners_of([top, right, bottom, left])
        if quad is None or not _inside(quad, paper.shape):
            continue
        support = edge_support(paper, quad)
        if support >= LEAST_SUPPORT:
            found.append((support, quad))
    return sorted(found, key=lambda item: -item[0])[:5]


def without_writing(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightness of the surfaces alone: writing and ruled lines closed over, grain smoothed."""
    size = max(5, round(_WRITING_SHARE * max(gray.shape)) | 1)
    paper = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(cv2.GaussianBlur(paper, (0, 0), 1.5), np.uint8)


def corners_of(lines: list[Line]) -> Quad | None:
    """Corners of the sides top, right, bottom, left; None when neighbours hardly cross.

    In plain numbers: a page asks for some hundred, and small systems of NumPy take ten times that.
    """
    corners = []
    sides = [line.tolist() for line in lines]
    for before, here in zip([sides[-1], *sides], sides, strict=False):
        ax, ay, x, y = before
        bx, by, u, v = here
        crossing = ax * by - ay * bx  # sine of the angle between them
        if abs(crossing) < 0.3:
            return None
        step = ((u - x) * by - (v - y) * bx) / crossing
        corners.append((x + step * ax, y + step * ay))
    return np.array(corners)


def _lines(paper: NDArray[np.uint8]) -> tuple[list[Line], ...]:
    """The longest lines that may be a top, bottom, left or right side, gathered from segments."""
    side = max(paper.shape)
    stretched = cv2.normalize(paper, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    segments = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(stretched)[0]
    if segments is None:
        return [], [], [], []
    ends: NDArray[np.float64] = np.asarray(segments, np.float64).reshape(-1, 4)
    way: NDArray[np.float64] = ends[:, 2:] - ends[:, :2]
    length = np.hypot(way[:, 0], way[:, 1])
    long = length > _SHORTEST_SHARE * side / 3
    ends, way, length = ends[long], way[long], length[long]
    angle = np.degrees(np.arctan2(way[:, 1], way[:, 0])) % 180
    off_level = np.minimum(angle, 180 - angle)
    across = off_level < _STEEPEST_DEGREES
    down = np.abs(angle - 90) < _STEEPEST_DEGREES
    middles = (ends[:, :2] + ends[:, 2:]) / 2
    below = _step(paper, middles, np.array([0, 0.008 * side]))
    beside = _step(paper, middles, np.array([0.008 * side, 0]))
    kinds = (
        across & (below >= _LEAST_STEP_LEVELS),
        across & (below <= -_LEAST_STEP_LEVELS),
        down & (beside >= _LEAST_STEP_LEVELS),
        down & (beside <= -_LEAST_STEP_LEVELS),
    )
    return tuple(_gathered(ends[kind], length[kind], side) for kind in kinds)


def _step(
    paper: NDArray[np.uint8], points: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.int_]:
    """By how many grey levels it is lighter at points + offset than at points − offset."""
    limit = (paper.shape[1] - 1, paper.shape[0] - 1)
    ahead = np.clip(points + offset, 0, limit).round().astype(int)
    behind = np.clip(points - offset, 0, limit).round().astype(int)
    step: NDArray[np.int_] = (
        paper[ahead[:, 1], ahead[:, 0]].astype(int) - paper[behind[:, 1], behind[:, 0]]
    )
    return step


def _gathered(ends: NDArray[np.float64], length: NDArray[np.float64], side: int) -> list[Line]:
    lines: list[tuple[float, Line]] = []
    used = np.zeros(len(ends), bool)
    for index in np.argsort(-length):
        if used[index]:
            continue
        start, end = ends[index, :2], ends[index, 2:]
        direction = (end - start) / length[index]
        normal = np.array([-direction[1], direction[0]])
        away = np.abs((ends.reshape(-1, 2, 2) - start) @ normal).max(axis=1)
        ways = (ends[:, 2:] - ends[:, :2]) / length[:, None]
        turned = np.degrees(np.arcsin(np.clip(np.abs(ways @ normal), 0, 1)))
        same = ~used & (away < _SAME_PLACE * side) & (turned < _SAME_ANGLE)
        used |= same
        total = float(length[same].sum())
        if total < _SHORTEST_SHARE * side:
            continue
        fit = cv2.fitLine(ends[same].reshape(-1, 2).astype(np.float32), cv2.DIST_L2, 0, 0.01, 0.01)
        lines.append((total, np.asarray(fit, np.float64).ravel()))
    lines.sort(key=lambda item: -item[0])
    return [line for _, line in lines[:_MOST_LINES]]


def _inside(quad: Quad, shape: tuple[int, ...]) -> bool:
    """Whether the corners lie in the picture (with a little tolerance) and span a quarter of it."""
    height, width = shape[:2]
    slack = 0.01 * max(shape)
    within = (quad > -slack).all() and (quad < (width + slack, height + slack)).all()
    return bool(within) and cv2.contourArea(quad.astype(np.float32)) > 0.25 * width * height


def edge_support(paper: NDArray[np.uint8], quad: Quad) -> float:
    """Share of its length over which the weakest side is lighter inside than outside."""
    middle = quad.mean(axis=0)
    reach = 0.008 * max(paper.shape)
    weakest = 1.0
    for number in range(4):
        start, end = quad[number], quad[(number + 1) % 4]
        way = end - start
        normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
        if (middle - start) @ normal < 0:
            normal = -normal
        points = start + np.linspace(0.05, 0.95, _SAMPLES)[:, None] * way
        step = _step(paper, points, reach * normal)
        weakest = min(weakest, float(np.mean(step >= _LEAST_STEP_LEVELS)))
    return weakest
