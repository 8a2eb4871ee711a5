"""Braces and upright strokes beside several rows of a table: one entry holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Mask
from ocr_pipeline.layout.ink_pieces import InkPieces

_PIECE = 0.45  # of the pitch: the rules of the table may cut a brace into a piece a row
_WHOLE = 1.15  # of the pitch: a brace beside two rows begins and ends within them
_SHORTEST_MM = 12.0  # letters of low rows that touch each other are shorter
_NARROW = 0.3  # of its height: letters are wider, and strokes across a record
_NARROW_MM = 4.0
_THIN_MM = 1.6  # ink a row of pixels, on average
_GAP_MM = 1.5  # between the pieces of one brace
_ASIDE_MM = 1.0


@dataclass(frozen=True, slots=True)
class Brace:
    """An upright stroke beside at least two rows.

    Attributes:
        pieces: which pieces of ink it is made of.
        left, top, right, bottom: its sides, mm.

    """

    pieces: tuple[int, ...]
    left: float
    top: float
    right: float
    bottom: float


def find_braces(ink: InkPieces, writing: Mask, pitch: float) -> list[Brace]:
    """Upright strokes that are as high as two rows and thin, from top to bottom.

    Args:
        ink: pieces of ink without the print.
        writing: those that are neither specks nor remnants of rules.
        pitch: from one row to the next, mm.

    """
    wide, tall = ink.right - ink.left, ink.bottom - ink.top
    thin = (wide <= np.maximum(_NARROW * tall, _NARROW_MM)) & (ink.area <= _THIN_MM * tall)
    upright = writing & thin & (tall >= _PIECE * pitch) & (tall > 2 * wide)
    chains: list[list[int]] = []
    for one in sorted(np.flatnonzero(upright).tolist(), key=lambda at: float(ink.top[at])):
        for chain in chains:
            if _goes_on(ink, chain[-1], one):
                chain.append(one)
                break
        else:
            chains.append([one])
    braces = [_brace(ink, chain) for chain in chains]
    least = max(_WHOLE * pitch, _SHORTEST_MM)
    return [one for one in braces if one.bottom - one.top >= least]


def _goes_on(ink: InkPieces, upper: int, lower: int) -> bool:
    gap = ink.top[lower] - ink.bottom[upper]
    beside = max(ink.left[lower] - ink.right[upper], ink.left[upper] - ink.right[lower])
    return bool(abs(gap) <= _GAP_MM and beside <= _ASIDE_MM)


def _brace(ink: InkPieces, chain: Sequence[int]) -> Brace:
    at = list(chain)
    return Brace(
        tuple(at),
        float(ink.left[at].min()),
        float(ink.top[at].min()),
        float(ink.right[at].max()),
        float(ink.bottom[at].max()),
    )
