"""Runs over folders of scans, in the database: how far one is, how the last ones ended."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import AttemptRow, PageRow, RunRow


class RunPhase(StrEnum):
    """What a run is doing."""

    LOOKING = "looking"  # for books
    READING = "reading"
    PAUSED = "paused"  # too little disk or memory; goes on by itself
    STOPPING = "stopping"  # what is under way is finished, nothing new begun
    ENDED = "ended"


class RunEnding(StrEnum):
    """Why a run has ended."""

    DONE = "done"  # everything that can be done is done
    UNTIL = "until"  # the time it was given is over
    ASKED = "asked"  # somebody stopped it
    DISK = "disk"  # the disk is nearly full
    MEMORY = "memory"  # there was too little memory for too long
    CLUSTER = "cluster"  # the cluster has gone
    ERROR = "error"  # the machine lacks something
    INTERRUPTED = "interrupted"  # killed, or the power failed: found out by the next run


def begin_run(session: Session, **columns: Any) -> int:
    """Add a run with these columns (`models.RunRow`); returns its id."""
    row = RunRow(**columns)
    session.add(row)
    session.flush()
    return row.id


def update_run(session: Session, run: int, **columns: Any) -> None:
    """Set these columns of a run."""
    row = session.get_one(RunRow, run)
    for name, value in columns.items():
        setattr(row, name, value)


def latest_run(session: Session) -> RunRow | None:
    """The run that was begun last; None when there was none."""
    return session.scalar(select(RunRow).order_by(RunRow.id.desc()).limit(1))


def latest_runs(session: Session, count: int) -> list[RunRow]:
    """The runs that were begun last, the latest first."""
    return list(session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(count)))


def books_under_way(session: Session, run: int) -> list[str]:
    """Ids of the books of which workers have pages just now."""
    query = (
        select(PageRow.book)
        .join(AttemptRow, AttemptRow.input == PageRow.digest)
        .where(AttemptRow.run == run)
    )
    return sorted(set(session.scalars(query)))


def close_interrupted(session: Session, **columns: Any) -> list[int]:
    """Mark runs that never ended as interrupted; returns their ids. Nobody else may be running."""
    rows = list(session.scalars(select(RunRow).where(RunRow.ended.is_(None))))
    for row in rows:
        row.phase, row.ending = RunPhase.ENDED.value, RunEnding.INTERRUPTED.value
        row.ended = row.updated  # the last moment it was seen alive
        for name, value in columns.items():
            setattr(row, name, value)
    return [row.id for row in rows]


def run_with(session: Session, run: int) -> RunRow | None:
    """The run with this id; None when there is none."""
    return session.get(RunRow, run)
