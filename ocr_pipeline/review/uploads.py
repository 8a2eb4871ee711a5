"""Files that come from a browser: received in a folder of the workspace until they are whole.

What becomes of a whole file (a scan, an inventory, a package) is said elsewhere; nothing of it
stays here.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ocr_pipeline.errors import BadInputError, DiskFullError, Text
from ocr_pipeline.private_files import make_private_file
from ocr_pipeline.review.errors import BusyError
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.store.files import MARK, flush, make_folders
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import INCOMING
from ocr_pipeline.usual_options import USUAL


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What is taken in from browsers.

    Attributes:
        file_bytes: of one file.
        at_once: files that are received at the same time; the next one is asked to wait.
        keep_free_bytes: that stay free on the disk; a run pauses below the same.

    """

    file_bytes: int = ScanLimits().max_container_bytes
    at_once: int = 4
    keep_free_bytes: int = int(1e6 * USUAL.keep_free_mb)


class UploadError(BadInputError):
    """A file did not come whole, or is not what it should be: nothing of it is kept."""


class UploadDesk:
    """Where a station receives files from browsers; safe for use by several threads.

    Args:
        workspace: of the station; files are received in a folder of it.
        scans: the folder of scans; made when the first file comes.
        limits: what is taken in.
        free: gives the free bytes of a disk.

    """

    def __init__(
        self,
        workspace: Workspace,
        scans: Path,
        limits: UploadLimits | None = None,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.workspace, self.scans = workspace, scans
        self.limits = limits or UploadLimits()
        self._free, self._lock = free, threading.Lock()
        self._open: dict[Path, int] = {}  # bytes still expected of each file
        self._clear()

    def require_room(self, size: int) -> None:
        """Make sure that so many more bytes find room.

        Raises:
            DiskFullError: they do not, with those that others are sending.

        """
        with self._lock:
            expected = size + sum(self._open.values())
        places = (self.workspace.folder, _there(self.scans))
        room = min(self._free(place) for place in places) - self.limits.keep_free_bytes
        if room < expected:
            raise DiskFullError(
                Text(
                    f"Ổ đĩa của máy chủ không đủ chỗ: cần {expected / 1e6:.0f} MB, còn dùng được "
                    f"{max(room, 0) / 1e6:.0f} MB",
                    f"The server's disk has too little room: {expected / 1e6:.0f} MB are needed, "
                    f"{max(room, 0) / 1e6:.0f} MB may be used",
                ),
                remedy=Text(
                    "Báo người vận hành giải phóng ổ đĩa, rồi gửi lại; tệp đã nhận vẫn còn",
                    "Ask the operator to free the disk, then send again; what came before is kept",
                ),
            )

    def receive(self, name: str, size: int | None) -> Upload:
        """Begin to receive a file.

        Args:
            name: of the file, for messages and for its ending.
            size: bytes that were announced.

        Raises:
            UploadError: nothing was announced, or it is too large.
            DiskFullError: it finds no room.
            BusyError: too many are received already.

        """
        if not size:
            raise fault("empty", name)
        if size > self.limits.file_bytes:
            limit = self.limits.file_bytes / 1e6
            raise fault("too_many_bytes", name, size=size / 1e6, limit=limit)
        self.require_room(size)
        folder = self.workspace.folder / INCOMING
        make_folders(folder, within=self.workspace.folder)
        path = folder / f"{MARK}{secrets.token_hex(8)}{PurePosixPath(name).suffix[:10]}"
        with self._lock:
            if len(self._open) >= self.limits.at_once:
                raise _busy(name)
            self._open[path] = size
        try:
            make_private_file(path)
            return Upload(self, path, path.open("r+b"), name, size)
        except BaseException:
            self.forget(path)
            raise

    def expect(self, path: Path, size: int) -> None:
        """Note how many bytes a file still has to bring."""
        with self._lock:
            if path in self._open:
                self._open[path] = size

    def forget(self, path: Path) -> None:
        """A file is received no more: nothing of it stays."""
        path.unlink(missing_ok=True)
        with self._lock:
            self._open.pop(path, None)

    def _clear(self) -> None:
        """Take away what a station that was killed had received only in part."""
        folder = self.workspace.folder / INCOMING
        if folder.is_dir():
            for path in folder.glob(f"{MARK}*"):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


class Upload:
    """One file on its way in; use it as a context: what was not kept at its end is gone.

    Args:
        desk: where it is received.
        path: where its bytes are written.
        file: the same, open.
        name: of the file, for messages.
        size: bytes that were announced.

    """

    def __init__(self, desk: UploadDesk, path: Path, file: BinaryIO, name: str, size: int) -> None:
        self.desk, self._path, self._file = desk, path, file
        self.name, self._left = name, size
        self._hash = hashlib.sha256()

    def __enter__(self) -> Upload:
        """The file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it stays where it was received."""
        self._file.close()
        self.desk.forget(self._path)

    def write(self, data: bytes) -> None:
        """Take in the next bytes.

        Raises:
            UploadError: more came than was announced.
            OSError: the disk is full.

        """
        self._left -= len(data)
        if self._left < 0:
            raise _cut_off(self.name)
        self._file.write(data)
        self._hash.update(data)
        self.desk.expect(self._path, self._left)

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that have come."""
        return self._hash.hexdigest()

    def content(self) -> bytes:
        """All bytes, of a file that is small enough for it.

        Raises:
            UploadError: it did not come whole.

        """
        self.finish()
        return self._path.read_bytes()

    def finish(self) -> Path:
        """Where the bytes lie, all of them and on the disk.

        Raises:
            UploadError: fewer came than were announced.

        """
        if self._left:
            raise _cut_off(self.name)
        self._file.close()
        flush(self._path)
        return self._path


def _there(folder: Path) -> Path:
    """The nearest folder that exists: where a disk is asked for its room."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), folder)


def _cut_off(name: str) -> UploadError:
    return UploadError(
        Text("Tệp chưa được gửi hết", "The file did not come whole"),
        where=name,
        remedy=Text(
            "Gửi lại; không có gì dở dang được giữ lại", "Send it again; nothing half-sent is kept"
        ),
    )


def _busy(name: str) -> BusyError:
    return BusyError(
        Text("Đang nhận quá nhiều tệp cùng lúc", "Too many files are being received at once"),
        where=name,
        remedy=Text("Chờ một lát rồi gửi lại", "Wait a moment, then send it again"),
    )
