"""Pages that people decide about: found, guarded against stale views, and noted in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BookClosedError, StaleError, no_such
from ocr_pipeline.review.rights import require
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import (
    DecisionKind,
    PageDecision,
    add_decision,
    decisions,
    decisions_in_force,
)
from ocr_pipeline.store.sent_pages import target_of
from ocr_pipeline.store.states import SHOWN_ELSEWHERE, PageKind
from ocr_pipeline.store.workspace import Workspace

ACTION = "pages"
"""What a role must be allowed in order to decide about pages."""

_NO_SCAN = frozenset({PageKind.SKIPPED, *SHOWN_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page on somebody's desk: as it was when the person began."""

    row: PageRow
    book: Book


def begin_change(ws: Workspace, user: User, page: int, *, is_sent: bool = False) -> OpenPage:
    """The page, if the person may decide about it.

    Args:
        ws: the workspace.
        user: who wants to decide.
        page: id of the page.
        is_sent: the page may count for another book; all else is decided there.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such page.
        BookClosedError: its book has been approved.
        UsageError: it is no scan, the same scan as another page, or counts for another book.

    """
    require(user, ACTION)
    with ws.read_session() as session:
        row = page_row(session, page)
        _guard(session, row)
        if not is_sent and (target := book_of(session, row)):
            raise _counts_elsewhere(row, target)
        [book] = load_books(session, [row.book])
    return OpenPage(row, book)


def book_of(session: Session, row: PageRow) -> str:
    """Id of the book that a page was sent to; "" when it counts for the book of its folder."""
    if row.kind != PageKind.ASIDE:
        return ""
    return target_of(decisions_in_force(session, row.book, [row]).get(row.name))


def page_row(session: Session, page: int) -> PageRow:
    """The page with this id.

    Raises:
        NotFoundError: there is none.

    """
    row = session.scalar(select(PageRow).where(PageRow.id == page))
    if row is None:
        raise no_such("trang", "page", page)
    return row


def locked_page(session: Session, desk: OpenPage) -> PageRow:
    """The page in the transaction that changes it.

    Raises:
        StaleError: the page is gone, or another scan, since the person began.
        BookClosedError: its book has been approved since.

    """
    row = session.scalar(select(PageRow).where(PageRow.id == desk.row.id).with_for_update())
    if row is None or row.digest != desk.row.digest:
        raise _changed(
            desk.row.name, "Ảnh của trang đã thay đổi", "The scan of the page has changed"
        )
    _guard(session, row)
    return row


def page_changed(name: str) -> StaleError:
    """The error for a page of which something else has come while somebody worked on it."""
    return _changed(name, "Trang đã thay đổi", "The page has changed")


def _changed(name: str, vi: str, en: str) -> StaleError:
    return StaleError(Text(vi, en), where=name, remedy=Text("Tải lại trang", "Load the page again"))


def begin_turn(ws: Workspace, user: User, book: str) -> None:
    """Make sure that the person may decide about all pages of the book.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such book.

    """
    require(user, ACTION)
    with ws.read_session() as session:
        if not load_books(session, [book]):
            raise no_such("sổ", "book", book)


def locked_scans(session: Session, book: str) -> list[PageRow]:
    """The scans of a book in its order, in the transaction that changes it.

    Raises:
        BookClosedError: the book has been approved.

    """
    guard_book(session, book)
    query = select(PageRow).where(PageRow.book == book, PageRow.kind.not_in(_NO_SCAN))
    rows = session.scalars(query.order_by(PageRow.ordinal).with_for_update())
    return [row for row in rows if row.digest]


def store_decision(
    session: Session,
    user: User,
    row: PageRow,
    kind: DecisionKind,
    details: Mapping[str, Any],
    now: datetime,
) -> PageDecision:
    """Keep a decision about a page, and tell the audit trail."""
    decision = PageDecision(row.name, row.digest, kind, details, user.name, now)
    add_decision(session, row.book, decision)
    return decision


def decisions_of_page(ws: Workspace, page: int) -> list[Json]:
    """Decisions about a page, newest first: `{"id", "kind", "details", "user", "time"}`.

    Raises:
        NotFoundError: there is no such page.

    """
    with ws.read_session() as session:
        row = page_row(session, page)
        return [
            {
                "id": decision.id,
                "kind": decision.kind.value,
                "details": dict(decision.details),
                "user": decision.user,
                "time": decision.time,
            }
            for decision in reversed(decisions(session, row.book, row.name))
        ]


def _guard(session: Session, row: PageRow) -> None:
    if row.kind in _NO_SCAN:
        raise UsageError(
            Text(
                "Tệp này không phải ảnh quét, hoặc trang khác của sổ đã cho thấy nó",
                "This file is no scan, or another page of the book shows it",
            ),
            where=row.name,
        )
    guard_book(session, row.book)


def _counts_elsewhere(row: PageRow, book: str) -> UsageError:
    return UsageError(
        Text(f"Trang này đã chuyển sang sổ {book}", f"This page was sent to the book {book}"),
        where=row.name,
        remedy=Text(
            "Mở trang trong sổ đó; hoặc bấm “Trở lại kết quả máy đọc” để lấy trang về",
            "Open it in that book; or choose “Back to what the machine read” to have it back",
        ),
    )


def guard_book(session: Session, book: str) -> None:
    """Make sure that a book may still be changed.

    Raises:
        BookClosedError: it has been approved.

    """
    if is_closed(session, book):
        raise BookClosedError(
            Text("Sổ đã được duyệt", "The book has been approved"),
            where=book,
            remedy=Text(
                "Đề nghị người duyệt rút lại việc duyệt trước",
                "The approver has to withdraw it first",
            ),
        )
