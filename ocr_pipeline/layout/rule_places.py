"""Where the rules of a layout stand on a picture of similar print, each held by its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Floats
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.caption_surface import pixel
from ocr_pipeline.layout.line_maps import Map
from ocr_pipeline.layout.print_items import PrintItem, rule_points
from ocr_pipeline.layout.print_order import best_chain, height_in
from ocr_pipeline.layout.schema import Layout

_RULE_MM = 11.0  # how far a rule may stand from where the layout has it
_RULE_DRIFT = 0.03  # what a rule loses for each mm it moves against the one before
_FROM_ROW = 0.01  # what it loses for each mm it moves against the words around it
_STRAIGHT_MM = 0.2
_HARDLY_LEVEL = np.ones((3, 1), np.uint8)  # a line strays this many pixels from its height
_LEAST_RULE = 0.3  # of a rule's length is inked where it stands


Line = tuple[float, float, float, float]
Place = tuple[int, int]


def place_rules(
    ink: Map, layout: Layout, rows: Sequence[tuple[float, float]]
) -> dict[Place, Line | None]:
    """Where rules stand, level ones held by each other and upright ones by each other.

    Args:
        ink: of the picture, at `FINE_PER_MM`.
        layout: whose rules are looked for.
        rows: heights in the layout and in the picture that are known already.

    Returns:
        x1, y1, x2, y2 in mm by index and record; None where no line was found.

    """
    every = rule_points(layout)
    level = [one for one in every if abs(one[2][1] - one[2][3]) < _STRAIGHT_MM]
    upright = [one for one in every if abs(one[2][0] - one[2][2]) < _STRAIGHT_MM]
    down = _shifts([points for _, _, points in level], ink, rows)
    heights = {
        (index, record): None if shift is None else points[1] + shift
        for (index, record, points), shift in zip(level, down, strict=True)
    }
    found: dict[Place, Line | None] = {}
    across = _shifts([(y1, x1, y2, x2) for _, _, (x1, y1, x2, y2) in upright], ink.T, ())
    for (index, record, (x, top, _, bottom)), shift in zip(upright, across, strict=True):
        first, last = _moved_ends(top, bottom, level, heights, across=False)
        found[index, record] = None if shift is None else (x + shift, first, x + shift, last)
    places = {key: None if line is None else line[0] for key, line in found.items()}
    for index, record, (left, _, right, _) in level:
        height = heights[index, record]
        first, last = _moved_ends(left, right, upright, places, across=True)
        found[index, record] = None if height is None else (first, height, last, height)
    return found


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """An upright rule that was found, in mm.

    Attributes:
        top: its upper end in the picture.
        x: its place there.
        bottom: its lower end there.
        was: upper end, place and lower end in the layout.

    """

    top: float
    x: float
    bottom: float
    was: tuple[float, float, float]

    def stood_beside(self, item: PrintItem) -> bool:
        """Whether it stands left or right of a piece of print of the layout."""
        return self.was[0] < item.y - 1 < self.was[2]


def upright_walls(layout: Layout, placed: Mapping[Place, Line | None]) -> list[PlacedRule]:
    """The upright rules that were found, by their place in the layout from left to right."""
    walls = []
    for index, record, (x1, y1, x2, y2) in rule_points(layout):
        line = placed.get((index, record))
        if line is not None and abs(x1 - x2) < _STRAIGHT_MM:
            was = (min(y1, y2), x1, max(y1, y2))
            walls.append(PlacedRule(min(line[1], line[3]), line[0], max(line[1], line[3]), was))
    return sorted(walls, key=lambda wall: wall.was[1])


def level_floors(placed: Mapping[Place, Line | None]) -> list[tuple[float, float, float]]:
    """Left end, right end and height of the level rules that were found, in mm."""
    return [
        (min(line[0], line[2]), max(line[0], line[2]), line[1])
        for line in placed.values()
        if line is not None and abs(line[1] - line[3]) < _STRAIGHT_MM
    ]


def _shifts(
    lines: Sequence[Line], ink: Map, rows: Sequence[tuple[float, float]]
) -> list[float | None]:
    """How far each line moves across itself; lines given as if they were level."""
    if not lines:
        return []
    order = sorted(range(len(lines)), key=lambda k: (lines[k][1], lines[k][0]))
    steps = np.asarray(np.arange(-_RULE_MM, _RULE_MM + 0.01, 0.25), np.float64)
    gains = []
    for k in order:
        x1, y, x2, _ = lines[k]
        base = height_in(rows, y) - y if rows else 0.0
        first, last = max(pixel(x1 + 4), 0), max(pixel(x2 - 4), 1)
        along = cv2.dilate(ink[:, first:last], _HARDLY_LEVEL).mean(axis=1)
        places = (y + steps) * FINE_PER_MM
        gain = np.interp(places, np.arange(len(along)), along, left=0, right=0)
        gains.append(gain - _FROM_ROW * np.abs(steps - base))
    gaps: Floats = np.diff([lines[k][1] for k in order])
    chosen = best_chain(np.array(gains), steps, _RULE_DRIFT, gaps)
    shifts: list[float | None] = [None] * len(lines)
    for place, k in enumerate(order):
        if gains[place][chosen[place]] > _LEAST_RULE:
            shifts[k] = float(steps[chosen[place]])
    return shifts


def _moved_ends(
    first: float,
    last: float,
    crossing: Sequence[tuple[int, int, tuple[float, float, float, float]]],
    places: dict[tuple[int, int], float | None],
    *,
    across: bool,
) -> tuple[float, float]:
    """Where a rule ends: with the rules that it ended at in the layout."""
    ends = []
    for end in (first, last):
        nearest = min(
            (
                (abs(points[0 if across else 1] - end), (index, record), points)
                for index, record, points in crossing
                if places.get((index, record)) is not None
            ),
            default=None,
            key=lambda one: one[0],
        )
        moved = end
        if nearest is not None and nearest[0] < 8:
            place = places[nearest[1]]
            assert place is not None
            moved = end + place - nearest[2][0 if across else 1]
        ends.append(moved)
    return ends[0], ends[1]
