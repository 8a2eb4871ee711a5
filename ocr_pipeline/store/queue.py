"""Queues in the database: what waits, who holds what, and the counts of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import FunctionElement

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store.models import BookRow, FieldRow, RecordRow
from ocr_pipeline.store.review_models import DecisionRow, LeaseRow
from ocr_pipeline.store.states import Lane

#: Lanes that are closed to those who had a say in the field.
BLIND_TO = frozenset({Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR})


class _TextPosition(FunctionElement[int]):
    """Where a text stands in another, from 1; 0 when it does not (a third of the time of LIKE)."""

    type = Integer()
    inherit_cache = True


@compiles(_TextPosition)
def _in_sqlite(element: _TextPosition, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_TextPosition, "postgresql")
def _in_postgresql(element: _TextPosition, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@dataclass(frozen=True, slots=True)
class LaneFilter:
    """Which waiting fields are meant.

    Attributes:
        lane: the queue.
        books: ids; None for all.
        kind: kind of field; "" for all.
        rule: rule of a doubt; "" for all.
        user: whose queue it is: without fields in which this person has had a say; "" for all.

    """

    lane: Lane
    books: Collection[str] | None = None
    kind: str = ""
    rule: str = ""
    user: str = ""


@dataclass(slots=True)
class QueueCounts:
    """How much waits."""

    total: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_book: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)  # (kind, book)


def books_of_type(session: Session, type: str) -> list[str]:
    """Ids of the books of a register type."""
    return list(session.scalars(select(BookRow.id).where(BookRow.type == type)))


def count_waiting(session: Session, wanted: LaneFilter) -> QueueCounts:
    """Counts of a queue; one pass over an index that covers it."""
    columns = (FieldRow.kind, FieldRow.book, FieldRow.rules)
    query = select(*columns, func.count()).where(*_conditions(wanted)).group_by(*columns)
    counts = QueueCounts()
    for kind, book, rules, number in session.execute(query):
        counts.total += number
        counts.by_kind[kind] += number
        counts.by_book[book] += number
        counts.places[kind, book] += number
        for rule in rules.split():
            counts.by_rule[rule] += number
    return counts


def waiting_by_kind_and_book(session: Session, wanted: LaneFilter) -> Counter[tuple[str, str]]:
    """Number of waiting fields by (kind, book)."""
    columns = (FieldRow.kind, FieldRow.book)
    query = select(*columns, func.count()).where(*_conditions(wanted)).group_by(*columns)
    return Counter({(kind, book): number for kind, book, number in session.execute(query)})


def count_leased(session: Session, wanted: LaneFilter, now: datetime) -> int:
    """How many of a queue somebody else than `wanted.user` holds."""
    query = (
        select(func.count())
        .select_from(LeaseRow)
        .join(FieldRow, FieldRow.id == LeaseRow.field)
        .where(*_conditions(wanted), LeaseRow.until > now, LeaseRow.user != wanted.user)
    )
    return int(session.scalar(query) or 0)


def waiting_in_column(
    session: Session, book: str, code: str, user: str, now: datetime, count: int = 500
) -> list[FieldRow]:
    """Doubtful fields of a code in a book that are on nobody else's screen, at most so many."""
    others = select(LeaseRow.field).where(LeaseRow.until > now, LeaseRow.user != user)
    query = (
        select(FieldRow)
        .where(FieldRow.lane == Lane.DOUBT.value, FieldRow.book == book, FieldRow.code == code)
        .where(FieldRow.id.not_in(others))
        .order_by(FieldRow.record)
        .limit(count)
    )
    return list(session.scalars(query))


def count_in_columns(
    session: Session, columns: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """How many doubtful fields wait, by (book, code) of these."""
    query = (
        select(FieldRow.book, FieldRow.code, func.count())
        .where(FieldRow.lane == Lane.DOUBT.value)
        .where(tuple_(FieldRow.book, FieldRow.code).in_(sorted(columns)))
        .group_by(FieldRow.book, FieldRow.code)
    )
    return {(book, code): number for book, code, number in session.execute(query)}


def held_by(session: Session, wanted: LaneFilter, now: datetime) -> list[FieldRow]:
    """What the person holds of a queue, in no particular order."""
    query = (
        select(FieldRow)
        .join(LeaseRow, LeaseRow.field == FieldRow.id)
        .where(*_conditions(wanted), LeaseRow.user == wanted.user, LeaseRow.until > now)
    )
    return list(session.scalars(query))


def held_of(session: Session, fields: Collection[int], user: str, now: datetime) -> list[FieldRow]:
    """Which of these fields the person holds, whatever their queue; by id."""
    query = (
        select(FieldRow)
        .join(LeaseRow, LeaseRow.field == FieldRow.id)
        .where(FieldRow.id.in_(fields), LeaseRow.user == user, LeaseRow.until > now)
        .order_by(FieldRow.id)
    )
    return list(session.scalars(query))


def free_by_field(
    session: Session,
    wanted: LaneFilter,
    places: Iterable[tuple[str, str]],
    count: int,
    now: datetime,
) -> list[FieldRow]:
    """Fields nobody holds, kind by kind and book by book in the order of `places`.

    Within a place column by column, each down the pages of the book: the question stays the same
    from one field to the next. The index gives the columns, so that only one is put in order.
    """
    found: list[FieldRow] = []
    for kind, book in places:
        if len(found) >= count:
            break
        query = (
            select(FieldRow)
            .where(*_conditions(wanted), FieldRow.kind == kind, FieldRow.book == book)
            .where(~_held(now))
            .join(RecordRow, RecordRow.id == FieldRow.record)
            .order_by(FieldRow.code, RecordRow.ordinal)
            .limit(count - len(found))
        )
        found += session.scalars(query)
    return found


def ordinals(session: Session, rows: Iterable[FieldRow]) -> dict[int, int]:
    """Places of the fields' records among the records of their book, by record id."""
    ids = {row.record for row in rows}
    query = select(RecordRow.id, RecordRow.ordinal).where(RecordRow.id.in_(ids))
    return {record: ordinal for record, ordinal in session.execute(query)}


def free_by_record(
    session: Session, wanted: LaneFilter, books: Iterable[str], count: int, now: datetime
) -> list[FieldRow]:
    """All waiting fields of records of which nobody holds any, at least `count` if there are."""
    found: list[FieldRow] = []
    for book in books:
        if len(found) >= count:
            break
        other = aliased(FieldRow)
        taken = exists(
            select(literal(1))
            .select_from(LeaseRow)
            .join(other, other.id == LeaseRow.field)
            .where(
                other.record == FieldRow.record,
                LeaseRow.until > now,
                LeaseRow.user != wanted.user,
            )
        )
        query = (
            select(FieldRow)
            .where(*_conditions(wanted), FieldRow.book == book, ~taken, ~_held(now))
            .order_by(FieldRow.record, FieldRow.place)
            .limit(count - len(found) + _LONGEST_RECORD)
        )
        found += _whole_records(list(session.scalars(query)), count - len(found))
    return found


def free_of_value(
    session: Session, wanted: LaneFilter, value: str, count: int, now: datetime
) -> list[FieldRow]:
    """Fields nobody else holds whose machine value is `value`, the least sure first."""
    query = (
        select(FieldRow)
        .where(*_conditions(wanted), FieldRow.value == value, func.length(FieldRow.value) <= 200)
        .where(~_held(now, but=wanted.user))
        .order_by(FieldRow.confidence, FieldRow.id)
        .limit(count)
    )
    return list(session.scalars(query))


def free_of_column(
    session: Session, wanted: LaneFilter, code: str, count: int, now: datetime
) -> list[FieldRow]:
    """Fields of a column that nobody else holds, down the pages of the book."""
    return _free_in_book(session, wanted, FieldRow.code == code, count, now)


def free_blanks(session: Session, wanted: LaneFilter, count: int, now: datetime) -> list[FieldRow]:
    """Fields read as empty that nobody else holds, column by column."""
    return _free_in_book(session, wanted, FieldRow.value == "", count, now)


def _free_in_book(
    session: Session, wanted: LaneFilter, which: ColumnElement[bool], count: int, now: datetime
) -> list[FieldRow]:
    query = (
        select(FieldRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(*_conditions(wanted), which, ~_held(now, but=wanted.user))
        # All kinds are named: from kind and book on, the index of columns finds and orders.
        .where(FieldRow.kind.in_([kind.value for kind in FieldKind]))
        .order_by(FieldRow.kind, FieldRow.code, RecordRow.ordinal)
        .limit(count)
    )
    return list(session.scalars(query))


def groups(session: Session, wanted: LaneFilter, count: int) -> list[tuple[str, str, int, float]]:
    """(kind, value, number, least confidence) of values that wait more than once, largest first."""
    number = func.count()
    query = (
        select(FieldRow.kind, FieldRow.value, number, func.min(FieldRow.confidence))
        .where(*_conditions(wanted), FieldRow.value != "", func.length(FieldRow.value) <= 200)
        .group_by(FieldRow.kind, FieldRow.value)
        .having(number > 1)
        .order_by(number.desc(), FieldRow.kind, FieldRow.value)
        .limit(count)
    )
    return [(kind, value, n, least) for kind, value, n, least in session.execute(query)]


def blanks(session: Session, wanted: LaneFilter) -> list[tuple[str, int]]:
    """(book, number) of books in which fields that were read as empty wait, most first."""
    number = func.count()
    query = (
        select(FieldRow.book, number)
        .where(*_conditions(wanted), FieldRow.value == "")
        .group_by(FieldRow.book)
        .order_by(number.desc(), FieldRow.book)
    )
    return [(book, n) for book, n in session.execute(query)]


def columns(
    session: Session, wanted: LaneFilter, kinds: Collection[str]
) -> list[tuple[str, str, str, int]]:
    """(kind, book, code, number) of columns of these kinds that wait more than once, most first."""
    number = func.count()
    places = (FieldRow.kind, FieldRow.book, FieldRow.code)
    query = (
        select(*places, number)
        .where(*_conditions(wanted), FieldRow.kind.in_(kinds))
        .group_by(*places)
        .having(number > 1)
        .order_by(number.desc(), *places)
    )
    return [(kind, book, code, n) for kind, book, code, n in session.execute(query)]


def lease(
    session: Session, fields: Sequence[int], user: str, until: datetime, now: datetime
) -> set[int]:
    """Lease fields to a person unless somebody else holds them; returns those he holds now."""
    if not fields:
        return set()
    dialect = session.get_bind().dialect.name
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    statement = insert(LeaseRow).values(
        [{"field": number, "user_name": user, "until": until} for number in fields]
    )
    statement = statement.on_conflict_do_update(
        index_elements=["field"],
        set_={"user_name": user, "until": until},
        where=(LeaseRow.until <= now) | (LeaseRow.user == user),
    )
    return set(session.scalars(statement.returning(LeaseRow.field)))


def renew(
    session: Session, fields: Collection[int], user: str, until: datetime, now: datetime
) -> set[int]:
    """Prolong the person's leases that have not run out; returns the fields they are for."""
    mine = and_(LeaseRow.field.in_(fields), LeaseRow.user == user, LeaseRow.until > now)
    session.execute(update(LeaseRow).where(mine).values(until=until))
    return set(session.scalars(select(LeaseRow.field).where(mine)))


def release(session: Session, fields: Collection[int], user: str) -> None:
    """Give up the person's leases of these fields."""
    mine = and_(LeaseRow.field.in_(fields), LeaseRow.user == user)
    session.execute(delete(LeaseRow).where(mine))


def end_lease(session: Session, field: int) -> None:
    """The field needs nobody's hold any more, whoever had it."""
    session.execute(delete(LeaseRow).where(LeaseRow.field == field))


_LONGEST_RECORD = 100  # fields of one record


def _whole_records(rows: Sequence[FieldRow], count: int) -> list[FieldRow]:
    """The rows up to the end of the record in which the `count`th lies."""
    if len(rows) <= count:
        return list(rows)
    end = count
    while end < len(rows) and rows[end].record == rows[count - 1].record:
        end += 1
    return list(rows[:end])


def _conditions(wanted: LaneFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [FieldRow.lane == wanted.lane.value]
    # A partial index is used only where its own condition is said in so many words.
    conditions.append(FieldRow.lane != "")
    if wanted.books is not None:
        conditions.append(FieldRow.book.in_(wanted.books))
    if wanted.kind:
        conditions.append(FieldRow.kind == wanted.kind)
    if wanted.rule:
        conditions.append(_TextPosition(FieldRow.rules, f" {wanted.rule} ") > 0)
    if wanted.user and wanted.lane in BLIND_TO:
        conditions.append(~exists(_own_say(wanted.user)))
    return conditions


def _own_say(user: str) -> Select[Any]:
    return select(literal(1)).where(
        DecisionRow.field == FieldRow.id,
        DecisionRow.user == user,
        DecisionRow.entry.is_(None),
        DecisionRow.withdrawn.is_(False),
    )


def _held(now: datetime, but: str | None = None) -> ColumnElement[bool]:
    held = select(literal(1)).where(LeaseRow.field == FieldRow.id, LeaseRow.until > now)
    return exists(held if but is None else held.where(LeaseRow.user != but))
