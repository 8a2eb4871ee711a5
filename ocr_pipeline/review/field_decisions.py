"""Decisions about fields: kept as entries, as blind keyings or as questions, or refused.

Nothing is ever written over: a decision that does not answer the newest entry is refused with what
that entry says. Nobody keys a field twice, arbitrates his own keying or answers his own question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Field, FieldKind, State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.decision import (
    Conflict,
    Decision,
    DecisionOutcome,
    FieldState,
)
from ocr_pipeline.review.decision_effects import DecisionEffects
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.messages import message
from ocr_pipeline.review.new_values import judge_new_values
from ocr_pipeline.review.queue import RIGHTS
from ocr_pipeline.review.rights import may, require
from ocr_pipeline.review.typed_values import normalise_typed, unusable
from ocr_pipeline.review.undo import undo
from ocr_pipeline.review.value_check import check
from ocr_pipeline.store import audit, queue
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.entries import Entry, add_entry
from ocr_pipeline.store.keyings import (
    entry_row,
    fields_of_records,
    last_about,
    lock_books,
    lock_fields,
    open_about,
    settle,
)
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow, TableBase
from ocr_pipeline.store.policies import ReviewMode, policies_of
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.sample_draw import raise_draw
from ocr_pipeline.store.scans import digest_of
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace

__all__ = [
    "Action",
    "Conflict",
    "Decision",
    "FieldState",
    "DecisionOutcome",
    "check",
    "decide",
    "undo",
]

_STATES = {Action.BLANK: State.BLANK, Action.UNREADABLE: State.UNREADABLE}


class _Refused(Exception):
    """A decision that is not kept, and why."""

    def __init__(
        self, reason: str | Text, conflict: Conflict | None = None, value: str = "", **values: str
    ) -> None:
        super().__init__(reason)
        told = reason if isinstance(reason, Text) else message(reason)
        self.message = told.format(**values) if values else told
        self.conflict, self.value = conflict, value


@dataclass(frozen=True, slots=True)
class _FieldDecision:
    """A decision on its way: the field as it stands, and what is said of it."""

    decision: Decision
    row: FieldRow
    place: RecordRow
    machine: Field
    opened: Sequence[DecisionRow]
    state: State
    value: str


def decide(
    ws: Workspace, user: User, decisions: Sequence[Decision], now: datetime | None = None
) -> list[DecisionOutcome]:
    """Keep decisions in one transaction; each is kept or refused for itself.

    A decision that has been kept before (its answer got lost and it was sent again) is told as
    kept. A decision needs no lease: whoever lost it to the time-out loses nothing typed.

    Returns:
        The outcomes, in the order of the decisions.

    Raises:
        ForbiddenError: the role may not decide anything.

    """
    require(user, "review")
    now = now or datetime.now(UTC)
    with ws.transaction() as session:
        ids = sorted({decision.field for decision in decisions})
        lock_books(session, ids)
        rows = lock_fields(session, ids)
        books = {b.id: b for b in load_books(session, {row.book for row in rows.values()})}
        before = fields_of_records(session, {row.record for row in rows.values()})
        outcomes: list[DecisionOutcome] = []
        for decision in decisions:
            row = rows.get(decision.field)
            try:
                if row is None:
                    raise _Refused("no_field")
                said = _understood(session, decision, row, books[row.book])
                entry = _keep(session, user, said, now)
                outcomes.append(DecisionOutcome(decision.field, True, said.value, entry))
            except _Refused as refused:
                outcomes.append(
                    DecisionOutcome(
                        decision.field,
                        False,
                        refused.value,
                        conflict=refused.conflict,
                        message=refused.message,
                    )
                )
        effects = DecisionEffects(session, rows, books, before)
        outcomes = effects.judge_again(outcomes)
        if any(
            outcome.ok
            and before[decision.field].lane == Lane.SAMPLE
            and (outcome.value != before[decision.field].value or outcome.entry is None)
            for decision, outcome in zip(decisions, outcomes, strict=True)
        ):
            raise_draw(session, now)  # a wrong one asks for more of them
        outcomes = effects.told(outcomes, hidden_lanes(user))
        told = [(rows[o.field].book, rows[o.field].code, o.value) for o in outcomes if o.entry]
    judge_new_values(ws, told)
    return outcomes


def _understood(session: Session, decision: Decision, row: FieldRow, book: Book) -> _FieldDecision:
    """What a decision says of its field.

    Raises:
        _Refused: the book is closed, or the value cannot be understood.

    """
    if is_closed(session, book.id):
        raise _Refused("closed")
    opened = open_about(session, [row.id])
    place = session.get_one(RecordRow, row.record)
    machine = record_of(place).fields[row.code]
    state, value = _meaning(decision, machine, row, book)
    return _FieldDecision(decision, row, place, machine, opened, state, value)


def _keep(session: Session, user: User, said: _FieldDecision, now: datetime) -> int | None:
    """Keep one decision; returns the entry that came of it, if any."""
    decision, row, opened = said.decision, said.row, said.opened
    repeated = _repeated(session, user, said)
    if repeated is not None:
        return repeated.entry
    _require_lane(user, said)
    if row.entry != decision.base:
        conflict = _conflict(entry_row(session, row.entry or 0))
        raise _Refused("conflict", conflict, said.value)
    if decision.action is Action.ASK:
        noted = _note(session, user, said, now)
        row.lane = Lane.SENIOR.value
        _write_audit_line(session, user, said, now, AuditAction.ASKED, noted)
        return None
    mode = policies_of(session, row.book).effective(row.kind).mode
    lane = Lane(row.lane) if row.lane else None
    first = lane in (Lane.DOUBT, None) and mode is ReviewMode.DOUBLE
    if first or (lane is Lane.SECOND and not _agree(said, opened)):
        noted = _note(session, user, said, now)
        row.lane = (Lane.SECOND if first else Lane.ARBITRATION).value
        _write_audit_line(session, user, said, now, AuditAction.KEYED, noted)
        return None
    return _enter(session, user, said, now)


def _meaning(decision: Decision, machine: Field, row: FieldRow, book: Book) -> tuple[State, str]:
    """State and value that a decision gives its field.

    Raises:
        _Refused: the value cannot be understood, or is not the one that was shown.

    """
    if decision.action in _STATES:
        return _STATES[decision.action], ""
    if decision.action is Action.ASK:
        return State.IN_REVIEW, decision.value
    value = normalise_typed(FieldKind(row.kind), decision.value, book)
    shown = decision.value in (row.value, machine.value, *(one.value for one in machine.n_best))
    if not shown and (reason := unusable(FieldKind(row.kind), decision.value)):
        raise _Refused(reason)
    if decision.action is Action.CONFIRM and decision.value in (row.value, machine.value):
        value = decision.value  # what the machine has read may stand in another form
    if decision.action is Action.CONFIRM and not decision.value:
        if row.value:
            raise _Refused("changed")
        if machine.as_written.strip():
            raise _Refused("not_understood", text=machine.as_written)
        return State.BLANK, ""
    if not value:
        typed = decision.value.strip()
        raise (_Refused("not_understood", text=typed) if typed else _Refused("nothing_typed"))
    return (State.CONFIRMED if value == machine.value else State.CORRECTED), value


def _repeated(session: Session, user: User, said: _FieldDecision) -> DecisionRow | None:
    """The same decision of the same person, kept before, if nobody has gone on since."""
    newest, decision = last_about(session, said.row.id), said.decision
    same = (
        newest is not None
        and (newest.user, newest.action) == (user.name, decision.action)
        and (newest.value, newest.note) == (said.value, decision.note)
        and newest.entry in (None, said.row.entry)
    )
    return newest if same else None


def _require_lane(user: User, said: _FieldDecision) -> None:
    """Make sure that it is this person's turn with the field.

    Raises:
        _Refused: it waits for somebody else.

    """
    asked_for, lane = said.decision.lane, Lane(said.row.lane) if said.row.lane else None
    had_a_say = any(decision.user == user.name for decision in said.opened)
    if lane is Lane.SECOND:
        if had_a_say:
            raise _Refused("own_keying")
        if asked_for is not Lane.SECOND:
            raise _Refused("keyed_meanwhile" if asked_for is Lane.DOUBT else "blind_first")
    elif lane is Lane.ARBITRATION:
        if had_a_say:
            raise _Refused("own_arbitration")
        if asked_for is not Lane.ARBITRATION:
            raise _Refused("arbitrate_first")
    elif lane is Lane.SENIOR:
        if had_a_say:
            raise _Refused("own_question")
        if asked_for is not Lane.SENIOR and not may(user, RIGHTS[Lane.SENIOR]):
            raise _Refused("asked_first")
    elif asked_for in (Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR):
        raise _Refused("settled")
    sampled = lane is Lane.SAMPLE and asked_for is not Lane.SAMPLE
    if not may(user, RIGHTS[Lane.DOUBT if sampled or lane is None else lane]):
        raise _Refused("role")


def _agree(said: _FieldDecision, opened: Sequence[DecisionRow]) -> bool:
    """The second person says the same as the first."""
    first = next(row for row in opened if row.action != Action.ASK)
    written = (State.CONFIRMED, State.CORRECTED)
    if State(first.state) in written and said.state in written:
        return first.value == said.value
    return first.state == said.state


def _note(
    session: Session, user: User, said: _FieldDecision, now: datetime, entry: int | None = None
) -> DecisionRow:
    """Keep what the person did, with what he saw and how long it took."""
    decision, row = said.decision, said.row
    noted = DecisionRow(
        field=row.id,
        book=row.book,
        page=said.place.page,
        position=said.place.position,
        code=row.code,
        kind=row.kind,
        user=user.name,
        time=now,
        lane=row.lane,
        action=decision.action.value,
        state="" if decision.action is Action.ASK else said.state.value,
        value=said.value,
        as_written=decision.as_written,
        was=row.value,
        was_state=row.state,
        confidence=row.confidence,
        seconds=decision.seconds,
        keys=decision.keys,
        note=decision.note,
        deed=decision.deed,
        entry=entry,
        withdrawn=False,
        digest=digest_of(session, row.book, said.place.page),
    )
    session.add(noted)
    session.flush()
    return noted


def _enter(session: Session, user: User, said: _FieldDecision, now: datetime) -> int:
    """Make an entry of it: it settles all that was open about the field."""
    row, lane = said.row, said.row.lane
    noted = _note(session, user, said, now)
    entry = add_entry(
        session,
        row,
        Entry(
            page=said.place.page,
            position=said.place.position,
            code=row.code,
            value=said.value,
            state=said.state,
            user=user.name,
            as_written=said.decision.as_written,
            base=row.entry,
            time=now,
        ),
    )
    settle(session, [*said.opened, noted], entry)
    _write_audit_line(session, user, said, now, AuditAction.DECIDED, noted, entry, lane)
    return entry


def _write_audit_line(
    session: Session, user: User, said: _FieldDecision, now: datetime, action: AuditAction,
    noted: DecisionRow, entry: int | None = None, lane: str = "",
) -> None:  # fmt: skip
    """Tell the audit trail; values stay in the entries, the trail has keyed digests of them."""
    details: dict[str, object] = {"field": said.row.id, "action": said.decision.action.value}
    rows: list[TableBase] = [noted]
    if entry is not None:
        kept = session.get_one(EntryRow, entry)
        details |= {"lane": lane, **audit.about_entry(kept)}
        rows.append(kept)
    place = f"{said.place.page} {said.place.position} {said.row.code}"
    audit.append(
        session, user.name, action, book=said.row.book, subject=place, details=details, rows=rows,
        now=now,
    )  # fmt: skip
    queue.end_lease(session, said.row.id)


def _conflict(entry: EntryRow | None) -> Conflict | None:
    if entry is None:
        return None
    return Conflict(entry.id, entry.value, State(entry.state), entry.user, utc(entry.time))
