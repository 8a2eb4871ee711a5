"""The audit trail: lines that are only ever added, each with the hash of the one before it.

A line names the rows that it tells of, each with a keyed digest of what it says (`sealed_rows`),
and has a seal made with the key of the workspace (`trail_key`): the hashes show what was altered to
whoever has noted the head, the seals what was added by somebody without the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import EntryRow, TableBase
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.sealed_rows import Seals, key_of, values_of_row
from ocr_pipeline.store.trail_key import keyed_digest

SYSTEM = "system"
"""Who did it, where the software did it by itself or somebody at the command line."""

FIRST = "0" * 64
"""What stands for the hash before the first line."""

_LOCK = 0x50484F41  # any fixed number: one writer of the trail at a time on PostgreSQL
_CHUNK = 1000


def append(
    session: Session,
    user: str,
    action: AuditAction,
    *,
    book: str = "",
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    rows: Sequence[TableBase] = (),
    gone: Sequence[TableBase] = (),
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
        rows: what the line tells of: added or changed in this transaction.
        gone: rows of tables of states that were taken away in this transaction.
        now: the time; the clock when None.

    """
    seals = Seals(session)
    told = {**(details or {}), **_told(session, seals, rows, gone)}
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
        details=json.dumps(told, ensure_ascii=False, sort_keys=True),
        previous=last.hash if last else FIRST,
    )
    row.hash = line_hash(row)
    row.seal = line_seal(seals.key, row.hash)
    session.add(row)
    session.flush()
    return row


def entry_hash(entry: EntryRow) -> str:
    """Plain hash of what an entry says, as lines of earlier versions and certificates have it."""
    parts = (
        entry.id, entry.book, entry.page, entry.position, entry.code, entry.value,
        entry.as_written, entry.state, entry.user, entry.base,
    )  # fmt: skip
    return _digest(parts)


def about_entry(entry: EntryRow) -> dict[str, Any]:
    """What a line says of an entry for who reads it: its number, the scan it was made on."""
    scan = {"scan": entry.digest} if entry.digest else {}
    return {"entry": entry.id, **scan}


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


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the newest line, to be noted elsewhere; 0 and "" when there is none."""
    newest = select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    found = session.execute(newest).first()
    return (found.id, found.hash) if found else (0, "")


def has_hash(session: Session, noted: str) -> bool:
    """Whether a line has this hash."""
    return session.scalar(select(AuditRow.id).where(AuditRow.hash == noted).limit(1)) is not None


def line_hash(row: AuditRow) -> str:
    """The hash of a line: of all it says and of the hash before it."""
    return _digest(
        (row.id, row.time, row.user, row.action, row.book, row.subject, row.details, row.previous)
    )


def line_seal(key: bytes, hash_: str) -> str:
    """The seal of a line with this hash."""
    return keyed_digest(key, "audit", hash_)


def _told(
    session: Session, seals: Seals, rows: Iterable[TableBase], gone: Iterable[TableBase]
) -> dict[str, Any]:
    """`{"rows": {table: {key: digest}}, "gone": {table: [key]}}`, each only where there is any."""
    session.flush()  # new rows have their ids from now on
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        key = key_of(type(row), values_of_row(row))
        found.setdefault(row.__tablename__, {})[key] = seals.of(row)
    lost: dict[str, list[str]] = {}
    for row in gone:
        lost.setdefault(row.__tablename__, []).append(key_of(type(row), values_of_row(row)))
    return {name: told for name, told in (("rows", found), ("gone", lost)) if told}


def _digest(parts: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8")).hexdigest()
