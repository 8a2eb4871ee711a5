"""Failures: why a page or a book has no result, in a form that cannot quote a citizen."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.os_errors import refused_path


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task has no result: the cause for people, the place in the code for the log."""

    cause: Text
    trace: str = ""


def bug(error: Exception) -> Failure:
    """The failure that an exception of our own making is, without its message.

    What the system says of a file is no bug: an unmounted share, a path without rights. Nor is what
    has an error of its own: data in the store that a disk has damaged.
    """
    told = error if isinstance(error, SohoaError) else refused_path(error)
    if told is not None:
        return Failure(told.cause, trace_of(error))
    name = type(error).__name__
    cause = Text(f"Lỗi chương trình ({name})", f"A bug in the software ({name})")
    return Failure(cause, trace_of(error))
