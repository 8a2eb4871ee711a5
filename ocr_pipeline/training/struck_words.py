"""Corrections and crowding: strokes through a wrong word, the right word above it, a full line."""

from __future__ import annotations

import numpy as np

from ocr_pipeline.arrays import Rng
from ocr_pipeline.training.pen_strokes import Stroke


def strikes(written: list[Stroke], rng: Rng) -> list[Stroke]:
    """One to three lines, or a zigzag, through a word."""
    points = np.concatenate(written)
    left, right = float(points[:, 0].min()) - 0.3, float(points[:, 0].max()) + 0.3
    if rng.random() < 0.25:
        count = max(int((right - left) / 0.5), 4)
        ys = np.where(np.arange(count) % 2, 1.0, -1.2) + rng.normal(0, 0.2, count)
        return [np.stack([np.linspace(left, right, count), ys], axis=1).astype(np.float32)]
    lines = []
    for _ in range(int(rng.integers(1, 4))):
        ys = rng.normal(0, 0.5) + np.linspace(0, rng.normal(0, 0.4), 5) + rng.normal(0, 0.1, 5)
        lines.append(np.stack([np.linspace(left, right, 5), ys], axis=1).astype(np.float32))
    return lines


def strike_and_lift(wrong: list[Stroke], right: list[Stroke], rng: Rng) -> list[Stroke]:
    """A struck-out word, the right one in smaller letters above it."""
    low = np.concatenate(wrong)
    scale = np.float32(rng.uniform(0.6, 0.85))
    small = [s * scale for s in right]
    ink = np.concatenate(small)
    over = (low[:, 0].min() + low[:, 0].max()) / 2 - (ink[:, 0].min() + ink[:, 0].max()) / 2
    up = np.percentile(low[:, 1], 10) - ink[:, 1].max() - rng.uniform(-0.6, 0.4)
    move = np.array([over + rng.normal(0, 0.4), up], np.float32)
    placed = [(s + move).astype(np.float32) for s in small]
    both = [*wrong, *strikes(wrong, rng), *placed]
    left = np.array([min(float(s[:, 0].min()) for s in both), 0], np.float32)
    return [s - left for s in both]


def crowd(written: list[Stroke], rng: Rng) -> list[Stroke]:
    """The end of a line written closer and smaller, rising or falling: the line was full.

    Args:
        written: strokes in letter sizes about the line's centre, from x = 0.
        rng: chooses where it begins and how much closer the letters stand.

    """
    if not written:
        return []
    width = max(float(s[:, 0].max()) for s in written)
    start = width * float(rng.uniform(0.45, 0.8))
    # Under half of their width letters touch and nobody reads them.
    closer, smaller = float(rng.uniform(0.55, 0.85)), float(rng.uniform(0.65, 1.0))
    drift = float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.0, 1.6))
    length = max(width - start, 1e-3)
    out: list[Stroke] = []
    for stroke in written:
        over = np.maximum(stroke[:, 0] - start, 0.0)
        share = over / length
        x = stroke[:, 0] - (1 - closer) * over
        y = stroke[:, 1] * (1 - (1 - smaller) * np.minimum(2 * share, 1)) + drift * share
        out.append(np.stack([x, y], axis=1).astype(np.float32))
    return out
