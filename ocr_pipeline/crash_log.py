"""Where an exception came from, in a form that cannot quote a citizen's data."""

from __future__ import annotations

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path


def trace_of(error: BaseException) -> str:
    """Frames and type of an exception, without its message or any values; causes come first."""
    lines = []
    if error.__cause__ is not None:
        lines += [trace_of(error.__cause__), "->"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"{frame.filename}:{frame.lineno} {frame.name}")
    return "\n".join([*lines, type(error).__name__])


def write_trace(error: BaseException, folder: Path) -> Path:
    """Write where `error` came from to a log file in `folder`; returns its path.

    Raises:
        OSError: the folder cannot be written to.

    """
    path = folder / f"sohoa-crash-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    path.write_text(trace_of(error) + "\n", encoding="utf-8", errors="backslashreplace")
    return path


def note_crash(error: BaseException, folder: Path | None) -> Path:
    """As `write_trace`; where `folder` is None or cannot be written to, among temporary files."""
    anywhere = Path(tempfile.gettempdir())
    try:
        return write_trace(error, folder or anywhere)
    except OSError:
        return write_trace(error, anywhere)
