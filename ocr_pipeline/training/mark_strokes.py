"""Vietnamese marks drawn on letters that lack them, as movements of a pen."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Floats, Rng
from ocr_pipeline.training.printed_letters import PrintedLetters

_HORN = "\u031b"
DOT_BELOW = "\u0323"
CAPITAL_SHARE = 1.6
"""Height of a capital in heights of an x."""

STROKED = {"d": "đ", "D": "Đ"}
"""Letters that get a bar instead of a mark."""

_PLAIN = {stroked: plain for plain, stroked in STROKED.items()}


@dataclass(frozen=True, slots=True)
class LetterBox:
    """Where a letter without marks stands in a picture, in pixels.

    Attributes:
        left: where it begins.
        middle: its centre.
        right: where it ends.
        top: of its ink.
        base: the line it stands on.
        stem: column of the upright of a `d`.

    """

    left: float
    middle: float
    right: float
    top: float
    base: float
    stem: float


def unmarked(letter: str) -> tuple[str, str]:
    """A letter without its marks, and these as combining characters; đ is a d without any."""
    if letter in _PLAIN:
        return _PLAIN[letter], ""
    parts = unicodedata.normalize("NFD", letter)
    return parts[0], parts[1:]


def mark_movements(
    letter: str, box: LetterBox, x_height: float, pen: PrintedLetters
) -> list[Floats]:
    """Movements of the pen for the marks of one letter.

    Args:
        letter: with its marks.
        box: where the letter without marks stands.
        x_height: height of an x in pixels.
        pen: shapes of marks.

    Returns:
        Lines of points (n, 2) in pixels.

    """
    plain, marks = unmarked(letter)
    if letter in _PLAIN:
        return [_bar(plain, box, x_height, pen.rng)]
    unit = x_height * CAPITAL_SHARE * (0.8 if plain.islower() else 0.9)
    width = (box.right - box.left) / unit
    strokes = pen.accents(marks.replace(_HORN, ""), width / 2, width)
    out = [_horn(box, x_height, pen.rng)] if _HORN in marks else []
    for stroke in strokes:
        below = float(stroke[:, 1].mean()) < 0
        y = box.base - stroke[:, 1] * unit if below else box.top - (stroke[:, 1] - 1.0) * unit
        out.append(np.stack([box.left + stroke[:, 0] * unit, y], axis=1))
    return out


def _horn(box: LetterBox, h: float, rng: Rng) -> Floats:
    """The horn of ơ and ư: from the upper right end of the letter outwards and up."""
    x = box.middle + 0.75 * (box.right - box.middle)
    shape = np.array([[-0.02, 0.18], [0.16, 0.1], [0.24, -0.08], [0.18, -0.26]])
    size = h * np.exp(rng.normal(0.35, 0.15))
    return np.asarray(np.array([x, box.top]) + (shape + rng.normal(0, 0.03, shape.shape)) * size)


def _bar(plain: str, box: LetterBox, h: float, rng: Rng) -> Floats:
    """The bar of đ, across the upper part of its stem; of Đ, across the stem's middle."""
    if plain == "D":
        x, y = box.left + 0.1 * h, (box.top + box.base) / 2
    else:
        x, y = box.stem, box.base - 1.45 * h
    reach = h * rng.uniform(0.3, 0.55)
    y += h * rng.normal(0, 0.07)
    bend = h * rng.normal(0, 0.04, 3)
    points = np.array([[x - reach, y], [x, y - 0.03 * h], [x + reach, y - 0.05 * h]])
    points[:, 1] += bend
    return points
