"""CTC scores on their own: the greedy reading, and the exact probability of a given text."""

from __future__ import annotations

import numpy as np

from ocr_pipeline.reading.recogniser import Scores


def greedy(scores: Scores, alphabet: str) -> str:
    """The text of the most probable class of every frame."""
    best = scores.argmax(axis=1) if len(scores) else np.zeros(0, np.int64)
    starts = np.flatnonzero((np.diff(best, prepend=0) != 0) & (best > 0))
    return "".join(alphabet[k - 1] for k in best[starts])
