"""Files that a process holds: nobody else gets them until it lets go or ends, however it ends."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_LOOK_SECONDS = 0.05


def hold(path: Path, patience: float = 0.0) -> int:
    """Hold a file; it is made when it is not there, its folder never is.

    Args:
        path: the file.
        patience: for how long (seconds) to wait for whoever holds it.

    Returns:
        What `let_go` takes.

    Raises:
        BlockingIOError: somebody holds it.
        OSError: it cannot be made, or its folder is gone.

    """
    deadline = time.monotonic() + patience
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
            if _is_at(descriptor, path):
                return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise
            time.sleep(_LOOK_SECONDS)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was removed or replaced meanwhile, or somebody held it


def let_go(descriptor: int) -> None:
    """Hold a file no longer; whoever inherited it does not hold it either."""
    _unlock(descriptor)
    os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one at this path."""
    with suppress(FileNotFoundError):
        held, there = os.fstat(descriptor), path.stat()
        return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)
    return False


if os.name == "nt":
    import msvcrt

    def _lock(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except PermissionError as error:
            raise BlockingIOError from error

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
