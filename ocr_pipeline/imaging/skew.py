"""How far a page is turned: the angle of its lines, and whether they run across or down."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.imaging.geometry import shrunk
from ocr_pipeline.imaging.illumination import flatten_light

_LONG_SIDE_PIXELS = 1600  # pixels: 0.05° is more than half a pixel over the page's width
_EDGE_SHARE = 0.04  # of each side left out: page edges and lid are not lines of writing
_INK_LEVELS = 40  # grey levels under the paper
_LARGEST_WORD_SHARE = 0.15  # of the longer side
_MOST_POINTS = 40_000
_AT_ONCE = 30_000
_COARSE: Floats = np.arange(-20.0, 20.01, 0.4, np.float64)
_FINE: Floats = np.arange(-0.6, 0.61, 0.06, np.float64)
_LIKELY: Floats = 1 - np.abs(_COARSE) / 50  # slanted writing makes false peaks far out
_LOCAL: Floats = np.arange(-8.0, 8.01, 0.4, np.float64)
_LEAST_POINTS = 150
_LEAST_PROMINENCE = 0.25


@dataclass(frozen=True, slots=True)
class Skew:
    """Angle of a page's lines.

    Attributes:
        degrees: −20 … 20; positive when the lines fall to the right (turned clockwise).
        prominence: how far the best angle stands out (0 none; printed forms reach 1 and more).
        down: whether the lines run down the page rather than across it.
        sharpness: how much of the ink gathers on straight lines at that angle; comparable between
            pictures of one page at one scale.

    """

    degrees: float
    prominence: float
    down: bool
    sharpness: float = 0.0

    @property
    def reliable(self) -> bool:
        """Whether there was enough to see."""
        return self.prominence >= _LEAST_PROMINENCE


def measure_skew(gray: Gray, *, flat: bool = False) -> Skew:
    """Angle at which ink gathers most on straight lines, across and down the page together.

    Args:
        gray: (H, W) uint8 page, upright or turned by quarter turns.
        flat: whether uneven light is already removed.

    """
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    x, y, weight = ink_points(small if flat else flatten_light(small))
    if len(x) < _LEAST_POINTS:
        return Skew(0.0, 0.0, False)
    coarse = slice(None, None, max(1, len(x) // 8_000))
    across, down = _scores(x[coarse], y[coarse], weight[coarse], _COARSE, bin_size=2.0)
    prominences = (_prominence(across), _prominence(down))
    coarse_score = (_relative(across) + _relative(down)) * _LIKELY
    start = _COARSE[int(np.argmax(coarse_score))]
    if abs(start) > _COARSE[-2]:  # not a peak but a slope towards something that is no line
        return Skew(0.0, 0.0, False)
    step = slice(None, None, max(1, len(x) // _MOST_POINTS))
    angles = start + _FINE
    across, down = _scores(x[step], y[step], weight[step], angles, bin_size=1.0)
    best = _peak(angles, _relative(across) + _relative(down))
    sharpness = float((across + down).max() / weight[step].sum() ** 2)
    return Skew(best, max(prominences), prominences[1] > prominences[0], sharpness)


def estimate_quarter_turn(gray: Gray) -> int:
    """0 when the lines of a page run across it, 90 when they run down it.

    Upside-down cannot be told from lines alone (a page turned by 180° answers 0, by 270° 90):
    the layouts decide that.
    """
    small, _ = shrunk(gray, _LONG_SIDE_PIXELS)
    skew = measure_skew(_without_frames(flatten_light(small)), flat=True)
    return 90 if skew.reliable and skew.down else 0


def _without_frames(flat: Gray) -> Gray:
    """The page without ruled lines and frames, which run both ways on every table."""
    ink = np.where(flat < 255 - _INK_LEVELS, 255, 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    large = extent > _LARGEST_WORD_SHARE * max(flat.shape)
    large[0] = False
    return np.where(large[labels], 255, flat).astype(np.uint8)


def ink_points(flat: Gray) -> tuple[Floats, Floats, Floats]:
    """Positions x, y of the ink about the page's middle in pixels, and its darkness.

    Args:
        flat: (H, W) uint8 page with even light.

    """
    height, width = flat.shape
    top, left = round(height * _EDGE_SHARE), round(width * _EDGE_SHARE)
    inner = flat[top : height - top, left : width - left]
    dark = cv2.bitwise_not(inner)
    rows, columns = np.nonzero(dark > _INK_LEVELS)
    weight = dark[rows, columns].astype(np.float64)
    centre_x, centre_y = inner.shape[1] / 2, inner.shape[0] / 2
    return columns.astype(np.float64) - centre_x, rows.astype(np.float64) - centre_y, weight


def local_angle(
    x: Floats, y: Floats, weight: Floats, rough: float, least: float
) -> tuple[float, float] | None:
    """Angle in degrees of the lines along x in a part of the page, and how far it stands out.

    Args:
        x: positions of ink in pixels, as from `ink_points`.
        y: the same.
        weight: darkness of each.
        rough: the page's angle; the part's own is looked for within 8° of it.
        least: how far an angle must stand out (`Skew.prominence`).

    Returns:
        None when there is too little ink or no angle stands out.

    """
    if len(x) < _LEAST_POINTS:
        return None
    x, y = x - x.mean(), y - y.mean()
    step = slice(None, None, max(1, len(x) // 4_000))
    angles = rough + _LOCAL
    scores = _relative(_projected(x[step], y[step], weight[step], angles, 2.0))
    if scores.max() < least:
        return None
    angles = angles[int(np.argmax(scores))] + _FINE
    return _peak(angles, _projected(x, y, weight, angles, 1.0)), float(scores.max())


def _scores(
    x: Floats, y: Floats, weight: Floats, angles: Floats, bin_size: float
) -> tuple[Floats, Floats]:
    """Sharpness of the projections across (rows) and down (columns) at each angle in degrees."""
    return _projected(x, y, weight, angles, bin_size), _projected(y, -x, weight, angles, bin_size)


def _projected(x: Floats, y: Floats, weight: Floats, angles: Floats, bin_size: float) -> Floats:
    """Sharpness of the projection along x at each angle."""
    reach = float(np.hypot(np.abs(x).max(), np.abs(y).max())) + 2
    bins = int(2 * reach / bin_size) + 1
    turns = np.deg2rad(angles)
    several = max(1, _AT_ONCE // len(x))  # angles whose points fit into the cache together
    first_bin = reach / bin_size + bins * (np.arange(len(turns)) % several)
    maps = np.column_stack([np.cos(turns) / bin_size, -np.sin(turns) / bin_size, first_bin])
    points = np.stack([y, x, np.ones(len(x))])
    sharpness = np.empty(len(angles))
    for first in range(0, len(angles), several):
        part = maps[first : first + several]
        place = (part @ points).astype(np.intp).ravel()
        weights = weight if len(part) == 1 else np.tile(weight, len(part))
        profiles = np.bincount(place, weights, bins * len(part))
        steps = np.diff(profiles.reshape(len(part), bins), axis=1)
        sharpness[first : first + several] = np.einsum("as,as->a", steps, steps)
    return sharpness


def _relative(scores: Floats) -> Floats:
    return scores / max(float(np.median(scores)), 1e-9) - 1


def _prominence(scores: Floats) -> float:
    return float(_relative(scores).max())


def _peak(angles: Floats, scores: Floats) -> float:
    """Angle of the maximum, between the samples by a parabola."""
    best = int(np.argmax(scores))
    if not 0 < best < len(angles) - 1:
        return float(angles[best])
    before, here, after = scores[best - 1 : best + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(angles[best] + shift * (angles[1] - angles[0]))
