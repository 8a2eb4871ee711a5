"""The terminal of a long command: it may be gone before the work is done."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TextIO

_GONE = {errno.EIO, errno.EPIPE}  # what a write to a closed line or pipe is answered with


@contextmanager
def outlived_terminal() -> Iterator[None]:
    """Work on when the terminal hangs up or nobody reads the output any more.

    A night must not end because a window was closed or a remote line was cut off: SIGHUP ends
    nothing, and what would have been shown goes nowhere from then on. Output into a file stays.
    Without effect on systems without that signal and in threads beside the main one.
    """
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    terminals = [number for number in range(3) if os.isatty(number)]
    before = signal.getsignal(signal.SIGHUP)
    if before is not signal.SIG_IGN:  # nohup has seen to it
        signal.signal(signal.SIGHUP, _Silence(terminals))
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _enduring(sys.stdout, 1), _enduring(sys.stderr, 2)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = streams
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, before)


class _Silence:
    """Sends what is written to these descriptors nowhere, once the signal has come."""

    def __init__(self, descriptors: Sequence[int]) -> None:
        self._descriptors = descriptors

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        for descriptor in self._descriptors:
            _silence(descriptor)


class _EnduringFile(io.FileIO):
    """A descriptor whose reader may go away: from then on it swallows what is written."""

    def write(self, data: Any, /) -> int:
        """Write, or swallow; as `io.FileIO.write` for every other fault."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            _silence(self.fileno())
            return len(memoryview(data))


def _enduring(stream: TextIO, descriptor: int) -> TextIO:
    """The same stream outliving its reader; itself where it is not the one of the process."""
    if stream is None or stream not in (sys.__stdout__, sys.__stderr__):
        return stream
    stream.flush()
    raw = _EnduringFile(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=descriptor == 2 or stream.isatty(),
    )


def _silence(descriptor: int) -> None:
    with suppress(OSError):
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, descriptor)
        os.close(null)
