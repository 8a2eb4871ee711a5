"""Lines of writing in cells without printed lines: a clerk wraps there where he likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from ocr_pipeline.layout.ink_pieces import Floats, InkPieces, Mask
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField

Pieces = npt.NDArray[np.intp]
"""Indices of pieces of ink."""

_HIGH_MM = 9.0  # a lower box holds one line
_PRINTED_WITHIN = 0.4  # of a box: a line printed lower than this is one to write on
_BELOW_MM = 2.0
_SMOOTH_MM = 0.8
_NEAREST_MM = 4.0  # two lines of writing are further apart: small writing has 5
_PROMINENT = 0.15  # of the highest peak
_LETTER = 0.5  # of the height of the cell's larger pieces: lower ones are marks
_LEAST_MM2 = 1.0  # of ink in a line: a digit


@dataclass(frozen=True, slots=True)
class InkProfile:
    """How much ink lies at each height.

    Attributes:
        top: of the first row, mm of the form.
        step: from row to row, mm.
        ink: pixels of ink a row.

    """

    top: float
    step: float
    ink: Floats


def free_fields(layout: Layout) -> frozenset[str]:
    """Codes of the fields whose cells have room for several lines and none printed to write on.

    Cells that several fields share are not among them: their lines say where each of them stands.
    """
    fields = [one for one in layout.fields if one.lines]
    return frozenset(
        one.code
        for one in fields
        if _height(one) >= _HIGH_MM
        and one.join == " "
        and not any(_has_line(layout, box) for box in one.lines)
        and not any(_share_cell(one, other) for other in fields if other is not one)
    )


def whole_cells(boxes: Sequence[BoxMm]) -> list[BoxMm]:
    """The boxes joined where one goes on right below the other."""
    found: list[BoxMm] = []
    for x, y, width, height in boxes:
        if found and abs(found[-1][0] - x) < 1 and abs(found[-1][1] + found[-1][3] - y) < 1:
            left, top, wide, _ = found.pop()
            found.append((left, top, max(wide, width), y + height - top))
        else:
            found.append((x, y, width, height))
    return found


def cell_lines(
    ink: InkPieces, inside: Mask, writing: Mask, profile: Callable[[Pieces], InkProfile]
) -> list[Pieces]:
    """The pieces of ink of each line of writing in a cell, from top to bottom.

    Args:
        ink: pieces of ink on the sheet.
        inside: those that lie in the cell.
        writing: those that are neither specks nor remnants of rules.
        profile: the ink of some pieces at each height.

    Returns:
        Indices of pieces, marks and specks with the line that they stand in; empty for an empty
        cell.

    """
    pieces = np.flatnonzero(inside & writing)
    if not len(pieces):
        return []
    tall = ink.bottom[pieces] - ink.top[pieces]
    letters = pieces[tall >= _LETTER * np.quantile(tall, 0.8)]
    borders = _borders(profile(letters))
    line_of = np.searchsorted(borders, ink.y[letters])
    amount = np.bincount(line_of, ink.area[letters], len(borders) + 1)
    full = np.flatnonzero(amount >= _LEAST_MM2)
    if not len(full):
        full = np.array([int(amount.argmax())])
    middles = [float(np.average(ink.y[letters[line_of == one]])) for one in full]
    borders = [(a + b) / 2 for a, b in zip(middles, middles[1:], strict=False)]
    return _shared_out(ink, np.flatnonzero(inside), letters, borders)


def _shared_out(
    ink: InkPieces,
    pieces: Pieces,
    letters: Pieces,
    borders: Sequence[float],
) -> list[Pieces]:
    """Letters by where they lie, everything else with the nearest letter."""
    lines = np.searchsorted(borders, ink.y[letters])
    others = np.setdiff1d(pieces, letters)
    if len(others):
        away = _distance(ink, others, letters)
        lines = np.concatenate([lines, lines[away.argmin(axis=1)]])
    every = np.concatenate([letters, others])
    return [every[lines == one] for one in range(len(borders) + 1) if (lines == one).any()]


def _distance(ink: InkPieces, marks: Pieces, letters: Pieces) -> Floats:
    """Distance in mm between the sides of each mark and each letter, (marks, letters)."""
    aside = np.maximum(
        ink.left[letters] - ink.right[marks, None], ink.left[marks, None] - ink.right[letters]
    )
    above = ink.top[letters] - ink.bottom[marks, None]
    below = ink.top[marks, None] - ink.bottom[letters]
    distance: Floats = np.hypot(np.maximum(aside, 0), np.maximum(np.maximum(above, below), 0))
    return distance


def _borders(profile: InkProfile) -> list[float]:
    """Heights between the lines, mm: the lowest places between the peaks of the ink."""
    smooth = gaussian_filter1d(profile.ink, _SMOOTH_MM / profile.step)
    # The root, since one word may stand under a full line.
    smooth = np.sqrt(np.pad(smooth, 1))
    least = _PROMINENT * float(smooth.max())
    peaks, _ = find_peaks(smooth, distance=_NEAREST_MM / profile.step, prominence=least)
    lowest = [a + int(smooth[a:b].argmin()) for a, b in zip(peaks, peaks[1:], strict=False)]
    return [profile.top + (at - 1) * profile.step for at in lowest]


def _height(own: LayoutField) -> float:
    return max(box[1] + box[3] for box in own.lines) - min(box[1] for box in own.lines)


def _has_line(layout: Layout, box: BoxMm) -> bool:
    """Whether a leader or a rule is printed in the lower part of a box, or right below it."""
    x, y, width, height = box
    low, high = y + _PRINTED_WITHIN * height, y + height + _BELOW_MM
    leaders = [(one.x1, one.x2, one.y) for one in layout.leaders]
    return any(left < x + width / 2 < right and low < at < high for left, right, at in leaders)


def _share_cell(one: LayoutField, other: LayoutField) -> bool:
    """Whether two fields stand right above each other, nearer than a line."""
    (x1, y1, x2, y2), (a1, b1, a2, b2) = _outline(one), _outline(other)
    if min(x2, a2) - max(x1, a1) < min(x2 - x1, a2 - a1) / 2:
        return False
    return max(y1, b1) - min(y2, b2) < 1


def _outline(own: LayoutField) -> tuple[float, float, float, float]:
    return (
        min(box[0] for box in own.lines),
        min(box[1] for box in own.lines),
        max(box[0] + box[2] for box in own.lines),
        max(box[1] + box[3] for box in own.lines),
    )
