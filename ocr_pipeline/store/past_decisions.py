"""What was decided before: by one person, or about the fields of one record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.scans import places_of_page


def newest_decisions(
    session: Session, user: str, count: int
) -> list[tuple[DecisionRow, FieldRow | None]]:
    """The person's newest decisions that count, newest first, with their fields where they are."""
    query = (
        select(DecisionRow, FieldRow)
        .join(FieldRow, FieldRow.id == DecisionRow.field, isouter=True)
        .where(DecisionRow.user == user, DecisionRow.withdrawn.is_(False))
        .order_by(DecisionRow.id.desc())
        .limit(count)
    )
    return [(decision, field) for decision, field in session.execute(query)]


def decisions_about(session: Session, fields: Collection[int]) -> list[DecisionRow]:
    """All that people did with these fields, taken back or not, oldest first."""
    query = select(DecisionRow).where(DecisionRow.field.in_(fields)).order_by(DecisionRow.id)
    return list(session.scalars(query))


def entries_about(session: Session, record: RecordRow) -> list[EntryRow]:
    """All entries about the fields of a record, made on the scan it stands on, oldest first."""
    places = places_of_page(session, record.book, record.page)
    shown = EntryRow.digest.in_({*places.here, *places.followers})
    by_name = (EntryRow.digest == "") & (EntryRow.page == record.page)
    query = select(EntryRow).where(
        EntryRow.book == record.book, EntryRow.position == record.position, or_(shown, by_name)
    )
    return list(session.scalars(query.order_by(EntryRow.id)))


def count_decisions(session: Session, user: str, since: datetime) -> int:
    """How many of the person's decisions since then count."""
    query = select(func.count()).where(
        DecisionRow.user == user, DecisionRow.time >= since, DecisionRow.withdrawn.is_(False)
    )
    return session.scalar(query) or 0
