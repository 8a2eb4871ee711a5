"""What people decided about pages: only ever added to, and stronger than what the machine found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import BookRow, PageRow
from ocr_pipeline.store.review_models import PageDecisionRow
from ocr_pipeline.store.scans import ScanPlaces, scan_places
from ocr_pipeline.store.states import SHOWN_ELSEWHERE
from ocr_pipeline.store.times import utc

FRONT = ""
"""Instead of the name of the page before: the page is the first of its book."""


class DecisionKind(StrEnum):
    """What can be decided about a page."""

    REREAD = "reread"  # read with the form and the corners that a person gave
    ASIDE = "aside"  # has no record: a cover, a blank, a page of another book
    CONTINUATION = "continuation"  # belongs to a record of another page
    RECORD = "record"  # has a record that the machine did not see: waits for a person
    SEND = "send"  # counts for another book
    RESTORE = "restore"  # takes back the five above: what the machine found counts again
    PLACE = "place"  # where in the book it is
    DROP = "drop"  # a position of its form holds no record (`store.dropped_records`)
    BRING_BACK = "bring_back"  # takes the dropping of a position back
    LINK = "link"  # which keyed row a position of its form belongs to (`store.link_decisions`)
    UNLINK = "unlink"  # takes that back


OF_DROPS = frozenset({DecisionKind.DROP, DecisionKind.BRING_BACK})
OF_LINKS = frozenset({DecisionKind.LINK, DecisionKind.UNLINK})
OF_POSITIONS = OF_DROPS | OF_LINKS
"""What is decided about one position of a form; the page stays what it is."""


@dataclass(frozen=True, slots=True)
class PageDecision:
    """What a person decided about one page.

    Attributes:
        page: name of the page in its book that shows the scan; the one it had when that is gone.
        digest: content hash of the scan it is about; another scan under the name is another page.
        kind: what was decided.
        details: `reread`: layout, corners, trust; `aside`: reason, note; `continuation`: page,
            position, scan; `send`: to (id of the book); `place`: after (name of the page before, or
            `FRONT`), after_scan; `drop` and `bring_back`: position, layout (of the form that it is
            a position of), record (the id that it had); `link` and `unlink`: position, layout, row
            (hash of the keyed row, "" for none). `scan` and `after_scan` are the content
            hashes of the pages named. `reread` and `restore` that cut anew: cut (`CutChange`),
            follow, asked_again, left_over (how many decided fields; `review.page_cutting`).
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
    """Add a decision about a page of a book, and the line that tells of it; returns its id."""
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
    audit.append(
        session,
        decision.user,
        AuditAction(f"page_{decision.kind.value}"),
        book=book_id,
        subject=f"page:{decision.page}",
        details={"decision": row.id, **decision.details},
        rows=[row],
        now=decision.time,
    )
    return row.id


def decisions(session: Session, book_id: str, page: str | None = None) -> list[PageDecision]:
    """All decisions about a book (or about the scan that one of its pages shows), oldest first."""
    query = select(PageDecisionRow).where(PageDecisionRow.book == book_id)
    rows = list(session.scalars(query.order_by(PageDecisionRow.id)))
    if not rows:
        return []
    places = scan_places(session, book_id)
    digests = places.digests
    shown = ((row, places.page_of(row.digest) if row.digest else row.page) for row in rows)
    return [_as_things_are(row, now, digests, places) for row, now in shown if page in (None, now)]


def _as_things_are(
    row: PageDecisionRow, page: str | None, digests: Mapping[str, str], places: ScanPlaces
) -> PageDecision:
    """A decision with the names that the pages have now."""
    details = dict(row.details)
    if "scan" in details:
        other = places.page_of(details["scan"])
        if other is None:  # no record of another scan that has the name now is meant
            details["position"] = 0
        details["page"] = other or details["page"]
    if details.get("after_scan"):
        # The page said which page it follows: one scanned again is still that page of the book.
        before = places.find(details["after_scan"])
        details["after"] = before.page if before else None
    return PageDecision(
        page=row.page if page is None else page,
        digest=row.digest if page is None else digests.get(page, row.digest),
        kind=DecisionKind(row.action),
        details=details,
        user=row.user,
        time=utc(row.time),
        id=row.id,
    )


def decisions_in_force(
    session: Session, book_id: str, pages: Iterable[PageRow]
) -> dict[str, PageDecision]:
    """By page name, the decision that says what the page is; pages left to the machine are absent.

    Decisions about a scan that has been replaced since, and about duplicates, do not count. A page
    that was sent to a book which the workspace has no more is left to the machine again.
    """
    digests = {row.name: row.digest for row in pages if row.kind not in SHOWN_ELSEWHERE}
    found: dict[str, PageDecision] = {}
    for decision in decisions(session, book_id):
        if decision.kind is DecisionKind.PLACE or decision.kind in OF_POSITIONS:
            continue
        if digests.get(decision.page) != decision.digest:
            continue
        if decision.kind is DecisionKind.RESTORE:
            found.pop(decision.page, None)
        else:
            found[decision.page] = decision
    return _to_books_that_are_there(session, book_id, found)


def _to_books_that_are_there(
    session: Session, book_id: str, found: dict[str, PageDecision]
) -> dict[str, PageDecision]:
    targets = {one.details["to"] for one in found.values() if one.kind is DecisionKind.SEND}
    if not targets:
        return found
    there = set(session.scalars(select(BookRow.id).where(BookRow.id.in_(targets)))) - {book_id}
    return {
        page: one
        for page, one in found.items()
        if one.kind is not DecisionKind.SEND or one.details["to"] in there
    }


def moves_of_pages(session: Session, book_id: str) -> list[tuple[str, str]]:
    """(page, page before it) of all decisions about places of scans in the book, oldest first."""
    digests = scan_places(session, book_id).digests
    return [
        (decision.page, decision.details["after"])
        for decision in decisions(session, book_id)
        if decision.kind is DecisionKind.PLACE
        and digests.get(decision.page, "") == decision.digest
        and decision.details["after"] is not None
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
