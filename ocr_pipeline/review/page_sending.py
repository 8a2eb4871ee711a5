"""Pages sent to the book that they belong to: the file stays where it is, the page counts there.

A page scanned into the wrong folder leaves its book, with its numbers and obstacles, and is read
for the other one, whatever its type. What people decided on its fields counts there where type and
form are alike; where not, it stays in the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.page_decisions import settle_decided
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.open_page import begin_change, guard_book, locked_page, store_decision
from ocr_pipeline.review.page_cutting import cut_by_people
from ocr_pipeline.store import audit, book_moves
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books, lock_book
from ocr_pipeline.store.models import PageRow, TableBase
from ocr_pipeline.store.page_decisions import OF_POSITIONS, DecisionKind, decisions
from ocr_pipeline.store.records import mark_judged
from ocr_pipeline.store.sent_pages import (
    SentPage,
    digests_of,
    forms_of,
    home_of,
    receive,
    received,
)
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PageArrival:
    """Where a page counts that was sent.

    Attributes:
        book: id of the book.
        page: id of its page there.

    """

    book: str
    page: int


def send_page(ws: Workspace, user: User, page: int, to: str, now: datetime) -> PageArrival:
    """Have a page count for another book, with all forms on its scan; it waits to be read there.

    A page that was sent here before may go on to a third book, or back to the book in whose folder
    its scan lies: then it is a page of that book as if nothing had been said.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page, in the book that it counts for or in the one whose folder has it.
        to: id of the book that it belongs to.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, StaleError: as everywhere.
        BookClosedError: one of the books has been approved.
        UsageError: it is a page of that book already, or its scan is gone.

    """
    desk = begin_change(ws, user, page, is_sent=True)
    with ws.transaction() as session:
        row = locked_page(session, desk)
        sent = home_of(session, row)
        home = sent.row if sent else row
        here = sent.to if sent else row.book
        _guard(session, {home.book, here}, here, to)
        forms = forms_of(session, home)
        if not forms:
            raise _no_scan(home.name)
        if sent is not None:
            _leave(session, user, sent, now)
        if to == home.book:
            arrived = _come_home(session, user, forms, now)
        else:
            arrived = _arrive(session, user, forms, to, now)
        arrival = PageArrival(to, arrived.id)
        books = sorted({home.book, here, to})
    for book in books:
        judge_and_store(ws, book)
    return arrival


def _guard(session: Session, others: set[str], here: str, to: str) -> None:
    if not load_books(session, [to]):
        raise no_such("sổ", "book", to)
    if to == here:
        raise UsageError(
            Text("Trang đã ở trong sổ này", "The page is in this book already"),
            where=to,
            remedy=Text("Chọn một sổ khác", "Choose another book"),
        )
    for book in sorted({*others, to}):  # in one order: two people never wait for each other
        lock_book(session, book)
        guard_book(session, book)


def _leave(session: Session, user: User, sent: SentPage, now: datetime) -> None:
    """Take a sent page out of the book that it counts for; what was said there is kept."""
    home, rows = sent.row.book, received(session, sent)
    if not rows:  # that book has the scan in its own folder
        return
    scans, name = digests_of(rows), rows[0].name
    if _alike(session, home, sent.to):
        copied = book_moves.copy_said(session, sent.to, home, scans, of_pages=OF_POSITIONS)
        if copied:
            audit.append(
                session, user.name, AuditAction.DECISIONS_MOVED, book=home,
                subject=f"page:{sent.row.name}",
                details={"from": sent.to, "scans": len(scans), "decisions": len(copied)},
                rows=copied, now=now,
            )  # fmt: skip
    audit.append(
        session, user.name, AuditAction.PAGE_RETURNED, book=sent.to, subject=f"page:{name}",
        details={"to": home, "scan": sent.row.digest}, now=now,
    )  # fmt: skip
    book_moves.forget_scans(session, sent.to, scans)
    mark_judged(session, home, "")


def _come_home(session: Session, user: User, forms: Sequence[PageRow], now: datetime) -> PageRow:
    for row in forms:
        by_hand = cut_by_people(session, row)
        store_decision(session, user, row, DecisionKind.RESTORE, {}, now)
        if by_hand:  # what was decided at home belongs to the rows of this cut
            store_decision(session, user, row, DecisionKind.REREAD, by_hand.as_details(), now)
        row.kind, row.fingerprint, row.layout = PageKind.PENDING.value, "", ""
        row.cause_vi = row.cause_en = row.remedy_vi = row.remedy_en = ""
    return forms[0]


def _arrive(
    session: Session, user: User, forms: Sequence[PageRow], to: str, now: datetime
) -> PageRow:
    """Give the scan of these forms a page in the other book, with what was said where it counts."""
    home, first = forms[0].book, forms[0]
    said = {row.name: decisions(session, home, row.name) for row in forms}
    was_cut = any(one.kind is DecisionKind.REREAD for of in said.values() for one in of)
    for row in forms:
        settle_decided(row, store_decision(session, user, row, DecisionKind.SEND, {"to": to}, now))
    arrived = receive(session, SentPage(first, to))
    copied: list[TableBase] = []
    if _alike(session, home, to):
        cuts = (DecisionKind.REREAD, DecisionKind.RESTORE) if was_cut else ()
        copied = book_moves.copy_said(
            session, home, to, digests_of(forms), of_pages={*OF_POSITIONS, *cuts}
        )
    audit.append(
        session, user.name, AuditAction.PAGE_RECEIVED, book=to, subject=f"page:{arrived.name}",
        details={"from": home, "scan": first.digest, "decisions": len(copied)},
        rows=copied, now=now,
    )  # fmt: skip
    mark_judged(session, to, "")
    return arrived


def _alike(session: Session, one: str, other: str) -> bool:
    """Whether two books are of one type: the fields of their pages are the same ones."""
    return len({book.type for book in load_books(session, [one, other])}) == 1


def _no_scan(name: str) -> UsageError:
    return UsageError(
        Text("Trang này không còn ảnh quét", "The scan of this page is gone"), where=name
    )
