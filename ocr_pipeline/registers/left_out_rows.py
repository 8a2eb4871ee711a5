"""Rows of a table that hold no record of their own: never filled in, or the rest of one above."""

from __future__ import annotations

from collections.abc import Sequence

from ocr_pipeline.registers.blank_fields import holds_no_ink, is_blank
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.registers.shared_fields import shared_places

_SPECKS = 1  # fields of an empty row that hold a little ink, none of it letters


def left_out_rows(records: Sequence[Record]) -> dict[int, int]:
    """Positions of a sheet that hold no record, as far as the machine can tell.

    An empty row between two records is not among them: a clerk leaves none out, so a person sees
    it. Nor is any row of a sheet without a record.

    Args:
        records: as read from one sheet, in its order.

    Returns:
        The position of the record that each of them goes on with; 0 for one without writing.

    """
    parts = {record.position: record.part_of for record in records if record.part_of}
    return parts | dict.fromkeys(_unfilled(records), 0)


def _unfilled(records: Sequence[Record]) -> list[int]:
    """Positions below the last writing of the sheet."""
    shared = shared_places(records)
    found: list[int] = []
    for record in reversed(records):
        fields = record.fields.items()
        own = [one for code, one in fields if (record.page, code, one.box) not in shared]
        if not own or not all(map(is_blank, own)):
            return found
        if sum(not holds_no_ink(one) for one in own) > _SPECKS:
            return found
        found.append(record.position)
    return []
