"""Books, pages and records as people browse them: single rows, neighbours, counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, defer

from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.review_models import LeaseRow
from ocr_pipeline.store.states import PageKind


def find_record(session: Session, record: int) -> RecordRow | None:
    """The record with this id."""
    return session.get(RecordRow, record)


def find_page(session: Session, page: int) -> PageRow | None:
    """The page with this id."""
    return session.get(PageRow, page)


def page_id(session: Session, book: str, name: str) -> int:
    """Id of the page of this name; 0 when the page is gone."""
    query = select(PageRow.id).where(PageRow.book == book, PageRow.name == name)
    return session.scalar(query) or 0


def fields_of(session: Session, record: int) -> list[FieldRow]:
    """The fields of a record in reading order."""
    query = select(FieldRow).where(FieldRow.record == record).order_by(FieldRow.place)
    return list(session.scalars(query))


def neighbours(session: Session, row: RecordRow) -> tuple[int | None, int | None]:
    """Ids of the records before and after this one in its book."""
    query = select(RecordRow.id).where(RecordRow.book == row.book)
    before = query.where(RecordRow.ordinal < row.ordinal).order_by(RecordRow.ordinal.desc())
    after = query.where(RecordRow.ordinal > row.ordinal).order_by(RecordRow.ordinal)
    return session.scalar(before.limit(1)), session.scalar(after.limit(1))


def others_on_page(session: Session, row: RecordRow) -> list[RecordRow]:
    """The other records of the page that a record stands on, in order."""
    query = select(RecordRow).where(
        RecordRow.book == row.book, RecordRow.page == row.page, RecordRow.id != row.id
    )
    return list(session.scalars(query.order_by(RecordRow.position)))


def records_by_page(session: Session, book: str) -> dict[str, list[int]]:
    """Ids of the records of each page of a book, by page name, in order."""
    query = select(RecordRow.page, RecordRow.id).where(RecordRow.book == book)
    found: dict[str, list[int]] = {}
    for page, number in session.execute(query.order_by(RecordRow.ordinal)):
        found.setdefault(page, []).append(number)
    return found


def record_at(session: Session, book: str, page: str, position: int) -> int | None:
    """Id of the record at this position of a page; None when there is none."""
    query = select(RecordRow.id).where(
        RecordRow.book == book, RecordRow.page == page, RecordRow.position == position
    )
    return session.scalar(query)


def positions_by_page(session: Session, book: str) -> dict[str, list[int]]:
    """Positions of the records of each page of a book, by page name, as `records_by_page`."""
    query = select(RecordRow.page, RecordRow.position).where(RecordRow.book == book)
    found: dict[str, list[int]] = {}
    for page, position in session.execute(query.order_by(RecordRow.ordinal)):
        found.setdefault(page, []).append(position)
    return found


def pages_by_layout(session: Session) -> dict[str, int]:
    """How many pages of all books were read with each layout, by its id."""
    query = select(PageRow.layout, func.count()).where(PageRow.kind == PageKind.RECORD.value)
    return {layout: number for layout, number in session.execute(query.group_by(PageRow.layout))}


def pages_of_records(session: Session, book: str, records: Sequence[int]) -> list[str]:
    """Name of the page of each of these records of a book."""
    query = select(RecordRow.id, RecordRow.page).where(RecordRow.book == book)
    pages = {number: page for number, page in session.execute(query)}
    return [pages[record] for record in records]


def pages_of(
    session: Session, kinds: Iterable[str], books: Collection[str] | None, most: int
) -> list[PageRow]:
    """Pages of these kinds, by book and place in it, at most so many; of all books when None."""
    query = select(PageRow).where(PageRow.kind.in_(sorted(kinds)))
    if books is not None:
        query = query.where(PageRow.book.in_(sorted(books)))
    return list(session.scalars(query.order_by(PageRow.book, PageRow.ordinal).limit(most)))


def people_by_book(session: Session, now: datetime) -> dict[str, list[str]]:
    """Who has fields of each book on the screen."""
    query = (
        select(FieldRow.book, LeaseRow.user)
        .join(LeaseRow, LeaseRow.field == FieldRow.id)
        .where(LeaseRow.until > now)
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for book, user in session.execute(query.order_by(FieldRow.book, LeaseRow.user)):
        found.setdefault(book, []).append(user)
    return found


def count_lanes(session: Session) -> dict[str, dict[str, int]]:
    """Number of waiting fields by book and lane."""
    query = select(FieldRow.book, FieldRow.lane, func.count()).where(FieldRow.lane != "")
    counts: dict[str, dict[str, int]] = {}
    for book, lane, number in session.execute(query.group_by(FieldRow.lane, FieldRow.book)):
        counts.setdefault(book, {})[lane] = number
    return counts


def page_ids(session: Session, book: str) -> dict[str, int]:
    """Ids of the pages of a book by name."""
    query = select(PageRow.name, PageRow.id).where(PageRow.book == book)
    return {name: number for name, number in session.execute(query)}


def records_by_label(session: Session, book: str) -> dict[str, tuple[str, int]]:
    """Page name and id of the records of a book by `page (position)`."""
    query = select(RecordRow.page, RecordRow.position, RecordRow.id).where(RecordRow.book == book)
    return {
        f"{page} ({position})": (page, number) for page, position, number in session.execute(query)
    }


def field_ids(session: Session, book: str) -> dict[int, dict[str, int]]:
    """Ids of the fields of a book by record and code."""
    query = select(FieldRow.record, FieldRow.code, FieldRow.id).where(FieldRow.book == book)
    found: dict[int, dict[str, int]] = {}
    for record, code, number in session.execute(query):
        found.setdefault(record, {})[code] = number
    return found


def records_with_fields(
    session: Session, records: Sequence[int]
) -> tuple[dict[int, RecordRow], dict[int, list[FieldRow]]]:
    """These records without what was read, and their fields in reading order, by record id."""
    query = select(RecordRow).options(defer(RecordRow.payload)).where(RecordRow.id.in_(records))
    rows = {row.id: row for row in session.scalars(query)}
    fields: dict[int, list[FieldRow]] = {}
    own = select(FieldRow).where(FieldRow.record.in_(records)).order_by(FieldRow.place)
    for field in session.scalars(own):
        fields.setdefault(field.record, []).append(field)
    return rows, fields


def page_ids_of(session: Session, records: Iterable[RecordRow]) -> dict[tuple[str, str], int]:
    """Ids of the pages of these records by (book, page name)."""
    places = {(row.book, row.page) for row in records}
    query = select(PageRow.book, PageRow.name, PageRow.id).where(
        tuple_(PageRow.book, PageRow.name).in_(places)
    )
    return {(book, name): number for book, name, number in session.execute(query)}
