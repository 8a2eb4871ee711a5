"""Scanners and phones: what becomes of a clean page between the table and the file.

Every picture comes with the true mapping from page millimetres to pixels, so that registration can
be measured against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from ocr_pipeline.arrays import Points, Rgb, Rng
from ocr_pipeline.data_files import load_data
from ocr_pipeline.training.data_schema import (
    DATA,
    AnyCondition,
    ConditionFile,
    PhoneCondition,
    Range,
)
from ocr_pipeline.training.drawn_pages import FilledPage
from ocr_pipeline.training.form_background import noise
from ocr_pipeline.training.page_surroundings import PageSurroundings, spread, table

_PRINT_FREE = 6.0  # mm along the edges of a page without print
_GRID = 16  # pixels between the nodes on which a bend is computed


@dataclass(frozen=True)
class PageMap:
    """Where a point of the page lies in the picture.

    Attributes:
        matrix: (3, 3) homography from millimetres of the bent page to pixels.
        spine: x of the bound edge in mm.
        bend: how far the page bulges towards the spine, mm.
        wave: amplitude of a wave over the page's width, mm.
        size: width and height of the page, mm.

    """

    matrix: Points
    spine: float
    bend: float
    wave: float
    size: tuple[float, float]

    def to_scan(self, points: Points) -> Points:
        """Points of the flat page (mm) → pixels of the picture, as it is looked at."""
        flat = np.asarray(points, np.float64)
        return _project(self.matrix, flat + self._shift(flat))

    def to_page(self, points: Points) -> Points:
        """Pixels → millimetres of the flat page; the inverse of `to_scan`."""
        bent = _project(np.linalg.inv(self.matrix), np.asarray(points, float))
        flat = bent.copy()
        for _ in range(6):
            flat = bent - self._shift(flat)
        return flat

    def _shift(self, points: Points) -> Points:
        width, height = self.size
        away = np.abs(points[:, 0] - self.spine) / width
        near = np.exp(-away * 4.5)
        inwards = np.sign(self.spine - width / 2)
        dx = -0.6 * inwards * self.bend * near
        dy = self.bend * near * (0.35 + 1.1 * (points[:, 1] / height - 0.5))
        dy = dy + self.wave * np.sin(np.pi * points[:, 0] / width)
        return np.stack([dx, dy], axis=1)

    def turned(self, quarters: int, size: tuple[int, int]) -> PageMap:
        """The same after turning the picture (height, width) by `quarters` × 90° clockwise."""
        matrix = self.matrix
        height, width = size
        for _ in range(quarters % 4):
            matrix = np.array([[0.0, -1, height - 1], [1, 0, 0], [0, 0, 1]]) @ matrix
            height, width = width, height
        return replace(self, matrix=matrix)


@dataclass(frozen=True)
class DrawnScan:
    """A picture of a page: (H, W, 3) uint8 RGB, its mapping, and how to save it."""

    pixels: Rgb
    map: PageMap
    dpi: float
    quality: int
    photographed: bool

    def turned(self, quarters: int) -> DrawnScan:
        """The same page put in wrongly: turned by `quarters` × 90° clockwise."""
        height, width = self.pixels.shape[:2]
        mapping = self.map.turned(quarters, (height, width))
        pixels = np.ascontiguousarray(np.rot90(self.pixels, -quarters))
        return replace(self, pixels=pixels, map=mapping)


@dataclass(frozen=True)
class Paper:
    """What all pages of a book share: colour of the paper, how worn, and the bound side."""

    light: float
    yellow: float
    stains: float


@cache
def conditions() -> Mapping[str, AnyCondition]:
    """Contents of `data/conditions.yaml`."""
    return load_data(DATA / "conditions.yaml", ConditionFile)


def draw(rng: Rng, bounds: Range) -> float:
    """A number between two bounds."""
    return float(rng.uniform(bounds[0], bounds[1]))


def book_paper(condition: str, rng: Rng) -> Paper:
    """The paper of one book in that condition."""
    c = conditions()[condition].paper
    return Paper(draw(rng, c.light), draw(rng, c.yellow), draw(rng, c.stains))


def scan(
    page: FilledPage,
    condition: str,
    paper: Paper,
    rng: Rng,
    dpi: float,
    back: FilledPage | None = None,
    beside: FilledPage | None = None,
    right_page: bool = True,
) -> DrawnScan:
    """Scan or photograph a page.

    Args:
        page: the filled page; its resolution should be a little higher than `dpi`.
        condition: key of `data/conditions.yaml`.
        paper: of the book.
        rng: all chance comes from here.
        dpi: of the picture; for photographs about that many pixels an inch of paper.
        back: what is on the back, shining through.
        beside: the facing page, of which a strip is seen.
        right_page: bound on its left.

    """
    c = conditions()[condition]
    sheet = _on_paper(page, back, paper, draw(rng, c.bleed), rng)
    if rng.random() < c.fold:
        sheet = _folded(sheet, rng)
    phone = isinstance(c, PhoneCondition)
    around = spread(sheet, page.scale, beside, paper.light, right_page, phone, rng)
    mapping, size = _pose(page, around, c, dpi, rng)
    picture = _take(around, mapping, size, page.scale, phone, rng)
    picture = _light(picture, mapping, c, rng)
    picture = _sense(picture, draw(rng, c.blur), draw(rng, c.noise), rng)
    return DrawnScan(picture, mapping, dpi, round(draw(rng, c.quality)), phone)


def _on_paper(
    page: FilledPage, back: FilledPage | None, paper: Paper, bleed: float, rng: Rng
) -> Rgb:
    """Colour and stains of the paper, and what shines through from the back."""
    height, width = page.pixels.shape[:2]
    colour = np.array([1.0, 1 - 0.25 * paper.yellow / 255, 1 - paper.yellow / 255], np.float32)
    coarse = noise((height // 8 + 1, width // 8 + 1), 24, rng) * 0.7
    coarse += noise((height // 8 + 1, width // 8 + 1), 5, rng) * 0.5
    stains = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    tone = paper.light + paper.stains * stains
    if back is not None and bleed > 0:
        grey = cv2.cvtColor(back.pixels, cv2.COLOR_RGB2GRAY)[:, ::-1]
        soft = cv2.GaussianBlur(np.ascontiguousarray(grey), (0, 0), 0.25 * page.scale)
        soft = cv2.resize(soft, (width, height)).astype(np.float32)
        tone = tone * (1 - bleed * (1 - soft / 255))
    out = np.empty_like(page.pixels)
    for k in range(3):
        out[..., k] = np.clip(page.pixels[..., k] * (tone * (colour[k] / 255)), 0, 255)
    return out


def _folded(sheet: Rgb, rng: Rng) -> Rgb:
    """A crease across the page: a bright ridge beside a soft shadow."""
    height, width = sheet.shape[:2]
    upright = rng.random() < 0.4
    length = width if upright else height
    at = rng.uniform(0.2, 0.8) * length
    distance = np.arange(length, dtype=np.float32) - np.float32(at)
    shade = -0.12 * np.exp(-np.abs(distance) / (0.012 * length)) * (distance > 0)
    ridge = 0.08 * np.exp(-((distance / (0.0015 * length)) ** 2))
    gain = (1 + shade + ridge).astype(np.float32)
    gain = gain[None, :, None] if upright else gain[:, None, None]
    folded: Rgb = np.clip(sheet * gain, 0, 255).astype(np.uint8)
    return folded


def _pose(
    page: FilledPage, around: PageSurroundings, c: AnyCondition, dpi: float, rng: Rng
) -> tuple[PageMap, tuple[int, int]]:
    """How the page lies under the scanner or camera, and the picture's (height, width)."""
    phone = isinstance(c, PhoneCondition)
    scale = dpi / 25.4
    width, height = page.pixels.shape[1] / page.scale, page.pixels.shape[0] / page.scale
    left, top, right, bottom = (draw(rng, c.margin) for _ in range(4))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    angle = np.radians(draw(rng, c.skew))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (corners - corners.mean(axis=0)) @ turn.T + corners.mean(axis=0)
    if isinstance(c, PhoneCondition):
        strength = draw(rng, c.perspective)
        moved = moved + rng.normal(0, strength, (4, 2)) * (width, height)
    low = moved.min(axis=0) if phone else np.zeros(2)
    high = moved.max(axis=0) if phone else np.array([width, height])
    if not phone:  # whoever scans sees to it that what is printed is on the picture
        inner = corners + np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * _PRINT_FREE
        inner = (inner - corners.mean(axis=0)) @ turn.T + corners.mean(axis=0)
        low, high = np.minimum(low, inner.min(axis=0)), np.maximum(high, inner.max(axis=0))
        left, top, right, bottom = (max(m, -_PRINT_FREE / 3) for m in (left, top, right, bottom))
    pixels = (moved - low + (left, top)) * scale
    size = high - low + (left + right, top + bottom)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), pixels.astype(np.float32))
    bend = draw(rng, c.bend)
    wave = float(rng.normal(0, 0.35)) * bend if phone else 0.0
    mapping = PageMap(matrix.astype(float), around.spine, bend, wave, (width, height))
    return mapping, (round(float(size[1]) * scale), round(float(size[0]) * scale))


def _take(
    around: PageSurroundings,
    mapping: PageMap,
    size: tuple[int, int],
    scale: float,
    phone: bool,
    rng: Rng,
) -> Rgb:
    """The picture of the page and what lies around it."""
    height, width = size
    ys, xs = np.mgrid[0 : height + _GRID : _GRID, 0 : width + _GRID : _GRID].astype(float)
    flat = mapping.to_page(np.stack([xs.ravel(), ys.ravel()], axis=1))
    nodes = (flat + around.origin) * scale
    fine = [
        cv2.warpAffine(
            nodes[:, k].reshape(xs.shape).astype(np.float32),
            np.array([[1 / _GRID, 0, 0], [0, 1 / _GRID, 0]]),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for k in range(2)
    ]
    background = table(size, phone, rng)
    return cv2.remap(
        around.pixels,
        fine[0],
        fine[1],
        cv2.INTER_LINEAR,
        dst=background,
        borderMode=cv2.BORDER_TRANSPARENT,
    ).astype(np.uint8)


def _light(picture: Rgb, mapping: PageMap, c: AnyCondition, rng: Rng) -> Rgb:
    """The dark valley at the spine; a lamp to one side and shadows for photographs."""
    height, width = picture.shape[:2]
    step = 8
    ys, xs = np.mgrid[0:height:step, 0:width:step].astype(float)
    flat = mapping.to_page(np.stack([xs.ravel(), ys.ravel()], axis=1))
    away = np.abs(flat[:, 0] - mapping.spine).reshape(xs.shape)
    gain: Points = 1 - 0.1 * min(mapping.bend, 3.0) * np.exp(-away / 5.0)
    tint: Points = np.ones(3)
    if isinstance(c, PhoneCondition):
        direction, shade = rng.uniform(0, 6.28), draw(rng, c.shade)
        across = (xs / width - 0.5) * np.cos(direction) + (ys / height - 0.5) * np.sin(direction)
        gain = gain * (1 - shade * (across + 0.5))
        if rng.random() < c.shadow:
            gain = gain * _shadow(xs / width, ys / height, rng)
        tint = tint + rng.normal(0, 0.025, 3)
    fine = cv2.resize(gain.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(picture * (fine[..., None] * tint.astype(np.float32)), 0, 255).astype(np.uint8)


def _shadow(xs: Points, ys: Points, rng: Rng) -> Points:
    """A hand's or a phone's shadow with a soft edge, reaching in from one side."""
    angle, reach = rng.uniform(0, 6.28), rng.uniform(0.1, 0.45)
    edge = (xs - 0.5) * np.cos(angle) + (ys - 0.5) * np.sin(angle) - reach
    edge = edge + 0.05 * np.sin(8 * (ys * np.cos(angle) - xs * np.sin(angle)) + angle)
    light: Points = 1 - rng.uniform(0.15, 0.4) / (1 + np.exp(-edge / rng.uniform(0.02, 0.06)))
    return light


def _sense(picture: Rgb, blur: float, grain: float, rng: Rng) -> Rgb:
    """Optics and sensor: a little blur, noise that is alike in neighbouring pixels."""
    soft = cv2.GaussianBlur(picture, (0, 0), blur)
    speckle = rng.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(grain)
    speckle = cv2.GaussianBlur(speckle, (0, 0), 0.6) * np.float32(1.6)
    return np.clip(soft + speckle[..., None], 0, 255).astype(np.uint8)


def _project(matrix: Points, points: Points) -> Points:
    homogeneous: Points = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return homogeneous[:, :2] / homogeneous[:, 2:]
