"""Tasks that are leased to a worker or ended badly before, in the database (`AttemptRow`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.store.ledger import LedgerKey
from ocr_pipeline.store.models import AttemptRow
from ocr_pipeline.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """What is held against a task: workers it has killed, runs that ended while it was leased."""

    deaths: int = 0
    interruptions: int = 0
    cause: Text | None = None


def past_of(session: Session, key: LedgerKey) -> AttemptHistory:
    """What is held against a task."""
    return pasts_of(session, [key]).get(key, AttemptHistory())


def pasts_of(session: Session, keys: Sequence[LedgerKey]) -> dict[LedgerKey, AttemptHistory]:
    """What is held against tasks; those that nothing is held against are left out."""
    if not keys:
        return {}
    stages = {key.stage for key in keys}
    query = select(AttemptRow).where(AttemptRow.stage.in_(stages))  # there are never many
    if len(keys) == 1:
        query = query.where(AttemptRow.input == keys[0].input)
    wanted = set(keys)
    found = {
        LedgerKey(row.stage, row.input, row.fingerprint): row for row in session.scalars(query)
    }
    return {key: _past(row) for key, row in found.items() if key in wanted}


def _past(row: AttemptRow) -> AttemptHistory:
    cause = Text(row.cause_vi, row.cause_en) if row.cause_en else None
    return AttemptHistory(row.deaths, row.interruptions, cause)


def lease(session: Session, tasks: Mapping[LedgerKey, bool], run: int) -> None:
    """Note that workers of this run are given these tasks; true for those that are alone."""
    now = datetime.now(UTC)
    rows = [
        {**_new(key), "run": run, "alone": alone, "updated": now} for key, alone in tasks.items()
    ]
    upsert(session, AttemptRow, rows, change=("run", "alone", "updated"))


def give_back(session: Session, key: LedgerKey) -> None:
    """Note that nobody has the task any more; what is held against it stays."""
    stage, input, fingerprint = _key_columns(key)
    here = (
        (AttemptRow.stage == stage)
        & (AttemptRow.input == input)
        & (AttemptRow.fingerprint == fingerprint)
    )
    _give_back(session, here)  # at once: it may be leased again in the same transaction


def note_death(session: Session, key: LedgerKey, cause: Text) -> None:
    """Note that the task has killed its worker, and how."""
    row = _row(session, key)
    row.run, row.deaths, row.updated = None, row.deaths + 1, datetime.now(UTC)
    row.cause_vi, row.cause_en = cause.vi, cause.en


def settle(session: Session, keys: Sequence[LedgerKey]) -> None:
    """Note that tasks are done: nothing is held against them any more."""
    if keys:
        table: Any = AttemptRow.__table__
        statement = delete(table).where(
            table.c.stage == bindparam("s"),
            table.c.input == bindparam("i"),
            table.c.fingerprint == bindparam("f"),
        )
        places = [dict(zip("sif", _key_columns(key), strict=True)) for key in keys]
        session.connection().execute(statement, places)


def note_interruptions(session: Session, often: int) -> int:
    """Take all leases back: the runs that gave them are gone. Returns how many there were.

    Once may be a power cut. But who was alone when a run was cut off, after `often` others had
    been cut off with it under way, has probably done it: that counts as a death.
    """
    leased = list(session.scalars(select(AttemptRow).where(AttemptRow.run.is_not(None))))
    for row in leased:
        row.interruptions += 1
        if row.alone and row.interruptions > often:
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
    _give_back(session, AttemptRow.run == run)


def _give_back(session: Session, which: ColumnElement[bool]) -> None:
    clean = (AttemptRow.deaths == 0) & (AttemptRow.interruptions == 0)
    session.execute(delete(AttemptRow).where(which, clean))
    session.execute(update(AttemptRow).where(which).values(run=None, updated=datetime.now(UTC)))


def _row(session: Session, key: LedgerKey) -> AttemptRow:
    row = session.get(AttemptRow, _key_columns(key), populate_existing=True)
    if row is None:
        row = AttemptRow(**_new(key), run=None, alone=False, updated=datetime.now(UTC))
        session.add(row)
    return row


def _new(key: LedgerKey) -> dict[str, Any]:
    """The columns of a task that nothing is held against."""
    counts = {"deaths": 0, "interruptions": 0}
    return {**asdict(key), **counts, "cause_vi": "", "cause_en": ""}


def _key_columns(key: LedgerKey) -> tuple[str, str, str]:
    return key.stage, key.input, key.fingerprint
