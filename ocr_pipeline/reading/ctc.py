"""CTC scores on their own: the greedy reading, and the exact probability of a given text."""

from __future__ import annotations

import numpy as np

from ocr_pipeline.reading.recogniser import Scores


def greedy(scores: Scores, alphabet: str) -> str:
    """The text of the most probable class of every frame."""
    best = scores.argmax(axis=1) if len(scores) else np.zeros(0, np.int64)
    starts = np.flatnonzero((np.diff(best, prepend=0) != 0) & (best > 0))
    return "".join(alphabet[k - 1] for k in best[starts])


def log_probability(scores: Scores, text: str, alphabet: str) -> float:
    """Natural log of the probability of a text over all its alignments (Graves 2006); -inf if none.

    Args:
        scores: (frames, 1 + len(alphabet)) natural log-probabilities.
        text: the text to score.
        alphabet: the recogniser's characters.

    """
    columns = [alphabet.find(c) + 1 for c in text]
    if 0 in columns:
        return float("-inf")
    if not len(scores):
        return float("-inf") if text else 0.0
    labels = np.zeros(2 * len(columns) + 1, np.int64)
    labels[1::2] = columns
    emitted = scores[:, labels].astype(np.float64)
    skips = np.zeros(len(labels), bool)
    skips[2:] = (labels[2:] != 0) & (labels[2:] != labels[:-2])
    alpha = np.full(len(labels), -np.inf)
    alpha[:2] = emitted[0, :2]
    for frame in emitted[1:]:
        one = np.concatenate(([-np.inf], alpha[:-1]))
        two = np.where(skips, np.concatenate(([-np.inf] * 2, alpha[:-2]))[: len(labels)], -np.inf)
        alpha = np.logaddexp(np.logaddexp(alpha, one), two) + frame
    return float(np.logaddexp.reduce(alpha[-2:]))
