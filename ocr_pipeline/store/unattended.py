"""Records and fields that need nobody, by book: counted by the database, no record is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.models import EntryRow, FieldRow
from ocr_pipeline.store.records import count_records
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Lane

_BY_MACHINE = (State.ACCEPTED.value, State.BLANK.value)


@dataclass(frozen=True, slots=True)
class UnattendedCounts:
    """How much of what was read needs nobody, in the words of `sohoa eval`.

    Attributes:
        records: read.
        unattended: those all of whose fields were accepted, as values or as empty boxes: nothing
            of them waits for a person or was decided by one. A sample measures accepted fields: it
            leaves the record what it is, keyed or not.
        fields: of all records.
        accepted: those that were accepted, samples included.

    """

    records: int = 0
    unattended: int = 0
    fields: int = 0
    accepted: int = 0

    @property
    def record_share(self) -> float:
        """Share (0–1) of the records that need nobody; 0 when there are none."""
        return self.unattended / self.records if self.records else 0.0

    @property
    def field_share(self) -> float:
        """Share (0–1) of the fields that were accepted; 0 when there are none."""
        return self.accepted / self.fields if self.fields else 0.0


def count_unattended(session: Session) -> dict[str, UnattendedCounts]:
    """Records and fields that need nobody, by book; books without records are left out."""
    sampled = select(DecisionRow.id).where(
        DecisionRow.field == FieldRow.id,
        DecisionRow.lane == Lane.SAMPLE.value,
        DecisionRow.withdrawn.is_(False),
    )
    said_blank = select(EntryRow.id).where(
        EntryRow.id == FieldRow.entry, EntryRow.state == State.BLANK.value
    )  # an entry that took another back is none of a person any more
    attended = or_(
        FieldRow.state.not_in(_BY_MACHINE),
        and_(FieldRow.state == State.BLANK.value, said_blank.exists()),
    )
    of_people = (
        select(FieldRow.book, func.count(), func.count(FieldRow.record.distinct()))
        .where(attended, ~sampled.exists())
        .group_by(FieldRow.book)
    )
    all_fields = select(FieldRow.book, func.count()).group_by(FieldRow.book)
    fields = {book: number for book, number in session.execute(all_fields)}
    asked = {book: (own, records) for book, own, records in session.execute(of_people)}
    return {
        book: UnattendedCounts(
            records,
            records - asked.get(book, (0, 0))[1],
            fields.get(book, 0),
            fields.get(book, 0) - asked.get(book, (0, 0))[0],
        )
        for book, records in count_records(session).items()
    }


def summed_unattended(counts: Iterable[UnattendedCounts]) -> UnattendedCounts:
    """The counts of several books together."""
    all_ = list(counts)
    return UnattendedCounts(
        sum(one.records for one in all_),
        sum(one.unattended for one in all_),
        sum(one.fields for one in all_),
        sum(one.accepted for one in all_),
    )
