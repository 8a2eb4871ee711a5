"""What people decided about pages: only ever added to, and stronger than what the machine found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.review_models import PageDecisionRow
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.times import utc

FRONT = ""
"""Instead of the name of the page before: the page is the first of its book."""


class DecisionKind(StrEnum):
    """What can be decided about a page."""

    REREAD = "reread"  # read with the form and the corners that a person gave
    ASIDE = "aside"  # has no record: a cover, a blank, a page of another book
    CONTINUATION = "continuation"  # belongs to a record of another page
    RESTORE = "restore"  # takes back the three above: what the machine found counts again
    PLACE = "place"  # where in the book it is


@dataclass(frozen=True, slots=True)
class PageDecision:
    """What a person decided about one page.

    Attributes:
        page: name of the page in its book.
        digest: content hash of the scan it is about; another scan under the name is another page.
        kind: what was decided.
        details: `reread`: layout, corners, trust; `aside`: reason, note; `continuation`: page,
            position; `place`: after (name of the page before, or `FRONT`).
        user: who decided.
        time: when (UTC).
        id: number of the decision, rising.

    """

    page: str
    digest: str
    kind: DecisionKind
    details: Mapping[str, Any]
    user: str
    time: datetime
    id: int = 0


def add_decision(session: Session, book_id: str, decision: PageDecision) -> int:
    """Add a decision about a page of a book; returns its id."""
    row = PageDecisionRow(
        book=book_id,
        page=decision.page,
        digest=decision.digest,
        action=decision.kind.value,
        details=dict(decision.details),
        user=decision.user,
        time=decision.time,
    )
    session.add(row)
    session.flush()
    return row.id


def decisions(session: Session, book_id: str, page: str | None = None) -> list[PageDecision]:
    """All decisions about a book (or one of its pages), oldest first."""
    query = select(PageDecisionRow).where(PageDecisionRow.book == book_id)
    if page is not None:
        query = query.where(PageDecisionRow.page == page)
    return [
        PageDecision(
            page=row.page,
            digest=row.digest,
            kind=DecisionKind(row.action),
            details=row.details,
            user=row.user,
            time=utc(row.time),
            id=row.id,
        )
        for row in session.scalars(query.order_by(PageDecisionRow.id))
    ]


def decisions_in_force(
    session: Session, book_id: str, pages: Iterable[PageRow]
) -> dict[str, PageDecision]:
    """By page name, the decision that says what the page is; pages left to the machine are absent.

    Decisions about a scan that has been replaced since, and about duplicates, do not count.
    """
    digests = {row.name: row.digest for row in pages if row.kind != PageKind.DUPLICATE}
    found: dict[str, PageDecision] = {}
    for decision in decisions(session, book_id):
        if decision.kind is DecisionKind.PLACE or digests.get(decision.page) != decision.digest:
            continue
        if decision.kind is DecisionKind.RESTORE:
            found.pop(decision.page, None)
        else:
            found[decision.page] = decision
    return found


def moves_of_pages(session: Session, book_id: str) -> list[tuple[str, str]]:
    """(page, page before it) of all decisions about places, oldest first."""
    return [
        (decision.page, str(decision.details["after"]))
        for decision in decisions(session, book_id)
        if decision.kind is DecisionKind.PLACE
    ]


def arranged(names: Sequence[str], moves: Iterable[tuple[str, str]]) -> list[str]:
    """The page names after the moves, done one after the other.

    A move of or behind a page that is not there changes nothing.

    Args:
        names: in the order of the scans.
        moves: (page, the page it comes after, or `FRONT`).

    """
    order = list(names)
    for page, after in moves:
        if page not in order or page == after or (after != FRONT and after not in order):
            continue
        order.remove(page)
        order.insert(0 if after == FRONT else order.index(after) + 1, page)
    return order
