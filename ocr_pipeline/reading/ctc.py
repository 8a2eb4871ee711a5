"""CTC scores on their own: the greedy reading, and the exact probability of a given text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr_pipeline.arrays import Floats
from ocr_pipeline.reading.recogniser import Scores

IMPOSSIBLE = -1e9
"""Natural log of what cannot be."""


def greedy(scores: Scores, alphabet: str) -> str:
    """The text of the most probable class of every frame."""
    best = scores.argmax(axis=1) if len(scores) else np.zeros(0, np.int64)
    starts = np.flatnonzero((np.diff(best, prepend=0) != 0) & (best > 0))
    return "".join(alphabet[k - 1] for k in best[starts])


def log_likelihoods(
    scores: Scores, texts: Sequence[str], alphabet: str, floor: float = 0.0
) -> Floats:
    """How probable the network holds each text (natural logs), over all its alignments.

    Sums of probabilities, scaled frame by frame: logarithms would take four times as long. What
    lies 690 nats below the likeliest beginning of the same text counts as impossible.

    Args:
        scores: (frames, 1 + len(alphabet)) natural log-probabilities.
        texts: at least one; "" is a field without any character.
        alphabet: the recogniser's characters.
        floor: probability spread evenly over all classes before.

    Returns:
        (texts,) natural logs; a text that cannot be, or with a character outside the alphabet, has
        `IMPOSSIBLE`.

    """
    columns = [[alphabet.find(c) + 1 for c in text] for text in texts]
    longest = max(len(column) for column in columns)
    probabilities = np.exp(scores.astype(np.float64))
    probabilities = (1 - floor) * probabilities + floor / probabilities.shape[1]
    labels = np.zeros((len(texts), 2 * longest + 1), np.int64)
    skips = np.zeros(labels.shape)
    for row, own in enumerate(columns):
        labels[row, 1 : 2 * len(own) : 2] = own
        skips[row, 3 : 2 * len(own) : 2] = np.not_equal(own[1:], own[:-1])
    now = np.zeros(labels.shape)
    now[:, :2] = 1.0  # before the first frame: a text begins with a blank or its first character
    logs = np.zeros(len(texts))
    for number, frame in enumerate(probabilities):
        if number:
            reached = now.copy()
            reached[:, 1:] += now[:, :-1]
            reached[:, 2:] += skips[:, 2:] * now[:, :-2]
            now = reached
        now *= frame[labels]
        peaks = now.max(axis=1)
        now /= np.maximum(peaks, 1e-300)[:, None]
        logs += np.log(np.maximum(peaks, 1e-300))
    rows = np.arange(len(texts))
    ends = np.array([2 * len(own) for own in columns])
    total = now[rows, ends] + np.where(ends > 0, now[rows, np.maximum(ends - 1, 0)], 0.0)
    found = np.where(total > 0, np.log(np.maximum(total, 1e-300)) + logs, IMPOSSIBLE)
    known = np.array([all(own) for own in columns])
    return np.where(known, found, IMPOSSIBLE)
