"""Cells without printed lines: a field in one is written where the clerk likes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, islice

import numpy as np

from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout, outline
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField

_HIGH_MM = 9.0  # a lower cell holds one line
_PRINTED_WITHIN = 0.4  # of a box: a line printed lower than this is one to write on
_BELOW_MM = 2.0
_TOUCHING_MM = 1.0
_MISSING_MM = 200.0  # as bad as a field without a line: more than lines are ever off
_MOST_CHOICES = 5000  # 7 lines of 14 slots have 3,432


@dataclass(frozen=True, slots=True)
class FreeCell:
    """A cell without printed lines, of the first record on a sheet.

    Attributes:
        box: its outline, mm.
        slots: code of a field and box of a line of it, from top to bottom. They say in which order
            the fields stand; how high each line is, only the page tells.

    """

    box: BoxMm
    slots: tuple[tuple[str, BoxMm], ...]

    @property
    def codes(self) -> frozenset[str]:
        """The fields that share it."""
        return frozenset(code for code, _ in self.slots)


@kept_with_layout
def free_cells(loaded: LoadedLayout) -> tuple[FreeCell, ...]:
    """The cells that have room for several lines, and none printed to write on."""
    layout = loaded.layout
    groups: list[list[LayoutField]] = []
    for own in layout.fields:
        if own.lines:
            joined = [one for one in groups if any(_share_cell(own, other) for other in one)]
            groups = [one for one in groups if one not in joined]
            groups.append([own, *(field for one in joined for field in one)])
    cells = [_cell(one) for one in groups if _is_free(layout, one)]
    return tuple(one for one in cells if one.box[3] >= _HIGH_MM)


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


def slots_of_lines(lines: Sequence[float], slots: Sequence[tuple[str, float]]) -> list[int]:
    """Which slot each line of writing fills, both in their order.

    Every field gets a line where there are enough, for clerks leave few out; then the slots are as
    near as can be.

    Args:
        lines: heights of the lines, mm, from top to bottom.
        slots: code of a field and height of a slot, the same.

    Returns:
        Index of a slot a line, rising; with more lines than slots some share one.

    """
    several = len(lines) > len(slots)
    choices = combinations_with_replacement if several else combinations
    codes = [code for code, _ in slots]
    heights = np.array([height for _, height in slots])
    written = np.asarray(lines, float)

    def cost(choice: Iterable[int]) -> float:
        missing = len(set(codes) - {codes[one] for one in choice})
        return float(np.abs(heights[list(choice)] - written).sum()) + _MISSING_MM * missing

    some = list(islice(choices(range(len(slots)), len(lines)), _MOST_CHOICES))
    return list(min(some, key=cost))


def _cell(fields: Sequence[LayoutField]) -> FreeCell:
    slots = sorted(
        ((one.code, box) for one in fields for box in one.lines), key=lambda slot: slot[1][1]
    )
    return FreeCell(outline(box for _, box in slots), tuple(slots))


def _is_free(layout: Layout, fields: Sequence[LayoutField]) -> bool:
    one_scope = len({one.scope for one in fields}) == 1
    joined = all(one.join == " " for one in fields)
    boxes = [box for one in fields for box in one.lines]
    return one_scope and joined and not any(_has_line(layout, box) for box in boxes)


def _has_line(layout: Layout, box: BoxMm) -> bool:
    """Whether a leader is printed in the lower part of a box, or right below it."""
    x, y, width, height = box
    low, high = y + _PRINTED_WITHIN * height, y + height + _BELOW_MM
    leaders = [(one.x1, one.x2, one.y) for one in layout.leaders]
    return any(left < x + width / 2 < right and low < at < high for left, right, at in leaders)


def _share_cell(one: LayoutField, other: LayoutField) -> bool:
    """Whether two fields stand right above each other, nearer than a line."""
    (x, y, width, height), (a, b, wide, high) = outline(one.lines), outline(other.lines)
    if min(x + width, a + wide) - max(x, a) < min(width, wide) / 2:
        return False
    return max(y, b) - min(y + height, b + high) < _TOUCHING_MM
