"""Decisions as figures are made from: one plain row each, between two times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Action
from ocr_pipeline.store.times import utc

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


def _query() -> Select[Any]:
    columns = [getattr(DecisionRow, one.name) for one in dataclass_fields(LoggedDecision)]
    return select(*columns).where(DecisionRow.withdrawn.is_(False)).order_by(DecisionRow.id)


def _deed(row: Row[Any]) -> LoggedDecision:
    values: list[Any] = [utc(value) if isinstance(value, datetime) else value for value in row]
    return LoggedDecision(*values)
