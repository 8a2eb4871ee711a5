"""Two folders change places in one step, where the system can do so."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD: a path counts from the working folder
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def swap_folders(new: Path, old: Path) -> None:
    """Let two folders of one file system change their names.

    Linux does it in one step, on all its usual file systems. Elsewhere `old` has no name of its
    own for a moment: it is `new` with `.old` behind.

    Raises:
        OSError: as from a renaming; both are where they were.

    """
    if _exchange(new, old):
        return
    between = new.with_name(f"{new.name}.old")
    old.rename(between)
    try:
        new.rename(old)
    except OSError:
        between.rename(old)
        raise
    between.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Swap them by the call of Linux; False where there is none."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
