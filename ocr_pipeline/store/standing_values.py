"""Values as they stand around some fields: in the records before and after, and in columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import FieldRow, RecordRow

_DECIDED = ("confirmed", "corrected")
_SETTLED = (*_DECIDED, "accepted")
#: One hand is misread the same way again and again: a doubted value speaks less for itself.
DOUBTED = 0.25
_MOST_VALUES = 3000  # distinct ones of the columns asked for, the most frequent first


@dataclass(frozen=True, slots=True)
class StandingValue:
    """A value in a record of a book; `ordinal` is the record's place in the book.

    `doubted`: it waits for a person; `sure`: its confidence, 1 where a person decided.
    """

    ordinal: int
    code: str
    value: str
    sure: float
    doubted: bool


def ordinals(session: Session, records: Collection[int]) -> dict[int, int]:
    """The places of these records in their books."""
    query = select(RecordRow.id, RecordRow.ordinal).where(RecordRow.id.in_(records))
    return {number: ordinal for number, ordinal in session.execute(query)}


def values_at(
    session: Session,
    book: str,
    places: Collection[int],
    codes: Sequence[str],
    hidden: Collection[str],
) -> Iterator[StandingValue]:
    """Values of these codes in the records at these places of a book.

    Blank ones are left out, and those of the `hidden` queues.
    """
    query = (
        select(RecordRow.ordinal, FieldRow.code, FieldRow.value, FieldRow.state,
               FieldRow.confidence)
        .join(FieldRow, FieldRow.record == RecordRow.id)
        .where(RecordRow.book == book, RecordRow.ordinal.in_(sorted(places)))
        .where(FieldRow.code.in_(codes), FieldRow.value != "", FieldRow.lane.not_in(hidden))
    )  # fmt: skip
    for ordinal, code, value, state, confidence in session.execute(query):
        sure = 1.0 if state in _DECIDED else confidence
        yield StandingValue(ordinal, code, value, sure, state not in _SETTLED)


def column_sums(
    session: Session, book: str, codes: Collection[str], hidden: Collection[str]
) -> Mapping[str, Mapping[str, float]]:
    """By code, values of these columns of a book, with the sum of how sure they are.

    Fields of the `hidden` queues say nothing.
    """
    sure = case(
        (FieldRow.state.in_(_DECIDED), 1.0),
        (FieldRow.state == "accepted", FieldRow.confidence),
        else_=DOUBTED * FieldRow.confidence,
    )
    total = cast(func.sum(sure), Float)
    query = (
        select(FieldRow.code, FieldRow.value, total)
        .where(FieldRow.book == book, FieldRow.value != "", FieldRow.lane.not_in(hidden))
        .where(FieldRow.code.in_(sorted(codes)))
        .group_by(FieldRow.code, FieldRow.value)
        .order_by(total.desc(), FieldRow.code, FieldRow.value)
        .limit(_MOST_VALUES)
    )
    found: dict[str, dict[str, float]] = {}
    for code, value, weight in session.execute(query):
        found.setdefault(code, {})[value] = weight
    return found
