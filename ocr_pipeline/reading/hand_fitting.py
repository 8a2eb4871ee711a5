"""Learn a book's hand from lines whose text is known: CTC on the network's last layer, in numpy.

The convolutions and the context run once a line; each round then costs one small product a line.
Of one writer this took away nearly as many wrong characters as training the last block with it
(`BENCHMARKS.md`), in a sixth of the time and without PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.reading.book_hand import BookHand, Features
from ocr_pipeline.reading.recogniser import Scores

_NOTHING = -1e9  # natural log of what cannot be


@dataclass(frozen=True, slots=True)
class LearntLine:
    """One line of the material.

    Attributes:
        features: (frames, features) of the last layer.
        scores: (frames, classes) log-probabilities of the network alone.
        target: class of each character, 1 or more.
        weight: how much it counts; a line that a person confirmed has 1.

    """

    features: Features
    scores: Scores
    target: tuple[int, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class HandFitting:
    """How a hand is learnt. Chosen on books of validation writers (`BENCHMARKS.md`).

    Attributes:
        rounds: over all lines.
        rate: of Adam, falling to a tenth.
        pull: towards the network as it is: the squared weights cost this much, against the whole
            loss (nats), so that few lines change little.
        batch: lines a step.
        seed: of the order.

    """

    rounds: int = 12
    rate: float = 3e-3
    pull: float = 10.0
    batch: int = 8
    seed: int = 0


def fit_hand(lines: Sequence[LearntLine], how: HandFitting = HandFitting()) -> BookHand:  # noqa: B008
    """Learn a hand; the same lines in the same order give the same hand, bit for bit.

    Lines with fewer frames than their text needs are left out.

    Raises:
        ValueError: no line is left.

    """
    lines = [line for line in lines if line.target and _room(line)]
    if not lines:
        raise ValueError("nothing to learn from")
    features, classes = lines[0].features.shape[1], lines[0].scores.shape[1]
    weights = np.zeros((features + 1, classes), np.float32)  # the last row is the bias
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    letters = sum(line.weight * len(line.target) for line in lines)
    rng = np.random.default_rng(how.seed)
    steps = how.rounds * -(-len(lines) // how.batch)
    step = 0
    for _ in range(how.rounds):
        order = rng.permutation(len(lines))
        for begin in range(0, len(order), how.batch):
            chosen = [lines[n] for n in order[begin : begin + how.batch]]
            change = _gradient(chosen, weights) + 2 * how.pull / letters * weights
            change *= min(1.0, 1.0 / max(float(np.linalg.norm(change)), 1e-9))
            rate = how.rate * min(1.0, (step + 1) / 5) * (1 - 0.9 * step / steps)
            step += 1
            first += 0.1 * (change - first)
            second += 0.001 * (change**2 - second)
            mean, spread = first / (1 - 0.9**step), second / (1 - 0.999**step)
            weights -= (rate * mean / (np.sqrt(spread) + 1e-8)).astype(np.float32)
    return BookHand(weights[:-1], weights[-1])


def _room(line: LearntLine) -> bool:
    """Whether the text fits: a letter a frame, and a blank between two of the same."""
    repeats = sum(a == b for a, b in zip(line.target, line.target[1:], strict=False))
    return len(line.scores) >= len(line.target) + repeats


def _gradient(
    lines: Sequence[LearntLine], weights: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Of the loss a character with respect to the weights."""
    hand = BookHand(weights[:-1], weights[-1])
    read = [hand.read(line.scores, line.features) for line in lines]
    shares = occupancies(read, [line.target for line in lines])
    out = np.zeros(weights.shape, np.float32)
    letters = 0.0
    for line, scores, share in zip(lines, read, shares, strict=True):
        wrong = (np.exp(scores) - share).astype(np.float32) * np.float32(line.weight)
        out[:-1] += line.features.T @ wrong
        out[-1] += wrong.sum(axis=0)
        letters += line.weight * len(line.target)
    return out / np.float32(letters)


def occupancies(
    scores: Sequence[Scores], targets: Sequence[Sequence[int]]
) -> list[npt.NDArray[np.float64]]:
    """How probable each class is in each frame, given the text, over all its alignments.

    Args:
        scores: (frames, classes) log-probabilities of each line.
        targets: class of each character; each fits its frames.

    Returns:
        (frames, classes) of each line; every row sums to 1. Softmax less this is the gradient of
        the CTC loss with respect to the logits.

    """
    labels = [_labels(target) for target in targets]
    emitted = [s.astype(np.float64)[:, own] for s, own in zip(scores, labels, strict=True)]
    ahead = _forward(emitted, labels)
    behind = _forward([e[::-1, ::-1] for e in emitted], [own[::-1] for own in labels])
    out = []
    for one, own, e, a, b in zip(scores, labels, emitted, ahead, behind, strict=True):
        joint = a + b[::-1, ::-1] - e
        joint -= joint.max(axis=1, keepdims=True)
        share = np.exp(joint)
        share /= share.sum(axis=1, keepdims=True)
        found = np.zeros(one.shape)
        np.add.at(found.T, own, share.T)
        out.append(found)
    return out


def _labels(target: Sequence[int]) -> npt.NDArray[np.int64]:
    """States: blank, character, blank …"""
    labels = np.zeros(2 * len(target) + 1, np.int64)
    labels[1::2] = target
    return labels


def _forward(
    emitted: Sequence[Floats], labels: Sequence[npt.NDArray[np.int64]]
) -> list[npt.NDArray[np.float64]]:
    """Log-probability of all ways to each state in each frame, of lines side by side."""
    frames, states = (max(e.shape[axis] for e in emitted) for axis in (0, 1))
    padded = np.full((frames, len(emitted), states), _NOTHING)
    skips = np.zeros((len(emitted), states), bool)
    for row, (e, own) in enumerate(zip(emitted, labels, strict=True)):
        padded[: e.shape[0], row, : e.shape[1]] = e
        skips[row, 2 : len(own)] = (own[2:] != own[:-2]) & (own[2:] != 0)
    now = np.full(padded.shape[1:], _NOTHING)
    now[:, :2] = padded[0, :, :2]
    found = np.empty_like(padded)
    found[0] = now
    one, two = np.full_like(now, _NOTHING), np.full_like(now, _NOTHING)
    for t in range(1, frames):
        one[:, 1:] = now[:, :-1]
        two[:, 2:] = np.where(skips[:, 2:], now[:, :-2], _NOTHING)
        top = np.maximum(np.maximum(now, one), two)
        ways = np.exp(now - top) + np.exp(one - top) + np.exp(two - top)
        now = np.maximum(top + np.log(ways) + padded[t], _NOTHING)
        found[t] = now
    return [found[: e.shape[0], row, : e.shape[1]] for row, e in enumerate(emitted)]
