"""Which keyed row a record on a page belongs to, as people said.

What was said belongs to the scan (its content hash), to a position, and to the form that the scan
was read with. The row is known by the hash of its content: one that was changed in its file since
is another row, about which nobody has said anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.store.dropped_records import Position, last_at_positions
from ocr_pipeline.store.page_decisions import OF_LINKS, DecisionKind


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
    said = last_at_positions(session, book_id, OF_LINKS, page)
    return {
        place: LinkDecision(str(one.details["row"]), one.user, one.time)
        for place, one in said.items()
        if one.kind is DecisionKind.LINK
    }
