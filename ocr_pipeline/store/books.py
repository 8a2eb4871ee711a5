"""Books, their pages, and what could not be used at all, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.store.codec import NOTICES, book_from_json, book_to_json, message_columns
from ocr_pipeline.store.models import BookRow, PageRow, ProblemRow, RecordRow
from ocr_pipeline.store.sealed_rows import Seals
from ocr_pipeline.store.states import PageKind


def save_book(session: Session, book: Book, told: Sequence[tuple[str, Text]] = ()) -> None:
    """Add a book, or bring what is known of it up to date.

    Args:
        session: within a transaction.
        book: as the inventory has it.
        told: place and text of what was understood otherwise than it is written there.

    """
    notices = [{"where": where, "vi": text.vi, "en": text.en} for where, text in told]
    row = session.merge(
        BookRow(
            id=book.id,
            type=book.type.value,
            path=str(book.path),
            description={**book_to_json(book), **({NOTICES: notices} if notices else {})},
        )
    )
    session.flush()  # a new row has its defaults from now on
    row.seal = Seals(session).of(row)


def priorities(session: Session) -> dict[str, int]:
    """How soon books are to be done, by id; the usual ones (0) are left out."""
    query = select(BookRow.id, BookRow.priority).where(BookRow.priority != 0)
    return {id: priority for id, priority in session.execute(query)}


def set_book_priority(session: Session, book_id: str, priority: int) -> bool:
    """Say how soon a book is to be done; false when there is no such book."""
    row = session.get(BookRow, book_id)
    if row is not None:
        row.priority = priority
    return row is not None


def load_books(session: Session, ids: Iterable[str] | None = None) -> list[Book]:
    """The books with these ids (all when None), in the order of their ids."""
    query = select(BookRow).order_by(BookRow.id)
    if ids is not None:
        query = query.where(BookRow.id.in_(list(ids)))
    return [book_from_json(row.id, row.path, row.description) for row in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class BookSummary:
    """What a list of very many books says of one."""

    id: str
    type: str
    commune: str
    notices: tuple[tuple[str, Text], ...] = ()


def book_lines(session: Session) -> list[BookSummary]:
    """All books in the order of their ids, without what lists do not show."""
    commune = BookRow.description["agency"]["commune"].as_string()
    notices = BookRow.description[NOTICES]
    query = select(BookRow.id, BookRow.type, commune, notices).order_by(BookRow.id)
    return [
        BookSummary(
            id, type, commune, tuple((n["where"], Text(n["vi"], n["en"])) for n in told or ())
        )
        for id, type, commune, told in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class PageSummary:
    """What is told of a page: its kind and why it is so (see `PageRow`)."""

    name: str
    kind: str
    cause_vi: str
    cause_en: str
    remedy_vi: str
    remedy_en: str


def is_told(kinds: Iterable[str]) -> ColumnElement[bool]:
    """The pages of these kinds; of halves those that a person should compare."""
    to_compare = or_(PageRow.kind != PageKind.HALF.value, PageRow.remedy_vi != "")
    return and_(PageRow.kind.in_(sorted(kinds)), to_compare)


def pages_of_kinds(session: Session, kinds: Iterable[str]) -> dict[str, list[PageSummary]]:
    """The pages of these kinds by book; one query, however many books there are."""
    columns = [getattr(PageRow, one.name) for one in fields(PageSummary)]
    query = select(PageRow.book, *columns).where(is_told(kinds))
    found: dict[str, list[PageSummary]] = {}
    for book, *values in session.execute(query):
        found.setdefault(book, []).append(PageSummary(*values))
    return found


def book_pages(session: Session, book_id: str) -> list[PageRow]:
    """The pages of a book in its order."""
    query = select(PageRow).where(PageRow.book == book_id).order_by(PageRow.ordinal)
    return list(session.scalars(query))


def find_page(session: Session, book_id: str, name: str) -> PageRow | None:
    """The page of a book with this name."""
    query = select(PageRow).where(PageRow.book == book_id, PageRow.name == name)
    return session.scalar(query)


def lock_book(session: Session, book_id: str) -> None:
    """Lock a book: what changes in it is done one after the other."""
    session.execute(select(BookRow.id).where(BookRow.id == book_id).with_for_update()).all()


def replace_pages(
    session: Session,
    book_id: str,
    pages: Sequence[PageRow],
    before: Mapping[str, PageRow] | None = None,
) -> None:
    """Make `pages` the pages of a book; results and entries of pages that are gone stay kept.

    Args:
        session: an open transaction.
        book_id: the book.
        pages: its pages now.
        before: by name, the row of before that the page is: its id and its records stay, whatever
            its name was. Those of the same name when None.

    """
    known = book_pages(session, book_id)
    if before is None:
        names = {row.name: row for row in known}
        before = {page.name: names[page.name] for page in pages if page.name in names}
    stay = {row.id for row in before.values()}
    gone = [row for row in known if row.id not in stay]
    for row in gone:
        session.delete(row)
    names_of_gone = [row.name for row in gone]
    for start in range(0, len(gone), 500):  # databases limit the number of parameters
        part = RecordRow.page.in_(names_of_gone[start : start + 500])
        session.execute(delete(RecordRow).where(RecordRow.book == book_id, part))
    session.flush()
    renamed = {row.id: (row, name) for name, row in before.items() if row.name != name}
    for row, _ in renamed.values():
        _rename(session, row, f"/{row.id}")  # no page is called so: names may change places
    for row, name in renamed.values():
        _rename(session, row, name)
    for page in pages:
        if page.name in before:
            page.id = before[page.name].id
        session.merge(page)
    session.flush()


def _rename(session: Session, row: PageRow, name: str) -> None:
    """Give a page another name, and its records."""
    seals = Seals(session)
    here = select(RecordRow).where(RecordRow.book == row.book, RecordRow.page == row.name)
    for record in session.scalars(here):
        record.page = name
        record.seal = seals.of(record)
    row.name = name
    session.flush()


def show_pages(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Change pages, each given by `book` and `name`; the other entries of a row are new values.

    Pages that are gone are left out. Rows that the session has loaded before are loaded again.
    """
    if not rows:
        return
    table: Any = PageRow.__table__
    places = {"at_book": "book", "at_name": "name"}
    values: dict[str, Any] = {
        name: bindparam(name) for name in rows[0] if name not in places.values()
    }
    statement = (
        update(table)
        .where(table.c.book == bindparam("at_book"), table.c.name == bindparam("at_name"))
        .values(values)
    )
    session.flush()
    given = [
        {name: row[name] for name in values} | {at: row[name] for at, name in places.items()}
        for row in rows
    ]
    session.connection().execute(statement, given)
    session.expire_all()


def replace_problems(session: Session, scans: Path, problems: Sequence[SohoaError]) -> None:
    """Make `problems` what is wrong with the folder `scans` itself (books without identity …)."""
    session.execute(delete(ProblemRow).where(ProblemRow.scans == str(scans)))
    for problem in problems:
        add_problem(session, scans, problem)


def add_problem(session: Session, scans: Path, problem: SohoaError) -> None:
    """Add one thing that is wrong with the folder `scans` or with a whole book in it."""
    session.add(
        ProblemRow(
            scans=str(scans),
            place=problem.where,
            **message_columns(problem.cause, problem.remedy),
        )
    )


def problems_of_books(session: Session) -> list[ProblemRow]:
    """What is wrong with books that the workspace has; `place` is the id of each."""
    query = select(ProblemRow).join(BookRow, BookRow.id == ProblemRow.place)
    return list(session.scalars(query.order_by(ProblemRow.id)))


def problems(session: Session) -> list[ProblemRow]:
    """What is wrong with the folders of scans themselves, as of the last run over each."""
    return list(session.scalars(select(ProblemRow).order_by(ProblemRow.id)))
