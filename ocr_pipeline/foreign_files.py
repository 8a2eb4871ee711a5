"""One rule for files that others made: whatever goes wrong over one of them is that file's fault.

Libraries that read pictures, PDFs and spreadsheets raise nearly anything over damaged ones. At the
door where such a file comes in, what none of our own rules has foreseen becomes the error of this
file; where in the code it came from goes to whoever keeps a log.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import SohoaError

Listener = Callable[[SohoaError, str], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def foreign_file(error: Callable[[], SohoaError]) -> Iterator[None]:
    """Make of anything unforeseen that is raised inside the error of the file at hand.

    Errors of ours pass, and so does what says nothing of the file: the system refused it
    (`OSError` with a number), or this process was refused memory.

    Args:
        error: makes the error; names file and remedy.

    Raises:
        SohoaError: what `error` gave, with the cause behind it.

    """
    try:
        yield
    except (SohoaError, MemoryError):
        raise
    except Exception as cause:
        if isinstance(cause, OSError) and _of_the_system(cause):
            raise
        told = error()
        note_foreign(told, cause)
        raise told from cause


def _of_the_system(error: OSError) -> bool:
    """Whether it says something of disk or rights; an offset that a file names is its own affair.

    Decoders raise some without a number; a place before the file's beginning is `EINVAL`.
    """
    return error.errno is not None and not (error.errno == errno.EINVAL and error.filename is None)


def note_foreign(told: SohoaError, cause: BaseException) -> None:
    """Tell whoever listens where in the code an unforeseen error came from, without its message."""
    note_foreign_trace(told, trace_of(cause))


def note_foreign_trace(told: SohoaError, trace: str) -> None:
    """As `note_foreign`, of an error that came up in another process."""
    if listener := _listener.get():
        listener(told, trace)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have the places of unforeseen errors told, in this thread, to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
