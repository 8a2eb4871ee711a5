"""Who changed what on a record: the machine's reading, then what people did, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import Field
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import browse_queries
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.entries import ENTERED
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from ocr_pipeline.store.past_decisions import decisions_about, entries_about
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.states import Action
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace

StepAction = Literal["confirm", "correct", "blank", "unreadable", "ask", "undo", "enter", "key"]
"""What was done: an action of a person, an undo, a value by another door, a keying not shown."""


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One thing that was done with a field.

    Attributes:
        user: who did it; "" while a blind keying of somebody else is undecided.
        time: when (UTC).
        action: what he did.
        lane: the queue it was in; "" where it was in none.
        value: what he said, in the form of the Excel cell; "" while it is hidden.
        note: the question or remark.
        withdrawn: it was taken back.
        counts: its value is the one that stands there now.
        hidden: a blind keying that is undecided: neither value nor name are told.

    """

    user: str
    time: datetime
    action: StepAction
    lane: str = ""
    value: str = ""
    as_written: str = ""
    note: str = ""
    withdrawn: bool = False
    counts: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """All that happened to a field.

    Attributes:
        field: its id.
        read: the machine's value; None while the field is keyed blind.
        confidence: how sure the machine was, 0–1.
        steps: what people did, oldest first.

    """

    field: int
    read: str | None
    confidence: float
    steps: tuple[HistoryStep, ...]


def history(
    ws: Workspace, user: User, record: int, now: datetime | None = None
) -> dict[str, FieldHistory]:
    """The history of each field of a record, by code; that it was seen is noted once an hour.

    Blind keyings of others are not told before the field is decided, nor what the machine read;
    nor is what a sample is, to those who may key it.

    Raises:
        NotFoundError: there is no such record.

    """
    require(user, "record")
    with ws.read_session() as session:
        row = browse_queries.find_record(session, record)
        if row is None:
            raise no_such("bản ghi", "record", record)
        book, subject = row.book, f"{row.page} {row.position}"
        told = _told(session, user, row)
    note_reading(ws, user.name, AuditAction.HISTORY_SEEN, book=book, subject=subject, now=now)
    return told


def _told(session: Session, user: User, record: RecordRow) -> dict[str, FieldHistory]:
    rows = browse_queries.fields_of(session, record.id)
    said: dict[int, list[DecisionRow]] = {}
    for decision in decisions_about(session, [row.id for row in rows]):
        said.setdefault(decision.field, []).append(decision)
    entered: dict[str, list[EntryRow]] = {}
    for entry in entries_about(session, record):
        entered.setdefault(entry.code, []).append(entry)
    machine = record_of(record).fields
    return {
        row.code: _field(
            user, row, machine[row.code], said.get(row.id, ()), entered.get(row.code, ())
        )
        for row in rows
        if row.code in machine
    }


def _field(
    user: User,
    row: FieldRow,
    machine: Field,
    said: Sequence[DecisionRow],
    entered: Sequence[EntryRow],
) -> FieldHistory:
    undecided = row.lane in hidden_lanes(user) or any(map(_is_keying, said))
    steps = [_step(user, row, decision, undecided) for decision in said]
    steps += _other_doors(row, said, entered, undecided)
    return FieldHistory(
        field=row.id,
        read=None if undecided else machine.value,
        confidence=0.0 if undecided else machine.confidence,
        steps=tuple(sorted(steps, key=lambda step: step.time)),
    )


def _is_keying(decision: DecisionRow) -> bool:
    """One of two blind keyings, not settled yet."""
    return decision.entry is None and not decision.withdrawn and decision.action != Action.ASK


def _step(user: User, row: FieldRow, decision: DecisionRow, undecided: bool) -> HistoryStep:
    if undecided and decision.user != user.name:
        return HistoryStep("", utc(decision.time), "key", hidden=True)
    return HistoryStep(
        user=decision.user,
        time=utc(decision.time),
        action=Action(decision.action).value,
        lane=decision.lane,
        value=decision.value,
        as_written=decision.as_written,
        note=decision.note,
        withdrawn=decision.withdrawn,
        counts=decision.entry is not None and decision.entry == row.entry,
    )


def _other_doors(
    row: FieldRow, said: Sequence[DecisionRow], entered: Sequence[EntryRow], undecided: bool
) -> Iterable[HistoryStep]:
    """Entries that no decision on a screen led to: undone ones, and those from other programs."""
    decided = {(decision.user, utc(decision.time)) for decision in said}
    answered: set[int | None] = set()
    for entry in entered:
        repeats = entry.base in answered  # only an undo answers what was answered before
        answered.add(entry.base)
        if undecided or (entry.user, utc(entry.time)) in decided:
            continue
        undone = repeats or entry.state not in ENTERED
        yield HistoryStep(
            user=entry.user,
            time=utc(entry.time),
            action="undo" if undone else "enter",
            value=entry.value,
            as_written=entry.as_written,
            counts=entry.id == row.entry and not undone,
        )
