"""Coarse search: the scale and place of a layout on a page, by correlation of line maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from scipy.fft import irfft2, rfft2

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import reduced
from ocr_pipeline.layout.correlation import Spectra
from ocr_pipeline.layout.line_maps import Map, ink_map, line_maps
from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout

Pixel = TypeVar("Pixel", np.uint8, np.float32)

_WORK_PER_MM = 2.4  # pixels per mm where lines are found (about 60 dpi)
_COARSE_PER_MM = 0.36  # pixels per mm of the correlation (about 9 dpi)
_STEP = 1.03  # ladder of scales
_PREPARED = 0.4  # maps are reduced to this once, then to every scale
_RANGE = 1.2  # the page's scale may differ by this factor from "page fills picture"
_WEIGHTS = (1.0, 0.7, 0.5)  # level lines, upright lines, words
_SMALL = 0.7  # a page that fills less of the picture: this share of it, and the range around
_LIKELY = 3  # layouts looked at more than once in a glance
_ASPECT = 1.6  # pictures of another shape than the page are not tried in that turn
_CLEAR = 0.57  # correlation that only the right layout reaches: no other turn is looked at


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a layout lies on a page, without rotation: pixel = scale * mm + offset.

    Attributes:
        turn: degrees clockwise (0, 90, 180, 270) that bring the picture upright.
        scale: pixels per mm on the upright picture.
        offset: pixel of the layout's origin.
        score: correlation, at most 1.

    """

    turn: int
    scale: float
    offset: tuple[float, float]
    score: float


def turned(gray: npt.NDArray[Pixel], turn: int) -> npt.NDArray[Pixel]:
    """The picture rotated clockwise by `turn` degrees (0, 90, 180, 270)."""
    return np.ascontiguousarray(np.rot90(gray, -turn // 90)) if turn % 360 else gray


class PageSearch:
    """Finds layouts on one page; what is computed for one layout serves the next."""

    def __init__(self, gray: Gray) -> None:
        longest = max(gray.shape)
        self._shrink = min(1.0, 800 / longest)
        self.small = reduced(gray, self._shrink) if self._shrink < 1 else gray
        self._maps: dict[int, list[Map]] = {}
        self._spectra: dict[tuple[int, int], tuple[Spectra, float]] = {}
        self._tried: dict[tuple[str, int, int], Pose] = {}

    def poses(
        self, loaded: LoadedLayout, turns: Iterable[int] | None = None, *, small: bool = False
    ) -> list[Pose]:
        """The best pose in each turn worth trying, best first; may be empty.

        Args:
            loaded: the layout.
            turns: try these only; None for all that fit the picture's shape.
            small: look for a page that fills much less than the picture.

        """
        found = [
            self._best(loaded, turn, usual * (_SMALL if small else 1.0))
            for turn, usual in self._usual(loaded, turns, any_shape=small)
        ]
        return sorted(found, key=lambda pose: -pose.score)

    def glance(self, layouts: Sequence[LoadedLayout]) -> tuple[LoadedLayout, Pose] | None:
        """The layout that fits best when its page fills the picture, as on most scans.

        Looks at each layout at one scale, at few scales of the likeliest, and climbs from the best
        of them; None when no layout has the picture's shape. A guess: what it says is to be
        confirmed.
        """
        seen: list[tuple[float, LoadedLayout, int, float]] = []
        best: tuple[float, LoadedLayout, int, int] | None = None
        for turns in ((0, 90), (180, 270)):
            for loaded in layouts:
                for turn, usual in self._usual(loaded, turns):
                    middle = float(np.log(usual) / np.log(_STEP))
                    seen.append((self._at(loaded, turn, round(middle)).score, loaded, turn, middle))
            seen.sort(key=lambda one: -one[0])
            for _, loaded, turn, middle in seen[:_LIKELY]:
                for rung in (int(np.floor(middle)), int(np.ceil(middle))):
                    score = self._at(loaded, turn, rung).score
                    if best is None or score > best[0]:
                        best = (score, loaded, turn, rung)
            if best is not None and best[0] >= _CLEAR:
                break
        if best is None:
            return None
        _, loaded, turn, rung = best
        found = self._at(loaded, turn, rung)
        for step in (1, -1):
            nearer = self._at(loaded, turn, rung + step)
            while nearer.score > found.score:
                rung, found = rung + step, nearer
                nearer = self._at(loaded, turn, rung + step)
        return loaded, found

    def _usual(
        self, loaded: LoadedLayout, turns: Iterable[int] | None, *, any_shape: bool = False
    ) -> Iterable[tuple[int, float]]:
        """Turns worth trying, with the pixels of the small picture per mm if the page fills it."""
        page = loaded.layout.page
        for turn in (0, 180, 90, 270) if turns is None else turns:
            height, width = self.small.shape if turn % 180 == 0 else self.small.shape[::-1]
            ratio = (width / height) / (page.width / page.height)
            if not any_shape and max(ratio, 1 / ratio) > _ASPECT:
                continue
            yield turn, 0.5 * (width / page.width + height / page.height)

    def _best(self, loaded: LoadedLayout, turn: int, usual: float) -> Pose:
        first = int(np.ceil(np.log(usual / _RANGE) / np.log(_STEP)))
        last = int(np.floor(np.log(usual * _RANGE) / np.log(_STEP)))
        tried = [self._at(loaded, turn, rung) for rung in range(first, last + 1)]
        return max(tried, key=lambda pose: pose.score)

    def _at(self, loaded: LoadedLayout, turn: int, rung: int) -> Pose:
        """The best place of the layout at one scale."""
        key = (loaded.layout.id, turn, rung)
        if key not in self._tried:
            spectra, norm = self._spectrum(turn, rung)
            surface = _correlate(spectra, _reference_spectra(loaded))
            _, top, _, (x, y) = cv2.minMaxLoc(surface)
            dx, dy = _subpixel(surface, x, y)
            scale = _STEP**rung
            offset = (
                dx / _COARSE_PER_MM * scale / self._shrink,
                dy / _COARSE_PER_MM * scale / self._shrink,
            )
            self._tried[key] = Pose(turn, scale / self._shrink, offset, float(top / norm))
        return self._tried[key]

    def _spectrum(self, turn: int, rung: int) -> tuple[Spectra, float]:
        """Spectra of the page's maps, taking `_STEP**rung` pixels of the small picture as 1 mm."""
        key = (turn, rung)
        if key not in self._spectra:
            factor = _COARSE_PER_MM / _STEP**rung / _PREPARED
            channels = [_resized(m, factor) for m in self._line_maps(turn)]
            self._spectra[key] = _spectra(channels)
        return self._spectra[key]

    def _line_maps(self, turn: int) -> list[Map]:
        if turn not in self._maps and turn - 180 in self._maps:  # the same, upside down
            self._maps[turn] = [turned(m, 180) for m in self._maps[turn - 180]]
        elif turn not in self._maps:
            upright = turned(self.small, turn)
            scale = max(upright.shape) / 297.0
            maps = line_maps(ink_map(upright, scale), scale)
            self._maps[turn] = [_resized(m, _PREPARED) for m in maps.channels()]
        return self._maps[turn]


_SIZE = 240  # side of the spectra: 670 mm at 9 dpi, an A3 sheet and its surroundings


@kept_with_layout
def _reference_spectra(loaded: LoadedLayout) -> Spectra:
    """Conjugate spectra of the layout's maps, of unit energy."""
    scale = loaded.layout.reference_dpi / 25.4
    small = _resized(loaded.reference, _WORK_PER_MM / scale)
    maps = line_maps(ink_map(small, _WORK_PER_MM), _WORK_PER_MM)
    factor = _COARSE_PER_MM / _WORK_PER_MM
    channels = [_resized(m, factor) for m in maps.channels()]
    spectra, norm = _spectra(channels)
    return np.asarray(np.conj(spectra) / np.float32(norm), np.complex64)


def _resized(picture: npt.NDArray[Pixel], factor: float) -> npt.NDArray[Pixel]:
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, picture.dtype)


def _spectra(channels: list[Map]) -> tuple[Spectra, float]:
    """Spectra of the weighted channels without their means, and the energy of all of them."""
    padded = np.zeros((len(channels), _SIZE, _SIZE), np.float32)
    energy = 0.0
    for sheet, channel, weight in zip(padded, channels, _WEIGHTS, strict=True):
        soft = cv2.GaussianBlur(channel, (0, 0), 0.8)
        norm = float(np.linalg.norm(soft)) or 1.0
        centred = (soft - soft.mean()) * (weight / norm)
        energy += float((centred**2).sum())
        height, width = min(_SIZE, channel.shape[0]), min(_SIZE, channel.shape[1])
        sheet[:height, :width] = centred[:height, :width]
    return np.asarray(rfft2(padded), np.complex64), float(np.sqrt(energy)) or 1.0


def _correlate(page: Spectra, reference: Spectra) -> Map:
    """Correlation of all maps at every shift; a page asks for it up to some hundred times."""
    return np.asarray(irfft2((page * reference).sum(axis=0), s=(_SIZE, _SIZE)), np.float32)


def _subpixel(surface: Map, x: int, y: int) -> tuple[float, float]:
    """Peak at (x, y) refined by parabolas; shifts beyond half the size are negative."""
    size = surface.shape[0]

    def vertex(before: float, top: float, after: float) -> float:
        curve = before - 2 * top + after
        return 0.0 if curve >= 0 else float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5))

    top = float(surface[y, x])
    dx = vertex(surface[y, x - 1], top, surface[y, (x + 1) % size])
    dy = vertex(surface[y - 1, x], top, surface[(y + 1) % size, x])
    fx = x - size if x > size // 2 else x
    fy = y - size if y > size // 2 else y
    return fx + dx, fy + dy
