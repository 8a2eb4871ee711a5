"""Forced alignment: where the characters of a known text stand in a network's CTC scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats


@dataclass(frozen=True)
class ForcedAlignment:
    """The best CTC path of a text.

    Attributes:
        centres: (characters,) frame of each character: mean of its frames, weighted by probability.
        loss: −ln p of the best path a character, in nats.

    """

    centres: Floats
    loss: float


def force_align(scores: npt.NDArray[np.floating], target: Sequence[int]) -> ForcedAlignment | None:
    """Align a text by the Viterbi path through its CTC lattice (blank = class 0).

    Args:
        scores: (frames, classes) natural log-probabilities.
        target: class of each character, 1 or more.

    Returns:
        The alignment, or None if there are too few frames for the text, or no text.

    """
    labels = np.zeros(2 * len(target) + 1, np.int64)
    labels[1::2] = target
    if not len(target) or not len(scores):
        return None
    emitted = np.asarray(scores, np.float64)[:, labels]
    path, total = _best_path(emitted, labels)
    if not np.isfinite(total):
        return None
    centres = np.empty(len(target))
    for number in range(len(target)):
        frames = np.flatnonzero(path == 2 * number + 1)
        weights = np.exp(emitted[frames, 2 * number + 1]) + 1e-12
        centres[number] = (frames * weights).sum() / weights.sum()
    return ForcedAlignment(centres, -total / len(target))


def _best_path(
    emitted: Floats, labels: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], float]:
    """State of each frame on the best path, and the path's log-probability (−inf: no path)."""
    frames, states = emitted.shape
    skips = np.zeros(states, bool)  # from one character to the next without a blank between
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    best = np.full(states, -np.inf)
    best[:2] = emitted[0, :2]
    came = np.zeros((frames, states), np.int8)
    ways = np.full((3, states), -np.inf)
    every = np.arange(states)
    for t in range(1, frames):
        ways[0] = best
        ways[1, 1:] = best[:-1]
        ways[2, 2:] = np.where(skips[2:], best[:-2], -np.inf)
        came[t] = ways.argmax(axis=0)
        best = ways[came[t], every] + emitted[t]
    state = states - 1 if best[-1] >= best[-2] else states - 2
    total = float(best[state])
    path = np.zeros(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    return path, total
