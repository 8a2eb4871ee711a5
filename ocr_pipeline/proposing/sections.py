"""Whom each part of a form speaks of: the person whose heading or name stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.proposing.blanks import parted
from ocr_pipeline.proposing.caption_words import CaptionRole, first_person
from ocr_pipeline.proposing.found_captions import FoundCaption
from ocr_pipeline.proposing.printed_lines import UprightLine

_SAME_ROW_MM = 6.0
_PARALLEL_MM = 45.0


@dataclass(frozen=True, slots=True)
class _Marker:
    person: str
    x: float
    y: float
    left: float
    right: float


class Sections:
    """Which person a place of the page is about."""

    def __init__(
        self, captions: Sequence[FoundCaption], upright: Sequence[UprightLine], type: str
    ) -> None:
        self._first = first_person(type)
        self._upright = upright
        marks = [c for c in captions if c.known is not None and c.known.person]
        self._markers = [self._marker(mark, marks) for mark in marks]

    def _marker(self, mark: FoundCaption, marks: Sequence[FoundCaption]) -> _Marker:
        """Headings side by side each own a column of the page."""
        beside = [
            other
            for other in marks
            if other is not mark
            and abs(other.baseline - mark.baseline) < _SAME_ROW_MM
            and abs(other.box[0] - mark.box[0]) > _PARALLEL_MM
        ]
        left, right = 0.0, 10_000.0
        for other in beside:
            if other.box[0] > mark.box[0]:
                right = min(right, self._between(mark, other))
            else:
                left = max(left, self._between(other, mark))
        assert mark.known is not None
        return _Marker(mark.known.person, mark.box[0], mark.baseline, left, right)

    def _between(self, one: FoundCaption, other: FoundCaption) -> float:
        rules = [r.x for r in self._upright if one.x2 < r.x < other.box[0] and r.y2 > one.baseline]
        if rules:
            return rules[0]
        assert other.known is not None
        if other.known.role is CaptionRole.FIELD:  # captions of a column stand under its first one
            return other.box[0] - 3
        middles = [(c.box[0] + c.x2) / 2 for c in (one, other)]
        return sum(middles) / 2

    def person_at(self, caption: FoundCaption) -> tuple[str, bool]:
        """Prefix of the person, and whether a heading says so (False: the page's first person)."""
        x, y = caption.box[0], caption.baseline
        above = [
            marker
            for marker in self._markers
            if (marker.y < y - _SAME_ROW_MM / 2 or (marker.y < y + 2 and marker.x <= x))
            and marker.left <= x < marker.right
            and not self._walled(marker, x, y)
        ]
        if not above:
            return self._first, False
        return max(above, key=lambda marker: (marker.y, marker.x)).person, True

    def _walled(self, marker: _Marker, x: float, y: float) -> bool:
        x1, x2 = sorted((marker.x, x))
        return parted(x1, x2, y, self._upright) and parted(x1, x2, marker.y, self._upright)
