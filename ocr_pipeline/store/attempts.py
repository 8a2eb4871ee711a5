"""Tasks that are leased to a worker or ended badly before, in the database (`AttemptRow`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.store.ledger import Key
from ocr_pipeline.store.models import AttemptRow


@dataclass(frozen=True, slots=True)
class Past:
    """What is held against a task: workers it has killed, runs that ended while it was leased."""

    deaths: int = 0
    interruptions: int = 0
    cause: Text | None = None


def past_of(session: Session, key: Key) -> Past:
    """What is held against a task."""
    row = session.get(AttemptRow, _place(key))
    if row is None:
        return Past()
    cause = Text(row.cause_vi, row.cause_en) if row.cause_en else None
    return Past(row.deaths, row.interruptions, cause)


def lease(session: Session, key: Key, run: int, *, alone: bool) -> None:
    """Note that a worker of this run is given the task."""
    row = _row(session, key)
    row.run, row.alone, row.updated = run, alone, datetime.now(UTC)


def give_back(session: Session, key: Key) -> None:
    """Note that nobody has the task any more; what is held against it stays."""
    row = _row(session, key)
    if row.deaths or row.interruptions:
        row.run, row.updated = None, datetime.now(UTC)
    else:
        session.delete(row)


def note_death(session: Session, key: Key, cause: Text) -> None:
    """Note that the task has killed its worker, and how."""
    row = _row(session, key)
    row.run, row.deaths, row.updated = None, row.deaths + 1, datetime.now(UTC)
    row.cause_vi, row.cause_en = cause.vi, cause.en


def settle(session: Session, key: Key) -> None:
    """Note that the task is done: nothing is held against it any more."""
    row = session.get(AttemptRow, _place(key))
    if row is not None:
        session.delete(row)


def note_interruptions(session: Session) -> int:
    """Take all leases back: the runs that gave them are gone. Returns how many there were.

    Whoever was alone when the run was cut off has probably done it: that counts as a death.
    """
    leased = list(session.scalars(select(AttemptRow).where(AttemptRow.run.is_not(None))))
    for row in leased:
        row.interruptions += 1
        if row.alone:
            row.deaths += 1
            row.cause_vi = "Máy hoặc chương trình dừng hẳn khi chỉ có việc này đang chạy"
            row.cause_en = "The machine or the run went down while nothing else was under way"
        row.run, row.updated = None, datetime.now(UTC)
    return len(leased)


def forgive(session: Session, stage: str | None = None) -> None:
    """Forget what is held against all tasks (of a stage) that nobody has."""
    query = delete(AttemptRow).where(AttemptRow.run.is_(None))
    session.execute(query if stage is None else query.where(AttemptRow.stage == stage))


def leave_all(session: Session, run: int) -> None:
    """Give back whatever a run still has leased, without holding it against anybody."""
    clean = (AttemptRow.deaths == 0) & (AttemptRow.interruptions == 0)
    session.execute(delete(AttemptRow).where(AttemptRow.run == run, clean))
    session.execute(update(AttemptRow).where(AttemptRow.run == run).values(run=None))


def leased_keys(session: Session) -> list[Key]:
    """The tasks that are leased at the moment."""
    rows = session.scalars(select(AttemptRow).where(AttemptRow.run.is_not(None)))
    return [Key(row.stage, row.input, row.fingerprint) for row in rows]


def _row(session: Session, key: Key) -> AttemptRow:
    row = session.get(AttemptRow, _place(key))
    if row is None:
        stage, input_, fingerprint = _place(key)
        row = AttemptRow(
            stage=stage,
            input=input_,
            fingerprint=fingerprint,
            alone=False,
            deaths=0,
            interruptions=0,
            cause_vi="",
            cause_en="",
            updated=datetime.now(UTC),
        )
        session.add(row)
    return row


def _place(key: Key) -> tuple[str, str, str]:
    return key.stage, key.input, key.fingerprint
