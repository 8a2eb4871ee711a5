"""Completions from what a book holds already, then from the lexicons."""

from __future__ import annotations

from datetime import datetime

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.typed_values import Suggestion
from ocr_pipeline.review.typed_values import suggest as _suggest
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.keyings import recurring_values
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.workspace import Workspace


def suggest(
    ws: Workspace,
    user: User,
    kind: FieldKind,
    text: str,
    book: str = "",
    count: int = 8,
    now: datetime | None = None,
) -> list[Suggestion]:
    """Values that begin like what was typed (`typing.suggest`); those of the book come first.

    Args:
        ws: the workspace.
        user: who types; that he was offered values of the book is noted once an hour.
        kind: what the field holds.
        text: as typed so far.
        book: id of the book; "" for none. An unknown one counts as none.
        count: at most so many.
        now: the time; the clock when None.

    """
    if not book or not text.strip():
        return _suggest(kind, text, None, count)
    with ws.read_session() as session:
        books = load_books(session, [book])
        known = recurring_values(session, book, FieldKind(kind).value)
    if known:
        note_reading(
            ws, user.name, AuditAction.SUGGESTED, book=book, subject=FieldKind(kind).value, now=now
        )
    return _suggest(kind, text, books[0] if books else None, count, known)
