"""Who has a workspace open: any number at once, or one that keeps all others out.

Each process that works on a workspace holds a file of its own in `holders/`, which says who it is
and ends with it; on PostgreSQL it also shares a lock on the server, because the others may be on
other machines. Whoever wants to come in passes a gate; whoever needs the workspace alone keeps the
gate shut.
"""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store.held_files import hold, let_go
from ocr_pipeline.store.server_locks import server_holders, server_lock

FOLDER = "holders"
_GATE = "gate"
_ON_SERVER = "holders"
_AT_GATE_SECONDS = 5.0  # whoever comes in holds the gate for milliseconds
_PATIENCE_SECONDS = 2.0  # a command like `sohoa status` is over by then
_LOOK_SECONDS = 0.1
_TIME = "%Y%m%dT%H%M%SZ"
_SHUT = Text(
    "Không gian làm việc này đang được giữ riêng (đang xóa hoặc khôi phục)",
    "Another command keeps this workspace to itself (it is being deleted or restored)",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a workspace open.

    Attributes:
        command: what it does, e.g. `serve`.
        host: the machine.
        pid: the number of the process there.
        since: when it opened the workspace (UTC).

    """

    command: str
    host: str
    pid: int
    since: datetime

    @classmethod
    def this(cls, command: str) -> Holder:
        """The process that calls."""
        return cls(command, platform.node() or "?", os.getpid(), datetime.now(UTC))

    @classmethod
    def of_file(cls, name: str) -> Holder | None:
        """The holder that a file of this name belongs to; None when it is none of ours."""
        with suppress(ValueError):
            command, pid, since, _, host = name.split("~")
            return cls(command, host, int(pid), datetime.strptime(since, _TIME).replace(tzinfo=UTC))
        return None

    @property
    def file_name(self) -> str:
        """A name for its file, unlike any other."""
        parts = (self.command, f"{self.pid}", f"{self.since:{_TIME}}", secrets.token_hex(4))
        return "~".join((*parts, self.host.replace("~", "-").replace("/", "-")))

    def __str__(self) -> str:
        return (
            f"sohoa {self.command} (pid {self.pid}, {self.host}, {self.since:%Y-%m-%d %H:%M} UTC)"
        )


@contextmanager
def held_in_folder(folder: Path, command: str) -> Iterator[None]:
    """Note in a workspace's folder that this process has it open, as long as the block goes on.

    A folder that can only be read is opened all the same: whoever cannot write to it is in nobody's
    way.

    Args:
        folder: the workspace's folder; it is not made when it is gone.
        command: what the process does.

    Raises:
        MachineError: somebody keeps the workspace to himself.
        FileNotFoundError: the folder is gone.

    """
    own = None
    try:
        with _gate(folder):
            _living(folder)  # takes away what others have left behind
            path = folder / FOLDER / Holder.this(command).file_name
            own = hold(path)
    except FileNotFoundError:
        raise
    except OSError:
        own = None
    try:
        yield
    finally:
        if own is not None:
            let_go(own)
            with suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def held_on_server(engine: Engine, command: str) -> Iterator[None]:
    """The same on the server of the database, where there is one.

    Raises:
        MachineError: somebody keeps the workspace to himself.

    """
    with server_lock(engine, _ON_SERVER, shared=True, name=str(Holder.this(command))) as had:
        if not had:
            raise _refusal(_SHUT, str(engine.url.database or ""))
        yield


@contextmanager
def kept_alone(folder: Path, engine: Engine) -> Iterator[None]:
    """Keep everybody else out of a workspace while the block goes on.

    Args:
        folder: the workspace's folder.
        engine: its database.

    Raises:
        MachineError: others have it open; the message names each of them.
        OSError: the folder cannot be written to, or is gone.

    """
    with _gate(folder):
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (others := _living(folder)) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        if others:
            raise _refusal(_in_use([str(one) for one in others]), str(folder))
        with kept_alone_on_server(engine):
            yield


@contextmanager
def kept_alone_on_server(engine: Engine) -> Iterator[None]:
    """Keep those on other machines out, where the database is on a server.

    Raises:
        MachineError: others have it open; the message names each of them.

    """
    with server_lock(engine, _ON_SERVER, name=str(Holder.this("delete"))) as had:
        if not had:
            others = server_holders(engine, _ON_SERVER)
            raise _refusal(_in_use(others), str(engine.url.database or ""))
        yield


def _in_use(others: list[str]) -> Text:
    named = "; ".join(others) or "?"
    return Text(f"Không gian làm việc đang được dùng: {named}", f"The workspace is in use: {named}")


def _refusal(cause: Text, where: str) -> MachineError:
    return MachineError(
        cause,
        where=where,
        remedy=Text(
            "Dừng các lệnh đó (bấm `Ctrl-C` ở cửa sổ của chúng, hoặc gõ `kill PID` trên máy đó) "
            "rồi chạy lại lệnh này",
            "Stop these commands (Ctrl-C in their windows, or `kill PID` on that machine), then "
            "run this again",
        ),
    )


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """Pass the gate of a workspace, one at a time."""
    with suppress(FileExistsError):
        (folder / FOLDER).mkdir(mode=0o700)  # its parent is never made: it may have been deleted
    try:
        held = hold(folder / FOLDER / _GATE, _AT_GATE_SECONDS)
    except BlockingIOError:
        raise _refusal(_SHUT, str(folder)) from None
    try:
        yield
    finally:
        let_go(held)


def _living(folder: Path) -> list[Holder]:
    """The holders that are alive; files of others are deleted."""
    found = []
    for path in sorted((folder / FOLDER).iterdir()):
        holder = Holder.of_file(path.name)
        if holder is None:
            continue
        try:
            left = hold(path)
        except BlockingIOError:
            found.append(holder)
            continue
        let_go(left)
        path.unlink(missing_ok=True)
    return found
