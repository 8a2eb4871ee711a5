"""One run at a time on a workspace: a lock that ends with its process, however that ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store.files import file_errors_explained
from ocr_pipeline.store.runs import latest_run
from ocr_pipeline.store.workspace import Workspace

FILE = "run.lock"
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
    lock = FileLock(workspace.folder / FILE)
    with file_errors_explained(workspace.folder):
        try:
            lock.acquire(timeout=_PATIENCE_SECONDS)
        except Timeout:
            raise _taken(workspace) from None
    try:
        with _server_lock(workspace):
            yield
    finally:
        lock.release()


def is_running(workspace: Workspace) -> bool:
    """Whether a run has the workspace at this moment."""
    lock = FileLock(workspace.folder / FILE)
    try:
        with lock.acquire(timeout=0):
            return _server_has(workspace)
    except Timeout:
        return True
    except OSError:  # a workspace that can only be read is nobody's
        return False


@contextmanager
def _server_lock(workspace: Workspace) -> Iterator[None]:
    """On PostgreSQL: an advisory lock, held by a connection of its own; elsewhere nothing."""
    if workspace.engine.dialect.name != "postgresql":
        yield
        return
    with workspace.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = _number(workspace)
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}):
            raise _taken(workspace)
        try:
            yield
        finally:
            if not connection.closed and not connection.invalidated:
                with suppress(SQLAlchemyError):  # a server that was restarted has let it go
                    connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})


def _server_has(workspace: Workspace) -> bool:
    if workspace.engine.dialect.name != "postgresql":
        return False
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND ((classid::bigint << 32) | objid::bigint) = :n"
    )
    engine = workspace.engine.execution_options(sohoa_readonly=True)
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"n": _number(workspace)}))


def _number(workspace: Workspace) -> int:
    """A positive number of 63 bits for this database and schema."""
    name = workspace.engine.url.render_as_string(hide_password=True)
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


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
