"""Move fields between queues in bulk, when a policy changes."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.policies import policies_of
from ocr_pipeline.store.states import Lane


def draw_sample(session: Session, book: str) -> None:
    """Put the accepted fields of a book that belong to its sample into that queue, others out.

    A field belongs to it when its fixed draw is below the sample rate of its kind. An approved book
    stays as it was approved.
    """
    if is_closed(session, book):
        return
    policies = policies_of(session, book)
    by_rate: dict[float, list[str]] = {}
    for kind in FieldKind:
        by_rate.setdefault(policies.effective(kind).sample, []).append(kind.value)
    for rate, kinds in by_rate.items():
        of_kind = (FieldRow.book == book, FieldRow.kind.in_(kinds))
        drawn = (FieldRow.state.in_(("accepted", "blank")), FieldRow.entry.is_(None))
        session.execute(
            update(FieldRow)
            .where(*of_kind, *drawn, FieldRow.lane == "", FieldRow.draw < rate)
            .values(lane=Lane.SAMPLE.value)
        )
        session.execute(
            update(FieldRow)
            .where(*of_kind, FieldRow.lane == Lane.SAMPLE.value, FieldRow.draw >= rate)
            .values(lane="")
        )
