"""What belongs to a book, given to another one: what people said is copied, never changed.

Entries, decisions about pages and approvals are only ever added to (triggers see to it), so the
other book gets rows of its own that say the same, with their times and people; those of before stay
under the old id, where nothing shows their scans any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, func, inspect, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import BookRow, EntryRow, FieldRow, PageRow, RecordRow, ScanRow
from ocr_pipeline.store.models import TableBase as Row
from ocr_pipeline.store.review_models import (
    ApprovalRow,
    DecisionRow,
    LeaseRow,
    PageDecisionRow,
    PolicyRow,
)

_AT_ONCE = 500  # databases limit the number of parameters
_NO_FIELD = 0  # is found again by its place when the book is judged (`store.records`)

#: What makes two rows say the same of a scan: all but their numbers and the names they go by.
_SAID = frozenset(
    "digest layout position code value as_written state user time action details note".split()
)

R = TypeVar("R", bound=Row)


def copy_said(
    session: Session,
    source: str,
    target: str,
    scans: Collection[str] | None = None,
    of_pages: Collection[str] | None = None,
) -> list[Row]:
    """Say of the book `target` what people have said of `source`.

    What led to an entry stays with the old id; keyings and questions that are open go along. What
    was said of single scans is not copied twice: these may go to and fro.

    Args:
        session: an open transaction.
        source: the book of before.
        target: the other one.
        scans: only about scans with these content hashes; about all when None.
        of_pages: actions of the decisions about pages that go along; all when None.

    Returns:
        The new rows, by table in the order in which people said it.

    """
    entries = _copied(session, EntryRow, source, target, scans)
    numbers = {old.id: new for old, new in entries}
    rows: list[Row] = []
    for old, new in entries:
        if new.id is not None:  # said before
            continue
        answered = numbers.get(old.base or 0)
        new.base = answered.id if answered else None
        session.add(new)
        session.flush()  # one by one: each may answer the one before
        rows.append(new)
    is_open = (DecisionRow.entry.is_(None), DecisionRow.withdrawn.is_(False))
    opened = _copied(session, DecisionRow, source, target, scans, *is_open)
    for _, one in opened:
        one.field = _NO_FIELD
    actions = () if of_pages is None else (PageDecisionRow.action.in_(list(of_pages)),)
    said = _copied(session, PageDecisionRow, source, target, scans, *actions)
    rows += [new for _, new in opened if new.id is None]
    rows += [new for _, new in said if new.id is None]
    session.add_all(rows)
    session.flush()
    return rows


def copy_approvals(session: Session, source: str, target: str) -> list[Row]:
    """Say of the book `target` how far people had approved `source`; the new rows."""
    rows: list[Row] = [new for _, new in _copied(session, ApprovalRow, source, target, None)]
    session.add_all(rows)
    session.flush()
    return rows


def copy_policies(session: Session, source: str, target: str) -> tuple[list[Row], list[Row]]:
    """Give the policies of a book to another one: those it has now, those that are gone."""
    gone = list(session.scalars(select(PolicyRow).where(PolicyRow.book == source)))
    rows = [PolicyRow(**{**_values(row), "book": target}) for row in gone]
    session.add_all(rows)
    for row in gone:
        session.delete(row)
    session.flush()
    return list(rows), list(gone)


def give_pages(session: Session, source: str, target: str) -> None:
    """Make the pages and scans of a book those of another one; its records are to be made anew."""
    session.execute(delete(RecordRow).where(RecordRow.book == source))
    for table in (PageRow, ScanRow):
        session.execute(update(table).where(table.book == source).values(book=target))
    session.expire_all()


def forget_scans(session: Session, book: str, scans: Iterable[str]) -> None:
    """Take scans out of a book: it does not miss them any more."""
    wanted = sorted(scans)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        pages = select(PageRow.name).where(PageRow.book == book, PageRow.digest.in_(part))
        here = RecordRow.book == book, RecordRow.page.in_(pages)
        session.execute(delete(RecordRow).where(*here))
        for table in (PageRow, ScanRow):
            session.execute(delete(table).where(table.book == book, table.digest.in_(part)))
    session.expire_all()


def forget_book(session: Session, book: str) -> None:
    """Take a book out of the workspace; what people said stays under its id and in the trail."""
    for table in (RecordRow, PageRow, ScanRow):
        session.execute(delete(table).where(table.book == book))
    session.execute(delete(BookRow).where(BookRow.id == book))
    session.expire_all()


def leased_fields(session: Session, books: Collection[str], now: datetime) -> int:
    """How many fields of these books are on somebody's screen."""
    query = (
        select(func.count())
        .select_from(LeaseRow)
        .join(FieldRow, FieldRow.id == LeaseRow.field)
        .where(FieldRow.book.in_(books), LeaseRow.until > now)
    )
    return session.scalar(query) or 0


def _copied(
    session: Session,
    table: type[R],
    source: str,
    target: str,
    scans: Collection[str] | None,
    *conditions: ColumnElement[bool],
) -> list[tuple[R, R]]:
    """Each row about a book, oldest first, with one of the same content about the other book.

    Where single scans are meant, that one is new unless the other book has it already.
    """
    columns: Any = table
    query = select(table).where(columns.book == source, *conditions).order_by(columns.id)
    there = select(table).where(columns.book == target).order_by(columns.id)
    said = {_content(row): row for row in session.scalars(there)} if scans is not None else {}
    found = []
    for row in session.scalars(query):
        values = _values(row)
        if scans is None or values["digest"] in scans:
            del values["id"]
            same = said.get(_content(row))
            found.append((row, same or table(**{**values, "book": target})))
    return found


def _content(row: Row) -> str:
    """What a row says of its scan, whatever book and page that is in."""
    values = _values(row)
    return repr(sorted((name, str(value)) for name, value in values.items() if name in _SAID))


def _values(row: Row) -> dict[str, Any]:
    attributes = inspect(row).mapper.column_attrs
    return {attribute.key: getattr(row, attribute.key) for attribute in attributes}
