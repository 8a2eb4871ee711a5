"""Blanks of a form: where a clerk sets his baseline, and where people sign."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.layout.schema import BoxMm, Caption, Layout, LayoutField, Leader

_NEAREST, _FARTHEST = 14.0, 85.0  # mm between a caption and the leader that people sign over


@dataclass(frozen=True)
class Blank:
    """One line to write on, in mm: from `x` on, `width` wide, baseline, height of its box."""

    x: float
    width: float
    baseline: float
    height: float


@dataclass(frozen=True)
class SigningPlace:
    """Room for a signature.

    Attributes:
        box: x, y, width, height in mm.
        name: blank for the name below it.
        title: what is printed above it, e.g. `Vợ`.
        is_field: the layout has a field for the name.

    """

    box: BoxMm
    name: Blank
    title: str
    is_field: bool


def blanks_of(layout: Layout, field: LayoutField, offset: tuple[float, float]) -> list[Blank]:
    """The blanks of a field of one record; baselines lie on the leaders, if there are any."""
    found = []
    for x, y, width, height in field.lines:
        leaders = [
            m.y
            for m in layout.leaders
            if m.x1 < x + width and m.x2 > x and y + 0.4 * height < m.y < y + height + 2.0
        ]
        baseline = min(leaders, key=lambda v: abs(v - y - 0.8 * height), default=y + 0.8 * height)
        found.append(Blank(x + offset[0], width, baseline + offset[1], height))
    return found


def signing_places(layout: Layout, offset: tuple[float, float]) -> list[SigningPlace]:
    """Where people sign: free paper between a caption and a leader for the name under it."""
    places = []
    for leader in layout.leaders:
        captions = [c for c in layout.captions if _heads(c, leader)]
        above = max((c.box[1] + c.box[3] for c in captions), default=-_FARTHEST)
        between = [
            *(m.y for m in layout.leaders if m.x1 < leader.x2 and m.x2 > leader.x1),
            *(r.points[1] for r in layout.rules if r.points[1] == r.points[3]),
        ]
        free = leader.y - above
        crossed = any(above < y < leader.y - 1 for y in between)
        if leader.scope == "page" or crossed or not _NEAREST < free < _FARTHEST:
            continue
        if any(_labels(c, leader) for c in layout.captions):
            continue
        taken = any(
            x < leader.x2 and x + w > leader.x1 and y < leader.y < y + h + 2
            for f in layout.fields
            for x, y, w, h in f.lines
        )
        width = leader.x2 - leader.x1
        box = (leader.x1 + offset[0], above + 2 + offset[1], width, min(free - 8, 14.0))
        title = max(captions, key=lambda c: (not c.italic, c.box[1])).text
        name = Blank(box[0], width, leader.y + offset[1], 8.0)
        places.append(SigningPlace(box, name, title, taken))
    return places


def _heads(caption: Caption, leader: Leader) -> bool:
    """The caption stands above the middle part of the leader."""
    x, y, width, _ = caption.box
    return y < leader.y and leader.x1 - 3 < x + width / 2 < leader.x2 + 3


def _labels(caption: Caption, leader: Leader) -> bool:
    """The caption stands on the leader's own line, before it."""
    x, y, width, height = caption.box
    return y - 1 < leader.y < y + height + 3 and -1 < leader.x1 - x - width < 6
