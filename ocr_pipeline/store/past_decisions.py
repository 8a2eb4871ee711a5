"""What was decided before: by one person, about the fields of one record, or as an answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.lanes import BLIND
from ocr_pipeline.store.models import BookRow, EntryRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.review_models import AuditRow, DecisionRow
from ocr_pipeline.store.scans import ScanPlaces, places_of_page
from ocr_pipeline.store.states import Action, Lane


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
    query = select(EntryRow).where(EntryRow.book == record.book, or_(shown, by_name))
    if not places.cuts:
        query = query.where(EntryRow.position == record.position)
    found = session.scalars(query.order_by(EntryRow.id))
    if not places.cuts:
        return list(found)
    return [entry for entry in found if _is_about(places, entry, record)]


def left_over(session: Session, row: PageRow) -> list[EntryRow]:
    """What people entered about a page that lies in none of its fields since it was cut anew."""
    places = places_of_page(session, row.book, row.name)
    if row.name not in places.cuts:
        return []
    shown = {*places.here, *places.followers}
    query = select(EntryRow).where(EntryRow.book == row.book, EntryRow.digest.in_(shown))
    said = list(session.scalars(query.order_by(EntryRow.id)))
    answered = {entry.base for entry in said}
    fields = (
        select(RecordRow.position, FieldRow.code)
        .join(FieldRow, FieldRow.record == RecordRow.id)
        .where(RecordRow.book == row.book, RecordRow.page == row.name)
    )
    there = {(position, code) for position, code in session.execute(fields)}
    return [
        entry
        for entry in said
        if entry.id not in answered
        and entry.state != State.READ.value
        and not _is_there(places, entry, row.name, there)
    ]


def _is_there(
    places: ScanPlaces, entry: EntryRow, page: str, there: Collection[tuple[int, str]]
) -> bool:
    moved = places.moved(page, entry.layout, entry.position, entry.code)
    return moved is not None and (moved.position, entry.code) in there


def _is_about(places: ScanPlaces, entry: EntryRow, record: RecordRow) -> bool:
    """Whether an entry about a page that a person cut anew is about this record of it."""
    moved = places.moved(record.page, entry.layout, entry.position, entry.code)
    return moved is not None and moved.kept and moved.position == record.position


def count_decisions(session: Session, user: str, since: datetime) -> int:
    """How many of the person's decisions since then count."""
    query = select(func.count()).where(
        DecisionRow.user == user, DecisionRow.time >= since, DecisionRow.withdrawn.is_(False)
    )
    return session.scalar(query) or 0


class AnswerRows(NamedTuple):
    """A question, the decision that answered it, and where its field is now."""

    question: DecisionRow
    answer: DecisionRow
    field: FieldRow
    page_name: str
    position: int
    page: int | None
    type: str


def answers_to(session: Session, user: str, count: int) -> list[AnswerRows]:
    """What others answered to the person's questions, newest answer first, at most so many.

    Left out are answers that were taken back, and fields that are gone or to be keyed blind now.
    """
    question, answer = aliased(DecisionRow), aliased(DecisionRow)
    query = (
        select(
            question, answer, FieldRow, RecordRow.page, RecordRow.position, PageRow.id, BookRow.type
        )
        .join(answer, answer.entry == question.entry)
        .join(FieldRow, FieldRow.id == question.field)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .join(BookRow, BookRow.id == FieldRow.book)
        .join(
            PageRow,
            and_(PageRow.book == RecordRow.book, PageRow.name == RecordRow.page),
            isouter=True,
        )
        .where(question.user == user, question.action == _literal(Action.ASK))
        .where(question.withdrawn.is_(False), answer.withdrawn.is_(False))
        .where(answer.lane == Lane.SENIOR.value, answer.action != Action.ASK.value)
        .where(answer.user != user)
        # a book that was moved has other fields; numbers may be given anew
        .where(FieldRow.book == question.book, FieldRow.code == question.code)
        .where(FieldRow.lane.not_in(BLIND))
        .order_by(answer.id.desc())
        .limit(count)
    )
    return [AnswerRows(*row) for row in session.execute(query)]


def answers_seen_at(session: Session, user: str) -> datetime | None:
    """When the person saw answers to his questions last (UTC); None when he never did."""
    query = (
        select(AuditRow.time)
        .where(AuditRow.user == user, AuditRow.action == _literal(AuditAction.ANSWERS_SEEN))
        .order_by(AuditRow.id.desc())
        .limit(1)
    )
    time = session.scalar(query)
    return datetime.fromisoformat(time) if time else None


def _literal(action: Action | AuditAction) -> ColumnElement[str]:
    """Said in so many words: an index that holds only these is not used for a parameter."""
    return literal_column(f"'{action.value}'")
