"""How fields are reviewed, by book and kind: one pass or blind double keying, sample, threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import BookRow
from ocr_pipeline.store.review_models import PolicyRow


class ReviewMode(StrEnum):
    """How many people key a doubtful field."""

    SINGLE = "single"
    DOUBLE = "double"  # two who do not see each other; a third decides where they differ


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How fields of a kind in a book are reviewed.

    Attributes:
        book: id of the book; "" for all books.
        kind: kind of field; "" for all kinds.
        mode: one pass or blind double keying.
        sample: share of the accepted fields (0–1) that a person looks at to measure their error.
        threshold: least confidence of an accepted field; None for the shipped one.

    """

    book: str = ""
    kind: str = ""
    mode: ReviewMode = ReviewMode.SINGLE
    sample: float = 0.02
    threshold: float | None = None


DEFAULT = ReviewPolicy()

#: Kind of the rows that the software itself keeps: the least sample rate of all books, of a book,
#: or, with the kind of field after the colon, of a kind in all books.
_LEAST = "least"

#: The same, with the kind of field after the colon: the threshold that wrong samples ask for.
_RAISED = "raised"

#: Kind of the row that allows to learn from the corrections of a workspace (`learning_consent`).
LEARNING = "learning"


@dataclass(frozen=True)
class BookPolicies:
    """The policies that a book's fields can fall under: its own before the general ones."""

    book: str
    rules: Mapping[tuple[str, str], ReviewPolicy] = field(default_factory=dict)
    least: Mapping[tuple[str, str], float] = field(default_factory=dict)
    raised: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def said(self, kind: str) -> ReviewPolicy:
        """What people say of a kind, or the default."""
        for key in ((self.book, kind), (self.book, ""), ("", kind), ("", "")):
            if key in self.rules:
                return self.rules[key]
        return DEFAULT

    def effective(self, kind: str) -> ReviewPolicy:
        """The policy for a kind; what is said of the book goes before what is said of the kind.

        Where people want a sample at all, it is never smaller than the least one of all books, of
        the book, and of the kind.
        """
        policy = self.said(kind)
        if not policy.sample:
            return policy
        of_all = (("", ""), (self.book, ""), ("", str(kind)))
        least = max(self.least.get(place, 0.0) for place in of_all)
        return replace(policy, sample=max(policy.sample, least))

    def thresholds(self) -> dict[str, float]:
        """Least confidence by kind, where one is set."""
        set_ = {kind: self.effective(kind).threshold for kind in FieldKind}
        return {kind: value for kind, value in set_.items() if value is not None}

    def raised_thresholds(self) -> dict[str, float]:
        """Least confidence by kind that wrong samples ask for, of the book or of all books."""
        found: dict[str, float] = {}
        for (_, kind), threshold in self.raised.items():
            found[kind] = max(threshold, found.get(kind, 0.0))
        return found


def load_policies(session: Session) -> list[ReviewPolicy]:
    """All policies that are set, general ones first."""
    query = select(PolicyRow).order_by(PolicyRow.book, PolicyRow.kind)
    return [_policy(row) for row in session.scalars(query) if not _is_own(row.kind)]


def policies_of(session: Session, book_id: str) -> BookPolicies:
    """The policies that the fields of a book fall under."""
    query = select(PolicyRow).where(PolicyRow.book.in_(("", book_id)))
    return _book_policies(book_id, map(_policy, session.scalars(query)))


def set_least_sample(
    session: Session, rate: float, now: datetime | None = None, book: str = "", kind: str = ""
) -> None:
    """Set the least sample rate in the name of the software itself.

    Args:
        session: an open one.
        rate: share (0–1) of the accepted fields that a person looks at.
        now: the time of it; None is now.
        book: of a book; "" for all.
        kind: of a kind in all books; "" for all.

    """
    policy = ReviewPolicy(book=book, kind=_least_kind(kind), sample=rate)
    save_policy(session, policy, "system", now)


def _least_kind(kind: str) -> str:
    return f"{_LEAST}:{kind}" if kind else _LEAST


def _is_own(kind: str) -> bool:
    """The row is none of review: the software keeps it itself, or it is about learning."""
    return kind.partition(":")[0] in (_LEAST, _RAISED, LEARNING)


def raised_thresholds(session: Session) -> dict[tuple[str, str], float]:
    """All thresholds that wrong samples have raised, by book ("": all) and kind."""
    query = select(PolicyRow).where(PolicyRow.kind.startswith(f"{_RAISED}:"))
    rows = session.scalars(query.order_by(PolicyRow.book, PolicyRow.kind))
    return {(row.book, row.kind.partition(":")[2]): row.threshold or 0.0 for row in rows}


def set_raised_threshold(
    session: Session, book: str, kind: str, threshold: float | None, now: datetime | None = None
) -> None:
    """Raise a threshold in the name of the software itself, or take that back.

    Args:
        session: an open one.
        book: id of the book; "" for all.
        kind: kind of field.
        threshold: least confidence (0–1) of an accepted field; None: what is set else counts.
        now: the time of it; None is now.

    """
    own = f"{_RAISED}:{kind}"
    if threshold is None:
        remove_policy(session, book, own, "system", now)
    else:
        save_policy(session, ReviewPolicy(book, own, threshold=threshold), "system", now)


def save_policy(
    session: Session, policy: ReviewPolicy, user: str, now: datetime | None = None
) -> None:
    """Set a policy, and tell the audit trail who did."""
    row = session.merge(
        PolicyRow(
            book=policy.book,
            kind=policy.kind,
            mode=policy.mode.value,
            sample=policy.sample,
            threshold=policy.threshold,
        )
    )
    audit.append(
        session, user, AuditAction.POLICY_SET, book=policy.book, subject=policy.kind,
        details=asdict(policy), rows=[row], now=now,
    )  # fmt: skip


def books_under(session: Session, policy: ReviewPolicy) -> list[str]:
    """Ids of the books that a policy can concern."""
    if policy.book:
        return [policy.book]
    return list(session.scalars(select(BookRow.id).order_by(BookRow.id)))


def remove_policy(
    session: Session, book: str, kind: str, user: str, now: datetime | None = None
) -> None:
    """Take a policy back: what is more general counts again. The audit trail tells who did."""
    row = session.get(PolicyRow, (book, kind))
    if row is not None:
        session.delete(row)
    audit.append(
        session, user, AuditAction.POLICY_UNSET, book=book, subject=kind,
        gone=[row] if row else [], now=now,
    )  # fmt: skip


def _book_policies(book_id: str, policies: Iterable[ReviewPolicy]) -> BookPolicies:
    rules, least, raised = {}, {}, {}
    for policy in policies:
        name, _, kind = policy.kind.partition(":")
        if name == _LEAST:
            least[policy.book, kind] = policy.sample
        elif name == _RAISED:
            raised[policy.book, kind] = policy.threshold or 0.0
        elif name != LEARNING:
            rules[policy.book, policy.kind] = policy
    return BookPolicies(book_id, rules, least, raised)


def _policy(row: PolicyRow) -> ReviewPolicy:
    return ReviewPolicy(row.book, row.kind, ReviewMode(row.mode), row.sample, row.threshold)
