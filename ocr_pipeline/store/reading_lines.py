"""Lines of the audit trail about reading: who saw more than the fields that were put before him.

The same person, action and thing have one line an hour, so that a page looked at twenty times, or a
name completed letter by letter, does not fill the trail.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from cachetools import LRUCache
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.workspace import Workspace

APART = timedelta(hours=1)

_LOOKED_BACK = 5000  # lines: after a restart an older line is told once more, which does no harm
_REMEMBERED: LRUCache[tuple[str, ...], datetime] = LRUCache(10_000)
_LOCK = Lock()


def note_reading(
    ws: Workspace,
    user: str,
    action: AuditAction,
    *,
    book: str = "",
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """Tell the audit trail that somebody has read something, unless it was told within the hour.

    Args:
        ws: the workspace.
        user: name of who read; `system` on the command line, with `os_user` in the details.
        action: what was read.
        book: id of the book.
        subject: page, kind …
        details: more, without personal data of the registers.
        now: the time; the clock when None.

    """
    moment = now or datetime.now(UTC)
    key = (str(ws.engine.url), user, action.value, book, subject)
    with _LOCK:
        last = _REMEMBERED.get(key)
    if last is not None and timedelta(0) <= moment - last < APART:
        return
    with ws.read_session() as session:
        told = _is_told(session, key[1:], moment)
    if not told:
        with ws.transaction() as session:
            audit.append(
                session, user, action, book=book, subject=subject, details=details, now=moment
            )
    with _LOCK:
        _REMEMBERED[key] = moment


def os_user() -> str:
    """The account of the operating system that this process runs as, whatever its variables say."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()


def _is_told(session: Session, key: tuple[str, ...], now: datetime) -> bool:
    user, action, book, subject = key
    newest = session.scalar(select(func.max(AuditRow.id))) or 0
    since = (now - APART).astimezone(UTC).isoformat(timespec="milliseconds")
    query = select(AuditRow.id).where(
        AuditRow.id > newest - _LOOKED_BACK,
        AuditRow.user == user,
        AuditRow.action == action,
        AuditRow.book == book,
        AuditRow.subject == subject,
        AuditRow.time > since,
    )
    return session.scalar(query.limit(1)) is not None
