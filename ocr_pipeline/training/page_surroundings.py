"""What is seen around a page: the facing page, edges of the pages below, the table or the lid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Rgb, Rng
from ocr_pipeline.training.drawn_pages import FilledPage
from ocr_pipeline.training.form_background import noise


@dataclass(frozen=True)
class PageSurroundings:
    """A page with its surroundings in one plane.

    Attributes:
        pixels: (H, W, 3) RGB.
        origin: x, y in mm of the page's corner in it.
        spine: x of the bound edge in mm of the page.

    """

    pixels: Rgb
    origin: tuple[float, float]
    spine: float


def spread(
    sheet: Rgb,
    scale: float,
    beside: FilledPage | None,
    light: float,
    right_page: bool,
    phone: bool,
    rng: Rng,
) -> PageSurroundings:
    """Put the facing page on the bound side of a sheet and edges of other pages on the other.

    Args:
        sheet: the page on its paper.
        scale: pixels a millimetre.
        beside: the facing page, or None.
        light: brightness of the paper.
        right_page: bound on its left.
        phone: a photograph sees more of the surroundings.
        rng: how much is seen.

    """
    height = sheet.shape[0]
    wide = max(int(scale * (rng.uniform(12, 40) if phone else rng.uniform(0, 14))), 1)
    facing = np.full((height, wide, 3), light * 0.96, np.uint8)
    if beside is not None and beside.pixels.shape[0] == height:
        near = beside.pixels[:, -wide:] if right_page else beside.pixels[:, :wide]
        facing[:, : near.shape[1]] = (near * np.float32(light / 255 * 0.96)).astype(np.uint8)
    edges = _edges(height, int(scale * rng.uniform(1, 4)), light, rng)
    parts = [facing, sheet, edges] if right_page else [edges[:, ::-1], sheet, facing]
    width_mm = sheet.shape[1] / scale
    pixels = np.ascontiguousarray(np.concatenate(parts, axis=1))
    return PageSurroundings(
        pixels, (parts[0].shape[1] / scale, 0.0), 0.0 if right_page else width_mm
    )


def _edges(height: int, width: int, light: float, rng: Rng) -> Rgb:
    """Edges of the pages below: thin lines, the darker the lower the page."""
    columns = light * np.linspace(0.93, 0.75, max(width, 1)) + rng.normal(0, 7, max(width, 1))
    columns[0] *= 0.8
    tone = np.clip(columns, 0, 255).astype(np.uint8)
    return np.repeat(np.repeat(tone[None, :, None], height, axis=0), 3, axis=2)


def table(size: tuple[int, int], phone: bool, rng: Rng) -> Rgb:
    """The ground of a picture (height, width): scanner lid or table."""
    if not phone:
        grey = rng.uniform(225, 250) if rng.random() < 0.6 else rng.uniform(25, 70)
        return np.full((*size, 3), int(grey), np.uint8)
    height, width = size
    colours = [(122, 86, 58), (150, 118, 84), (96, 96, 100), (60, 72, 84), (170, 165, 158)]
    base = np.array(colours[int(rng.integers(len(colours)))], np.float32) * rng.uniform(0.8, 1.2)
    small = (height // 4 + 2, width // 4 + 2)
    texture = noise(small, 40, rng) * 6 + noise(small, 2, rng) * 2
    if rng.random() < 0.5:  # the grain of wood
        stripes = cv2.resize(rng.standard_normal((small[0] // 2, 4), dtype=np.float32), small[::-1])
        texture += 5 * stripes
    fine = cv2.resize(texture, (width, height), interpolation=cv2.INTER_LINEAR)
    ground: Rgb = np.clip(base + fine[..., None], 0, 255).astype(np.uint8)
    return ground
