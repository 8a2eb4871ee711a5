"""Coarse search: the scale and place of a layout on a page, by correlation of line maps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.maps import Gray, Map, ink_map, line_maps

Pixel = TypeVar("Pixel", np.uint8, np.float32)

_WORK = 2.4  # pixels per mm where lines are found (about 60 dpi)
_COARSE = 0.36  # pixels per mm of the correlation (about 9 dpi)
_STEP = 1.03  # ladder of scales
_PREPARED = 0.4  # maps are reduced to this once, then to every scale
_RANGE = 1.2  # the page's scale may differ by this factor from "page fills picture"
_WEIGHTS = (1.0, 0.7, 0.5)  # level lines, upright lines, words
_SMALL = 0.7  # a page that fills less of the picture: this share of it, and the range around
_ASPECT = 1.6  # pictures of another shape than the page are not tried in that turn


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


def turned(gray: npt.NDArray[np.uint8], turn: int) -> npt.NDArray[np.uint8]:
    """The picture rotated clockwise by `turn` degrees (0, 90, 180, 270)."""
    return np.ascontiguousarray(np.rot90(gray, -turn // 90)) if turn % 360 else gray


class PageSearch:
    """Finds layouts on one page; what is computed for one layout serves the next."""

    def __init__(self, gray: Gray) -> None:
        longest = max(gray.shape)
        self._shrink = min(1.0, 800 / longest)
        self.small = _resized(gray, self._shrink) if self._shrink < 1 else gray
        self._maps: dict[int, list[Map]] = {}
        self._spectra: dict[tuple[int, int], tuple[list[Map], float]] = {}

    def poses(
        self, loaded: LoadedLayout, turns: Iterable[int] | None = None, *, small: bool = False
    ) -> list[Pose]:
        """The best pose in each turn worth trying, best first; may be empty.

        Args:
            loaded: the layout.
            turns: try these only; None for all that fit the picture's shape.
            small: look for a page that fills much less than the picture.

        """
        page = loaded.layout.page
        found = []
        for turn in (0, 180, 90, 270) if turns is None else turns:
            height, width = self.small.shape if turn % 180 == 0 else self.small.shape[::-1]
            ratio = (width / height) / (page.width / page.height)
            if turns is None and not small and max(ratio, 1 / ratio) > _ASPECT:
                continue
            usual = 0.5 * (width / page.width + height / page.height)
            found.append(self._best(loaded, turn, usual * (_SMALL if small else 1.0)))
        return sorted(found, key=lambda pose: -pose.score)

    def _best(self, loaded: LoadedLayout, turn: int, usual: float) -> Pose:
        first = int(np.ceil(np.log(usual / _RANGE) / np.log(_STEP)))
        last = int(np.floor(np.log(usual * _RANGE) / np.log(_STEP)))
        reference, size = _reference_spectra(loaded)
        best = Pose(turn, usual / self._shrink, (0.0, 0.0), -1.0)
        for rung in range(first, last + 1):
            spectra, norm = self._spectrum(turn, rung)
            surface = _correlate(spectra, reference)
            _, top, _, (x, y) = cv2.minMaxLoc(surface)
            score = top / norm
            if score > best.score:
                dx, dy = _subpixel(surface, x, y)
                scale = _STEP**rung
                offset = (dx / _COARSE * scale / self._shrink, dy / _COARSE * scale / self._shrink)
                best = Pose(turn, scale / self._shrink, offset, float(score))
        return best

    def _spectrum(self, turn: int, rung: int) -> tuple[list[Map], float]:
        """Spectra of the page's maps, taking `_STEP**rung` pixels of the small picture as 1 mm."""
        key = (turn, rung)
        if key not in self._spectra:
            factor = _COARSE / _STEP**rung / _PREPARED
            channels = [_resized(m, factor) for m in self._line_maps(turn)]
            self._spectra[key] = _spectra(channels)
        return self._spectra[key]

    def _line_maps(self, turn: int) -> list[Map]:
        if turn not in self._maps:
            upright = turned(self.small, turn)
            scale = max(upright.shape) / 297.0
            maps = line_maps(ink_map(upright, scale), scale)
            self._maps[turn] = [_resized(m, _PREPARED) for m in maps.channels()]
        return self._maps[turn]


_SIZE = 240  # side of the spectra: 670 mm at 9 dpi, an A3 sheet and its surroundings


@lru_cache(maxsize=512)
def _reference_spectra(loaded: LoadedLayout) -> tuple[list[Map], int]:
    scale = loaded.layout.reference_dpi / 25.4
    small = _resized(loaded.reference, _WORK / scale)
    maps = line_maps(ink_map(small, _WORK), _WORK)
    factor = _COARSE / _WORK
    channels = [_resized(m, factor) for m in maps.channels()]
    spectra, norm = _spectra(channels)
    return [s / norm for s in spectra], _SIZE


def _resized(picture: npt.NDArray[Pixel], factor: float) -> npt.NDArray[Pixel]:
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, picture.dtype)


def _spectra(channels: list[Map]) -> tuple[list[Map], float]:
    """Spectra of the weighted channels without their means, and the energy of all of them."""
    spectra, energy = [], 0.0
    for channel, weight in zip(channels, _WEIGHTS, strict=True):
        soft = cv2.GaussianBlur(channel, (0, 0), 0.8)
        norm = float(np.linalg.norm(soft)) or 1.0
        centred = (soft - soft.mean()) * (weight / norm)
        energy += float((centred**2).sum())
        padded = np.zeros((_SIZE, _SIZE), np.float32)
        height, width = min(_SIZE, channel.shape[0]), min(_SIZE, channel.shape[1])
        padded[:height, :width] = centred[:height, :width]
        spectra.append(np.asarray(cv2.dft(padded), np.float32))
    return spectra, float(np.sqrt(energy)) or 1.0


def _correlate(page: list[Map], reference: list[Map]) -> Map:
    total = sum(cv2.mulSpectrums(p, r, 0, conjB=True) for p, r in zip(page, reference, strict=True))
    return cv2.idft(total, flags=cv2.DFT_SCALE)  # type: ignore[return-value,arg-type]


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
