"""How far the confidences of a new network are trusted: measured where it can be, else lowered.

A new network reads with the calibration of the one it was made from, which was fitted on another.
What people entered in the books held back tells how often it is wrong at each confidence. Where
little was seen it counts as wrong twice as often as it says. Confidences are only ever lowered, and
a surer field stays the surer one. People look at doubtful fields above all, of which more are wrong
than of others that are as sure: what is measured errs on the strict side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Floats

#: Confidences (0–1) between which fields are counted together.
_EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
_UNSEEN = 2.0  # a network that nobody has measured may be wrong so many times as often as it says
_PRIOR = 50.0  # fields that this counts for in each part; with 1 % wrong expected 100 would show 1
_SUREST = 0.9995  # as a calibration has it

#: Points of the table.
_POINTS = np.array(
    [*np.linspace(0, 0.9, 19), *np.linspace(0.905, 0.99, 18), *np.linspace(0.991, 1, 19)]
)


@dataclass(frozen=True, slots=True)
class WidenedConfidence:
    """A rising table from the confidence that a network claims to the one that is believed.

    Attributes:
        claimed, believed: points of it (0–1); believed is never more.
        seen: fields that it was measured on.

    """

    claimed: tuple[float, ...]
    believed: tuple[float, ...]
    seen: int = 0

    def of(self, confidence: float) -> float:
        """What is believed of a confidence."""
        return float(np.interp(confidence, self.claimed, self.believed))

    def tail(self, x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
        """The tail of a calibration with this table behind it.

        Args:
            x: probabilities of the trees, rising.
            y: what they stand for.

        Returns:
            The same with more points.

        """
        own, values = np.asarray(x, float), np.asarray(y, float)
        between = [np.linspace(a, b, 33) for a, b in zip(own, own[1:], strict=False)]
        points = np.unique(np.concatenate([own, *between]))
        believed = np.interp(np.interp(points, own, values), self.claimed, self.believed)
        return ([round(float(v), 6) for v in points], [round(float(v), 6) for v in believed])


def widened(claimed: Sequence[float], right: Sequence[bool]) -> WidenedConfidence:
    """The table that these fields ask for.

    Args:
        claimed: confidence (0–1) of each field in which something was read.
        right: whether its value is the one that people entered.

    """
    sure, hits = np.asarray(claimed, float), np.asarray(right, bool)
    ratios, middles = [], []
    for low, high in zip(_EDGES, _EDGES[1:], strict=False):
        last = high == _EDGES[-1]
        inside = (sure >= low) & ((sure <= high) if last else (sure < high))
        ratios.append(_ratio(1 - sure[inside], ~hits[inside], 1 - (low + high) / 2))
        middles.append((low + high) / 2)
    wrong = (1 - _POINTS) * np.interp(_POINTS, middles, ratios)
    wrong = np.maximum(wrong, 1 - _SUREST)
    believed = np.clip(1 - wrong, 0, _POINTS)
    believed = np.minimum.accumulate(believed[::-1])[::-1]  # a surer field stays the surer one
    return WidenedConfidence(tuple(_POINTS.tolist()), tuple(believed.tolist()), len(sure))


def _ratio(expected: Floats, wrong: Floats, middle: float) -> float:
    """How many times as often the fields are wrong as they say; at least once."""
    says = float(expected.mean()) if len(expected) else middle
    says = max(says, 1 - _SUREST)
    shown = (float(wrong.sum()) + _PRIOR * _UNSEEN * says) / (len(wrong) + _PRIOR)
    return max(1.0, shown / says)
