"""CTC scores on their own: the greedy reading, and the exact probability of a given text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr_pipeline.arrays import Floats
from ocr_pipeline.reading.recogniser import Scores

IMPOSSIBLE = -1e9
"""Natural log of what cannot be."""

_TOGETHER = 8  # lines walked at once: more pad the short texts to the length of the longest


def greedy(scores: Scores, alphabet: str) -> str:
    """The text of the most probable class of every frame."""
    best = scores.argmax(axis=1) if len(scores) else np.zeros(0, np.int64)
    starts = np.flatnonzero((np.diff(best, prepend=0) != 0) & (best > 0))
    return "".join(alphabet[k - 1] for k in best[starts])


def log_likelihoods(
    scores: Scores, texts: Sequence[str], alphabet: str, floor: float = 0.0
) -> Floats:
    """How probable the network holds each text (natural logs), over all its alignments.

    Args:
        scores: (frames, 1 + len(alphabet)) natural log-probabilities.
        texts: at least one; "" is a field without any character.
        alphabet: the recogniser's characters.
        floor: probability spread evenly over all classes before.

    Returns:
        (texts,) natural logs; a text that cannot be, or with a character outside the alphabet, has
        `IMPOSSIBLE`.

    """
    return likelihoods_of_lines([(scores, texts)], alphabet, floor)[0]


def likelihoods_of_lines(
    lines: Sequence[tuple[Scores, Sequence[str]]], alphabet: str, floor: float = 0.0
) -> list[Floats]:
    """`log_likelihoods` of several lines, each with texts of its own, in one pass.

    Lines of like lengths are walked together: one by one they take three times as long.

    Args:
        lines: scores and texts of each.
        alphabet: the recogniser's characters.
        floor: probability spread evenly over all classes before.

    """
    out: list[Floats] = [np.zeros(len(texts)) for _, texts in lines]
    asked = [place for place, (_, texts) in enumerate(lines) if texts]
    asked.sort(key=lambda place: max(len(text) for text in lines[place][1]))
    for start in range(0, len(asked), _TOGETHER):
        together = sorted(asked[start : start + _TOGETHER], key=lambda p: -len(lines[p][0]))
        found = _walked([lines[place] for place in together], alphabet, floor)
        for place, values in zip(together, found, strict=True):
            out[place] = values
    return out


def _walked(
    lines: Sequence[tuple[Scores, Sequence[str]]], alphabet: str, floor: float
) -> list[Floats]:
    """Likelihoods of the texts of lines that are walked together, the longest line first.

    Sums of probabilities, scaled frame by frame: logarithms would take four times as long. What
    lies 690 nats below the likeliest beginning of the same text counts as impossible.
    """
    columns = [[alphabet.find(c) + 1 for c in text] for _, texts in lines for text in texts]
    line_of = np.repeat(np.arange(len(lines)), [len(texts) for _, texts in lines])
    classes = 1 + len(alphabet)
    said = np.full((len(lines), max(len(lines[0][0]), 1), classes), floor / classes)
    for place, (scores, _) in enumerate(lines):
        said[place, : len(scores)] += (1 - floor) * np.exp(scores.astype(np.float64))
    longest = max(len(column) for column in columns)
    labels = np.zeros((len(columns), 2 * longest + 1), np.int64)
    skips = np.zeros(labels.shape)
    for row, own in enumerate(columns):
        labels[row, 1 : 2 * len(own) : 2] = own
        skips[row, 3 : 2 * len(own) : 2] = np.not_equal(own[1:], own[:-1])
    now = np.zeros(labels.shape)
    now[:, :2] = 1.0  # before the first frame: a text begins with a blank or its first character
    logs = np.zeros(len(columns))
    frames = np.array([len(scores) for scores, _ in lines])[line_of]
    for number in range(len(lines[0][0])):
        rows = int((frames > number).sum())
        here = now[:rows]
        if number:
            reached = here.copy()
            reached[:, 1:] += here[:, :-1]
            reached[:, 2:] += skips[:rows, 2:] * here[:, :-2]
            here = reached
        here = here * said[line_of[:rows, None], number, labels[:rows]]
        peaks = np.maximum(here.max(axis=1), 1e-300)
        now[:rows] = here / peaks[:, None]
        logs[:rows] += np.log(peaks)
    every = np.arange(len(columns))
    ends = np.array([2 * len(own) for own in columns])
    total = now[every, ends] + np.where(ends > 0, now[every, np.maximum(ends - 1, 0)], 0.0)
    found = np.where(total > 0, np.log(np.maximum(total, 1e-300)) + logs, IMPOSSIBLE)
    found = np.where([all(own) for own in columns], found, IMPOSSIBLE)
    return np.split(found, np.cumsum([len(texts) for _, texts in lines])[:-1])
