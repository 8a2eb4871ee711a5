"""Whether an adapted layout may be trusted: held against pages that it was not learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.adapted_layout import AdaptedLayout, adapt
from ocr_pipeline.layout.common_print import LEAST_PAGES, LaidPages
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.field_footing import MOST_OFF_MM, field_footings
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.schema import Layout

LEAST_ACCEPTED_SHARE = 0.75
"""Pages that an adapted layout must fit, of those it was not learned from."""

MOST_UNCONFIRMED_SHARE = 0.1
"""Fields whose place may stay unconfirmed: a person looks at them."""

_MOST_APART_MM = 3.0  # of a field's place when it is learned without one of the pages
_LEAST_LINE_SHARE = 0.35  # of a field's own line that is seen where it should be, over all pages


@dataclass(frozen=True, slots=True)
class CheckedField:
    """What is known of a field's new place.

    Attributes:
        code: of the field.
        moved_mm: how far it moved against the form as a whole.
        apart_mm: how far its place changes when it is learned without one of the pages.
        off_mm: how far its own line lies from where the box expects it, on pages not learned from.
        confirmed: whether its place may be trusted.

    """

    code: str
    moved_mm: float
    apart_mm: float
    off_mm: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class AdaptationCheck:
    """What held the adapted layout against other pages.

    Attributes:
        pages: how many pages it was held against.
        accepted: how many of them it fits.
        residual_mm: what is left on these, the middle of them.
        fields: all fields, those moved furthest first.

    """

    pages: int
    accepted: int
    residual_mm: float
    fields: tuple[CheckedField, ...]

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Codes of the fields whose place is not confirmed."""
        return tuple(field.code for field in self.fields if not field.confirmed)

    @property
    def holds(self) -> bool:
        """Whether the layout may be used: it fits other pages, and nearly all fields stand."""
        most = MOST_UNCONFIRMED_SHARE * len(self.fields)
        return self.accepted >= LEAST_ACCEPTED_SHARE * self.pages and len(self.unconfirmed) <= most


def check_adaptation(
    adapted: AdaptedLayout,
    like: Layout,
    laid: LaidPages,
    pages: Sequence[Gray],
    further: Sequence[Gray] = (),
) -> AdaptationCheck:
    """Hold an adapted layout against pages that it was not learned from.

    Each of its own pages is left out once: what is learned from the others must say the same, and
    must fit that page.

    Args:
        adapted: learned from all of `laid`.
        like: the layout it was made of.
        laid: the pages it was learned from.
        pages: the same pages as they came, `laid` has their indices.
        further: other pages of the book.

    """
    whole = LoadedLayout(adapted.layout, adapted.reference, "")
    held = [(whole, page) for page in further]
    apart: dict[tuple[str, int], float] = defaultdict(float)
    if len(laid.pictures) > LEAST_PAGES:
        for index in laid.pictures:
            part = adapt(laid.common(without=index), like)
            held.append((LoadedLayout(part.layout, part.reference, ""), pages[index]))
            for one, other in zip(adapted.moved, part.moved, strict=True):
                key = one.code, one.line
                apart[key] = max(apart[key], _distance(one.box, other.box))
    else:  # without one of three pages there is too little in common: fit and lines must do
        held += [(whole, pages[index]) for index in laid.pictures]
    seen = _Seen()
    for loaded, page in held:
        seen.look(loaded, page)
    return AdaptationCheck(
        len(held), seen.accepted, seen.residual_mm, tuple(_fields(adapted, apart, seen))
    )


class _Seen:
    """What the pages say of the lines of fields."""

    def __init__(self) -> None:
        self.accepted = 0
        self.residuals: list[float] = []
        self.lines: dict[str, list[float]] = defaultdict(list)
        self.off: dict[str, list[float]] = defaultdict(list)

    @property
    def residual_mm(self) -> float:
        return float(np.median(self.residuals)) if self.residuals else 0.0

    def look(self, loaded: LoadedLayout, page: Gray) -> None:
        found = detect(page, [loaded])
        if found.registration is None:
            return
        self.accepted += 1
        self.residuals.append(found.registration.residual_mm)
        for one in field_footings(page, loaded, found.registration):
            if one.has_line:
                self.lines[one.code].append(one.found)
                self.off[one.code].append(abs(one.off_mm))


def _fields(
    adapted: AdaptedLayout, apart: dict[tuple[str, int], float], seen: _Seen
) -> list[CheckedField]:
    fields = []
    for code in dict.fromkeys(one.code for one in adapted.moved):
        own = [one for one in adapted.moved if one.code == code]
        moved = max(
            float(np.hypot(*(np.array(one.shift) - np.array(adapted.form_shift)))) for one in own
        )
        most_apart = max(apart[code, one.line] for one in own)
        lines, off = seen.lines.get(code, []), seen.off.get(code, [])
        on_line = not lines or (
            float(np.mean(lines)) >= _LEAST_LINE_SHARE and float(np.median(off)) <= MOST_OFF_MM
        )
        confirmed = all(one.held_by for one in own) and most_apart <= _MOST_APART_MM and on_line
        fields.append(
            CheckedField(
                code,
                round(moved, 1),
                round(most_apart, 1),
                round(float(np.median(off)), 2) if off else 0.0,
                confirmed,
            )  # fmt: skip
        )
    return sorted(fields, key=lambda field: (-field.moved_mm, field.code))


def _distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How far the corners of two boxes are apart, the further of upper left and upper right."""
    left = np.hypot(one[0] - other[0], one[1] - other[1])
    right = np.hypot(one[0] + one[2] - other[0] - other[2], one[1] - other[1])
    return float(max(left, right))
