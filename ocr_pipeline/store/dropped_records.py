"""Positions of forms that hold no record, as people said: a stroke, a stamp, a line across a row.

What was dropped belongs to the scan (its content hash), to a position, and to the form that the
scan was read with, as entries do: read with another form, the page has all its records.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import OF_DROPS, DecisionKind, PageDecision, decisions
from ocr_pipeline.store.review_models import PageDecisionRow
from ocr_pipeline.store.scans import scan_places
from ocr_pipeline.store.states import PageKind

Position = tuple[str, int]
"""Name of a page in its book, and a position on its form (from 1)."""


@dataclass(frozen=True, slots=True)
class DroppedRecord:
    """A position that holds no record.

    Attributes:
        decision: what was decided, on the page that shows the scan now.
        position: on the form of the page, from 1.
        record: id that the record had when it was dropped.

    """

    decision: PageDecision
    position: int
    record: int


def last_at_positions(
    session: Session, book_id: str, kinds: Collection[DecisionKind], page: str | None = None
) -> dict[Position, PageDecision]:
    """The last decision of some kinds about each position of a book, or of one of its pages.

    Only those about scans that are there and hold records count; a position is that on the form
    with which the page is read now.
    """
    said = [one for one in decisions(session, book_id, page) if one.kind in kinds]
    if not said:
        return {}
    query = select(PageRow.name, PageRow.digest).where(
        PageRow.book == book_id, PageRow.kind == PageKind.RECORD.value
    )
    scans = {name: digest for name, digest in session.execute(query)}
    places = scan_places(session, book_id)
    found: dict[Position, PageDecision] = {}
    for one in said:
        if scans.get(one.page) != one.digest:
            continue
        moved = places.moved(one.page, one.details["layout"], int(one.details["position"]), "")
        if moved is not None and moved.kept:
            found[one.page, moved.position] = one
    return found


def dropped_records(
    session: Session, book_id: str, page: str | None = None
) -> dict[Position, DroppedRecord]:
    """The positions of a book (or of one of its pages) that hold no record now, in their order."""
    said = last_at_positions(session, book_id, OF_DROPS, page)
    found = {
        place: DroppedRecord(one, place[1], int(one.details["record"]))
        for place, one in said.items()
        if one.kind is DecisionKind.DROP
    }
    return dict(sorted(found.items()))


def records_as_said(session: Session, book_id: str) -> dict[Position, bool]:
    """Whether a position holds a record, for all of a book that people said that of."""
    said = last_at_positions(session, book_id, OF_DROPS)
    return {at: one.kind is not DecisionKind.DROP for at, one in sorted(said.items())}


def find_dropped(session: Session, record: int) -> tuple[str, DroppedRecord] | None:
    """Id of the book, and what was dropped, by the id that the record had; None when it counts."""
    query = (
        select(PageDecisionRow)
        .where(
            PageDecisionRow.action == DecisionKind.DROP.value,
            PageDecisionRow.details["record"].as_integer() == record,
        )
        .order_by(PageDecisionRow.id.desc())
    )
    for row in session.scalars(query):  # a page that was sent on has a copy in each book
        for one in dropped_records(session, row.book).values():
            if (one.decision.digest, one.record) == (row.digest, record):
                return row.book, one
    return None
