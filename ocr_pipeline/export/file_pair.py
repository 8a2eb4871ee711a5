"""A pair of files that appears together or not at all, also when the power fails in between.

The rule that holds at every moment: **where an `.xls` is visible, its own zip stands beside it.**

1. Both files are written and fsynced in a hidden folder `.<stem>.<host>-<process>.part`.
2. That folder is renamed to `.<stem>.ready`: the one atomic step; after it the pair is made.
3. An older `.xls` is deleted, the zip is moved into place, then the `.xls`; the folder goes.

A crash before step 2 leaves rubbish that the next export removes; a crash after it leaves a
`.ready` folder that the next export (`recover`) finishes moving. `sohoa check` names both.
"""

from __future__ import annotations

import glob
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ocr_pipeline.private_files import make_private, make_private_folder
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.files import flush, flush_folder

READY = ".ready"
PART = ".part"


@contextmanager
def published_pair(folder: Path, stem: str) -> Iterator[tuple[Path, Path]]:
    """Paths to write `<stem>.xls` and `<stem>.zip` to; both are published when the block ends well.

    No other account can open them (`private_files`). Files that would not change are left
    untouched (same inode, same time). One process exports a
    book at a time; two processes at once do no harm, the later one wins.

    Args:
        folder: folder of the agency; made if missing.
        stem: common stem of the two files.

    """
    make_private_folder(folder, parents=True)
    recover(folder, stem)
    part = folder / f".{stem}.{_owner()}{PART}"
    _remove(part)
    make_private_folder(part)
    excel, archive = part / f"{stem}.xls", part / f"{stem}.zip"
    try:
        yield excel, archive
        for path in (excel, archive):
            make_private(path)
        if _same(excel, folder / excel.name) and _same(archive, folder / archive.name):
            return
        reached(CommitPoint.PACKAGE_WRITTEN)
        for path in (excel, archive):
            flush(path)
        flush_folder(part)
        reached(CommitPoint.PACKAGE_FLUSHED)
        ready = folder / f".{stem}{READY}"
        _finish(ready, stem)
        part.rename(ready)
        flush_folder(folder)
        reached(CommitPoint.PACKAGE_READY)
        _finish(ready, stem)
    finally:
        _remove(part)


def recover(folder: Path, stem: str) -> None:
    """Finish an interrupted publication of this book and remove what a dead process left behind."""
    _finish(folder / f".{stem}{READY}", stem)
    host = f"{socket.gethostname()}-"
    for part in folder.glob(f".{glob.escape(stem)}.*{PART}"):
        owner = part.name.removeprefix(f".{stem}.").removesuffix(PART)
        process = owner.removeprefix(host)
        if owner.startswith(host) and process.isdecimal() and not psutil.pid_exists(int(process)):
            _remove(part)


def unfinished(folder: Path) -> list[Path]:
    """Traces of interrupted exports in a folder: `.part` and `.ready` folders."""
    return sorted(
        path for path in folder.glob(".*") if path.suffix in (PART, READY) and path.is_dir()
    )


def _finish(ready: Path, stem: str) -> None:
    if not ready.is_dir():
        return
    folder = ready.parent
    excel, archive = ready / f"{stem}.xls", ready / f"{stem}.zip"
    if excel.exists():
        if archive.exists():
            (folder / excel.name).unlink(missing_ok=True)
            flush_folder(folder)
            reached(CommitPoint.EXCEL_REMOVED)
            archive.replace(folder / archive.name)
            flush_folder(folder)
            reached(CommitPoint.ARCHIVE_MOVED)
        excel.replace(folder / excel.name)
        flush_folder(folder)
        reached(CommitPoint.EXCEL_MOVED)
    _remove(ready)


def _same(new: Path, old: Path) -> bool:
    if not old.is_file() or new.stat().st_size != old.stat().st_size:
        return False
    with new.open("rb") as one, old.open("rb") as other:
        while block := one.read(1 << 20):
            if block != other.read(1 << 20):
                return False
    return True


def _owner() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
