"""Where lines of writing part in cells without lines to write on, as filled records show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.layout.line_maps import ink_map
from ocr_pipeline.layout.schema import BoxMm
from ocr_pipeline.proposing.printed_lines import PER_MM

_INK = 0.25
_WRITTEN_SHARE = 0.01  # of a cell is ink; grain and leftovers of rules are less
_LEAST_RECORDS = 2  # one writes as he likes
_SMOOTH_MM = 0.5
_REACH = 0.4  # of a line's height: a cut stays on its side of the lines beside it
_STIFF = 2.0  # a clear gap moves a cut by a third of a line; an even profile moves none


def writing_cuts(written: Gray, cells: Sequence[BoxMm], count: int) -> list[float]:
    """Where to cut the cells of a column into lines.

    Args:
        written: (H, W) uint8 at `SHEET_DPI`, the sheet with what is written in its records.
        cells: the cell of each record, all of one height, in mm.
        count: lines of writing in a cell.

    Returns:
        `count - 1` distances from the top of a cell in mm, rising. They lie in the gaps between
        the lines as all records together show them, and evenly where too little is written.

    """
    height = min(cell[3] for cell in cells)
    pitch = height / count
    even = [pitch * number for number in range(1, count)]
    profiles = [_profile(written, (*cell[:3], height)) for cell in cells]
    filled = [profile / profile.sum() for profile in profiles if profile is not None]
    if len(filled) < _LEAST_RECORDS:
        return even
    mean = gaussian_filter1d(np.mean(filled, axis=0), _SMOOTH_MM * PER_MM, mode="nearest")
    mean /= mean.mean()
    return [_cut(mean, place, pitch) for place in even]


def _profile(written: Gray, cell: BoxMm) -> Floats | None:
    """Ink in each row of pixels of a cell; None where nothing is written."""
    x, y, width, height = cell
    top, left = round(y * PER_MM), round(x * PER_MM)
    part = written[top : top + round(height * PER_MM), left : left + round(width * PER_MM)]
    if part.shape[0] != round(height * PER_MM) or not part.shape[1]:
        return None  # beyond the edge of the sheet
    ink = ink_map(part, PER_MM) > _INK
    return ink.sum(axis=1).astype(np.float64) if ink.mean() > _WRITTEN_SHARE else None


def _cut(profile: Floats, even: float, pitch: float) -> float:
    """The place with the least ink near an even cut, in mm from the top."""
    places = (np.arange(len(profile)) + 0.5) / PER_MM
    off = (places - even) / pitch
    cost = np.where(np.abs(off) <= _REACH, profile + _STIFF * off**2, np.inf)
    return float(places[int(np.argmin(cost))])
