"""Which keyed row a record on a page belongs to, as people said.

What was said belongs to the scan (its content hash), to a position, and to the form that the scan
was read with. The row is known by the hash of its content: one that was changed in its file since
is another row, about which nobody has said anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.dropped_records import Position
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import OF_LINKS, DecisionKind, decisions
from ocr_pipeline.store.scans import scan_places
from ocr_pipeline.store.states import PageKind


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What a person said of one record.

    Attributes:
        row: hash of the keyed row; "": no row belongs to it.
        user: who said so.
        time: when (UTC).

    """

    row: str
    user: str
    time: datetime


def link_decisions(
    session: Session, book_id: str, page: str | None = None
) -> dict[Position, LinkDecision]:
    """What people said of the records of a book (or of one of its pages) that counts now."""
    said = [one for one in decisions(session, book_id, page) if one.kind in OF_LINKS]
    if not said:
        return {}
    query = select(PageRow.name, PageRow.digest).where(
        PageRow.book == book_id, PageRow.kind == PageKind.RECORD.value
    )
    scans = {name: digest for name, digest in session.execute(query)}
    places = scan_places(session, book_id)
    found: dict[Position, LinkDecision] = {}
    for one in said:
        if scans.get(one.page) != one.digest:
            continue
        moved = places.moved(one.page, one.details["layout"], int(one.details["position"]), "")
        if moved is None or not moved.kept:
            continue
        place = (one.page, moved.position)
        if one.kind is DecisionKind.LINK:
            found[place] = LinkDecision(str(one.details["row"]), one.user, one.time)
        else:
            found.pop(place, None)
    return found
