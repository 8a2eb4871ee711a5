"""The latest run as somebody sees it from another terminal: what it does, how fast, until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ocr_pipeline.json_types import Json
from ocr_pipeline.reports.commands import run_command
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.models import RunRow
from ocr_pipeline.store.runs import RunEnding, RunPhase, latest_run, latest_runs
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import written

_SPEAKS = 20  # pages after which the speed of a whole run says something
_SILENT_SECONDS = 120.0  # seconds without a sign of life that people should know of


def run_state(workspace: Workspace, now: datetime | None = None) -> Json | None:
    """The latest run of a workspace; None when there was none.

    Args:
        workspace: where it runs.
        now: the time; the present when None.

    Returns:
        `{"id", "phase", "ending", "running", "scans", "host", "executor", "workers", "started",
        "updated", "ended", "until", "books", "books_done", "pages", "pages_expected", "known",
        "done", "failed", "poisoned", "again", "pages_per_minute", "seconds_left", "ready",
        "left_at_until", "silent", "cause", "remedy", "peak_mb", "go_on"}`. Times are ISO 8601 in
        UTC, or None. `pages_per_minute` is over the last ten minutes while it runs, else over the
        whole run. `seconds_left` and `ready` (when) are None where nobody can say.
        `left_at_until`: pages that will be left when it has to stop; None when it has not.
        `silent`: seconds since its last sign of life, should it be too long. `go_on`: the command
        that goes on with it; "" when there is nothing to go on with.

    """
    running = is_running(workspace)
    with workspace.read_session() as session:
        row = latest_run(session)
    return None if row is None else _as_json(row, running, now or datetime.now(UTC), workspace)


def run_states(workspace: Workspace, count: int, now: datetime | None = None) -> list[Json]:
    """The runs that were begun last, the latest first, each as `run_state` has it."""
    running = is_running(workspace)
    with workspace.read_session() as session:
        rows = latest_runs(session, count)
    moment = now or datetime.now(UTC)
    return [
        _as_json(row, running and place == 0, moment, workspace) for place, row in enumerate(rows)
    ]


def _as_json(row: RunRow, running: bool, now: datetime, workspace: Workspace) -> Json:
    phase, ending = row.phase, row.ending
    alive = row.ended is None and running
    if row.ended is None and not running:
        phase, ending = RunPhase.ENDED.value, RunEnding.INTERRUPTED.value
    rate = _rate(row, alive)
    left = max(row.pages_expected - row.done, 0)
    seconds = 60.0 * left / rate if alive and rate > 0 else None
    silent = (now - utc(row.updated)).total_seconds()
    done = ending == RunEnding.DONE
    return {
        "id": row.id,
        "phase": phase,
        "ending": ending,
        "running": alive,
        "scans": written(row.scans),
        "host": row.host,
        "executor": row.executor,
        "workers": row.workers,
        "started": _iso(row.started),
        "updated": _iso(row.updated),
        "ended": _iso(row.ended),
        "until": _iso(row.until),
        "books": row.books,
        "books_done": row.books_done,
        "pages": row.pages,
        "pages_expected": row.pages_expected,
        "known": row.known,
        "done": row.done,
        "failed": row.failed,
        "poisoned": row.poisoned,
        "again": row.again,
        "pages_per_minute": round(rate, 1),
        "seconds_left": None if seconds is None else round(seconds, 1),
        "ready": None if seconds is None else _iso(now + timedelta(seconds=seconds)),
        "left_at_until": _left_at_until(row, now, rate, left) if alive else None,
        "silent": round(silent, 1) if alive and silent > _SILENT_SECONDS else 0.0,
        "cause": {"vi": row.cause_vi, "en": row.cause_en},
        "remedy": {"vi": row.remedy_vi, "en": row.remedy_en},
        "peak_mb": row.peak_mb,
        "go_on": "" if alive or done else run_command(row.scans, workspace.location),
    }


def _rate(row: RunRow, alive: bool) -> float:
    """Pages a minute: now, or over the whole run without its pauses."""
    if alive and row.pace > 0:
        return row.pace
    worked = (utc(row.ended or row.updated) - utc(row.started)).total_seconds() - row.paused
    return 60.0 * row.done / worked if worked > 0 and row.done >= _SPEAKS else 0.0


def _left_at_until(row: RunRow, now: datetime, rate: float, left: int) -> int | None:
    if row.until is None or rate <= 0:
        return None
    minutes = max((utc(row.until) - now).total_seconds(), 0.0) / 60.0
    return max(left - int(minutes * rate), 0)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else utc(time).isoformat(timespec="seconds")
