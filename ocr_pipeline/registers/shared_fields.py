"""Fields that stand once on a sheet and are with each of its records, as the page number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ocr_pipeline.registers.fields import Box, Record

FieldPlace = tuple[str, str, Box]
"""Name of a page, code of a field, and where it stands on the page."""


def shared_places(records: Iterable[Record]) -> frozenset[FieldPlace]:
    """The places that several of the records have; they say nothing about a record itself."""
    places = Counter(
        (one.page, code, own.box)
        for one in records
        for code, own in one.fields.items()
        if own.box.width
    )
    return frozenset(place for place, times in places.items() if times > 1)
