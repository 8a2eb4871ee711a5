"""Take back one's last deed: what counted before it counts again, nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.checks.book_judgement import book_rule_codes
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BookClosedError, StaleError
from ocr_pipeline.review.field_items import FieldItem, make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.messages import message
from ocr_pipeline.review.new_values import judge_new_values
from ocr_pipeline.review.queue import HELD_FOR
from ocr_pipeline.review.recheck import follow, recheck_book, recheck_record
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, queue
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.entries import scan_and_form
from ocr_pipeline.store.keyings import (
    carry_over,
    decisions_of_deed,
    decisions_that_led_to,
    last_about,
    last_decision,
    lock_books,
    lock_fields,
    unsettle,
)
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.workspace import Workspace


def undo(ws: Workspace, user: User, now: datetime | None = None) -> list[FieldItem]:
    """Take back the person's last deed that he has not taken back yet.

    A deed is one decision, or all that he made at once (`Decision.deed`). Its fields are as they
    were before and are leased to him again. An entry is not deleted: another one says that the one
    before it counts again. Fields of a deed that somebody has gone on with stay as they are.

    Returns:
        The fields, newest decision first; none when there is nothing to take back.

    Raises:
        StaleError: somebody has gone on with the field since, or with all of them.
        BookClosedError: the book has been approved since.

    """
    require(user, "review")
    now = now or datetime.now(UTC)
    with ws.transaction() as session:
        last = last_decision(session, user.name)
        if last is None:
            return []
        decisions = decisions_of_deed(session, last)
        ids = [decision.field for decision in decisions]
        lock_books(session, ids)
        rows = lock_fields(session, ids)
        decisions = _free(session, [one for one in decisions if one.field in rows], rows)
        told = [(one.book, one.code, one.value) for one in decisions if one.entry]
        for decision in decisions:
            _take_back(session, user, decision, rows[decision.field], now)
        undone = [decision.field for decision in decisions]
        _judge_again(session, [rows[field] for field in undone])
        session.expire_all()
        queue.lease(session, undone, user.name, now + HELD_FOR, now)
    judge_new_values(ws, told, taken_back=True)
    with ws.read_session() as session:
        fields = [session.get_one(FieldRow, field) for field in undone]
        return make_items(session, fields, hidden=hidden_lanes(user))


def _free(
    session: Session, decisions: Sequence[DecisionRow], rows: Mapping[int, FieldRow]
) -> list[DecisionRow]:
    """Those with whose field nobody has gone on since.

    Raises:
        StaleError, BookClosedError: there is none; why the first one is not.

    """
    free: list[DecisionRow] = []
    reasons: list[StaleError | BookClosedError] = []
    for decision in decisions:
        try:
            _require_free(session, decision, rows[decision.field])
            free.append(decision)
        except (StaleError, BookClosedError) as error:
            reasons.append(error)
    if reasons and not free:
        raise reasons[0]
    return free


def _take_back(
    session: Session, user: User, decision: DecisionRow, row: FieldRow, now: datetime
) -> None:
    """Take back one decision, and tell the audit trail."""
    added = [] if decision.entry is None else [_enter_again(session, user, decision, row, now)]
    decision.withdrawn = True
    session.flush()
    audit.append(
        session, user.name, AuditAction.UNDONE, book=decision.book,
        subject=f"{decision.page} {decision.position} {decision.code}",
        details=_details(row, decision, added), rows=added, now=now,
    )  # fmt: skip


def _judge_again(session: Session, rows: Sequence[FieldRow]) -> None:
    """The records of these fields, and the rules between records where one of them belongs."""
    books = {book.id: book for book in load_books(session, {row.book for row in rows})}
    for record, of in sorted({(row.record, row.book) for row in rows}):
        place = session.get_one(RecordRow, record)
        recheck_record(session, place, books[of])
        codes = {row.code for row in rows if row.record == record}
        follow(session, place, codes, books[of])
    for id_, book in sorted(books.items()):
        ruled = book_rule_codes(book.type)
        if any(row.code in ruled for row in rows if row.book == id_):
            recheck_book(session, book)


def _require_free(session: Session, last: DecisionRow, row: FieldRow) -> None:
    """Make sure that nobody has gone on with the field since, and the book is open."""
    label = f"{last.page} {last.position} {last.code}"
    if is_closed(session, last.book):
        raise BookClosedError(message("closed"), where=last.book)
    newest = last_about(session, last.field)
    if newest is None or newest.id != last.id or last.entry not in (None, row.entry):
        raise StaleError(message("answered"), where=label)
    if last.entry is not None and _would_open_elsewhere(session, last, row):
        raise StaleError(
            Text(
                "Trang đã được cắt lại: bản ghi nay ở dòng khác của trang",
                "The page was cut anew: the record is another row of it now",
            ),
            where=label,
            remedy=Text(
                "Mở trường trong bản ghi rồi sửa giá trị",
                "Open the field in its record and change the value",
            ),
        )


def _would_open_elsewhere(session: Session, last: DecisionRow, row: FieldRow) -> bool:
    """Whether a question or keying that led to the entry would be open about another record."""
    position = session.get_one(RecordRow, row.record).position
    led = decisions_that_led_to(session, last.entry or 0)
    return any(one.id != last.id and not one.withdrawn and one.position != position for one in led)


def _enter_again(
    session: Session, user: User, last: DecisionRow, row: FieldRow, now: datetime
) -> EntryRow:
    """Add an entry that says what counted before the last one."""
    taken_back = session.get_one(EntryRow, row.entry)
    before = session.get(EntryRow, taken_back.base) if taken_back.base else None
    record = record_of(session.get_one(RecordRow, row.record))
    scan, form = scan_and_form(session, row.book, record.page)
    machine = record.fields[row.code]
    base: int | None
    if before is None or before.state == State.READ:
        value, written, state, base = machine.value, "", State.READ.value, taken_back.id
    else:  # it answers what the repeated one answered, so that one can go back further
        value, written, state, base = before.value, before.as_written, before.state, before.base
    again = EntryRow(
        book=row.book,
        page=record.page,
        position=record.position,
        code=last.code,
        value=value,
        as_written=written,
        state=state,
        user=user.name,
        time=now,
        base=base,
        digest=scan,
        layout=form,
    )
    session.add(again)
    session.flush()
    unsettle(session, taken_back.id)
    if before is not None:
        carry_over(session, before.id, again.id)
    row.entry = again.id
    session.flush()
    return again


def _details(row: FieldRow, last: DecisionRow, added: Sequence[EntryRow]) -> dict[str, object]:
    details: dict[str, object] = {"field": row.id, "decision": last.id}
    for entry in added:
        details |= audit.about_entry(entry)
    return details
