"""Policies by book and kind: one pass or blind double keying, sample, threshold."""

from __future__ import annotations

from datetime import datetime

from ocr_pipeline.checks.acceptance import NO_CONFIDENCE
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import learning_consent as consents
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.learning_consent import LearningConsent
from ocr_pipeline.store.policies import (
    ReviewMode,
    ReviewPolicy,
    books_under,
    load_policies,
    policies_of,
    remove_policy,
    save_policy,
)
from ocr_pipeline.store.workspace import Workspace

__all__ = [
    "LearningConsent",
    "ReviewMode",
    "ReviewPolicy",
    "effective",
    "learning_consent",
    "list_policies",
    "set_learning_consent",
    "set_policy",
    "unset_policy",
]


def list_policies(ws: Workspace) -> list[ReviewPolicy]:
    """All policies that are set, general ones first."""
    with ws.read_session() as session:
        return load_policies(session)


def effective(ws: Workspace, book: str, kind: str) -> ReviewPolicy:
    """The policy that fields of a kind in a book fall under."""
    with ws.read_session() as session:
        return policies_of(session, book).effective(kind)


def set_policy(
    ws: Workspace, user: User, policy: ReviewPolicy, now: datetime | None = None
) -> None:
    """Set a policy; samples are drawn at once, and a new threshold judges its books again.

    Judging takes about a second for a hundred records. Fields keyed once go on as they began.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such book.
        UsageError: a share or threshold outside 0–1, or an unknown kind.

    """
    require(user, "policies")
    policy = _tidy(policy)
    with ws.transaction() as session:
        if policy.book and not load_books(session, [policy.book]):
            raise no_such("sổ", "book", policy.book)
        before = {(p.book, p.kind): p.threshold for p in load_policies(session)}
        save_policy(session, policy, user.name, now)
        books = books_under(session, policy)
    _apply(ws, books, before.get((policy.book, policy.kind)) != policy.threshold)


def unset_policy(
    ws: Workspace, user: User, book: str, kind: str, now: datetime | None = None
) -> None:
    """Take a policy back: what is more general counts again."""
    require(user, "policies")
    with ws.transaction() as session:
        before = [p for p in load_policies(session) if (p.book, p.kind) == (book, kind)]
        remove_policy(session, book, kind, user.name, now)
        books = [one.id for one in load_books(session, [book] if book else None)]
    _apply(ws, books, any(p.threshold is not None for p in before))


def learning_consent(ws: Workspace) -> LearningConsent:
    """Whether the corrections of this workspace may teach the network, and who says so."""
    with ws.read_session() as session:
        return consents.learning_consent(session)


def set_learning_consent(
    ws: Workspace, user: User, given: bool, now: datetime | None = None
) -> None:
    """Allow that the corrections of this workspace teach the network, or forbid it again.

    Raises:
        ForbiddenError: the role may not.

    """
    require(user, "policies")
    with ws.transaction() as session:
        consents.set_learning_consent(session, given, user.name, now=now)


def _apply(ws: Workspace, books: list[str], threshold_changed: bool) -> None:
    for book in books:
        if threshold_changed:
            judge_and_store(ws, book)
        with ws.transaction() as session:
            draw_sample(session, book)


def _tidy(policy: ReviewPolicy) -> ReviewPolicy:
    known = not policy.kind or policy.kind in list(FieldKind)
    usable = policy.threshold is None or NO_CONFIDENCE < policy.threshold <= 1
    if not known or not usable or not 0 <= policy.sample <= 1:
        raise UsageError(
            Text(
                "Tỷ lệ từ 0 đến 1, ngưỡng lớn hơn 0,5 và nhiều nhất là 1; loại trường phải là loại "
                "đã biết",
                "Shares are from 0 to 1, thresholds above 0.5 and at most 1; the kind of field "
                "must be a known one",
            ),
            where=f"{policy.book} {policy.kind}".strip(),
        )
    kind = FieldKind(policy.kind).value if policy.kind else ""
    return ReviewPolicy(policy.book, kind, ReviewMode(policy.mode), policy.sample, policy.threshold)
