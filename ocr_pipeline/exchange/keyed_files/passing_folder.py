"""A private folder for rows that are kept while a job lasts; one that a dead job left goes."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from ocr_pipeline.errors import DiskFullError, Text
from ocr_pipeline.os_errors import is_full

_PREFIX = "sohoa-rows-"
_OWNER = re.compile(rf"{_PREFIX}(\d+)-")


@contextmanager
def passing_folder(folder: Path | None = None) -> Iterator[Path]:
    """An empty folder that no other account can open; it goes with the block.

    Rows of citizens do not outlive their job: what a process left that was killed is removed by the
    next one of the same account.

    Args:
        folder: where it is made; None for the system's place of temporary files.

    Raises:
        DiskFullError: no room for what the block writes there.

    """
    _remove_orphans(Path(folder or tempfile.gettempdir()))
    own = f"{_PREFIX}{psutil.Process().pid}-"
    with tempfile.TemporaryDirectory(prefix=own, dir=folder) as name:
        try:
            yield Path(name)
        except OSError as error:
            if is_full(error):
                raise _no_room(Path(name)) from error
            raise


def _remove_orphans(above: Path) -> None:
    for path in above.glob(f"{_PREFIX}*"):
        match = _OWNER.match(path.name)
        if match and not psutil.pid_exists(int(match[1])):
            with suppress(OSError):
                shutil.rmtree(path)


def _no_room(folder: Path) -> DiskFullError:
    return DiskFullError(
        Text(
            "Ổ đĩa đã đầy khi mở tệp; không tệp nào bị thay đổi",
            "The disk is full while the file is opened; no file was changed",
        ),
        where=str(folder),
        remedy=Text(
            "Dọn ổ đĩa này, hoặc đặt TMPDIR vào ổ khác, rồi chạy lại",
            "Make room on this disk, or set TMPDIR to another one; run again",
        ),
    )
