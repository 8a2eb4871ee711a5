"""Scans that come from a browser: looked at, then put among the scans whole.

Nothing half-written ever lies among the scans: the bytes are received beside (`uploads`), flushed
to the disk and opened within limits; only then the file gets its name. A name that is taken by the
same bytes is no fault: whoever was cut off sends all again. Other bytes are never overwritten.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from ocr_pipeline.errors import Text
from ocr_pipeline.private_files import make_private, make_private_file, make_private_folder
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.scan_inspection import inspect_scan
from ocr_pipeline.review.upload_names import safe_place
from ocr_pipeline.review.uploads import Upload, UploadError
from ocr_pipeline.scans.file_names import (
    copied_name,
    is_litter,
    is_named_scan,
    is_silent,
    unfinished_name,
)
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
from ocr_pipeline.store.workspace_files import REPLACED


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


def keep_scan(upload: Upload, user: User, folder_and_name: str, now: datetime) -> UploadedScan:
    """Put the file among the scans, once it was seen to be one.

    Args:
        upload: the file, as it came.
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
    target = upload.desk.scans / place
    source = upload.finish()
    found, notes = inspect_scan(source, str(place))
    digest = upload.digest
    make_private_folder(upload.desk.scans, parents=True)
    _require_within(target, upload.desk.scans, str(place))
    make_folders(target.parent, within=upload.desk.scans)
    if not _placed(source, target):
        if file_digest(target) != digest:
            raise _other_bytes(str(place))
        return UploadedScan(str(place), "there", found, digest, notes)
    with upload.desk.workspace.transaction() as session:
        audit.append(
            session, user.name, AuditAction.SCAN_IMPORTED, subject=str(place),
            details={"sha256": digest, "pages": found}, now=now,
        )  # fmt: skip
    return UploadedScan(str(place), "kept", found, digest, notes)


def exchange_scan(upload: Upload, target: Path, book: str) -> Path | None:
    """Put the file in the place of a scan; the scan of before is kept in the workspace.

    The new one gets the name of the old one, so that the next look at the book finds another
    picture under it: what was decided about the page becomes an offer (`scan_changes`). Who may
    do this, and the trail, are the caller's.

    Args:
        upload: the new scan, as it came.
        target: the scan; one picture, for nothing else of the file may be lost.
        book: id of its book.

    Returns:
        Where the scan of before is kept; None when it was gone.

    Raises:
        UploadError: it did not come whole.
        ScanError: it is no scan, a damaged one, or not exactly one page.
        OSError: the old scan cannot be read, or the place not be written to.

    """
    source = upload.finish()
    found, _ = inspect_scan(source, upload.name)
    if found != 1:
        raise _several(upload.name, found)
    former = None
    if target.is_file():
        kept = upload.desk.workspace.folder / REPLACED / book
        former = kept / f"{file_digest(target)[:16]}-{target.name}"
        with atomic_write(former, within=upload.desk.workspace.folder) as temporary:
            shutil.copyfile(target, temporary)
    with atomic_write(target) as temporary:
        shutil.copyfile(source, temporary)
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
