"""Where an exception came from, in a form that cannot quote a citizen's data."""

from __future__ import annotations

import os
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ocr_pipeline.private_files import make_private_folder


def trace_of(error: BaseException) -> str:
    """Frames and type of an exception, without its message or any values; causes come first."""
    lines = []
    if error.__cause__ is not None:
        lines += [trace_of(error.__cause__), "->"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"{frame.filename}:{frame.lineno} {frame.name}")
    return "\n".join([*lines, type(error).__name__])


def write_trace(error: BaseException, folder: Path) -> Path:
    """Write where `error` came from to a log file of its own in `folder`; returns its path.

    Raises:
        OSError: the folder cannot be written to.

    """
    make_private_folder(folder)
    prefix = f"sohoa-crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-"
    descriptor, name = tempfile.mkstemp(".log", prefix, folder)  # nobody else may read it
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(trace_of(error) + "\n")
    return Path(name)


def note_crash(error: BaseException, folder: Path | None) -> Path:
    """As `write_trace`; where `folder` is None or cannot be written to, among temporary files.

    Where no disk has room, nothing is noted and the path is that of the empty device.
    """
    for place in (folder, Path(tempfile.gettempdir())):
        if place is not None:
            with suppress(OSError):
                return write_trace(error, place)
    return Path(os.devnull)
