"""Finds small patches and line profiles near where they are expected, by correlation."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from scipy.fft import irfft2, next_fast_len, rfft2

from ocr_pipeline.arrays import Floats
from ocr_pipeline.layout.line_maps import Map

Shape = tuple[int, int]
Spectra = npt.NDArray[np.complex64]

_SHALLOW = 0.05  # a line less dark than this, in units of the print, counts for less


class Patch:
    """A small picture to look for, with what is computed of it once for many pages.

    Args:
        picture: (h, w) or (h, w, planes) float32.

    """

    def __init__(self, picture: Map) -> None:
        self.height, self.width = picture.shape[:2]
        self.size = picture.size
        planes = _planes(picture)
        self._planes = planes - planes.mean(axis=(1, 2), keepdims=True) if self.size else planes
        self.energy = max(float(np.vdot(self._planes, self._planes)), 1e-6)
        self._spectra: dict[Shape, Spectra] = {}

    def spectra(self, shape: Shape) -> Spectra:
        """Conjugate spectrum of each plane, its mean taken off, padded to `shape`."""
        if shape not in self._spectra:
            self._spectra[shape] = np.conj(_spectra(self._planes, shape))
        return self._spectra[shape]


def search_patch(
    picture: Map, patch: Patch, x1: int, y1: int, reach: int, leaning: float = 0.0
) -> tuple[float, float, float, float, float] | None:
    """Shift (dx, dy) of `patch` around (x1, y1) in pixels, its correlation, and its firmness.

    `leaning` prefers small shifts: what the correlation loses towards the end of the reach.
    """
    top, left = max(y1 - reach, 0), max(x1 - reach, 0)
    window = picture[top : y1 + patch.height + reach, left : x1 + patch.width + reach]
    if window.shape[0] <= patch.height or window.shape[1] <= patch.width or not patch.size:
        return None
    surface = _correlation(window, patch)
    if leaning:
        surface = surface - leaning * _distance(surface.shape, x1 - left, y1 - top, reach)
    _, score, _, (px, py) = cv2.minMaxLoc(surface)
    dx, cx = _vertex(surface[py], px)
    dy, cy = _vertex(surface[:, px], py)
    return left + px + dx - x1, top + py + dy - y1, score, cx, cy


@lru_cache(maxsize=256)
def _distance(shape: tuple[int, ...], x: int, y: int, reach: int) -> Map:
    """Square of the distance from (x, y), 1 at `reach`."""
    rows, columns = np.arange(shape[0], dtype=np.float32), np.arange(shape[1], dtype=np.float32)
    result: Map = ((rows[:, None] - y) ** 2 + (columns - x) ** 2) / np.float32(reach**2)
    return result


def _correlation(window: Map, patch: Patch) -> Map:
    """As `cv2.matchTemplate` with TM_CCOEFF_NORMED, forty times faster on small pictures.

    SciPy transforms pictures of a hundred pixels a side in half of OpenCV's time, and NumPy
    multiplies their spectra in a fifth.
    """
    height, width = patch.height, patch.width
    shape = (next_fast_len(window.shape[0], real=True), next_fast_len(window.shape[1], real=True))
    planes = _planes(window)
    product = (_spectra(planes, shape) * patch.spectra(shape)).sum(axis=0)
    spread = np.sum([_variance(plane, height, width) for plane in planes], axis=0)
    floor = 1e-5 * height * width  # an even window correlates with nothing
    found = irfft2(product, s=shape)[: spread.shape[0], : spread.shape[1]]
    return np.asarray(found / np.sqrt(np.maximum(spread, floor) * patch.energy), np.float32)


def _variance(plane: Map, height: int, width: int) -> Floats:
    """Sum of the squared distances from the mean, of each part of so many rows and columns."""
    sums, squares = (
        whole[height:, width:] - whole[:-height, width:] - whole[height:, :-width]
        + whole[:-height, :-width]
        for whole in cv2.integral2(plane)
    )  # fmt: skip
    return np.asarray(squares - sums * sums / (height * width), np.float64)


def _planes(picture: Map) -> Map:
    """(planes, h, w)."""
    return np.ascontiguousarray(np.moveaxis(picture, 2, 0)) if picture.ndim == 3 else picture[None]


def _spectra(planes: Map, shape: Shape) -> Spectra:
    return np.asarray(rfft2(planes, s=shape), np.complex64)


def _vertex(values: npt.NDArray[np.floating], peak: int) -> tuple[float, float]:
    """Sub-pixel offset of a peak, and how much it falls off within three pixels (0–1)."""
    if not 0 < peak < len(values) - 1:
        return 0.0, 0.0
    before, top, after = (float(v) for v in values[peak - 1 : peak + 2])
    curve = before - 2 * top + after
    offset = 0.0 if curve >= 0 else min(max(0.5 * (before - after) / curve, -0.5), 0.5)
    around = max(float(values[max(peak - 3, 0)]), float(values[min(peak + 3, len(values) - 1)]))
    return offset, min(max((top - around) / 0.25, 0.0), 1.0)


def search_profiles(longs: Floats, shorts: Floats) -> tuple[Floats, Floats]:
    """Where profiles lie within longer ones.

    Args:
        longs: (N, L) measured.
        shorts: (N, K) expected in their middle, K <= L.

    Returns:
        Shifts (N,) in samples and correlations (N,); 0 where nothing was found.

    """
    count = shorts.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(longs, count, axis=1)
    centred = windows - windows.mean(axis=2, keepdims=True)
    wanted = shorts - shorts.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("nwk,nwk->nw", centred, centred))
    energy = np.sqrt((wanted**2).sum(axis=1, keepdims=True))
    scores = np.einsum("nwk,nk->nw", centred, wanted) / np.maximum(spread * energy, 1e-6)
    # the deepest line, not the best-shaped ripple of the paper
    scores *= np.minimum(1.0, spread / (_SHALLOW * np.sqrt(count)))
    peaks = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    best = scores[rows, peaks]
    last = scores.shape[1] - 1
    before, after = (
        scores[rows, np.maximum(peaks - 1, 0)],
        scores[rows, np.minimum(peaks + 1, last)],
    )
    curve = before - 2 * best + after
    inner = (peaks > 0) & (peaks < last) & (curve < 0)
    offset = np.where(inner, 0.5 * (before - after) / np.where(inner, curve, 1.0), 0.0)
    shifts = peaks + np.clip(offset, -0.5, 0.5) - last / 2
    return np.where(best > 0, shifts, 0.0), np.maximum(best, 0.0)
