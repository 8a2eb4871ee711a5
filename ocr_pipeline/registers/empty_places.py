"""Places of a sheet on which nothing is written: the rest of a table that was never filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ocr_pipeline.registers.fields import Field, Record, Script

_NO_INK_CONFIDENCE = 0.99  # of an empty box; 0.93 where any ink was found in it
_SPECKS = 1  # fields of an empty place that hold a little ink, none of it letters


def is_blank(field: Field) -> bool:
    """Nothing is written there, as far as the machine can tell."""
    empty = not field.value and not field.as_written.strip()
    return empty and (field.script is Script.BLANK or field.special is None)


def holds_no_ink(field: Field) -> bool:
    """Nothing is written there, and no ink was found either."""
    return is_blank(field) and field.confidence >= _NO_INK_CONFIDENCE


def unfilled_positions(records: Sequence[Record]) -> frozenset[int]:
    """Positions below the last record of a sheet on which nothing is written.

    A place between two records is not among them: a clerk leaves none out, so a person sees it. Nor
    is any place of a sheet without a record.

    Args:
        records: as read from one sheet, in its order.

    """
    boxes = Counter((code, own.box) for one in records for code, own in one.fields.items())
    found: list[int] = []
    for record in reversed(records):
        own = [one for code, one in record.fields.items() if boxes[code, one.box] < 2]
        if not own or not all(map(is_blank, own)):
            return frozenset(found)
        if sum(not holds_no_ink(one) for one in own) > _SPECKS:
            return frozenset(found)
        found.append(record.position)
    return frozenset()
