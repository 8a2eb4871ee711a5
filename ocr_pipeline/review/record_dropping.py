"""Records that are none: on a form with several positions one is struck out, stamped or crossed.

The page stays, and so does what people decided on the fields: it counts again when the record is
brought back. A position that the machine left out (`registers.left_out_rows`) holds none until
people say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.judgement import judge_and_store, left_out_of
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.open_page import (
    ACTION,
    OpenPage,
    begin_change,
    locked_page,
    store_decision,
)
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import browse_queries
from ocr_pipeline.store.books import lock_book
from ocr_pipeline.store.dropped_records import dropped_records, find_dropped
from ocr_pipeline.store.entries import ENTERED, scan_and_form
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_decisions import DecisionKind
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace

_OPEN = frozenset({Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR})


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """A position on the form of a page.

    Attributes:
        page: id of the page.
        position: on its form, from 1.
        record: id of the record that stands there now; None when it holds none.

    """

    page: int
    position: int
    record: int | None


def drop_record(
    ws: Workspace, user: User, record: int, now: datetime, *, confirm: bool = False
) -> RecordPosition:
    """Say that there is no record where the machine read one; it leaves its book.

    Args:
        ws: the workspace.
        user: who decided.
        record: id of the record, one of several on its page.
        now: the time (UTC).
        confirm: also when people have decided fields of it.

    Raises:
        ForbiddenError, BookClosedError, StaleError: as everywhere.
        NotFoundError: there is no such record.
        NotAllowedYetError: people have decided fields of it, and it was not confirmed.
        UsageError: the record is alone on its page.

    """
    require(user, ACTION)
    with ws.read_session() as session:
        page = _page_of(session, _row(session, record))
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        row = _locked_record(session, desk, record)
        _require_others(session, row)
        if not confirm:
            _require_undecided(session, row)
        _, form = scan_and_form(session, row.book, row.page)
        details = {"position": row.position, "layout": form, "record": record}
        store_decision(session, user, locked_page(session, desk), DecisionKind.DROP, details, now)
        position = row.position
    judge_and_store(ws, desk.row.book)
    return RecordPosition(page, position, None)


def bring_back(ws: Workspace, user: User, record: int, now: datetime) -> RecordPosition:
    """Say that a record that was dropped is one: it stands in its book again, under another id.

    Args:
        ws: the workspace.
        user: who decided.
        record: the id that it had.
        now: the time (UTC).

    Raises:
        ForbiddenError, BookClosedError, StaleError: as everywhere.
        NotFoundError: no such record is dropped now.

    """
    require(user, ACTION)
    with ws.read_session() as session:
        found = find_dropped(session, record)
        if found is None:
            raise no_such("bản ghi đã bỏ", "dropped record", record)
        book, dropped = found
        page = browse_queries.page_id(session, book, dropped.decision.page)
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        lock_book(session, book)
        row = locked_page(session, desk)
        if (row.name, dropped.position) not in dropped_records(session, book, row.name):
            raise no_such("bản ghi đã bỏ", "dropped record", record)
        details = dict(dropped.decision.details)
        store_decision(session, user, row, DecisionKind.BRING_BACK, details, now)
    return _judged_again(ws, row, page, dropped.position)


def hold_record(
    ws: Workspace, user: User, page: int, position: int, now: datetime
) -> RecordPosition:
    """Say that there is a record where the machine saw none of its own; it stands in its book.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        position: on its form, from 1.
        now: the time (UTC).

    Raises:
        ForbiddenError, BookClosedError, StaleError: as everywhere.
        NotFoundError: there is no such page, or nothing was left out at this position.

    """
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        lock_book(session, desk.row.book)
        row = locked_page(session, desk)
        counting = browse_queries.positions_by_page(session, row.book).get(row.name, [])
        if position not in left_out_of(session, row, counting):
            raise no_such("dòng máy đã bỏ ra", "row that was left out", position)
        _, form = scan_and_form(session, row.book, row.name)
        details = {"position": position, "layout": form, "record": 0}
        store_decision(session, user, row, DecisionKind.BRING_BACK, details, now)
    return _judged_again(ws, row, page, position)


def _judged_again(ws: Workspace, row: PageRow, page: int, position: int) -> RecordPosition:
    judge_and_store(ws, row.book)
    with ws.read_session() as session:
        there = browse_queries.record_at(session, row.book, row.name, position)
    return RecordPosition(page, position, there)


def _row(session: Session, record: int) -> RecordRow:
    row = browse_queries.find_record(session, record)
    if row is None:
        raise no_such("bản ghi", "record", record)
    return row


def _page_of(session: Session, row: RecordRow) -> int:
    return browse_queries.page_id(session, row.book, row.page)


def _locked_record(session: Session, desk: OpenPage, record: int) -> RecordRow:
    """The record in the transaction that drops it; nobody decides in its book meanwhile."""
    lock_book(session, desk.row.book)
    row = _row(session, record)
    if (row.book, row.page) != (desk.row.book, desk.row.name):
        raise no_such("bản ghi", "record", record)
    return row


def _require_others(session: Session, row: RecordRow) -> None:
    others = browse_queries.others_on_page(session, row)
    if not others and not dropped_records(session, row.book, row.page):
        raise UsageError(
            Text("Trang này chỉ có một bản ghi", "The page has only this record"),
            where=f"{row.page} ({row.position})",
            remedy=Text("Hãy để riêng cả trang", "Put the whole page aside"),
        )


def _require_undecided(session: Session, row: RecordRow) -> None:
    decided = sum(_is_decided(one) for one in browse_queries.fields_of(session, row.id))
    if decided:
        raise NotAllowedYetError(
            Text(
                f"Bản ghi này có {decided} trường đã có người quyết định",
                f"People have decided {decided} fields of this record",
            ),
            where=f"{row.page} ({row.position})",
            remedy=Text(
                "Nhìn ảnh của bản ghi; nếu đúng là không có bản ghi thì xác nhận. Giá trị đã nhập "
                "vẫn được giữ và trở lại khi lấy lại bản ghi",
                "Look at the record again; confirm if there is none. What was entered is kept and "
                "comes back with the record",
            ),
        )


def _is_decided(row: FieldRow) -> bool:
    entered = row.entry is not None and State(row.state) in ENTERED
    return entered or row.lane in _OPEN
