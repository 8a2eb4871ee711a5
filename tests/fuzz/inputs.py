"""An input of the fuzzer: a small tree of files, written to a folder or kept to be tried again."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Entry:
    """A thing in the tree.

    Attributes:
        name: its path, as bytes: names of files need not be text.
        content: of a file; the target of a link.
        kind: `file`, `folder`, `link`, `fifo` or `socket`.
        mode: permissions; None for the usual ones.

    """

    name: bytes
    content: bytes = b""
    kind: str = "file"
    mode: int | None = None


@dataclass(slots=True)
class Input:
    """What is tried at a door.

    Attributes:
        door: name of the door (`doors.DOORS`).
        entries: the tree.
        command: arguments of `sohoa` for the door `process`.

    """

    door: str
    entries: list[Entry] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """The input as text that `from_json` reads back."""
        entries = [
            [
                base64.b64encode(e.name).decode(),
                base64.b64encode(e.content).decode(),
                e.kind,
                e.mode,
            ]
            for e in self.entries
        ]
        return json.dumps({"door": self.door, "command": self.command, "entries": entries})

    @classmethod
    def from_json(cls, text: str) -> Input:
        """The input that `as_json` wrote."""
        data = json.loads(text)
        entries = [
            Entry(base64.b64decode(name), base64.b64decode(content), kind, mode)
            for name, content, kind, mode in data["entries"]
        ]
        return cls(data["door"], entries, data["command"])

    def write(self, folder: Path) -> None:
        """Lay the tree out below an empty folder; what the system does not take is left out."""
        base = os.fsencode(folder)
        for entry in self.entries:
            path = os.path.join(base, entry.name)  # noqa: PTH118 – names are bytes
            with suppress(OSError, ValueError):
                os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
                _make(path, entry)
                if entry.mode is not None:
                    os.chmod(path, entry.mode)  # noqa: PTH101


def _make(path: bytes, entry: Entry) -> None:
    if entry.kind == "folder":
        os.mkdir(path)  # noqa: PTH102
    elif entry.kind == "link":
        os.symlink(entry.content, path)  # noqa: PTH211
    elif entry.kind == "fifo":
        os.mkfifo(path)
    elif entry.kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path)
    else:
        with open(path, "xb") as file:  # noqa: PTH123 – never into a pipe of that name
            file.write(entry.content)


def removed(folder: Path) -> None:
    """Remove a tree, folders without rights included."""
    for place, folders, _ in os.walk(os.fsencode(folder)):
        for name in folders:
            with suppress(OSError):
                os.chmod(os.path.join(place, name), 0o700)  # noqa: PTH101, PTH118
    shutil.rmtree(os.fsencode(folder), ignore_errors=True)


def tree(files: Iterable[tuple[str, bytes]]) -> list[Entry]:
    """Entries of plain files."""
    return [Entry(os.fsencode(name), content) for name, content in files]


def read_tree(folder: Path, prefix: str = "") -> list[Entry]:
    """Entries of all files below a folder that lies on the disk."""
    return [
        Entry(os.fsencode(prefix + path.relative_to(folder).as_posix()), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
