"""The two halves of a form that is wider than high, each as a form of its own.

Sheets of A3 are often scanned on glass for A4, in two goes. A half is then recognised and
registered as any form is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField, PrintedRule

BAND_MM = 10.0
"""Of the other half that belongs to a half, too: a scan may show some of it, and a mesh bends
wildly beyond its form."""

_LEAST_WIDE = 1.2  # width by height: only sheets that lie are scanned in halves
_LEAST_FIELDS = 3  # of a half: fewer hold no scan


class SheetHalf(StrEnum):
    """A half of a sheet."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, eq=False)
class HalfForm:
    """One half of a form.

    Attributes:
        whole: the form.
        side: which half.
        loaded: the half as a form, with `BAND_MM` of the other half; its own fields alone.
        left_mm: where the half begins on the whole form.

    """

    whole: LoadedLayout
    side: SheetHalf
    loaded: LoadedLayout
    left_mm: float


@kept_with_layout
def halves_of(loaded: LoadedLayout) -> tuple[HalfForm, ...]:
    """The left and the right half of a form; none of one that no scanner takes in two goes."""
    layout = loaded.layout
    beside = any(dx for dx, _ in layout.records.offsets)
    if layout.page.width < _LEAST_WIDE * layout.page.height or beside:
        return ()
    halves = tuple(half for side in SheetHalf if (half := _half(loaded, side)) is not None)
    return halves if len(halves) == len(SheetHalf) else ()


def _half(loaded: LoadedLayout, side: SheetHalf) -> HalfForm | None:
    layout = loaded.layout
    per_px = 25.4 / layout.reference_dpi
    middle = layout.page.width / 2
    begin = 0.0 if side is SheetHalf.LEFT else middle - BAND_MM
    first = round(begin / per_px)
    last = round(min(begin + middle + BAND_MM, layout.page.width) / per_px)
    left, width = first * per_px, (last - first) * per_px
    own = (0.0, middle) if side is SheetHalf.LEFT else (middle, layout.page.width)
    fields = [_moved(field, left) for field in layout.fields if _within(field, *own)]
    if len(fields) < _LEAST_FIELDS:
        return None
    half = Layout(
        id=f"{layout.id}-{side.value}",
        type=layout.type,
        era=layout.era,
        title=layout.title,
        version=layout.version,
        page=layout.page.model_copy(update={"width": width}),
        reference_dpi=layout.reference_dpi,
        records=layout.records,
        captions=tuple(
            caption.model_copy(update={"box": _shifted(caption.box, left)})
            for caption in layout.captions
            if left <= caption.box[0] and caption.box[0] + caption.box[2] <= left + width
        ),
        rules=tuple(_cut_rules(layout, left, width)),
        leaders=tuple(
            leader.model_copy(update={"x1": x1, "x2": x2})
            for leader in layout.leaders
            if (x1 := max(leader.x1 - left, 0.0)) < (x2 := min(leader.x2 - left, width))
        ),
        fields=tuple(fields),
    )
    digest = hashlib.sha256(f"{loaded.fingerprint} {side.value}".encode()).hexdigest()
    picture = np.ascontiguousarray(loaded.reference[:, first:last])
    return HalfForm(loaded, side, LoadedLayout(half, picture, digest), left)


def _within(field: LayoutField, begin: float, end: float) -> bool:
    boxes = (*field.lines, *(option.box for option in field.options))
    return all(begin <= x and x + width <= end for x, _, width, _ in boxes)


def _moved(field: LayoutField, left: float) -> LayoutField:
    options = tuple(
        option.model_copy(update={"box": _shifted(option.box, left)}) for option in field.options
    )
    lines = tuple(_shifted(box, left) for box in field.lines)
    return field.model_copy(update={"lines": lines, "options": options})


def _shifted(box: BoxMm, left: float) -> BoxMm:
    return box[0] - left, *box[1:]


def _cut_rules(layout: Layout, left: float, width: float) -> Iterator[PrintedRule]:
    """The parts of rules that lie on the half; a slanting one counts where it lies whole."""
    for rule in layout.rules:
        x1, y1, x2, y2 = rule.points
        x1, x2 = x1 - left, x2 - left
        if abs(y2 - y1) < 0.2:
            x1, x2 = sorted((x1, x2))
            x1, x2 = max(x1, 0.0), min(x2, width)
            inside = x1 < x2
        else:
            inside = 0 <= min(x1, x2) and max(x1, x2) <= width
        if inside:
            yield rule.model_copy(update={"points": (x1, y1, x2, y2)})
