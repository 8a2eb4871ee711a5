"""Sums over a whole workspace for reports: made by the database, no record is loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.store.books import is_told
from ocr_pipeline.store.entries import ENTERED
from ocr_pipeline.store.models import BookRow, EntryRow, FieldRow, PageRow
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import FAILURES, Action, Lane, PageKind

_AT_ONCE = 2000
_WAITING = (State.READ.value, State.IN_REVIEW.value)
_UNSETTLED = (Lane.SECOND.value, Lane.ARBITRATION.value, Lane.SENIOR.value)


class FieldTotal(NamedTuple):
    """Fields of one book, kind and state: how many, and how many of them are probably wrong."""

    book: str
    kind: str
    state: str
    number: int
    wrong: float


class DoubtTotal(NamedTuple):
    """Fields of one book and kind that wait for a person with exactly these rules' doubts."""

    book: str
    kind: str
    rules: tuple[str, ...]
    number: int


class FailedPage(NamedTuple):
    """A page that a person has to look at, and why."""

    book: str
    name: str
    kind: str
    cause_vi: str
    cause_en: str
    remedy_vi: str
    remedy_en: str


class BookRef(NamedTuple):
    """A book: its id, its register type, where its scans are."""

    id: str
    type: str
    path: str


def book_refs(session: Session) -> list[BookRef]:
    """All books in the order of their ids."""
    query = select(BookRow.id, BookRow.type, BookRow.path).order_by(BookRow.id)
    return [BookRef(*row) for row in session.execute(query)]


def books_in_doubt(session: Session, rule: str) -> set[str]:
    """Books in which a number waits for a person because of this rule."""
    query = select(FieldRow.book).where(
        FieldRow.lane == Lane.DOUBT,
        FieldRow.kind == FieldKind.NUMBER_YEAR,
        FieldRow.rules.contains(f" {rule} ", autoescape=True),
    )
    return set(session.scalars(query))


def field_totals(session: Session) -> list[FieldTotal]:
    """Fields by book, kind and state; `wrong` is the sum of 1 − confidence."""
    keys = FieldRow.book, FieldRow.kind, FieldRow.state
    wrong = func.sum(1.0 - FieldRow.confidence)
    query = select(*keys, func.count(), wrong).group_by(*keys)
    return [FieldTotal(*row) for row in session.execute(query)]


def doubt_totals(session: Session) -> list[DoubtTotal]:
    """Fields that wait for a person, by book, kind and the rules of their doubts."""
    keys = FieldRow.book, FieldRow.kind, FieldRow.rules
    query = select(*keys, func.count()).where(FieldRow.state.in_(_WAITING)).group_by(*keys)
    return [
        DoubtTotal(book, kind, tuple(rules.split()), number)
        for book, kind, rules, number in session.execute(query)
    ]


def failed_pages(session: Session, kinds: Collection[PageKind] = FAILURES) -> Iterator[FailedPage]:
    """Pages of these kinds, usually those that a person has to look at; in the books' order."""
    query = (
        select(
            PageRow.book,
            PageRow.name,
            PageRow.kind,
            PageRow.cause_vi,
            PageRow.cause_en,
            PageRow.remedy_vi,
            PageRow.remedy_en,
        )
        .where(is_told(kinds))
        .order_by(PageRow.book, PageRow.ordinal)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in session.execute(query):
        yield FailedPage(*row)


def layout_totals(session: Session) -> list[tuple[str, str, int]]:
    """Pages that were read, by book and layout."""
    keys = PageRow.book, PageRow.layout
    query = select(*keys, func.count()).where(PageRow.kind == PageKind.RECORD.value).group_by(*keys)
    return [(book, layout, number) for book, layout, number in session.execute(query)]


def nearest_totals(session: Session) -> list[tuple[str, str, str, int]]:
    """Pages read or refused, by book, kind and the layout that lies on them or comes nearest."""
    keys = PageRow.book, PageRow.kind, PageRow.layout
    kinds = (PageKind.RECORD.value, PageKind.REFUSED.value)
    query = select(*keys, func.count()).where(PageRow.kind.in_(kinds)).group_by(*keys)
    return [(book, kind, layout, number) for book, kind, layout, number in session.execute(query)]


def review_times(session: Session, longest: float) -> dict[str, tuple[int, float]]:
    """How many fields of each kind people have decided here, and their mean seconds for one.

    Looks longer than `longest` seconds are breaks; decisions taken back and questions do not count.
    """
    seconds = DecisionRow.seconds
    query = (
        select(DecisionRow.kind, func.count(), func.avg(seconds))
        .where(
            seconds > 0,
            seconds <= longest,
            DecisionRow.withdrawn.is_(False),
            DecisionRow.action != Action.ASK.value,
        )
        .group_by(DecisionRow.kind)
    )
    return {kind: (number, float(mean)) for kind, number, mean in session.execute(query)}


def open_records(session: Session) -> dict[str, int]:
    """Records by book in which a field waits for a person; samples hold nothing up."""
    waiting = or_(FieldRow.state.in_(_WAITING), FieldRow.lane.in_(_UNSETTLED))
    query = select(FieldRow.book, func.count(FieldRow.record.distinct())).where(waiting)
    return {book: number for book, number in session.execute(query.group_by(FieldRow.book))}


def entered_fields(session: Session) -> dict[str, int]:
    """Fields by book whose value a person has given or confirmed."""
    query = (
        select(FieldRow.book, func.count())
        .join(EntryRow, EntryRow.id == FieldRow.entry)
        .where(EntryRow.state.in_([state.value for state in ENTERED]))
        .group_by(FieldRow.book)
    )
    return {book: number for book, number in session.execute(query)}


def people_at_work(session: Session, since: datetime, until: datetime) -> int:
    """How many people have decided anything in a time (UTC)."""
    query = select(func.count(DecisionRow.user.distinct())).where(
        DecisionRow.time >= since, DecisionRow.time < until
    )
    return int(session.scalar(query) or 0)
