"""Marks that are no text: ticks, strike-outs, signatures, red stamps."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.arrays import Ink, Rng

_SHIFT = 4


def polyline(points: npt.NDArray[np.floating], size: tuple[int, int], width: float) -> Ink:
    """A smooth line through (n, 2) points x, y on a sheet of (height, width)."""
    sheet = np.zeros(size, np.uint8)
    fixed = (points * (1 << _SHIFT)).round().astype(np.int32)
    cv2.polylines(sheet, [fixed], False, 255, max(round(width), 1), cv2.LINE_AA, _SHIFT)
    return sheet.astype(np.float32) / np.float32(255)


def tick(kind: str, side: float, width: float, rng: Rng) -> Ink:
    """A tick about the size of its box.

    Args:
        kind: `cross`, `check` or `fill`.
        side: of the box, pixels.
        width: of the pen, pixels.
        rng: for the irregularity.

    Returns:
        Ink on a sheet twice as wide as the box, the box in its middle.

    """
    size = (int(side * 2), int(side * 2))
    middle = side + rng.normal(0, side * 0.08, 2)
    reach = side * rng.uniform(0.32, 0.62)
    if kind == "check":
        shape = np.array([[-0.8, -0.1], [-0.2, 0.8], [1.2, -1.2]])
        return polyline(_curve(middle + shape * reach, rng, side * 0.05), size, width)
    if kind == "fill":
        turns = np.linspace(0, 5 * 2 * np.pi, 60)
        radius = np.linspace(0, reach, 60)
        spiral = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius[:, None]
        return polyline(middle + spiral, size, width * 2.2)
    ends = np.array([[-1, -1], [1, 1], [1, -1], [-1, 1]]) * reach
    ends = middle + ends * rng.uniform(0.8, 1.1, (4, 2))
    first = polyline(_curve(ends[:2], rng, side * 0.05), size, width)
    return np.maximum(first, polyline(_curve(ends[2:], rng, side * 0.05), size, width))


def strike(width: float, x_height: float, rng: Rng) -> Ink:
    """One or two strokes through `width` pixels of writing."""
    height = int(x_height * 1.4) + 4
    sheet: Ink = np.zeros((height, int(width) + 8), np.float32)
    for _ in range(1 + int(rng.random() < 0.4)):
        xs = np.linspace(1, width + 6, 7)
        ys = height * rng.uniform(0.35, 0.7) + rng.normal(0, x_height * 0.07, 7).cumsum() * 0.6
        points = np.stack([xs, ys], axis=1)
        line = polyline(points, (height, int(width) + 8), max(x_height * 0.14, 1))
        sheet = np.maximum(sheet, line)
    return sheet


def signature(width: float, height: float, pen: float, rng: Rng) -> Ink:
    """A scribble: a tall first letter, quick waves with loops, a flourish back under it all.

    Args:
        width: of the sheet, pixels.
        height: of the sheet, pixels.
        pen: width of the stroke, pixels.
        rng: every signature is another; seed it alike for one person.

    """
    waves = int(rng.integers(4, 9))
    t = np.linspace(0, 1, waves * 8)
    phase, lean = rng.uniform(0, 6.28), rng.uniform(0.01, 0.05)
    sizes = [1.0, rng.uniform(0.5, 0.9), rng.uniform(0.25, 0.5), 0.12]
    size = np.interp(t, [0, 0.12, 0.5, 1], sizes)
    angle = 6.28 * waves * t + phase + rng.normal(0, 0.35, t.size).cumsum() * 0.25
    xs = 0.1 + 0.65 * t + (lean + 0.05 * size) * np.cos(angle)
    ys = 0.5 - 0.42 * size * np.sin(angle) + rng.uniform(-0.15, 0.15) * t
    points = np.stack([xs, ys], axis=1)
    if rng.random() < 0.7:
        back = [[0.97, rng.uniform(0.2, 0.5)], [rng.uniform(0.1, 0.4), rng.uniform(0.75, 0.95)]]
        points = np.concatenate([points, back, [[rng.uniform(0.6, 0.95), rng.uniform(0.7, 0.9)]]])
    sheet = (int(height) + 4, int(width) + 4)
    return polyline(_curve(points * (width, height), rng, height * 0.006), sheet, pen)


def _curve(points: npt.NDArray[np.floating], rng: Rng, wobble: float) -> npt.NDArray[np.floating]:
    """A Catmull-Rom spline through the points, a little unsteady."""
    points = points + rng.normal(0, wobble, points.shape)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    pieces = [
        b
        + 0.5 * (c - a) * t
        + (a - 2.5 * b + 2 * c - 0.5 * d) * t**2
        + 0.5 * (3 * b - a - 3 * c + d) * t**3
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate([*pieces, points[-1:]])


def sloped(ink: Ink, slope: float) -> Ink:
    """The line rising or falling by `slope` (radians) to the right, sheared in place."""
    height, width = ink.shape
    drop = slope * width
    pad = int(abs(drop)) + 1
    tall = cv2.copyMakeBorder(ink, pad, pad, 0, 0, cv2.BORDER_CONSTANT)
    matrix = np.array([[1, 0, 0], [slope, 1, 0]], np.float32)
    moved = cv2.warpAffine(tall, matrix, (width, height + 2 * pad))
    return moved[pad:].astype(np.float32)


def stamp(text: str, centre: str, diameter: float, font: str, rng: Rng) -> Ink:
    """A round seal: two rings, text along the ring, a star, a line in the middle; worn ink.

    Args:
        text: along the ring, capitals.
        centre: in the middle.
        diameter: outer, pixels.
        font: TTF file for the letters.
        rng: turn and wear.

    """
    sheet = _seal(text, centre, int(diameter), font)
    turn = float(rng.normal(0, 10))
    middle = (sheet.shape[1] / 2, sheet.shape[0] / 2)
    turned = cv2.warpAffine(sheet, cv2.getRotationMatrix2D(middle, turn, 1), sheet.shape[::-1])
    grain = rng.standard_normal((sheet.shape[0] // 6 + 2, sheet.shape[1] // 6 + 2))
    wear = cv2.resize(grain.astype(np.float32), sheet.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return (turned * np.clip(0.8 + 0.25 * wear, 0.15, 1)).astype(np.float32)


@lru_cache(maxsize=8)
def _seal(text: str, centre: str, diameter: int, font: str) -> Ink:
    size = diameter + 8
    picture = Image.new("L", (size, size))
    pen = ImageDraw.Draw(picture)
    mid, outer = size / 2, diameter / 2
    width = max(diameter // 50, 2)
    for radius in (outer, outer * 0.66):
        low, high = mid - radius, mid + radius
        pen.ellipse((low, low, high, high), outline=255, width=width)
    letters = ImageFont.truetype(font, max(int(outer * 0.2), 6))
    step = min(1.75 * np.pi / max(len(text), 1), 0.2)
    for k, letter in enumerate(text):
        angle = -np.pi / 2 + (k - (len(text) - 1) / 2) * step
        glyph = Image.new("L", (int(outer * 0.4),) * 2)
        at = (glyph.width / 2, glyph.height / 2)
        ImageDraw.Draw(glyph).text(at, letter, fill=255, font=letters, anchor="mm")
        glyph = glyph.rotate(-np.degrees(angle) - 90, resample=Image.Resampling.BICUBIC)
        x, y = mid + 0.83 * outer * np.cos(angle), mid + 0.83 * outer * np.sin(angle)
        picture.paste(255, (int(x - at[0]), int(y - at[1])), glyph)
    reach = [outer * (0.24 if k % 2 == 0 else 0.1) for k in range(10)]
    turns = [np.pi * (k / 5 - 0.5) for k in range(10)]
    high = mid - outer * 0.22
    star = [(mid + r * np.cos(a), high + r * np.sin(a)) for r, a in zip(reach, turns, strict=True)]
    pen.polygon(star, fill=255)
    small = ImageFont.truetype(font, max(int(outer * 0.18), 6))
    pen.text((mid, mid + outer * 0.25), centre, fill=255, font=small, anchor="mm")
    return np.asarray(picture, np.float32) / np.float32(255)
