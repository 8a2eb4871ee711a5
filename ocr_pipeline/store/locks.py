"""One run at a time on a workspace: a lock that ends with its process, however that ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store.files import file_errors_explained
from ocr_pipeline.store.held_files import hold, let_go
from ocr_pipeline.store.runs import latest_run
from ocr_pipeline.store.server_locks import is_held, server_lock
from ocr_pipeline.store.workspace import Workspace

FILE = "run.lock"
_ON_SERVER = "run"
_PATIENCE_SECONDS = 2.0  # seconds: somebody may be looking whether a run goes on
_REMEDY = Text(
    "Chờ lần chạy kia xong (xem `sohoa status`), hoặc dùng không gian làm việc khác",
    "Wait for the other run (see `sohoa status`), or use another workspace",
)


@contextmanager
def run_lock(workspace: Workspace) -> Iterator[None]:
    """Keep the workspace to this run: by a file, and on a database server by a lock there, too.

    Raises:
        MachineError: another run has it, or the folder cannot be written to.

    """
    with file_errors_explained(workspace.folder):
        try:
            held = hold(workspace.folder / FILE, _PATIENCE_SECONDS)
        except BlockingIOError:
            raise _taken(workspace) from None
    try:
        with server_lock(workspace.engine, _ON_SERVER) as had:
            if not had:
                raise _taken(workspace)
            yield
    finally:
        let_go(held)


def is_running(workspace: Workspace) -> bool:
    """Whether a run has the workspace at this moment."""
    try:
        let_go(hold(workspace.folder / FILE))
    except BlockingIOError:
        return True
    except OSError:  # a workspace that can only be read is nobody's
        return False
    return is_held(workspace.engine, _ON_SERVER)


def _taken(workspace: Workspace) -> MachineError:
    with workspace.read_session() as session:
        run = latest_run(session)
    who = f" ({run.host}, pid {run.pid}, {run.started:%Y-%m-%d %H:%M} UTC)" if run else ""
    return MachineError(
        Text(
            f"Một lần chạy khác đang dùng không gian làm việc này{who}",
            f"Another run is working on this workspace{who}",
        ),
        where=str(workspace.folder),
        remedy=_REMEDY,
    )
