"""Where an exception came from, in a form that cannot quote a citizen's data."""

from __future__ import annotations

import traceback


def trace_of(error: BaseException) -> str:
    """Frames and type of an exception, without its message or any values; causes come first."""
    lines = []
    if error.__cause__ is not None:
        lines += [trace_of(error.__cause__), "->"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"{frame.filename}:{frame.lineno} {frame.name}")
    return "\n".join([*lines, type(error).__name__])
