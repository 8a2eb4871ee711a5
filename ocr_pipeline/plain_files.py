"""Files that others made, opened so that nothing waits: a pipe or a device is not a file."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

#: Beyond it a file that is read as a whole is not one that people write: a list, a form, a table.
MOST_BYTES = 200_000_000
_LEAST_READ_BYTES = 1 << 16  # a file that grows while it is read


def open_plain(path: Path) -> BinaryIO:
    """An ordinary file, open for reading; the end of a pipe is never waited for.

    Raises:
        OSError: as `open`; `ESPIPE` for pipes, sockets and devices, `EINVAL` for a name that no
            file can have.

    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    except ValueError as error:  # a zero byte in the name
        raise _refused(errno.EINVAL, path) from error
    try:
        kind = os.fstat(number).st_mode
        if not stat.S_ISREG(kind):
            raise _refused(errno.EISDIR if stat.S_ISDIR(kind) else errno.ESPIPE, path)
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def read_plain(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """All bytes of an ordinary file.

    Raises:
        OSError: as `open_plain`; `EFBIG` for a file of more than `most_bytes`.

    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size  # `read` asks for as much memory as it is told
        data = file.read(min(max(size, _LEAST_READ_BYTES), most_bytes) + 1)
    if len(data) > most_bytes:
        raise _refused(errno.EFBIG, path)
    return data


def _refused(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), os.fspath(path))
