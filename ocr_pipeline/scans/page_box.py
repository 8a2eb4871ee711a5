"""The part of a PDF page that a viewer shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pikepdf

_POINTS_PER_INCH = 72.0
#: No page is wider than this: 14 400 points (5 m) are the most of the format, and scanners that
#: write pixels for points need 20 000 for an A2 at 1 200 dpi.
_WIDEST_POINTS = 20_000.0


@dataclass(frozen=True, slots=True)
class PageBox:
    """The shown rectangle of a page, before it is turned by /Rotate.

    Attributes:
        left, bottom, right, top: its edges in units of the page's own coordinates.
        unit: length of such a unit in points (/UserUnit).
        by_crop: whether the page's crop box has a say in it.

    """

    left: float
    bottom: float
    right: float
    top: float
    unit: float
    by_crop: bool

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height on paper."""
        scale = self.unit / _POINTS_PER_INCH
        return (self.right - self.left) * scale, (self.top - self.bottom) * scale


def page_box(page: pikepdf.Page) -> PageBox | None:
    """What a viewer shows of the page; None when the page has no size that makes sense.

    A crop box without an area inside the page counts for nothing, as in viewers.
    """
    media = _edges(page, "/MediaBox")
    if media is None:
        return None
    unit = _number(page.obj.get("/UserUnit"))
    unit = unit if unit is not None and 0 < unit <= _WIDEST_POINTS else 1.0
    crop = _edges(page, "/CropBox")
    if crop is not None:
        low = max(media[0], crop[0]), max(media[1], crop[1])
        high = min(media[2], crop[2]), min(media[3], crop[3])
        if low[0] < high[0] and low[1] < high[1]:
            return PageBox(*low, *high, unit, by_crop=True)
    return PageBox(*media, unit, by_crop=False)


def page_turn(page: pikepdf.Page) -> int:
    """Degrees clockwise (0, 90, 180, 270) by which a viewer turns the page."""
    turn = _number(_inherited(page, "/Rotate")) or 0.0
    return int(turn) % 360 if turn % 90 == 0 else 0


def _edges(page: pikepdf.Page, key: str) -> tuple[float, float, float, float] | None:
    """Left, bottom, right and top of a box; None when it is missing or has no area."""
    box = _inherited(page, key)
    if not isinstance(box, pikepdf.Array) or len(box) != 4:
        return None
    values = [value for value in map(_number, box) if value is not None]
    if len(values) != 4:
        return None
    left, right = sorted(values[::2])
    bottom, top = sorted(values[1::2])
    sides = right - left, top - bottom
    return (left, bottom, right, top) if 0 < min(sides) <= max(sides) <= _WIDEST_POINTS else None


def _inherited(page: pikepdf.Page, key: str) -> object:
    """The page's own entry or that of the nearest node above it."""
    node: object = page.obj
    for _level in range(60):  # a tree in a circle has no end
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None
