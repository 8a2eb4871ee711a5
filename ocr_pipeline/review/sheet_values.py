"""Values that belong to the sheet: written once, and read again with each of its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ocr_pipeline.store.keyings import FieldContext, find_all
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.states import Lane


def same_writing(
    session: Session, found: FieldContext, rows: Sequence[FieldRow]
) -> dict[int, frozenset[int]]:
    """Doubtful fields of other records that were read from the very same place of the page.

    Args:
        session: an open one.
        found: what belongs to `rows`.
        rows: fields of any records.

    Returns:
        Ids of the others by id of the field; fields without others are left out.

    """
    pages = {(row.book, found.records[row.record].page) for row in rows}
    query = (
        select(FieldRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(FieldRow.lane == Lane.DOUBT.value)
        .where(FieldRow.code.in_({row.code for row in rows}))
        .where(tuple_(RecordRow.book, RecordRow.page).in_(pages))
    )
    waiting = list(session.scalars(query)) if rows else []
    if len({row.record for row in waiting} | {row.record for row in rows}) == len(pages):
        return {}  # one record a page, as most forms have it
    context = find_all(session, waiting)
    places: dict[object, set[int]] = defaultdict(set)
    for row in waiting:
        places[_place(context, row)].add(row.id)
    alike = {row.id: frozenset(places[_place(found, row)] - {row.id}) for row in rows}
    return {field: others for field, others in alike.items() if others}


def _place(context: FieldContext, row: FieldRow) -> object:
    record = context.records[row.record]
    return row.book, record.page, row.code, record.fields[row.code].box
