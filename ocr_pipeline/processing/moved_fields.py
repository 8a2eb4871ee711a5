"""Two cuts of one page compared on its scan: which field of the new one is which of the old one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocr_pipeline.arrays import Matrix
from ocr_pipeline.imaging.geometry import Quad, transformed
from ocr_pipeline.json_types import Json

LEAST_OVERLAP = 0.5
"""Shared by old and new box over covered by either: two boxes beside each other never both have it,
and a form that lies 2 mm lower keeps its fields (they are 8 mm high and more)."""

_LEAST_OF_RECORD = 0.1  # likewise of whole records, where their fields are elsewhere

Place = tuple[int, str]
"""Position on the form, and field code."""

Places = dict[int, tuple[int, frozenset[str] | None]]
"""By former position the present one, and the codes that lie elsewhere; all of them when None."""


def field_quads(result: Json, flat_size: tuple[int, int] | None = None) -> dict[Place, Quad]:
    """Where the fields of a page's result lie on its scan.

    Args:
        result: as the ledger keeps it.
        flat_size: width and height in pixels of the straight page before it was turned upright; not
            needed where `turn` is 0.

    Returns:
        (4, 2) x, y in pixels of the scan as stored, by position and code; fields without a box, and
        all fields of a result that does not say where its page lies, are left out.

    """
    to_original, turn = result.get("to_original"), result.get("turn", 0)
    if not to_original or (turn and flat_size is None):
        return {}
    matrix: Matrix = np.array(to_original, float).reshape(3, 3)
    found: dict[Place, Quad] = {}
    for record in result["records"]:
        for code, field in record["fields"].items():
            x, y, width, height = field["box"]
            if width and height:
                upright = np.array(
                    [[x, y], [x + width, y], [x + width, y + height], [x, y + height]], float
                )
                flat = before_turn(upright, turn, flat_size or (0, 0))
                found[record["position"], code] = transformed(matrix, flat)
    return found


def before_turn(points: Quad, turn: int, size: tuple[int, int]) -> Quad:
    """Points of a picture turned clockwise by `turn` degrees, on the picture before that.

    Args:
        points: (n, 2) x, y in pixels.
        turn: 0, 90, 180 or 270.
        size: width and height of the picture before the turn.

    """
    (x, y), (width, height) = points.T, size
    if turn == 90:
        x, y = y, height - 1 - x
    elif turn == 180:
        x, y = width - 1 - x, height - 1 - y
    elif turn == 270:
        x, y = width - 1 - y, x
    return np.column_stack([x, y])


def moved_places(before: Mapping[Place, Quad], after: Mapping[Place, Quad]) -> Places:
    """Where the positions of the old cut are on the new one.

    A field stays the one it was where both boxes overlap by `LEAST_OVERLAP`. A record none of whose
    own fields stays is where most of it lies; what lies nowhere is absent. No two records of the
    old cut become one.

    Args:
        before: fields of the old cut on the scan.
        after: fields of the new cut.

    """
    alike = [
        (old, new)
        for old, quad in before.items()
        for new, other in after.items()
        if old[1] == new[1] and overlap(quad, other) >= LEAST_OVERLAP
    ]
    seen = Counter(place for place, _ in alike), Counter(place for _, place in alike)
    own = [pair for pair in alike if seen[0][pair[0]] == seen[1][pair[1]] == 1]
    found: Places = {}
    taken: set[int] = set()
    for (position, to), _ in Counter((old[0], new[0]) for old, new in own).most_common():
        if position in found or to in taken:
            continue
        taken.add(to)
        stay = {old[1] for old, new in alike if (old[0], new[0]) == (position, to)}
        found[position] = (to, frozenset(c for p, c in before if p == position) - stay)
    old_regions, new_regions = _regions(before, set(found)), _regions(after, taken)
    shares = [
        (overlap(region, other), position, to)
        for position, region in old_regions.items()
        for to, other in new_regions.items()
    ]
    if len(shares) == 1 and not found:  # one record on the page, then as now
        shares = [(1.0, *shares[0][1:])]
    for share, position, to in sorted(shares, key=lambda one: (-one[0], *one[1:])):
        if share >= _LEAST_OF_RECORD and position not in found and to not in taken:
            taken.add(to)
            found[position] = (to, None)
    return dict(sorted(found.items()))


def overlap(one: Quad, other: Quad) -> float:
    """What two convex quadrilaterals share, over what either covers: 0–1."""
    if (one.min(0) > other.max(0)).any() or (other.min(0) > one.max(0)).any():
        return 0.0
    first, second = one.astype(np.float32), other.astype(np.float32)
    shared, _ = cv2.intersectConvexConvex(first, second)
    either = cv2.contourArea(first) + cv2.contourArea(second) - shared
    return float(shared / either) if either > 0 else 0.0


def _regions(places: Mapping[Place, Quad], without: set[int]) -> dict[int, Quad]:
    """The part of the scan that each record takes up, without what several records share."""
    positions = sorted({position for position, _ in places} - without)
    found: dict[int, Quad] = {}
    for position in positions:
        quads = [
            quad
            for (own, code), quad in places.items()
            if own == position and not _is_shared(places, (own, code))
        ]
        if quads:
            found[position] = _around(quads)
    return found


def _is_shared(places: Mapping[Place, Quad], place: Place) -> bool:
    """Whether other records have the field at the same place: the number of the sheet, say."""
    return any(
        code == place[1] and position != place[0] and np.allclose(quad, places[place], atol=1)
        for (position, code), quad in places.items()
    )


def _around(quads: Sequence[Quad]) -> Quad:
    points = np.concatenate(quads)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
