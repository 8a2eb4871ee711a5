"""Perspective of a page whose edges are not in the picture, from its lines of print and writing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Floats, Gray, Matrix
from ocr_pipeline.imaging.skew import ink_points, local_angle

_ROWS, _COLUMNS = 6, 3  # windows along and across the lines
_LEAST_POINTS, _FIRST_LOOK = 500, 20_000
_LEAST_WINDOWS = 5
_LEAST_SPREAD_SHARE = 0.4  # of the page between the outermost windows
_LEAST_DISTORTION_DEGREES = (
    0.5  # degrees from one end of the page to the other, or off a right angle
)
_MOST_CONVERGENCE_DEGREES = 25.0
_ROUNDS = 6
_HUBER_DEGREES = 0.3  # degrees


@dataclass(frozen=True, slots=True)
class _Demand:
    """What lines must show: how far angles stand out, and the largest median residual (degrees)."""

    stands_out: float
    residual: float


_ACROSS = _Demand(0.6, 1.0)  # curl bends lines of writing
_DOWN = _Demand(2.5, 0.4)  # slanted writing (1 … 5) is no line that runs down (10 … 100)


@dataclass(frozen=True, slots=True)
class LineFamily:
    """Directions of the lines of one kind over the page.

    Attributes:
        slope: degrees clockwise at the middle of the page.
        change: degrees from one side of the page to the other (along the other axis).

    """

    slope: float
    change: float


def keystone(flat: Gray, rough: float) -> Matrix | None:
    """Map that makes lines across parallel and level, lines down parallel and plumb.

    Args:
        flat: (H, W) uint8 page with even light, about 1000 pixels long.
        rough: the page's skew in degrees, about which lines are looked for.

    Returns:
        (3, 3) map of pixel coordinates that keeps the middle where it is; None when the lines are
        parallel already, too few, or not straight.

    """
    height, width = flat.shape
    x, y, weight = ink_points(flat)
    if len(x) < _LEAST_POINTS:
        return None
    few = slice(None, None, max(1, len(x) // _FIRST_LOOK))
    glance = _families(x[few], y[few], weight[few], rough, flat.shape)
    if None not in glance and not _distorted(glance):
        return None  # most pages: not worth a closer look
    across, down = _families(x, y, weight, rough, flat.shape)
    slope = across.slope if across else down.slope if down else 0.0
    across = across or LineFamily(slope, 0.0)
    down = down or LineFamily(slope, 0.0)
    if not _distorted((across, down)):
        return None
    return _map(across, down, width, height)


def _families(
    x: Floats, y: Floats, weight: Floats, rough: float, shape: tuple[int, ...]
) -> tuple[LineFamily | None, LineFamily | None]:
    """Lines across and lines down."""
    height, width = shape[:2]
    return (
        _family(x, y, weight, rough, height, width, _ACROSS),
        _family(y, -x, weight, rough, width, height, _DOWN),
    )


def _distorted(families: tuple[LineFamily | None, LineFamily | None]) -> bool:
    """Whether lines of one family converge, or the families are not at right angles."""
    slopes = [family.slope for family in families if family]
    return any(
        family and abs(family.change) >= _LEAST_DISTORTION_DEGREES for family in families
    ) or (len(slopes) > 1 and abs(slopes[0] - slopes[1]) >= _LEAST_DISTORTION_DEGREES)


def _family(
    x: Floats,
    y: Floats,
    weight: Floats,
    rough: float,
    height: float,
    width: float,
    demand: _Demand,
) -> LineFamily | None:
    """Slope of the lines along x as it changes with y; None when there is too little to see."""
    places, along, angles, weights = [], [], [], []
    row = np.clip(((y / height + 0.5) * _ROWS).astype(int), 0, _ROWS - 1)
    column = np.clip(((x / width + 0.5) * _COLUMNS).astype(int), 0, _COLUMNS - 1)
    window = row * _COLUMNS + column
    order = np.argsort(window, kind="stable")
    ends = np.searchsorted(window[order], np.arange(1, _ROWS * _COLUMNS))
    split = [np.split(values[order], ends) for values in (x, y, weight)]
    for across, down, dark in zip(*split, strict=True):
        found = local_angle(across, down, dark, rough, demand.stands_out)
        if found is not None:
            places.append(float(np.average(down, weights=dark)) / height)
            along.append(float(np.average(across, weights=dark)) / width)
            angles.append(found[0])
            weights.append(found[1])
    if len(places) < _LEAST_WINDOWS or max(places) - min(places) < _LEAST_SPREAD_SHARE:
        return None
    slope, change, residual = _robust_fit(
        np.array(places), np.array(along), np.array(angles), np.sqrt(np.array(weights))
    )
    if residual > demand.residual or abs(change) > _MOST_CONVERGENCE_DEGREES:
        return None
    return LineFamily(slope, change)


def _robust_fit(
    places: Floats, along: Floats, angles: Floats, weights: Floats
) -> tuple[float, float, float]:
    """Fit angles = slope + change·places + bend·along, outliers held down.

    The last term takes up what a page that curls towards its spine adds; it is not perspective.

    Returns:
        Slope, change, and the median residual in degrees.

    """
    design = np.column_stack([np.ones(len(places)), places, along])
    values, trust = np.zeros(3), weights.copy()
    residual = angles - np.median(angles)
    for _ in range(_ROUNDS):
        root = np.sqrt(trust)[:, None]
        values = np.linalg.lstsq(design * root, angles * root[:, 0], rcond=None)[0]
        residual = np.abs(angles - design @ values)
        trust = weights * np.minimum(1.0, _HUBER_DEGREES / np.maximum(residual, 1e-6))
    return float(values[0]), float(values[1]), float(np.median(residual))


def _map(across: LineFamily, down: LineFamily, width: float, height: float) -> Matrix:
    """Rectifying map from the two vanishing points, about the middle of the page.

    A family whose direction at (x, y) turns linearly meets in one point: level lines in
    (cos a, sin a, −a′) and plumb lines in (−sin b, cos b, b′), a′ and b′ in radians per pixel.
    """
    a, b = np.deg2rad(across.slope), np.deg2rad(down.slope)
    level = np.array([np.cos(a), np.sin(a), -np.deg2rad(across.change) / height])
    plumb = np.array([-np.sin(b), np.cos(b), -np.deg2rad(down.change) / width])
    horizon = np.cross(level, plumb)
    projective = np.eye(3)
    projective[2] = horizon / horizon[2]
    axes = np.column_stack([level[:2], plumb[:2]])
    axes /= np.sqrt(abs(np.linalg.det(axes)))
    affine = np.eye(3)
    affine[:2, :2] = np.linalg.inv(axes)
    centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1.0]])
    return np.asarray(centre @ affine @ projective @ np.linalg.inv(centre), np.float64)
