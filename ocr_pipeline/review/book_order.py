"""All books in the order of work, who works on each, and books put right by people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import book_changes, book_views
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.book_changes import BookChange
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.queue import forget_order
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, browse_queries
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books, priorities, problems, set_book_priority
from ocr_pipeline.store.records import count_pages
from ocr_pipeline.store.states import FAILURES, PageKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import written

PRIORITIES = (2, 1, 0, -1)
"""Steps that people are offered, the soonest first; 0 for a usual book."""

_MOST_FAULTS = 300


def books_in_order(ws: Workspace, now: datetime | None = None) -> list[Json]:
    """All books in the order of work: higher priority first, then those with the least to do.

    Args:
        ws: the workspace.
        now: the time (UTC).

    Returns:
        what `book_views.books` says of each, and `{"year", "number", "priority", "unread",
        "people"}`: pages still to be read, and who has fields of it on the screen.

    """
    told = book_views.books(ws)
    with ws.read_session() as session:
        known = {book.id: book for book in load_books(session)}
        ranks, kinds = priorities(session), count_pages(session)
        people = browse_queries.people_by_book(session, now or datetime.now(UTC))
    found = [
        {
            **line,
            "year": known[line["id"]].year_opened,
            "number": known[line["id"]].number,
            "priority": ranks.get(line["id"], 0),
            "unread": kinds.get(line["id"], {}).get(PageKind.PENDING, 0),
            "people": people.get(line["id"], []),
        }
        for line in told
        if line["id"] in known
    ]
    return sorted(found, key=lambda line: (-line["priority"], line["open"] or 10**9, line["id"]))


def set_priority(ws: Workspace, user: User, book: str, priority: int, now: datetime) -> None:
    """Say how soon a book is to be done: the higher, the sooner.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such book.

    """
    require(user, "import")
    with ws.transaction() as session:
        if not set_book_priority(session, book, priority):
            raise no_such("sổ", "book", book)
        audit.append(
            session, user.name, AuditAction.BOOK_PRIORITY, book=book,
            details={"priority": priority}, now=now,
        )  # fmt: skip
    forget_order()


def rename(
    ws: Workspace, user: User, book: str, now: datetime, *,
    type: str = "", year: int | None = None, number: int | None = None,
) -> BookChange:  # fmt: skip
    """Correct type, year or number of a book (`book_changes.rename_book`).

    Raises:
        ForbiddenError: the role may not.
        BadInputError: there is no such type, another book has that id, or nothing would change.
        NotFoundError, NotAllowedYetError, MachineError: as `book_changes.rename_book`.

    """
    require(user, "correct")
    known = _book(ws, book)
    meant = replace(
        known,
        type=_type(type) if type else known.type,
        year_opened=year or known.year_opened,
        number=number or known.number,
    )
    return book_changes.rename_book(ws, book, meant, by=user.name, now=now)


def move(ws: Workspace, user: User, book: str, to: str, now: datetime) -> BookChange:
    """Give what was decided on scans of a book to the one that has them (`move_pages`)."""
    require(user, "correct")
    return book_changes.move_pages(ws, book, to, by=user.name, now=now)


def remove(ws: Workspace, user: User, book: str, now: datetime) -> BookChange:
    """Take a book out that should not be there (`book_changes.remove_book`)."""
    require(user, "correct")
    return book_changes.remove_book(ws, book, by=user.name, now=now)


def faulty_pages(ws: Workspace, books: Collection[str] | None = None) -> list[Json]:
    """Pages that a person has to look at, at most 300: `[{"page", "book", "name", "kind", …}]`.

    Args:
        ws: the workspace.
        books: ids; all books when None.

    """
    with ws.read_session() as session:
        rows = browse_queries.pages_of(session, FAILURES, books, _MOST_FAULTS)
    return [
        {
            "page": row.id,
            "book": row.book,
            "name": row.name,
            "kind": row.kind,
            "cause": Text(row.cause_vi, row.cause_en) if row.cause_vi else None,
            "remedy": Text(row.remedy_vi, row.remedy_en) if row.remedy_vi else None,
        }
        for row in rows
    ]


def problems_of_scans(ws: Workspace) -> list[Json]:
    """What was wrong with the folders of scans themselves, as of the last run over each."""
    with ws.read_session() as session:
        return [
            {
                "scans": written(row.scans),
                "place": row.place,
                "cause": Text(row.cause_vi, row.cause_en),
                "remedy": Text(row.remedy_vi, row.remedy_en) if row.remedy_vi else None,
            }
            for row in problems(session)
        ]


def _book(ws: Workspace, id: str) -> Book:
    with ws.read_session() as session:
        found = load_books(session, [id])
    if not found:
        raise no_such("sổ", "book", id)
    return found[0]


def _type(code: str) -> RegisterType:
    try:
        return RegisterType(code.upper())
    except ValueError:
        known = ", ".join(one.value for one in RegisterType)
        raise BadInputError(
            Text(f"Không có loại sổ {code}", f"There is no register type {code}"),
            remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
        ) from None
