"""How far a page is turned: the angle of its lines, and whether they run across or down."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.imaging.geometry import fitted
from ocr_pipeline.imaging.light import Gray, flatten_light

_LONG_SIDE = 1400  # pixels: 0.05° is more than half a pixel over the page's width
_EDGE = 0.04  # of each side left out: page edges and lid are not lines of writing
_INK = 40  # grey levels under the paper
_MOST_POINTS = 40_000
_COARSE = np.arange(-20.0, 20.01, 0.4)
_FINE = np.arange(-0.6, 0.61, 0.06)
_LEAST_POINTS = 150
_LEAST_PROMINENCE = 0.25

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Skew:
    """Angle of a page's lines.

    Attributes:
        degrees: −20 … 20; positive when the lines fall to the right (turned clockwise).
        prominence: how far the best angle stands out (0 none; printed forms reach 1 and more).
        down: whether the lines run down the page rather than across it.

    """

    degrees: float
    prominence: float
    down: bool

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
    small, _ = fitted(gray, _LONG_SIDE)
    x, y, weight = _ink_points(small if flat else flatten_light(small))
    if len(x) < _LEAST_POINTS:
        return Skew(0.0, 0.0, False)
    coarse = slice(None, None, max(1, len(x) // 8_000))
    across, down = _scores(x[coarse], y[coarse], weight[coarse], _COARSE, bin_size=2.0)
    prominences = (_prominence(across), _prominence(down))
    start = _COARSE[int(np.argmax(_relative(across) + _relative(down)))]
    step = slice(None, None, max(1, len(x) // _MOST_POINTS))
    angles = start + _FINE
    across, down = _scores(x[step], y[step], weight[step], angles, bin_size=1.0)
    best = _peak(angles, _relative(across) + _relative(down))
    return Skew(best, max(prominences), prominences[1] > prominences[0])


def estimate_quarter_turn(gray: Gray) -> int:
    """0 when the lines of a page run across it, 90 when they run down it.

    Upside-down cannot be told from lines alone (a page turned by 180° answers 0, by 270° 90):
    the layouts decide that.
    """
    skew = measure_skew(gray)
    return 90 if skew.reliable and skew.down else 0


def _ink_points(flat: Gray) -> tuple[Floats, Floats, Floats]:
    height, width = flat.shape
    top, left = round(height * _EDGE), round(width * _EDGE)
    inner = flat[top : height - top, left : width - left]
    dark = cv2.subtract(255, inner)
    rows, columns = np.nonzero(dark > _INK)
    weight = dark[rows, columns].astype(np.float64)
    centre_x, centre_y = inner.shape[1] / 2, inner.shape[0] / 2
    return columns - centre_x, rows - centre_y, weight


def _scores(
    x: Floats, y: Floats, weight: Floats, angles: Floats, bin_size: float
) -> tuple[Floats, Floats]:
    """Sharpness of the projections across (rows) and down (columns) at each angle in degrees."""
    reach = float(np.hypot(np.abs(x).max(), np.abs(y).max())) + 2
    across, down = np.empty(len(angles)), np.empty(len(angles))
    for number, angle in enumerate(np.deg2rad(angles)):
        cos, sin = np.cos(angle), np.sin(angle)
        across[number] = _sharpness((y * cos - x * sin + reach) / bin_size, weight)
        down[number] = _sharpness((x * cos + y * sin + reach) / bin_size, weight)
    return across, down


def _sharpness(position: Floats, weight: Floats) -> float:
    profile = np.bincount(position.astype(np.intp), weight)
    steps = np.diff(profile)
    return float(steps @ steps)


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
