"""Approval of books in the database: steps that are only ever added; the newest counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import ApprovalRow, AuditRow


class ApprovalStep(StrEnum):
    """A step in the approval of a book."""

    APPROVE = "approve"  # it is finished, and nothing in it changes any more
    WITHDRAW = "withdraw"  # it is open again
    HAND_OVER = "hand_over"  # it was delivered


class BookState(StrEnum):
    """How far a book is with people."""

    OPEN = "open"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"


_STATES = {
    ApprovalStep.APPROVE: BookState.APPROVED,
    ApprovalStep.WITHDRAW: BookState.OPEN,
    ApprovalStep.HAND_OVER: BookState.HANDED_OVER,
}


def newest_step(session: Session, book: str) -> ApprovalRow | None:
    """The step that counts."""
    query = select(ApprovalRow).where(ApprovalRow.book == book)
    return session.scalar(query.order_by(ApprovalRow.id.desc()).limit(1))


def state_of(session: Session, book: str) -> BookState:
    """How far a book is."""
    row = newest_step(session, book)
    return _STATES[ApprovalStep(row.action)] if row else BookState.OPEN


def states(session: Session) -> dict[str, BookState]:
    """How far the books are that have gone through any step."""
    query = select(ApprovalRow.book, ApprovalRow.action).order_by(ApprovalRow.id)
    return {book: _STATES[ApprovalStep(action)] for book, action in session.execute(query)}


def approval_of(session: Session, book: str) -> ApprovalRow | None:
    """The approval that counts; None while the book is open."""
    if state_of(session, book) is BookState.OPEN:
        return None
    query = select(ApprovalRow).where(
        ApprovalRow.book == book, ApprovalRow.action == ApprovalStep.APPROVE.value
    )
    return session.scalar(query.order_by(ApprovalRow.id.desc()).limit(1))


def is_exported(session: Session, book: str) -> bool:
    """Whether final files of a book were written since its newest approval.

    The audit trail tells: exports of the station and of the command line leave the same line.
    """
    approved = select(func.max(AuditRow.id)).where(
        AuditRow.book == book, AuditRow.action == AuditAction.APPROVE.value
    )
    exported = select(AuditRow.details).where(
        AuditRow.book == book,
        AuditRow.action == AuditAction.EXPORTED.value,
        AuditRow.id > (session.scalar(approved) or 0),
    )
    told = [json.loads(details) for details in session.scalars(exported)]
    return any(line.get("approved") and line.get("final") for line in told)


def is_closed(session: Session, book: str) -> bool:
    """Whether nothing in the book may change."""
    return state_of(session, book) is not BookState.OPEN


def add_step(
    session: Session,
    book: str,
    step: ApprovalStep,
    user: str,
    now: datetime,
    note: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a step, and the line of the audit trail that tells of it; `details` are for the line."""
    row = ApprovalRow(book=book, action=step.value, user=user, time=now, note=note)
    session.add(row)
    action = AuditAction(step.value)
    audit.append(session, user, action, book=book, details=details, rows=[row], now=now)
