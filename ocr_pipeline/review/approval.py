"""Approval of a book: what is in the way, who may approve, and handing it over."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import Text
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.readiness import UnfinishedBookError, find_obstacles
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.json_types import Json
from ocr_pipeline.registers.rows import column_sources
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.errors import NotAllowedYetError, StaleError, no_such
from ocr_pipeline.review.hidden_values import MASK, hidden_lanes, hidden_values, masked
from ocr_pipeline.review.rights import ForbiddenError, require
from ocr_pipeline.store import browse_queries
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, is_exported, state_of
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.keyings import fields_in_lanes, newest_entry, people_of
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import last_judgement
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace

_MOST = 500  # obstacles listed one by one
_NAMED_AFTER = frozenset({"so", "ngayDangKy", "quyenSo"})  # what a PDF is called by


def state(ws: Workspace, book: str) -> BookState:
    """How far a book is: open, approved or handed over."""
    with ws.read_session() as session:
        _require_book(session, book)
        return state_of(session, book)


def obstacles(
    ws: Workspace, book: str, user: User | None = None, *, quick: bool = False
) -> list[Json]:
    """What keeps a book from being approved; empty when it is ready.

    All that keeps it from being exported, and accepted fields drawn as a sample that nobody has
    looked at: without them the error of what nobody saw is not known.

    Args:
        ws: the workspace.
        book: id of the book.
        user: who reads the list; what he may not see of a field is not quoted in it. Of nobody in
            particular: no value that is hidden from anybody.
        quick: do not look whether the scans are still what was read.

    Returns:
        `[{"rule", "message": Text, "remedy": Text, "page", "record", "field"}]` with ids or None;
        at most 500 of them, then one that says how many there are.

    """
    found = _faults(load_book_data(ws, book), quick)
    with ws.read_session() as session:
        drawn = fields_in_lanes(session, book, [Lane.SAMPLE])
        obstacle_ids = _ObstacleIds(session, book)
        found = _unquoted(session, book, found, hidden_lanes(user))
    with_ids = [obstacle_ids.with_ids(one) for one in found[:_MOST]]
    with_ids += [_sample_obstacle(row, record) for row, record in drawn[: _MOST - len(with_ids)]]
    more = len(found) + len(drawn) - len(with_ids)
    if more > 0:
        with_ids.append(
            {
                "rule": "more",
                "message": Text(f"và {more} điểm khác", f"and {more} more"),
                "remedy": None, "page": None, "record": None, "field": None,
            }
        )  # fmt: skip
    return with_ids


def approve(
    ws: Workspace, user: User, book: str, now: datetime | None = None, note: str = ""
) -> None:
    """Approve a book: nothing in it changes any more.

    Raises:
        ForbiddenError: the role may not, or the person has entered values in this book.
        UnfinishedBookError: something is still open; `obstacles` lists it.
        StaleError: somebody changed the book meanwhile.

    """
    require(user, "approve")
    with ws.read_session() as session:
        _require_book(session, book)
        _require_open(session, book)
        _require_stranger(session, user, book)
        seen = _seen(session, book)
        drawn = len(fields_in_lanes(session, book, [Lane.SAMPLE]))
    found = _faults(load_book_data(ws, book), quick=False)
    if found and drawn:
        with ws.read_session() as session:
            found = _unquoted(session, book, found, hidden_lanes(user))
    if drawn:
        found.append(fault("sample_open", book, number=drawn))
    if found:
        raise UnfinishedBookError.of(book, found)
    with ws.transaction() as session:
        _require_open(session, book)
        _require_stranger(session, user, book)
        waiting = browse_queries.count_lanes(session).get(book, {})
        if _seen(session, book) != seen or any(waiting.values()):
            raise StaleError(
                Text("Sổ vừa có thay đổi", "The book has just changed"),
                where=book,
                remedy=Text("Hãy rà soát thay đổi rồi duyệt", "Review the change, then approve"),
            )
        _step(session, user, book, ApprovalStep.APPROVE, now, note)


def withdraw(
    ws: Workspace, user: User, book: str, now: datetime | None = None, note: str = ""
) -> None:
    """Open an approved book again."""
    require(user, "approve")
    with ws.transaction() as session:
        _require_book(session, book)
        if state_of(session, book) is BookState.OPEN:
            raise _not_approved(book)
        _step(session, user, book, ApprovalStep.WITHDRAW, now, note)


def hand_over(
    ws: Workspace, user: User, book: str, now: datetime | None = None, note: str = ""
) -> None:
    """Note that an approved book was delivered: its package has been exported since.

    Raises:
        ForbiddenError: the role may not.
        NotAllowedYetError: the book is not approved, or nothing was exported since it is.

    """
    require(user, "approve")
    with ws.transaction() as session:
        _require_book(session, book)
        if state_of(session, book) is not BookState.APPROVED:
            raise _not_approved(book)
        if not is_exported(session, book):
            raise NotAllowedYetError(
                Text(
                    "Sổ chưa được xuất từ khi duyệt: chưa có gì để bàn giao",
                    "The book has not been exported since it was approved: there is nothing to "
                    "hand over",
                ),
                where=book,
                remedy=Text("Xuất gói chính thức trước", "Export the official package first"),
            )
        _step(session, user, book, ApprovalStep.HAND_OVER, now, note)


def _faults(data: BookData, quick: bool) -> list[PackageFault]:
    seen = replace(data, digests={}) if quick else data
    return find_obstacles(seen, load_template(data.book.type), NamingRule())


def _unquoted(
    session: Session, book: str, found: Sequence[PackageFault], lanes: Collection[str]
) -> list[PackageFault]:
    """The obstacles without values of their records that must not be seen."""
    own: dict[str, list[FieldRow]] = {}
    for row, record in fields_in_lanes(session, book, sorted(lanes)):
        own.setdefault(f"{record.page} ({record.position})", []).append(row)
    return [_masked(one, own[one.file], lanes) if one.file in own else one for one in found]


def _masked(found: PackageFault, rows: Sequence[FieldRow], lanes: Collection[str]) -> PackageFault:
    if found.rule == "same_file_name" and any(row.code in _NAMED_AFTER for row in rows):
        said = (re.sub(r"\S+\.pdf", MASK, words) for words in (found.message.vi, found.message.en))
        return replace(found, message=Text(*said))
    return replace(found, message=masked(found.message, hidden_values(rows, lanes)))


class _ObstacleIds:
    """Where an obstacle is, as ids of page, record and field."""

    def __init__(self, session: Session, book: str) -> None:
        [owner] = load_books(session, [book])
        self.type = owner.type
        self.pages = browse_queries.page_ids(session, book)
        self.records = browse_queries.records_by_label(session, book)
        self.fields = browse_queries.field_ids(session, book)

    def with_ids(self, found: PackageFault) -> Json:
        """The obstacle as plain data."""
        record = self.records.get(found.file)
        page = found.file if record is None else record[0]
        codes: Sequence[str] = ()
        if record is not None and found.column:
            codes = (found.column, *column_sources(self.type, found.column))
        own: Mapping[str, int] = self.fields.get(record[1], {}) if record else {}
        return {
            "rule": found.rule,
            "message": _with_label(found),
            "remedy": found.remedy,
            "page": self.pages.get(page),
            "record": record[1] if record else None,
            "field": next((own[code] for code in codes if code in own), None),
        }


def _with_label(found: PackageFault) -> Text:
    return _labelled(found.file, found.column, found.message)


def _labelled(place: str, code: str, message: Text) -> Text:
    """A message after where it is: the field is called as on the screens, not by its code."""
    named = caption(code)
    vi = ", ".join(filter(None, (place, named.vi)))
    en = ", ".join(filter(None, (place, named.en)))
    return Text(f"{vi}: {message.vi}", f"{en}: {message.en}")


def _sample_obstacle(row: FieldRow, record: RecordRow) -> Json:
    open_sample = fault("sample_open", record.page, number=1)
    place = f"{record.page} ({record.position})"
    return {
        "rule": "sample_open",
        "message": _labelled(place, row.code, open_sample.message),
        "remedy": open_sample.remedy,
        "page": None,
        "record": record.id,
        "field": row.id,
    }


def _seen(session: Session, book: str) -> tuple[object, ...]:
    """What changes whenever anything in the book does that an approval rests on."""
    pages = [(row.name, row.kind, row.digest, row.ordinal) for row in book_pages(session, book)]
    return newest_entry(session, book), last_judgement(session, book), pages


def _step(
    session: Session, user: User, book: str, step: ApprovalStep, now: datetime | None, note: str
) -> None:
    now = now or datetime.now(UTC)
    add_step(session, book, step, user.name, now, note)


def _require_book(session: Session, book: str) -> None:
    if not load_books(session, [book]):
        raise no_such("sổ", "book", book)


def _require_open(session: Session, book: str) -> None:
    if state_of(session, book) is not BookState.OPEN:
        raise NotAllowedYetError(
            Text("Sổ đã được duyệt rồi", "The book has been approved already"), where=book
        )


def _require_stranger(session: Session, user: User, book: str) -> None:
    """Nobody approves what he has entered himself."""
    entered = people_of(session, book).get(user.name, 0)
    if entered:
        raise ForbiddenError(
            Text(
                f"Bạn đã nhập {entered} trường của sổ này nên không được duyệt sổ",
                f"You have entered {entered} fields of this book, so you may not approve it",
            ),
            where=book,
            remedy=Text("Đề nghị người khác duyệt", "Ask another person to approve it"),
        )


def _not_approved(book: str) -> NotAllowedYetError:
    return NotAllowedYetError(
        Text("Sổ chưa được duyệt", "The book has not been approved"),
        where=book,
        remedy=Text("Hãy duyệt sổ trước", "Approve the book first"),
    )
