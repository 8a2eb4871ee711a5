"""What people did with fields, and all that one needs to know of a field to go on with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, defer

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import Field, Record
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.entries import Entry, entry_of
from ocr_pipeline.store.lanes import BLIND
from ocr_pipeline.store.lanes import Key as Key
from ocr_pipeline.store.models import BookRow, EntryRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Lane


@dataclass(slots=True)
class FieldContext:
    """What belongs to some fields.

    Attributes:
        records: as judged, by record id.
        rows: all fields of these records, in reading order.
        entries: the newest entries, by entry id.
        open: open decisions about the fields asked for, by field id.
        pages: page ids by (book, page name).
        books: the books by id.

    """

    records: dict[int, Record] = field(default_factory=dict)
    rows: dict[int, list[FieldRow]] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    open: dict[int, list[DecisionRow]] = field(default_factory=dict)
    pages: dict[tuple[str, str], int] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)

    def machine(self, row: FieldRow) -> Field:
        """The field as judged, without what people entered."""
        return self.records[row.record].fields[row.code]

    def rows_of(self, record: int) -> Sequence[FieldRow]:
        """The fields of a record in reading order."""
        return self.rows.get(record, ())


def find_all(session: Session, fields: Iterable[FieldRow]) -> FieldContext:
    """Everything about these fields and their records, in a handful of queries."""
    asked = list(fields)
    ids = {row.record for row in asked}
    found = FieldContext()
    if not ids:
        return found
    records = list(session.scalars(select(RecordRow).where(RecordRow.id.in_(ids))))
    found.records = {row.id: record_of(row) for row in records}
    siblings = select(FieldRow).where(FieldRow.record.in_(ids))
    for row in session.scalars(siblings.order_by(FieldRow.record, FieldRow.place)):
        found.rows.setdefault(row.record, []).append(row)
    newest = {row.entry for row in asked if row.entry}
    if newest:
        entries = session.scalars(select(EntryRow).where(EntryRow.id.in_(newest)))
        found.entries = {row.id: entry_of(row) for row in entries}
    for decision in open_about(session, [row.id for row in asked]):
        found.open.setdefault(decision.field, []).append(decision)
    places = {(row.book, row.page) for row in records}
    pages = select(PageRow.book, PageRow.name, PageRow.id).where(
        tuple_(PageRow.book, PageRow.name).in_(places)
    )
    found.pages = {(book, name): number for book, name, number in session.execute(pages)}
    found.books = {book.id: book for book in load_books(session, {row.book for row in asked})}
    return found


def open_about(session: Session, fields: Sequence[int]) -> list[DecisionRow]:
    """Open decisions about these fields, oldest first."""
    query = select(DecisionRow).where(
        DecisionRow.field.in_(fields),
        DecisionRow.entry.is_(None),
        DecisionRow.withdrawn.is_(False),
    )
    return list(session.scalars(query.order_by(DecisionRow.id)))


def find_field(session: Session, field: int) -> FieldRow | None:
    """The row of a field."""
    return session.get(FieldRow, field)


def lock_books(session: Session, fields: Sequence[int]) -> None:
    """Lock the books of these fields: what changes in a book is done one after the other."""
    books = select(FieldRow.book).where(FieldRow.id.in_(fields))
    query = select(BookRow.id).where(BookRow.id.in_(books)).order_by(BookRow.id)
    session.execute(query.with_for_update()).all()


def lock_fields(session: Session, ids: Sequence[int]) -> dict[int, FieldRow]:
    """The rows of these fields by id, locked for the rest of the transaction."""
    query = select(FieldRow).where(FieldRow.id.in_(ids)).order_by(FieldRow.id).with_for_update()
    return {row.id: row for row in session.scalars(query)}


class FieldNow(NamedTuple):
    """What queues and screens show of a field, at one moment."""

    id: int
    record: int
    book: str
    code: str
    kind: str
    value: str
    state: str
    lane: str


def fields_of_records(session: Session, records: Collection[int]) -> dict[int, FieldNow]:
    """The fields of these records (ids) as they stand, by id, in reading order."""
    columns = [getattr(FieldRow, name) for name in FieldNow._fields]
    query = select(*columns).where(FieldRow.record.in_(records))
    rows = session.execute(query.order_by(FieldRow.record, FieldRow.place))
    return {row.id: FieldNow(*row) for row in rows}


def record_row(session: Session, record: int) -> RecordRow | None:
    """The row of a record."""
    return session.get(RecordRow, record)


def entry_row(session: Session, entry: int) -> EntryRow | None:
    """An entry."""
    return session.get(EntryRow, entry)


def settle(session: Session, decisions: Sequence[DecisionRow], entry: int) -> None:
    """These decisions have led to an entry."""
    ids = [row.id for row in decisions]
    session.execute(update(DecisionRow).where(DecisionRow.id.in_(ids)).values(entry=entry))


def decisions_that_led_to(session: Session, entry: int) -> list[DecisionRow]:
    """All decisions that ended in this entry."""
    return list(session.scalars(select(DecisionRow).where(DecisionRow.entry == entry)))


def unsettle(session: Session, entry: int) -> None:
    """What led to an entry that is taken back is open again, if it was open before."""
    session.execute(update(DecisionRow).where(DecisionRow.entry == entry).values(entry=None))


def carry_over(session: Session, entry: int, again: int) -> None:
    """What led to `entry` leads to `again`, which says the same once more."""
    session.execute(update(DecisionRow).where(DecisionRow.entry == entry).values(entry=again))


def last_decision(session: Session, user: str) -> DecisionRow | None:
    """The person's newest decision that was not taken back, of a field that is still there."""
    query = (
        select(DecisionRow)
        .join(FieldRow, FieldRow.id == DecisionRow.field)
        .where(DecisionRow.user == user, DecisionRow.withdrawn.is_(False))
        .order_by(DecisionRow.time.desc(), DecisionRow.id.desc())  # copies keep their time
        .limit(1)
    )
    return session.scalar(query)


def decisions_of_deed(session: Session, last: DecisionRow) -> list[DecisionRow]:
    """What the person decided in one deed with `last` and has not taken back, newest first.

    `last` alone when it stands alone. Of several about one field the newest.
    """
    if not last.deed:
        return [last]
    query = select(DecisionRow).where(
        DecisionRow.deed == last.deed,
        DecisionRow.deed != "",  # said in so many words: the index holds only these
        DecisionRow.user == last.user,
        DecisionRow.withdrawn.is_(False),
    )
    newest: dict[int, DecisionRow] = {}
    for row in session.scalars(query.order_by(DecisionRow.time.desc(), DecisionRow.id.desc())):
        newest.setdefault(row.field, row)
    return list(newest.values())


def last_about(session: Session, field: int) -> DecisionRow | None:
    """The newest decision about a field that was not taken back, whoever made it."""
    query = (
        select(DecisionRow)
        .where(DecisionRow.field == field, DecisionRow.withdrawn.is_(False))
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def people_of(session: Session, book: str) -> dict[str, int]:
    """Who has a say in a book as it stands, and about how many fields.

    Decisions that were taken back do not count; entries without a decision (from other doors) do.
    """
    shown = select(PageRow.digest).where(PageRow.book == book, PageRow.digest != "")
    here = or_(DecisionRow.book == book, DecisionRow.digest.in_(shown))  # made in another book
    decided = select(DecisionRow.user, func.count(DecisionRow.field.distinct())).where(
        here, DecisionRow.withdrawn.is_(False)
    )
    people = {user: number for user, number in session.execute(decided.group_by(DecisionRow.user))}
    newest = select(FieldRow.entry).where(FieldRow.book == book, FieldRow.entry.is_not(None))
    entered = select(EntryRow.user, func.count()).where(
        EntryRow.id.in_(newest), EntryRow.state != "read"
    )
    for user, number in session.execute(entered.group_by(EntryRow.user)):
        people[user] = max(number, people.get(user, 0))
    return people


def newest_entry(session: Session, book: str) -> int:
    """Id of the newest entry about a book; 0 when there is none."""
    return session.scalar(select(func.max(EntryRow.id)).where(EntryRow.book == book)) or 0


def unsettled(session: Session, book: str) -> list[tuple[str, int, str, str]]:
    """(page, position, code, lane) of fields keyed once, keyed unlike, or asked about."""
    lanes = (Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR)
    return [
        (record.page, record.position, row.code, row.lane)
        for row, record in fields_in_lanes(session, book, lanes)
    ]


def fields_in_lanes(
    session: Session, book: str, lanes: Sequence[str]
) -> list[tuple[FieldRow, RecordRow]]:
    """Fields of a book that wait in these lanes, with their records, in the order of the book."""
    query = (
        select(FieldRow, RecordRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .options(defer(RecordRow.payload))
        .where(FieldRow.book == book, FieldRow.lane.in_(lanes))
        .order_by(RecordRow.ordinal, FieldRow.place)
    )
    return [(one, other) for one, other in session.execute(query)]


def values_of(
    session: Session, book: str, codes: Sequence[str], hidden: Collection[str] = ()
) -> Mapping[int, dict[str, str]]:
    """Values by record id and code, of these codes, in the order of the book.

    Fields that wait in the `hidden` queues are left out; their records stay.
    """
    query = (
        select(FieldRow.record, FieldRow.code, FieldRow.value, FieldRow.lane)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(FieldRow.book == book, FieldRow.code.in_(codes))
        .order_by(RecordRow.ordinal)
    )
    found: dict[int, dict[str, str]] = {}
    for record, code, value, lane in session.execute(query):
        own = found.setdefault(record, {})
        if lane not in hidden:
            own[code] = value
    return found


def rows_near(
    session: Session, record: int, codes: Sequence[str], span: int
) -> Mapping[int, list[FieldRow]]:
    """Fields of these codes by record id, of a record and up to `span` before and after it.

    The records stand in the order of the book.
    """
    here = session.get_one(RecordRow, record)
    query = (
        select(FieldRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(RecordRow.book == here.book, FieldRow.code.in_(codes))
        .where(RecordRow.ordinal.between(here.ordinal - span, here.ordinal + span))
        .order_by(RecordRow.ordinal, FieldRow.place)
    )
    found: dict[int, list[FieldRow]] = {}
    for row in session.scalars(query):
        found.setdefault(row.record, []).append(row)
    return found


def values_before(session: Session, field: int) -> list[str]:
    """What a field was before each decision about it that was not taken back, latest first."""
    query = (
        select(DecisionRow.was)
        .where(DecisionRow.field == field, DecisionRow.withdrawn.is_(False))
        .order_by(DecisionRow.id.desc())
    )
    return list(session.scalars(query))


#: Lanes whose fields one person may not decide alone.
_FOR_OTHERS = (Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR)


def fields_with_values(
    session: Session, like: FieldRow, values: Sequence[str], hidden: Collection[str]
) -> list[FieldRow]:
    """Other fields of the kind of `like` in its book that stand at one of these values.

    Those of its own column come first, each column down the book. Fields that wait for a second
    keying, an arbitration or an answer are left out, and those of the `hidden` queues.
    """
    query = (
        select(FieldRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(*_alike(like, values), FieldRow.lane.not_in({*_FOR_OTHERS, *hidden}))
        .order_by(FieldRow.code != like.code, FieldRow.code, RecordRow.ordinal)
    )
    return list(session.scalars(query))


def number_left_out(
    session: Session, like: FieldRow, values: Sequence[str], hidden: Collection[str]
) -> int:
    """How many fields `fields_with_values` leaves out."""
    left_out = FieldRow.lane.in_({*_FOR_OTHERS, *hidden})
    query = select(func.count()).where(*_alike(like, values), left_out)
    return session.scalar(query) or 0


def _alike(like: FieldRow, values: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        FieldRow.book == like.book,
        FieldRow.kind == like.kind,
        FieldRow.value.in_(values),
        FieldRow.id != like.id,
    )


def recurring_values(
    session: Session, book: str, kind: str, hidden: Collection[str] = BLIND, count: int = 1000
) -> list[str]:
    """Values of a kind that the book has and nobody doubts, most frequent first.

    Args:
        session: an open one.
        book: id of the book.
        kind: kind of field.
        hidden: queues whose fields say nothing: what only they have would be found by its first
            letters.
        count: at most so many.

    """
    settled = ("accepted", "confirmed", "corrected")
    number = func.count()
    query = (
        select(FieldRow.value)
        .where(FieldRow.book == book, FieldRow.state.in_(settled))
        .where(FieldRow.kind == kind, FieldRow.value != "")
        .where(FieldRow.lane.not_in(hidden))
        .group_by(FieldRow.value)
        .order_by(number.desc(), FieldRow.value)
        .limit(count)
    )
    return list(session.scalars(query))


def fields_under_rules(session: Session, book: str, rules: Sequence[str]) -> set[int]:
    """Ids of the records of a book with a field in doubt by one of these rules."""
    named = or_(*(FieldRow.rules.contains(f" {rule} ", autoescape=True) for rule in rules))
    waiting = ("in_review", "read")
    query = select(FieldRow.record).where(FieldRow.book == book, FieldRow.state.in_(waiting), named)
    return set(session.scalars(query))
