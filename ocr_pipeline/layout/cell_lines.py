"""Lines of writing in cells without printed lines: a clerk wraps there where he likes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from ocr_pipeline.arrays import Floats, Mask
from ocr_pipeline.layout.ink_pieces import InkPieces

Pieces = npt.NDArray[np.intp]
"""Indices of pieces of ink."""

_LARGER = 0.8  # quantile of the heights of a cell's pieces
_LETTER = 0.5  # of the height of the larger pieces: lower ones are marks
# Of the same height: letters of one line have their middles nearer together, on average. At 0.7
# lines were divided (5 of 220 fields), at 1.1 short ones joined (14 of 222).
_ONE_LINE = 0.9
_LEAST_MM2 = 1.0  # of ink in a line: a digit


def cell_lines(ink: InkPieces, inside: Mask, writing: Mask) -> list[Pieces]:
    """The pieces of ink of each line of writing in a cell, from top to bottom.

    Args:
        ink: pieces of ink on the sheet.
        inside: those that lie in the cell.
        writing: those that are neither specks nor remnants of rules.

    Returns:
        Indices of pieces, marks and specks with the line that they stand in; empty for an empty
        cell.

    """
    pieces = np.flatnonzero(inside & writing)
    if not len(pieces):
        return []
    tall = ink.bottom[pieces] - ink.top[pieces]
    high = float(np.quantile(tall, _LARGER))
    letters = pieces[tall >= _LETTER * high]
    line_of = _lines_by_height(ink.y[letters], _ONE_LINE * high)
    amount = np.bincount(line_of, ink.area[letters])
    full = np.flatnonzero(amount >= _LEAST_MM2)
    if not len(full):
        full = np.array([int(amount.argmax())])
    middles = np.array([ink.y[letters[line_of == one]].mean() for one in full])
    nearest = np.abs(ink.y[letters, None] - middles).argmin(axis=1)
    whole = np.isin(line_of, full)
    nearest[whole] = np.searchsorted(full, line_of[whole])
    return _with_marks(ink, np.flatnonzero(inside), letters, nearest)


def _lines_by_height(heights: Floats, apart: float) -> npt.NDArray[np.intp]:
    """The number of its line from the top, for each letter by the height of its middle."""
    if len(heights) < 2:  # noqa: PLR2004
        return np.zeros(len(heights), np.intp)
    groups = fcluster(linkage(heights[:, None], "average"), apart, "distance") - 1
    middles = [heights[groups == one].mean() for one in range(groups.max() + 1)]
    number = np.argsort(np.argsort(middles))
    return np.asarray(number[groups], np.intp)


def _with_marks(
    ink: InkPieces, pieces: Pieces, letters: Pieces, line_of: npt.NDArray[np.intp]
) -> list[Pieces]:
    """The letters of each line, and everything else with the letter that it lies nearest to."""
    others = np.setdiff1d(pieces, letters)
    if len(others):
        away = _distance(ink, others, letters)
        line_of = np.concatenate([line_of, line_of[away.argmin(axis=1)]])
    every = np.concatenate([letters, others])
    return [every[line_of == one] for one in range(int(line_of.max()) + 1)]


def _distance(ink: InkPieces, marks: Pieces, letters: Pieces) -> Floats:
    """Distance in mm between the sides of each mark and each letter, (marks, letters)."""
    aside = np.maximum(
        ink.left[letters] - ink.right[marks, None], ink.left[marks, None] - ink.right[letters]
    )
    above = ink.top[letters] - ink.bottom[marks, None]
    below = ink.top[marks, None] - ink.bottom[letters]
    distance: Floats = np.hypot(np.maximum(aside, 0), np.maximum(np.maximum(above, below), 0))
    return distance
