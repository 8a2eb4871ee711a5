"""The outline of a page in a picture: four straight sides, found surely or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.edges import (
    LEAST_SUPPORT,
    corners_of,
    edge_candidates,
    edge_support,
    without_writing,
)
from ocr_pipeline.imaging.geometry import Quad, shrunk

_SMALL_PIXELS = 900  # longer side in pixels
_LEAST_AREA_SHARE = 0.25  # of the picture
_FULL_AREA_SHARE = 0.985  # of the picture: nothing to cut off
_AT_FRAME_SHARE = (
    0.012  # of the longer side: a side this close to the frame is not the paper's own edge
)
_LEAST_FILL = 0.955  # overlap of the quadrilateral with the bright region
_MOST_RESIDUAL_SHARE = 0.006  # of the longer side: how far a side may bend (curl)
_CERTAIN_SHARE = 0.95  # of each side's length shows an edge: no need to look further
_ANGLES_DEGREES = (55.0, 125.0)
_MOST_TAPER = 0.6  # shorter of two opposite sides, at least this part of the longer
_ROOM_SHARE = 0.004  # of the page's sides left around it, so that curled edges are not cut off


@dataclass(frozen=True, slots=True)
class Outline:
    """A page found in a picture.

    Attributes:
        corners: (4, 2) pixels, clockwise from the corner nearest the top left.
        size: width and height in pixels that the rectified page should have.

    """

    corners: Quad
    size: tuple[float, float]


def find_page(pixels: NDArray[np.uint8]) -> Outline | None:
    """Outline of the one page in a picture; None when it fills the frame or is not sure.

    Args:
        pixels: (H, W, 3) uint8 RGB; the page is lighter, or less coloured, than what is around it.

    """
    small, divisor = shrunk(pixels, _SMALL_PIXELS)
    paper = without_writing(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    regions = [region for region in map(_largest, _masks(small)) if region is not None]
    found = [item for item in map(_quadrilateral, regions) if item is not None]
    sure = [(edge_support(paper, quad), fill, quad) for fill, quad in found]
    if not any(support >= _CERTAIN_SHARE for support, _, _ in sure):
        # Something bright touches the page, or the table is nearly as bright.
        sure += [
            (support, 0.0, quad) for support, quad in edge_candidates(paper) if _plausible(quad)
        ]
    best = max(sure, key=lambda item: item[:2], default=None)
    if best is None or best[0] < LEAST_SUPPORT:
        return None
    quad = _with_room((best[2] + 0.5) * divisor - 0.5)
    return Outline(quad, _size(quad))


def _masks(small: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Guesses of where paper is: bright, bright and pale, or unlike the frame of the picture."""
    lab = cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_RGB2LAB)
    size = max(5, round(0.02 * max(small.shape)) | 1)
    # Writing is closed over first, or faint pages fall apart at every line.
    light = cv2.morphologyEx(
        cv2.extractChannel(lab, 0), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)
    )
    _, green_red, blue_yellow = cv2.split(cv2.absdiff(lab, np.full_like(lab, 128)))
    tint = cv2.add(green_red, blue_yellow)
    pale = cv2.subtract(light, cv2.add(tint, tint))
    pictures = (light, pale, _unlike_the_frame(np.asarray(lab, np.uint8)))
    otsu = cv2.THRESH_BINARY | cv2.THRESH_OTSU
    return [np.asarray(cv2.threshold(each, 0, 255, otsu)[1], np.uint8) for each in pictures]


def _unlike_the_frame(lab: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Twice the distance of each colour from the median one along the frame, at most 255."""
    edge = max(2, round(0.02 * max(lab.shape)))
    strips = (lab[:edge], lab[-edge:], lab[:, :edge], lab[:, -edge:])
    around = np.median(np.concatenate([strip.reshape(-1, 3) for strip in strips]), axis=0)
    squares = np.zeros(lab.shape[:2], np.float32)
    for plane, middle in zip(cv2.split(lab), around, strict=True):
        away = plane.astype(np.float32) - np.float32(middle)
        squares += away * away
    return np.asarray(np.minimum(np.sqrt(squares) * 2, 255), np.uint8)


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The largest connected region with its holes filled; None when small or the whole picture."""
    size = max(3, round(0.012 * max(mask.shape)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    calm = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    contours, _ = cv2.findContours(calm, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    region = np.zeros_like(mask)
    cv2.drawContours(region, [max(contours, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    share = np.count_nonzero(region) / region.size
    return region if _LEAST_AREA_SHARE <= share <= _FULL_AREA_SHARE else None


def _quadrilateral(region: NDArray[np.uint8]) -> tuple[float, Quad] | None:
    """Quality (0–1) and corners of the quadrilateral that the region is; None if it is not one."""
    contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = contours[0].reshape(-1, 2).astype(np.float64)
    start = _rough_corners(contour)
    if start is None:
        return None
    sides = _sides(contour, start, region.shape)
    if sides is None:
        return None
    lines, residual = sides
    quad = corners_of(lines)
    if quad is None or not _plausible(quad):
        return None
    fill = _overlap(quad, region)
    if fill < _LEAST_FILL:
        return None
    return fill - residual / max(region.shape), quad


def _rough_corners(contour: NDArray[np.float64]) -> Quad | None:
    hull = cv2.convexHull(contour.astype(np.float32))
    length = cv2.arcLength(hull, True)
    for share in np.linspace(0.01, 0.1, 19):
        corners = cv2.approxPolyDP(hull, share * length, True).reshape(-1, 2)
        if len(corners) == 4:
            return _ordered(np.asarray(corners, np.float64))
        if len(corners) < 4:
            break
    return None


def _ordered(corners: Quad) -> Quad:
    """Corners clockwise on the screen, beginning with the one nearest the top left."""
    middle = corners.mean(axis=0)
    order = np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))
    turned = corners[order]
    return np.roll(turned, -int(np.argmin(turned.sum(axis=1))), axis=0)


def _sides(
    contour: NDArray[np.float64], corners: Quad, shape: tuple[int, ...]
) -> tuple[list[NDArray[np.float64]], float] | None:
    """A straight line (point, direction) for each side, and the worst bend in pixels."""
    lines: list[NDArray[np.float64]] = []
    worst = 0.0
    for number in range(4):
        start, end = corners[number], corners[(number + 1) % 4]
        points = _near(contour, start, end, 0.02 * max(shape))
        if len(points) < 20 or _on_frame(points, shape):
            return None
        fitted_line = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
        line = np.asarray(fitted_line, np.float64).ravel()
        normal = np.array([-line[1], line[0]])
        away = np.abs((points - line[2:]) @ normal)
        worst = max(worst, float(np.sqrt(np.mean(away**2))))
        if worst > _MOST_RESIDUAL_SHARE * max(shape):
            return None
        lines.append(line)
    return lines, worst


def _near(
    contour: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """Points of the contour along the side from start to end, its ends left out."""
    way = end - start
    length = float(np.hypot(*way))
    along = (contour - start) @ way / length
    across = np.abs((contour - start) @ np.array([-way[1], way[0]])) / length
    beside = (across < reach) & (along > 0.06 * length) & (along < 0.94 * length)
    near: NDArray[np.float64] = contour[beside]
    return near


def _on_frame(points: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    height, width = shape[:2]
    gap = _AT_FRAME_SHARE * max(shape)
    distance = np.minimum.reduce(
        [points[:, 0], points[:, 1], width - 1 - points[:, 0], height - 1 - points[:, 1]]
    )
    return bool(np.mean(distance < gap) > 0.5)


def _plausible(quad: Quad) -> bool:
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    angles = corner_angles(quad)
    tapers = [min(lengths[i], lengths[i + 2]) / max(lengths[i], lengths[i + 2]) for i in (0, 1)]
    return bool(
        _ANGLES_DEGREES[0] < angles.min()
        and angles.max() < _ANGLES_DEGREES[1]
        and min(tapers) >= _MOST_TAPER
    )


def corner_angles(quad: Quad) -> NDArray[np.float64]:
    """The four inner angles in degrees."""
    forward = np.roll(quad, -1, axis=0) - quad
    back = np.roll(quad, 1, axis=0) - quad
    cosines = np.sum(forward * back, axis=1) / (
        np.linalg.norm(forward, axis=1) * np.linalg.norm(back, axis=1)
    )
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1, 1))), np.float64)


def _overlap(quad: Quad, region: NDArray[np.uint8]) -> float:
    drawn = np.zeros_like(region)
    cv2.fillConvexPoly(drawn, np.round(quad).astype(np.int32), 255)
    both = np.count_nonzero(drawn & region)
    return both / max(1, np.count_nonzero(drawn | region))


def _with_room(quad: Quad) -> Quad:
    middle = quad.mean(axis=0)
    return np.asarray(middle + (quad - middle) * (1 + 2 * _ROOM_SHARE), np.float64)


def _size(quad: Quad) -> tuple[float, float]:
    """Width and height of the page in pixels: mean lengths of its opposite sides."""
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    return float(lengths[0] + lengths[2]) / 2, float(lengths[1] + lengths[3]) / 2
