"""Pens: draw strokes as grey ink with varied width, pressure, nib, slant and fading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray
from ocr_pipeline.training.pen_strokes import Stroke

_SHIFT = 4  # fractional bits of cv2's drawing coordinates
_OVERSAMPLE = 2
_STEADY = 3  # segments of a stroke that are drawn with one width


@dataclass(frozen=True)
class Pen:
    """How a line is written.

    Attributes:
        width: of the stroke, in letter sizes (0.1 fine ballpoint … 0.5 marker).
        pressure: how much the width wavers along a stroke, 0–1.
        nib: how much the width depends on the direction, 0 ballpoint … 1 broad nib.
        angle: of a broad nib, radians.
        darkness: 0–1, of full ink.
        fading: how much strokes differ in darkness, 0–1.

    """

    width: float
    pressure: float = 0.0
    nib: float = 0.0
    angle: float = 0.7
    darkness: float = 0.85
    fading: float = 0.0


def random_pen(rng: np.random.Generator) -> Pen:
    """Mostly ballpoints, some fountain pens and markers."""
    kind = rng.random()
    return Pen(
        width=float(np.clip(rng.lognormal(np.log(0.24), 0.35), 0.1, 0.6)),
        pressure=float(rng.uniform(0.1, 0.6)) if kind < 0.6 else 0.0,
        nib=float(rng.uniform(0.2, 0.8)) if kind > 0.8 else 0.0,
        angle=float(rng.uniform(0.4, 1.1)),
        darkness=float(np.clip(rng.normal(0.72, 0.16), 0.3, 1.0)),
        fading=float(rng.uniform(0, 0.35)) if rng.random() < 0.5 else 0.0,
    )


def restyle(strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Another look of the same hand: slant, stretch, slope, a waving base line, bent letters."""
    slant = rng.normal(0, 0.15)
    stretch = float(np.exp(rng.normal(0, 0.12)))
    slope = rng.normal(0, 0.008)
    wave, period, phase = rng.normal(0, 0.1), rng.uniform(12, 50), rng.uniform(0, 6.3)
    bend, bend_period = rng.normal(0, 0.07, 2), rng.uniform(1.5, 5)
    if not strokes:
        return []
    x, y = np.concatenate(strokes).T
    new_x = stretch * x - slant * y + bend[0] * np.sin(6.28 * y / bend_period + phase)
    new_y = y + slope * x + wave * np.sin(6.28 * x / period + phase)
    new_y = new_y + bend[1] * np.sin(6.28 * x / bend_period + phase)
    points = np.stack([new_x, new_y], axis=1).astype(np.float32)
    return np.split(points, np.cumsum([len(s) for s in strokes])[:-1])


def draw(
    strokes: Sequence[Stroke],
    size: float,
    pen: Pen,
    rng: np.random.Generator,
    margin: tuple[int, int, int, int] = (6, 6, 6, 6),
) -> npt.NDArray[np.float32]:
    """Draw strokes on their own sheet.

    Args:
        strokes: in letter sizes.
        size: pixels of a letter size (about a third of a small letter's height and over).
        pen: the pen.
        rng: for wavering and fading.
        margin: left, top, right, bottom pixels around the ink; negative cuts ink off.

    Returns:
        (height, width) float32 ink, 0 paper … 1 full ink.

    """
    if not strokes:
        return np.zeros((max(margin[1] + margin[3], 8), max(margin[0] + margin[2], 8)), np.float32)
    points = np.concatenate(strokes)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    half = pen.width / 2
    scale = size * _OVERSAMPLE
    width = max(int((right - left + 2 * half) * size) + margin[0] + margin[2], 4)
    height = max(int((bottom - top + 2 * half) * size) + margin[1] + margin[3], 4)
    canvas = np.zeros((height * _OVERSAMPLE, width * _OVERSAMPLE), np.uint8)
    origin = np.array([half - left + margin[0] / size, half - top + margin[1] / size], np.float32)
    thick = pen.width * scale
    for s in strokes:
        ink = int(255 * (1 - pen.fading * rng.random()))
        fixed = ((s + origin) * scale * (1 << _SHIFT)).round().astype(np.int32)
        if len(fixed) == 1:
            fixed = np.concatenate([fixed, fixed + 1])
        if pen.pressure or pen.nib:
            _draw_wavering(canvas, fixed, thick, ink, pen, rng)
        else:
            cv2.polylines(canvas, [fixed], False, ink, max(round(thick), 1), cv2.LINE_AA, _SHIFT)
    sheet = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return sheet.astype(np.float32) / np.float32(255)


def _draw_wavering(
    canvas: Gray,
    fixed: npt.NDArray[np.int32],
    thick: float,
    ink: int,
    pen: Pen,
    rng: np.random.Generator,
) -> None:
    """Draw runs of a stroke, each with the width that pressure and direction give it."""
    steps = np.diff(fixed, axis=0).astype(np.float32)
    count = len(steps)
    widths = np.full(count, thick, np.float32)
    if pen.pressure:
        knots = rng.normal(0, 1, count // 8 + 2)
        waver = np.interp(np.arange(count), np.arange(len(knots)) * 8, knots)
        speed = np.hypot(steps[:, 0], steps[:, 1])
        fast = speed / (speed.mean() + 1e-3) - 1
        widths *= np.clip(1 + pen.pressure * (0.35 * waver - 0.25 * np.clip(fast, -1, 2)), 0.4, 1.8)
    if pen.nib:
        across = np.abs(np.sin(np.arctan2(steps[:, 1], steps[:, 0]) + pen.angle))
        widths *= 1 + pen.nib * (across * 1.2 - 0.7)
    steady = widths[::_STEADY].repeat(_STEADY)[:count]  # fewer changes of width: faster
    whole = np.maximum(steady.round().astype(int), 1)
    start = 0
    for end in (*(np.flatnonzero(np.diff(whole)) + 1), count):
        cv2.polylines(
            canvas, [fixed[start : end + 1]], False, ink, int(whole[start]), cv2.LINE_AA, _SHIFT
        )
        start = end
