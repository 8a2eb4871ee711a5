"""The audit trail: lines that are only ever added, each with the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import EntryRow
from ocr_pipeline.store.review_models import AuditRow, DeletionRow

FIRST = "0" * 64
"""What stands for the hash before the first line."""

_LOCK = 0x50484F41  # any fixed number: one writer of the trail at a time on PostgreSQL
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the trail does not hold.

    Attributes:
        id: number of the line.
        reason: what is wrong with it.

    """

    id: int
    reason: Text


def append(
    session: Session,
    user: str,
    action: AuditAction,
    *,
    book: str = "",
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> AuditRow:
    """Add a line within the open transaction: kept with what it tells of, or not at all.

    Args:
        session: an open transaction.
        user: name of who did it; `system` for the software itself.
        action: what was done.
        book: id of the book, if it is about one.
        subject: page, record, field, person …
        details: more, without personal data of the registers.
        now: the time; the clock when None.

    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(
        select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    ).first()
    row = AuditRow(
        id=last.id + 1 if last else 1,
        time=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds"),
        user=user,
        action=AuditAction(action).value,
        book=book,
        subject=subject,
        details=json.dumps(details or {}, ensure_ascii=False, sort_keys=True),
        previous=last.hash if last else FIRST,
    )
    row.hash = _hash(row)
    session.add(row)
    session.flush()
    return row


def entry_hash(entry: EntryRow) -> str:
    """Hash of what an entry says; the trail carries it, so that it cannot be altered either."""
    parts = (
        entry.id, entry.book, entry.page, entry.position, entry.code, entry.value,
        entry.as_written, entry.state, entry.user, entry.base,
    )  # fmt: skip
    return _digest(parts)


def about_entry(entry: EntryRow) -> dict[str, Any]:
    """What a line of the trail says of an entry: its number, its hash, the scan it was made on."""
    scan = {"scan": entry.digest} if entry.digest else {}
    return {"entry": entry.id, "content": entry_hash(entry), **scan}


def verify(session: Session) -> BrokenLink | None:
    """The first line that was altered, left out or does not fit its entry; None when all hold."""
    previous, expected = FIRST, 1
    deleted = set(session.scalars(select(DeletionRow.book)))
    for rows in _chunks(session):
        entries = _entries_of(session, rows)
        for row in rows:
            if row.id != expected:
                cause = Text(
                    "Thiếu các dòng đứng trước dòng này", "Lines before this one are missing"
                )
                return BrokenLink(row.id, cause)
            if row.previous != previous:
                return BrokenLink(
                    row.id,
                    Text(
                        "Dòng này không nối tiếp dòng trước",
                        "This line does not follow the line before it",
                    ),
                )
            if row.hash != _hash(row):
                return BrokenLink(row.id, Text("Dòng này đã bị sửa", "This line has been altered"))
            if not _entry_holds(row, entries, deleted):
                return BrokenLink(
                    row.id,
                    Text(
                        "Giá trị mà dòng này nói tới đã bị sửa hoặc xóa",
                        "The entry this line tells of has been altered or deleted",
                    ),
                )
            previous, expected = row.hash, row.id + 1
    return None


def lines(
    session: Session, *, book: str = "", person: str = "", before: int | None = None, count: int = 0
) -> Iterator[AuditRow]:
    """Lines about a book or by or about a person (all when neither is given).

    Args:
        session: an open session.
        book: id of a book.
        person: name of a person: what he did, and what was done to his account.
        before: only lines with a smaller number.
        count: at most so many, newest first; 0 for all, oldest first.

    """
    query = select(AuditRow)
    if book:
        query = query.where(AuditRow.book == book)
    if person:
        about = (AuditRow.book == "") & (AuditRow.subject == f"user:{person}")
        query = query.where((AuditRow.user == person) | about)
    if before is not None:
        query = query.where(AuditRow.id < before)
    query = (
        query.order_by(AuditRow.id.desc()).limit(count) if count else query.order_by(AuditRow.id)
    )
    yield from session.scalars(query.execution_options(yield_per=_CHUNK))


def has_hash(session: Session, noted: str) -> bool:
    """Whether a line has this hash."""
    return session.scalar(select(AuditRow.id).where(AuditRow.hash == noted).limit(1)) is not None


def _chunks(session: Session) -> Iterator[list[AuditRow]]:
    last = 0
    while True:
        query = select(AuditRow).where(AuditRow.id > last).order_by(AuditRow.id).limit(_CHUNK)
        rows = list(session.scalars(query))
        if not rows:
            return
        yield rows
        last = rows[-1].id
        session.expunge_all()


def _entries_of(session: Session, rows: list[AuditRow]) -> dict[int, EntryRow]:
    wanted = [number for number, *_ in map(_entry_named, rows) if number]
    query = select(EntryRow).where(EntryRow.id.in_(wanted))
    return {entry.id: entry for entry in session.scalars(query)} if wanted else {}


def _entry_holds(row: AuditRow, entries: Mapping[int, EntryRow], deleted: set[str]) -> bool:
    number, content, scan = _entry_named(row)
    if not number or (number not in entries and row.book in deleted):
        return True
    entry = entries.get(number)
    return entry is not None and entry_hash(entry) == content and scan in (None, entry.digest)


def _entry_named(row: AuditRow) -> tuple[int, str, str | None]:
    """Number, hash and scan of the entry that a line tells of; lines made before name no scan."""
    try:
        details = json.loads(row.details)
        scan = details.get("scan")
        return int(details.get("entry") or 0), str(details.get("content", "")), scan
    except (ValueError, TypeError, AttributeError):
        return 0, "", None


def _hash(row: AuditRow) -> str:
    return _digest(
        (row.id, row.time, row.user, row.action, row.book, row.subject, row.details, row.previous)
    )


def _digest(parts: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8")).hexdigest()
