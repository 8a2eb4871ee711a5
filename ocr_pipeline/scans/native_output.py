"""What native libraries write to the terminal, caught: operators are told causes in our words."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STDERR = 2
_one_at_a_time = threading.RLock()  # the descriptor belongs to the whole process
#: How lines begin that libjpeg, libpng, OpenCV, OpenJPEG and libtiff write.
_NATIVE = re.compile(
    r"Corrupt JPEG|Premature end of JPEG|Unsupported|Invalid|Inconsistent|Unknown Adobe|Warning:"
    r"|libpng|OpenCV|\[ *(?:WARN|ERROR|INFO|DEBUG)[^\]]*\]"
    r"|(?:tempfile\.tif|file|\w*(?:TIFF|JPEG|Fax|LZW|ZIP|Zip|ZSTD|LZMA|WebP|PackBits|LERC)\w*): "
)


@contextmanager
def caught_output() -> Iterator[list[str]]:
    """Catch what native code writes to the standard error stream; the list fills when it ends.

    Lines that no such library writes come from other threads and go on to the stream.
    """
    said: list[str] = []
    with _one_at_a_time, tempfile.TemporaryFile() as caught:
        with suppress(Exception):
            sys.stderr.flush()
        try:
            stream = os.dup(_STDERR)
        except OSError:  # closed: nothing reaches a terminal
            yield said
            return
        os.dup2(caught.fileno(), _STDERR)
        try:
            yield said
        finally:
            os.dup2(stream, _STDERR)
            caught.seek(0)
            lines = caught.read().decode("utf-8", "replace").splitlines(keepends=True)
            said.extend(line for line in lines if _NATIVE.match(line))
            others = "".join(line for line in lines if not _NATIVE.match(line))
            if others:
                os.write(stream, others.encode())
            os.close(stream)
