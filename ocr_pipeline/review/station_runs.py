"""A run started at the station: `sohoa run` as a process of its own, which the station watches.

It goes on when the station is closed or started again, and obeys the same lock as a run from a
terminal: there is one at a time. What it says goes into `logs/station-run.log`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.private_files import make_private
from ocr_pipeline.processing.settings import saved_settings
from ocr_pipeline.reports.run_state import run_state, run_states
from ocr_pipeline.reports.run_wording import run_words
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.files import write_text
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.models import RunRow
from ocr_pipeline.store.runs import books_under_way, latest_run
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace

_STARTED = "station-run.json"
_LOG = "station-run.log"
_PROGRAM = (sys.executable, "-c", "from ocr_pipeline.cli import main; main()")
_TOLD_BYTES = 4000  # of the end of the log, where a run says why it did not begin
_SAME_SECONDS = 2.0  # two clocks tell when a process began
_RUNS_SHOWN = 20
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ONE_AT_A_TIME = threading.Lock()
_CHILDREN: list[subprocess.Popen[bytes]] = []  # looked after, so that ended ones leave no trace


def start_run(
    ws: Workspace,
    scans: Path,
    user: User,
    now: datetime,
    *,
    until: str = "",
    retry: bool = False,
) -> None:
    """Start `sohoa run` over the scans with the settings of the last run.

    Args:
        ws: the workspace.
        scans: the folder of scans.
        user: who starts it.
        now: the time (UTC).
        until: time of day at which it stops cleanly, as `06:00`; "" to go on to the end.
        retry: try pages again that killed their workers.

    Raises:
        ForbiddenError: the role may not.
        NotAllowedYetError: a run goes on, or there are no scans yet.
        MachineError: the process cannot be started.

    """
    require(user, "import")
    if until and not _TIME_OF_DAY.fullmatch(until):
        raise NotAllowedYetError(
            Text("Giờ dừng phải có dạng 06:00", "The time to stop must look like 06:00"),
            where=until[:20],
        )
    if not scans.is_dir() or not any(scans.iterdir()):
        raise NotAllowedYetError(
            Text("Chưa có ảnh quét nào", "There are no scans yet"),
            where=str(scans),
            remedy=Text("Nhập ảnh quét trước", "Import scans first"),
        )
    with _ONE_AT_A_TIME:
        if is_running(ws) or _starting(ws):
            raise NotAllowedYetError(
                Text("Một lần chạy đang diễn ra", "A run goes on already"),
                remedy=Text("Chờ lần chạy đó xong, hoặc dừng nó", "Wait for its end, or stop it"),
            )
        process = _begun(ws, _command(ws, scans, until, retry))
        _CHILDREN.append(process)
        told = {"pid": process.pid, "created": _created(process.pid), "by": user.name}
        write_text(ws.folder / _STARTED, json.dumps(told) + "\n", within=ws.folder)
    _note(ws, user, AuditAction.RUN_STARTED, {"until": until, "retry": retry}, now)


def stop_run(ws: Workspace, user: User, now: datetime) -> None:
    """Ask the run to stop: what is under way is finished, and the next run goes on from there.

    Raises:
        ForbiddenError: the role may not.
        NotAllowedYetError: none goes on, or it runs on another machine.

    """
    require(user, "import")
    with ws.read_session() as session:
        row = latest_run(session)
    pid = _starting(ws)
    if is_running(ws) and row is not None and row.ended is None:
        pid = _pid_of(row)
    if not pid:
        raise NotAllowedYetError(Text("Không có lần chạy nào đang diễn ra", "No run goes on"))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    _note(ws, user, AuditAction.RUN_STOPPED, {"run": row.id if row else None}, now)


def station_run(ws: Workspace, now: datetime | None = None) -> Json:
    """How the run goes, for people without a terminal; cheap enough to be asked every few seconds.

    Returns:
        `{"run", "words", "books", "starting", "finishing", "log"}`: `run` as `run_state` has
        it, or None;
        `words` say it; `books` are those of which pages are read just now; `starting`: a process
        was started and has not come to its run yet; `finishing`: the run has ended, its report is
        being made; `log`: the end of what a run said that was
        started here and ended before it began, else "".

    """
    alive = bool(_starting(ws))
    run = run_state(ws, now)
    own = run is not None and _is_of_here(ws, run)
    books: list[str] = []
    if run is not None and run["running"]:
        with ws.read_session() as session:
            books = books_under_way(session, int(run["id"]))
    return {
        "run": run,
        "words": run_words(run) if run else [],
        "books": books,
        "starting": alive and not own,
        "finishing": alive and own and run is not None and not run["running"],
        "log": "" if alive or own else _failed_start(ws),
    }


def last_runs(ws: Workspace) -> list[Json]:
    """The last 20 runs, the latest first, each with `words`."""
    return [{**run, "words": run_words(run)} for run in run_states(ws, _RUNS_SHOWN)]


def _command(ws: Workspace, scans: Path, until: str, retry: bool) -> list[str]:
    settings = saved_settings(ws.folder)
    wishes = ["--model", settings.model, "--second", settings.second]
    wishes += ["--page-seconds", str(settings.page_seconds)]
    wishes += ["--layouts", settings.layouts] if settings.layouts else []
    wishes += ["--until", until] if until else []
    wishes += ["--retry"] if retry else []
    return [*_PROGRAM, "run", str(scans), "--workspace", ws.location, *wishes]


def _begun(ws: Workspace, command: list[str]) -> subprocess.Popen[bytes]:
    log = ws.logs / _LOG
    try:
        with log.open("wb") as file:
            make_private(log)
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=os.name != "nt",  # Ctrl-C at the station is not for the run
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
    except OSError as error:
        raise MachineError(
            Text(
                f"Không khởi động được lần chạy: {error.strerror}",
                f"The run cannot be started: {error.strerror}",
            ),
            where=str(log),
            remedy=Text("Báo người vận hành", "Tell the operator"),
        ) from error


def _starting(ws: Workspace) -> int:
    """Pid of the process that was started here, while it lives; 0 when there is none."""
    for child in _CHILDREN:
        child.poll()
    try:
        told = json.loads((ws.folder / _STARTED).read_text(encoding="utf-8"))
        pid, created = int(told["pid"]), float(told["created"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return pid if _created(pid) and abs(_created(pid) - created) < _SAME_SECONDS else 0


def _created(pid: int) -> float:
    """When the living process of this number began; 0.0 when there is none."""
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (psutil.Error, ValueError):
        return 0.0


def _pid_of(row: RunRow) -> int:
    """The process of a run on this machine.

    Raises:
        NotAllowedYetError: it runs elsewhere, or another program has its number by now.

    """
    created = _created(row.pid) if row.host == socket.gethostname() else 0.0
    if not created or created > utc(row.started).timestamp() + _SAME_SECONDS:
        raise NotAllowedYetError(
            Text(f"Lần chạy ở máy {row.host}", f"The run is on the machine {row.host}"),
            remedy=Text("Dừng nó ở máy đó (Ctrl-C)", "Stop it on that machine (Ctrl-C)"),
        )
    return row.pid


def _is_of_here(ws: Workspace, run: Json) -> bool:
    """Whether a run began after the last process that was started here: it is the process's own."""
    try:
        begun = float(json.loads((ws.folder / _STARTED).read_text(encoding="utf-8"))["created"])
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return datetime.fromisoformat(run["started"]).timestamp() > begun - _SAME_SECONDS


def _failed_start(ws: Workspace) -> str:
    """The end of what a process said that came to no run."""
    log = ws.folder / "logs" / _LOG
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TOLD_BYTES))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _note(ws: Workspace, user: User, action: AuditAction, details: Json, now: datetime) -> None:
    with ws.transaction() as session:
        audit.append(session, user.name, action, details=details, now=now.astimezone(UTC))
