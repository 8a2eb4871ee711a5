"""The one way files are written: beside their target, flushed to the disk, then renamed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr_pipeline.errors import Text
from ocr_pipeline.os_errors import write_fault
from ocr_pipeline.private_files import make_private_file, make_private_folder
from ocr_pipeline.store.commit_points import CommitPoint, reached

#: Temporary files carry this in their name, so that leftovers of a power cut can be told apart.
MARK = ".sohoa-tmp-"


@contextmanager
def atomic_write(target: Path, within: Path | None = None) -> Iterator[Path]:
    """A temporary path beside `target`: what is written there becomes `target` when the block ends.

    Nobody ever sees half a file: on an exception the temporary file is deleted and `target` stays
    as it was. The file and its folder are flushed to the disk, so the result survives a power cut.
    No other account can open it, nor folders that are made for it (`private_files`).

    Args:
        target: the file.
        within: folders are made only below this one; it is never made, because what belongs into a
            workspace that was deleted must not come back. All folders are made when None.

    Raises:
        FileNotFoundError: `within` is not there.
        OSError: the folder cannot be written to, or the disk is full.

    """
    make_folders(target.parent, within)
    temporary = target.parent / f"{MARK}{secrets.token_hex(6)}{target.suffix}"
    try:
        make_private_file(temporary)
        yield temporary
        reached(CommitPoint.FILE_WRITTEN)
        flush(temporary)
        reached(CommitPoint.FILE_FLUSHED)
        temporary.replace(target)
        reached(CommitPoint.FILE_RENAMED)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(target.parent)


def make_folders(folder: Path, within: Path | None = None) -> None:
    """Make a folder and those above it, but none outside of `within` (all when None).

    Raises:
        FileNotFoundError: `within` is not there.
        OSError: a folder cannot be made.

    """
    if within is None or not folder.is_relative_to(within):
        make_private_folder(folder, parents=True)
        return
    place = within
    for part in folder.relative_to(within).parts:
        place /= part
        make_private_folder(place)


def write_bytes(target: Path, data: bytes, within: Path | None = None) -> None:
    """Write `data` to `target` as `atomic_write` does."""
    with atomic_write(target, within) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str, within: Path | None = None) -> None:
    """Write `text` to `target` in UTF-8 with line ends as given, as `atomic_write` does."""
    write_bytes(target, text.encode("utf-8"), within)


def written_once(path: Path, data: bytes) -> bytes:
    """What the file holds: `data`, unless another process was quicker; all use the first one.

    No other account can open it (`private_files`). Its folder is never made.

    Raises:
        OSError: the folder is not there or cannot be written to, or the disk is full.

    """
    temporary = path.parent / f"{MARK}{secrets.token_hex(6)}{path.suffix}"
    try:
        make_private_file(temporary)
        temporary.write_bytes(data)
        flush(temporary)
        name_once(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(path.parent)
    return path.read_bytes()


def name_once(temporary: Path, target: Path) -> bool:
    """Give a finished file its name beside it, unless something has it; whether it was given.

    Raises:
        OSError: the folder cannot be written to.

    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError:  # exFAT and some shares have no hard links
        if os.path.lexists(target):
            return False
        temporary.replace(target)
    return True


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: the file cannot be read.

    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Make the disk hold what was written to `path`."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make the disk hold the names in `folder`; systems that cannot do so are left alone."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path, *, below: bool = False) -> None:
    """Delete temporary files that an interrupted writer left behind.

    Args:
        folder: where they lie directly; nobody writes there now.
        below: in its subfolders, too.

    """
    if folder.is_dir():
        for path in folder.glob(f"**/{MARK}*" if below else f"{MARK}*"):
            path.unlink(missing_ok=True)


@contextmanager
def file_errors_explained(folder: Path) -> Iterator[None]:
    """Tell what the system says when the workspace's folder cannot be written to.

    Raises:
        MachineError: instead of any `OSError` of the block.

    """
    try:
        yield
    except OSError as error:
        raise write_fault(
            error,
            Text("Không ghi được vào không gian làm việc", "The workspace cannot be written to"),
            str(folder),
            Text(
                "Kiểm tra quyền ghi và chỗ trống trên đĩa; không mất gì, chạy lại sẽ làm tiếp",
                "Check permissions and free disk; nothing is lost, the next run goes on",
            ),
        ) from error
