"""Whether the corrections of a workspace may teach the handwriting network: a policy, off at first.

It is kept beside the policies of review, in a row of its own that is sealed like theirs; who gave
or withdrew it, and when, the audit trail tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.policies import LEARNING, ReviewMode
from ocr_pipeline.store.review_models import AuditRow, PolicyRow


@dataclass(frozen=True, slots=True)
class LearningConsent:
    """What is said of learning from this workspace.

    Attributes:
        given: corrections may teach the network; false until somebody allows it.
        user: who said so last; "" when nobody ever did.
        time: when, as the audit trail writes it (ISO 8601, UTC); "" likewise.

    """

    given: bool = False
    user: str = ""
    time: str = ""


def learning_consent(session: Session) -> LearningConsent:
    """What is said of learning from this workspace."""
    row = session.get(PolicyRow, ("", LEARNING))
    actions = (AuditAction.LEARNING_ALLOWED.value, AuditAction.LEARNING_FORBIDDEN.value)
    query = select(AuditRow).where(AuditRow.action.in_(actions)).order_by(AuditRow.id.desc())
    line = session.scalars(query.limit(1)).first()
    return LearningConsent(row is not None, line.user if line else "", line.time if line else "")


def set_learning_consent(
    session: Session,
    given: bool,
    user: str,
    details: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> None:
    """Give consent or withdraw it, and tell the audit trail who did; no-op when it is so already.

    Args:
        session: an open transaction.
        given: corrections may teach the network.
        user: name of who says so; `system` for the command line.
        details: more of who it was, e.g. the account of the operating system.
        now: the time; the clock when None.

    """
    row = session.get(PolicyRow, ("", LEARNING))
    if given == (row is not None):
        return
    if row is not None:
        session.delete(row)
        audit.append(
            session, user, AuditAction.LEARNING_FORBIDDEN, details=details, gone=[row], now=now
        )
        return
    row = PolicyRow(book="", kind=LEARNING, mode=ReviewMode.SINGLE.value, sample=0.0)
    session.add(row)
    audit.append(session, user, AuditAction.LEARNING_ALLOWED, details=details, rows=[row], now=now)
