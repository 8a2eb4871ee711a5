"""Whether the boxes of a layout stand on the lines of a page, whatever the layout's picture shows.

A scan that is its own reference picture fits itself wherever the boxes are. Here the lines are
drawn from `layout.yaml` alone and looked for on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.layout.anchors import FINE_PER_MM, AnchorMeasurement, Anchors, resampled
from ocr_pipeline.layout.form_drawing import draw_form
from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration, rectified
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField, Leader

FORM_REACH_MM = 4.6
"""How far a line is looked for on an empty form: half the distance of two lines of writing."""

PAGE_REACH_MM = 1.4
"""The same on a page that was written on: the tops of small letters lie 2 mm above the line."""

MOST_OFF_MM = 1.0
"""A line further off than this is not where the box expects it."""

_LEAST_LINE = 0.55  # correlation with a drawn line
_LEAST_PIECES = 0.4  # of the pieces of a line, the others lie under writing
_OWN_LINE_MM = (-3.0, 1.5)  # of the lower edge of a field's box, where its own line may lie
_OWN_SHARE = 0.5  # of a field's width that its own line must cover
_NEARLY_WHOLE = 0.8  # of a line: words before it may look like its begin
_MOST_BEGIN_MM = 3.0  # dots run into the colon before them
_SAME_PLACE_MM = 0.05


@dataclass(frozen=True, slots=True)
class FieldFooting:
    """What holds one box of a field on a page.

    Attributes:
        code: of the field.
        line: its line, from 0.
        record: 1-based place on the sheet.
        found: share (0–1) of its own line that was found near it; 0 without a line of its own.
        off_mm: how far below its place the line was found, 0 when it was not.
        begins_mm: how far right of its place the line begins, 0 when its begin was not seen.
        has_line: whether the layout gives it a line of its own at all.

    """

    code: str
    line: int
    record: int
    found: float
    off_mm: float
    begins_mm: float = 0.0
    has_line: bool = True

    @property
    def stands(self) -> bool:
        """Whether its own line is where the box expects it, as an empty form shows it."""
        return (
            self.found >= _LEAST_PIECES
            and abs(self.off_mm) <= MOST_OFF_MM
            and (self.found >= _NEARLY_WHOLE or abs(self.begins_mm) <= _MOST_BEGIN_MM)
        )


def field_footings(
    gray: Gray, loaded: LoadedLayout, registration: Registration
) -> list[FieldFooting]:
    """Look for the own line of every box on a page.

    Args:
        gray: (H, W) uint8, the page that was registered, not turned upright.
        loaded: its layout.
        registration: where the layout lies.

    """
    drawn = _drawn(loaded)
    upright = turned(gray, registration.turn)
    page = rectified((upright, 1.0), drawn, registration.mesh, FINE_PER_MM)
    return _footings(loaded.layout, drawn.details(drawn.soft_ink(page), PAGE_REACH_MM))


def unfounded_boxes(loaded: LoadedLayout) -> list[FieldFooting]:
    """Boxes whose own line the reference picture of the layout has not got near them."""
    drawn = _drawn(loaded)
    picture = drawn.soft_ink(resampled(loaded, FINE_PER_MM))
    footings = _footings(loaded.layout, drawn.details(picture, FORM_REACH_MM))
    return [one for one in footings if one.has_line and not one.stands]


def own_leader(layout: Layout, field: LayoutField, box: BoxMm) -> int | None:
    """Index of the leader that a box of a field stands on; None when there is none."""
    x, y, width, height = box
    best: tuple[float, int] | None = None
    for index, leader in enumerate(layout.leaders):
        below = leader.y - (y + height)
        overlap = min(x + width, leader.x2) - max(x, leader.x1)
        on_it = _OWN_LINE_MM[0] < below < _OWN_LINE_MM[1] and leader.scope == field.scope
        if on_it and overlap > _OWN_SHARE * width and (best is None or overlap > best[0]):
            best = (overlap, index)
    return None if best is None else best[1]


@kept_with_layout
def _drawn(loaded: LoadedLayout) -> Anchors:
    layout = loaded.layout
    return Anchors(LoadedLayout(layout, draw_form(layout, layout.reference_dpi), ""))


def _footings(layout: Layout, measured: AnchorMeasurement) -> list[FieldFooting]:
    level = ~measured.word & (measured.weights[:, 1] > 0)
    points, shifts = measured.points[level], measured.shifts[level, 1]
    seen = measured.score[level] > _LEAST_LINE
    ends = ~measured.word & (measured.weights[:, 0] > 0) & (measured.weights[:, 1] == 0)
    begins = _Begins(measured.points[ends], measured.shifts[ends, 0])
    found = []
    for field in layout.fields:
        offsets = layout.offsets_of(field.scope)
        for number, box in enumerate(field.lines):
            own = own_leader(layout, field, box)
            for record, offset in enumerate(offsets, start=1):
                if own is None:
                    found.append(FieldFooting(field.code, number, record, 0.0, 0.0, has_line=False))
                    continue
                leader = layout.leaders[own]
                on_it = _on_leader(points, leader, offset)
                share = float(seen[on_it].mean()) if on_it.any() else 0.0
                off = float(np.median(shifts[on_it & seen])) if share else 0.0
                begin = begins.of(leader, offset)
                found.append(FieldFooting(field.code, number, record, share, off, begin))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Begins:
    """Ends of leaders that were seen, and how far they are off along their line."""

    points: Floats
    shifts: Floats

    def of(self, leader: Leader, offset: tuple[float, float]) -> float:
        place = np.array([leader.x1 + offset[0], leader.y + offset[1]])
        near = np.abs(self.points - place).max(axis=1) < _SAME_PLACE_MM
        return float(self.shifts[near][0]) if near.any() else 0.0


def _on_leader(
    points: Floats, leader: Leader, offset: tuple[float, float]
) -> npt.NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    same = np.abs(y - leader.y - offset[1]) < _SAME_PLACE_MM
    on_it: npt.NDArray[np.bool_] = same & (x > leader.x1 + offset[0]) & (x < leader.x2 + offset[0])
    return on_it
