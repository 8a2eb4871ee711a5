"""Pages put aside, called back, moved, or joined to another page's record: nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.page_decisions import reasons as known_reasons
from ocr_pipeline.processing.page_decisions import settle_decided
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.open_page import (
    OpenPage,
    begin_change,
    begin_turn,
    locked_page,
    locked_scans,
    page_row,
    store_decision,
)
from ocr_pipeline.scans.file_order import natural_key
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import PageRow, RecordRow
from ocr_pipeline.store.page_decisions import FRONT, DecisionKind, arranged, decisions_in_force
from ocr_pipeline.store.scans import digest_of
from ocr_pipeline.store.states import NO_RECORD, PageKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import nfc

_LONGEST_NOTE = 200

WITHOUT_RECORD = NO_RECORD | {PageKind.ASIDE}
"""Kinds of pages that the machine or a person says have no record."""


def reasons() -> list[Json]:
    """Why a page may be put aside: `{"id", "vi", "en"}`, in the order to offer them in."""
    return [{"id": id_, "vi": why.vi, "en": why.en} for id_, why in known_reasons().items()]


def put_aside(
    ws: Workspace, user: User, page: int, reason: str, now: datetime, note: str = ""
) -> None:
    """Put a page aside: it holds no record of its book and no longer keeps it from going out.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        reason: id of one of `reasons`.
        now: the time (UTC).
        note: more about it, for people; no personal data.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as everywhere.
        UsageError: there is no such reason.

    """
    _require_reason(reason)
    desk = begin_change(ws, user, page)
    details = {"reason": reason, "note": nfc(note).strip()[:_LONGEST_NOTE]}
    with ws.transaction() as session:
        row = locked_page(session, desk)
        settle_decided(row, store_decision(session, user, row, DecisionKind.ASIDE, details, now))
    judge_and_store(ws, desk.row.book)


def put_aside_together(
    ws: Workspace, user: User, pages: Sequence[int], reason: str, now: datetime
) -> None:
    """Put several pages of a book aside in one deed; none when one of them cannot be.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as everywhere.
        UsageError: there is no such reason, or the pages are of several books.

    """
    _require_reason(reason)
    desks = _begin_changes(ws, user, pages)
    with ws.transaction() as session:
        for desk in desks:
            row = locked_page(session, desk)
            details = {"reason": reason, "note": ""}
            decision = store_decision(session, user, row, DecisionKind.ASIDE, details, now)
            settle_decided(row, decision)
    judge_and_store(ws, desks[0].row.book)


def call_back(ws: Workspace, user: User, page: int, now: datetime) -> None:
    """Say that a page has a record though the machine saw none: it waits as a refused page does.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of a page taken for a blank page or a cover, or put aside.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as everywhere.
        UsageError: the page has been read, or waits for a person already.

    """
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        row = locked_page(session, desk)
        if row.kind not in WITHOUT_RECORD:
            raise UsageError(
                Text(
                    "Trang này đã được đọc, hoặc đang chờ người xử lý",
                    "The page has been read, or waits for a person already",
                ),
                where=row.name,
                remedy=Text("Tải lại trang", "Load the page again"),
            )
        settle_decided(row, store_decision(session, user, row, DecisionKind.RECORD, {}, now))
    judge_and_store(ws, desk.row.book)


def move_page(
    ws: Workspace,
    user: User,
    page: int,
    now: datetime,
    *,
    after: int | None = None,
    continuation_of: int | None = None,
    position: int | None = None,
) -> None:
    """Say where a page belongs.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        now: the time (UTC).
        after: id of the page it comes after; 0: it is the first of its book.
        continuation_of: id of the page whose record goes on here: this page has no record of its
            own, its picture goes into that record's PDF.
        position: which record of that page; the last one when None.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as everywhere.
        UsageError: neither or both are given, or the other page will not do.

    """
    if (after is None) == (continuation_of is None):
        raise UsageError(
            Text(
                "Hãy chọn trang đứng trước, hoặc trang được nối tiếp",
                "Choose the page before, or the page that goes on",
            ),
            remedy=Text("Gửi `after` hoặc `continuation_of`", "Send `after` or `continuation_of`"),
        )
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        row = locked_page(session, desk)
        if after is not None:
            _move(session, user, row, after, now)
        else:
            assert continuation_of is not None
            _join(session, user, row, continuation_of, position, now)
    judge_and_store(ws, desk.row.book)


def place_together(
    ws: Workspace, user: User, pages: Sequence[int], after: int, now: datetime
) -> None:
    """Put several pages of a book, in the order given, behind another one in one deed.

    Args:
        ws: the workspace.
        user: who decided.
        pages: ids of the pages.
        after: id of the page they come after; 0: they are the first of their book.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as everywhere.
        UsageError: the pages are of several books, or `after` is one of them.

    """
    desks = _begin_changes(ws, user, pages)
    if after in pages:
        raise UsageError(
            Text("Không thể đặt trang sau chính nó", "A page cannot stand behind itself"),
            remedy=Text("Chọn một trang khác", "Choose another page"),
        )
    with ws.transaction() as session:
        rows = [locked_page(session, desk) for desk in desks]
        before = after
        for row in rows:
            _move(session, user, row, before, now)
            before = row.id
    judge_and_store(ws, desks[0].row.book)


class BookOrder(StrEnum):
    """An order that a whole book can be put in."""

    REVERSED = "reversed"  # it was scanned from its last page to its first
    BACKS_REVERSED = "backs_reversed"  # all fronts, then all backs from the last sheet to the first
    BACKS = "backs"  # all fronts, then all backs from the first sheet on
    FILES = "files"  # as the files are named: what was said of the order before counts no more


def turn_book(ws: Workspace, user: User, book: str, now: datetime) -> None:
    """Put all pages of a book in reverse: it was scanned from its last page to its first.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError: as everywhere.

    """
    order_book(ws, user, book, BookOrder.REVERSED, now)


def order_book(ws: Workspace, user: User, book: str, order: BookOrder, now: datetime) -> None:
    """Put all pages of a book in another order; every page keeps its place in it from now on.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError: as everywhere.

    """
    begin_turn(ws, user, book)
    with ws.transaction() as session:
        wanted = in_order(locked_scans(session, book), order, key=lambda row: row.name)
        for row in reversed(wanted):  # each goes to the front, the last one at the end
            details = {"after": FRONT, "after_scan": ""}
            store_decision(session, user, row, DecisionKind.PLACE, details, now)
        rows = book_pages(session, book)
        moves = [(row.name, FRONT) for row in reversed(wanted)]
        names = arranged([row.name for row in rows], moves)
        for row in rows:
            row.ordinal = names.index(row.name)
    judge_and_store(ws, book)


P = TypeVar("P")


def in_order(pages: Sequence[P], order: BookOrder, key: Callable[[P], str]) -> list[P]:
    """Pages in another order.

    Args:
        pages: as they stand now; of an odd number, the last sheet has no back.
        order: how they are to stand.
        key: the name of a page.

    """
    if order is BookOrder.FILES:
        return sorted(pages, key=lambda page: natural_key(key(page)))
    if order is BookOrder.REVERSED:
        return list(reversed(pages))
    middle = (len(pages) + 1) // 2
    fronts, backs = pages[:middle], list(pages[middle:])
    if order is BookOrder.BACKS_REVERSED:
        backs.reverse()
    sheets = zip_longest(fronts, backs)
    return [page for sheet in sheets for page in sheet if page is not None]


def _require_reason(reason: str) -> None:
    if reason not in known_reasons():
        raise UsageError(
            Text("Không có lý do để riêng này", "There is no such reason for putting a page aside"),
            where=reason,
            remedy=Text(
                f"Chọn: {', '.join(known_reasons())}", f"Choose: {', '.join(known_reasons())}"
            ),
        )


def _begin_changes(ws: Workspace, user: User, pages: Sequence[int]) -> list[OpenPage]:
    """The pages, each once, if the person may decide about all of them."""
    desks = [begin_change(ws, user, page) for page in dict.fromkeys(pages)]
    if len({desk.row.book for desk in desks}) != 1:
        raise UsageError(
            Text("Các trang phải của cùng một sổ", "The pages must be of one book"),
            remedy=Text("Chọn lại các trang", "Choose the pages again"),
        )
    return desks


def _move(session: Session, user: User, row: PageRow, after: int, now: datetime) -> None:
    other = _other(session, row, after) if after else None
    before = other.name if other else FRONT
    details = {"after": before, "after_scan": other.digest if other else ""}
    store_decision(session, user, row, DecisionKind.PLACE, details, now)
    rows = book_pages(session, row.book)
    order = arranged([other.name for other in rows], [(row.name, before)])
    for one in rows:
        one.ordinal = order.index(one.name)


def _join(
    session: Session,
    user: User,
    row: PageRow,
    page: int,
    position: int | None,
    now: datetime,
) -> None:
    other = _other(session, row, page)
    if other.kind == PageKind.CONTINUATION:  # the third page of a record
        decided = decisions_in_force(session, row.book, book_pages(session, row.book))[other.name]
        record = (str(decided.details["page"]), int(decided.details["position"]))
    else:
        record = (other.name, position or _last_record(session, other))
    if record[0] == row.name or not _exists(session, row.book, record):
        raise UsageError(
            Text(
                f"Trang {record[0]} không có bản ghi để nối tiếp",
                f"Page {record[0]} has no such record to go on from",
            ),
            where=row.name,
            remedy=Text("Chọn trang có bản ghi", "Choose a page that has a record"),
        )
    scan = digest_of(session, row.book, record[0])
    details = {"page": record[0], "position": record[1], "scan": scan}
    settle_decided(row, store_decision(session, user, row, DecisionKind.CONTINUATION, details, now))


def _other(session: Session, row: PageRow, page: int) -> PageRow:
    other = page_row(session, page)
    if other.book != row.book or other.name == row.name:
        raise UsageError(
            Text("Phải là một trang khác của cùng sổ", "It must be another page of the same book"),
            where=other.name,
        )
    return other


def _last_record(session: Session, page: PageRow) -> int:
    query = select(func.max(RecordRow.position)).where(
        RecordRow.book == page.book, RecordRow.page == page.name
    )
    return int(session.scalar(query) or 0)


def _exists(session: Session, book: str, record: tuple[str, int]) -> bool:
    query = select(RecordRow.id).where(
        RecordRow.book == book, RecordRow.page == record[0], RecordRow.position == record[1]
    )
    return session.scalar(query) is not None
