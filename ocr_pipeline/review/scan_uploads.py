"""Scans that come from a browser: received beside, looked at, then put among the scans whole.

Nothing half-written ever lies among the scans: the bytes go into a folder of the workspace, are
flushed to the disk and opened within limits; only then the file gets its name. A name that is
taken by the same bytes is no fault: whoever was cut off sends all again. Other bytes are never
overwritten.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from ocr_pipeline.errors import BadInputError, DiskFullError, Text
from ocr_pipeline.private_files import make_private, make_private_file, make_private_folder
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BusyError, StaleError
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.scan_inspection import inspect_scan
from ocr_pipeline.review.upload_names import safe_place
from ocr_pipeline.scans.file_names import (
    copied_name,
    is_litter,
    is_named_scan,
    is_silent,
    unfinished_name,
)
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.files import (
    MARK,
    atomic_write,
    file_digest,
    flush,
    flush_folder,
    make_folders,
    name_once,
)
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import INCOMING, REPLACED
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


@dataclass(frozen=True, slots=True)
class UploadedScan:
    """What became of a file.

    Attributes:
        place: its path below the folder of scans.
        state: `kept`, or `there` when the same bytes had the name already.
        pages: how many it holds.
        digest: SHA-256 of its bytes.
        notes: what is lost or odd in a file that gives pages all the same.

    """

    place: str
    state: Literal["kept", "there"]
    pages: int
    digest: str
    notes: tuple[Text, ...] = ()


class UploadError(BadInputError):
    """A file did not come whole, or is no scan: nothing of it is kept."""


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

    def receive(self, name: str, size: int | None) -> ScanUpload:
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
            return ScanUpload(self, path, path.open("r+b"), name, size)
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


class ScanUpload:
    """One file on its way in; use it as a context: what was not kept at its end is gone.

    Args:
        desk: where it is received.
        path: where its bytes are written.
        file: the same, open.
        name: of the file, for messages.
        size: bytes that were announced.

    """

    def __init__(self, desk: UploadDesk, path: Path, file: BinaryIO, name: str, size: int) -> None:
        self._desk, self._path, self._file = desk, path, file
        self.name, self._left = name, size
        self._hash = hashlib.sha256()

    def __enter__(self) -> ScanUpload:
        """The file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing of it stays where it was received."""
        self._file.close()
        self._desk.forget(self._path)

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
        self._desk.expect(self._path, self._left)

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

    def keep(self, user: User, folder_and_name: str, now: datetime) -> UploadedScan:
        """Put the file among the scans, once it was seen to be one.

        Args:
            user: who sent it.
            folder_and_name: where it belongs below the folder of scans, as the browser tells it.
            now: the time (UTC).

        Raises:
            ForbiddenError: the role may not import.
            UploadNameError: the name leads elsewhere.
            UploadError: it did not come whole, or is no file to be imported.
            ScanError: it is no scan, or a damaged one.
            StaleError: other bytes have its name.

        """
        require(user, "import")
        place = scan_place(folder_and_name)
        target = self._desk.scans / place
        found, notes = inspect_scan(self.finish(), str(place))
        digest = self._hash.hexdigest()
        make_private_folder(self._desk.scans, parents=True)
        _require_within(target, self._desk.scans, str(place))
        make_folders(target.parent, within=self._desk.scans)
        if not _placed(self._path, target):
            if file_digest(target) != digest:
                raise _other_bytes(str(place))
            return UploadedScan(str(place), "there", found, digest, notes)
        with self._desk.workspace.transaction() as session:
            audit.append(
                session, user.name, AuditAction.SCAN_IMPORTED, subject=str(place),
                details={"sha256": digest, "pages": found}, now=now,
            )  # fmt: skip
        return UploadedScan(str(place), "kept", found, digest, notes)

    def replace(self, target: Path, book: str) -> Path | None:
        """Put the file in the place of a scan; the scan of before is kept in the workspace.

        The new one gets the name of the old one, so that the next look at the book finds another
        picture under it: what was decided about the page becomes an offer (`scan_changes`). Who may
        do this, and the trail, are the caller's.

        Args:
            target: the scan; one picture, for nothing else of the file may be lost.
            book: id of its book.

        Returns:
            Where the scan of before is kept; None when it was gone.

        Raises:
            UploadError: it did not come whole.
            ScanError: it is no scan, a damaged one, or not exactly one page.
            OSError: the old scan cannot be read, or the place not be written to.

        """
        found, _ = inspect_scan(self.finish(), self.name)
        if found != 1:
            raise _several(self.name, found)
        former = None
        if target.is_file():
            kept = self._desk.workspace.folder / REPLACED / book
            former = kept / f"{file_digest(target)[:16]}-{target.name}"
            with atomic_write(former, within=self._desk.workspace.folder) as temporary:
                shutil.copyfile(target, temporary)
        with atomic_write(target) as temporary:
            shutil.copyfile(self._path, temporary)
        return former


def scan_place(folder_and_name: str) -> PurePosixPath:
    """Where a file belongs below the folder of scans, if it is named like a scan.

    Raises:
        UploadNameError: the name leads elsewhere.
        UploadError: it is named like something else: a file of the system, a half-copied file.

    """
    place = safe_place(folder_and_name)
    for part in place.parts:
        if part.startswith(".") or is_litter(part) or is_silent(part):
            raise UploadError(
                Text("Tệp của hệ thống, không phải ảnh quét", "A file of the system, no scan"),
                where=str(place),
                remedy=Text("Không cần làm gì", "Nothing needs to be done"),
            )
    if unfinished_name(place.name) or copied_name(place.name) or not is_named_scan(place.name):
        raise UploadError(
            Text("Không phải tệp ảnh quét", "This is no file of a scan"),
            where=str(place),
            remedy=Text(
                "Gửi JPEG, TIFF, PNG hoặc PDF; danh mục sổ gửi ở mục riêng",
                "Send JPEG, TIFF, PNG or PDF; an inventory is sent in its own place",
            ),
        )
    return place


def _placed(source: Path, target: Path) -> bool:
    """Give the file its name unless something has it; whether it was given.

    The name appears with all the bytes or not at all, also on another disk than the workspace's.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # another disk, or one without hard links
        if not _copied(source, target):
            return False
    make_private(target)
    flush_folder(target.parent)
    return True


def _copied(source: Path, target: Path) -> bool:
    temporary = target.parent / f"{MARK}{secrets.token_hex(8)}{target.suffix[:10]}"
    try:
        make_private_file(temporary)
        shutil.copyfile(source, temporary)
        flush(temporary)
        return name_once(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _require_within(target: Path, scans: Path, place: str) -> None:
    """A link among the scans must not lead out of them."""
    if not target.parent.resolve().is_relative_to(scans.resolve()):
        raise UploadError(
            Text(
                "Thư mục của sổ là liên kết ra ngoài thư mục ảnh quét",
                "The book's folder is a link that leads out of the folder of scans",
            ),
            where=place,
            remedy=Text("Chọn thư mục khác", "Choose another folder"),
        )


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


def _other_bytes(place: str) -> StaleError:
    return StaleError(
        Text(
            "Đã có ảnh khác mang tên này; không ghi đè",
            "Another scan has this name; it is not overwritten",
        ),
        where=place,
        remedy=Text(
            "Đổi tên tệp rồi gửi lại; để thay ảnh hỏng, mở trang đó trong sổ",
            "Rename the file and send it again; to replace a bad scan, open its page in the book",
        ),
    )


def _several(name: str, found: int) -> UploadError:
    return UploadError(
        Text(f"Tệp có {found} trang, phải có đúng một", f"The file has {found} pages, not one"),
        where=name,
        remedy=Text("Quét riêng trang này thành một ảnh", "Scan this page alone as one picture"),
    )


__all__ = [
    "UploadError",
    "ScanUpload",
    "UploadDesk",
    "UploadLimits",
    "UploadedScan",
    "scan_place",
]
