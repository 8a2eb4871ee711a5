"""Decisions as figures are made from: one plain row each, between two times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import EntryRow, FieldRow
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.times import utc
from ocr_pipeline.text.normalise import place_tones

_CHUNK = 500  # databases limit the number of parameters


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """What somebody did with a field (see `DecisionRow`)."""

    id: int
    field: int
    book: str
    kind: str
    user: str
    time: datetime
    lane: str
    action: str
    state: str
    value: str
    was: str
    confidence: float
    seconds: float
    keys: int
    entry: int | None


def deeds(
    session: Session, since: datetime, until: datetime, book: str = ""
) -> list[LoggedDecision]:
    """Decisions from `since` (included) to `until` that were not taken back, oldest first.

    Args:
        session: an open one.
        since: the first moment (UTC).
        until: the moment after the last one.
        book: id of a book; "" for all.

    """
    query = _query().where(DecisionRow.time >= since, DecisionRow.time < until)
    if book:
        query = query.where(DecisionRow.book == book)
    return [_deed(row) for row in session.execute(query)]


def keyings_of(session: Session, fields: Sequence[int]) -> list[LoggedDecision]:
    """All that was keyed of these fields, whenever that was, oldest first."""
    found: list[LoggedDecision] = []
    for start in range(0, len(fields), _CHUNK):
        query = _query().where(DecisionRow.field.in_(fields[start : start + _CHUNK]))
        keyed = query.where(DecisionRow.action != Action.ASK.value)
        found += [_deed(row) for row in session.execute(keyed)]
    return found


@dataclass(frozen=True, slots=True)
class EntryValue:
    """What an entry says, and whose it is."""

    user: str
    value: str
    state: str


def entered_values(session: Session, entries: Sequence[int]) -> dict[int, EntryValue]:
    """What these entries say, by id."""
    found: dict[int, EntryValue] = {}
    for start in range(0, len(entries), _CHUNK):
        query = select(EntryRow).where(EntryRow.id.in_(entries[start : start + _CHUNK]))
        for row in session.scalars(query):
            found[row.id] = EntryValue(row.user, row.value, row.state)
    return found


def newest_entries(session: Session, fields: Sequence[int]) -> dict[int, EntryValue]:
    """The entry that counts now, by field; fields without one are left out."""
    at: dict[int, int] = {}
    for start in range(0, len(fields), _CHUNK):
        query = select(FieldRow.id, FieldRow.entry).where(
            FieldRow.id.in_(fields[start : start + _CHUNK]), FieldRow.entry.is_not(None)
        )
        at |= {field: entry for field, entry in session.execute(query) if entry is not None}
    known = entered_values(session, sorted(at.values()))
    return {field: known[entry] for field, entry in at.items() if entry in known}


def sampled(session: Session, book: str = "") -> list[LoggedDecision]:
    """What was keyed of sampled fields, whenever that was; of all books when `book` is "".

    The answer to a question about one of them is among it: the hard ones are asked about, and
    without them the machine would look better than it is.
    """
    asked = select(DecisionRow.field).where(
        DecisionRow.lane == Lane.SAMPLE.value,
        DecisionRow.action == Action.ASK.value,
        DecisionRow.withdrawn.is_(False),
    )
    answer = and_(DecisionRow.lane == Lane.SENIOR.value, DecisionRow.field.in_(asked))
    query = _query().where(
        or_(DecisionRow.lane == Lane.SAMPLE.value, answer),
        DecisionRow.action != Action.ASK.value,
        DecisionRow.entry.is_not(None),
    )
    query = query.where(DecisionRow.book == book) if book else query
    return [_deed(row) for row in session.execute(query)]


def is_wrong(deed: LoggedDecision) -> bool:
    """A sample is typed without seeing the accepted value: `Hoà` for `Hòa` is the same name."""
    return place_tones(deed.value) != place_tones(deed.was) or deed.action == Action.UNREADABLE


def _query() -> Select[Any]:
    columns = [getattr(DecisionRow, one.name) for one in dataclass_fields(LoggedDecision)]
    return select(*columns).where(DecisionRow.withdrawn.is_(False)).order_by(DecisionRow.id)


def _deed(row: Row[Any]) -> LoggedDecision:
    values: list[Any] = [utc(value) if isinstance(value, datetime) else value for value in row]
    return LoggedDecision(*values)
