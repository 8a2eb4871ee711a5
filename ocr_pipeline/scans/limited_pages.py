"""Pages of files that others made, opened in worker processes with limits on time and memory.

The functions are those of `scans.pages`, for processes that must go on whatever a file does:
a PDF whose page tree leads in a circle, 15 kB that unpack to gigabytes. A file beyond the limits
is one error of that file. Kinds of which finding pages reads no more than the first kilobyte
(JPEG, PNG and the like) are looked at right here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls, foreign_calls, seconds_for
from ocr_pipeline.scans import pages
from ocr_pipeline.scans.file_kinds import FileKind
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pages import PageRef, ScanFile
from ocr_pipeline.scans.scan_errors import fault

Job = TypeVar("Job")
Out = TypeVar("Out")

_HOLDING_SEVERAL = (FileKind.PDF, FileKind.TIFF)


def find_pages(
    book_path: Path, limits: ScanLimits | None = None
) -> tuple[list[PageRef], list[ScanError]]:
    """As `scans.pages.find_pages`; a file beyond the limits is an error of that file."""
    return pages.find_pages(book_path, limits, _pages_in)


def picture_digest(ref: PageRef) -> str:
    """As `scans.pages.picture_digest`; "" for the pages of a file beyond the limits."""
    return pages.picture_digest(ref, _contents_of)


def opened(
    work: Callable[[Job], Out],
    job: Job,
    name: str,
    *,
    seconds: float | None = None,
    calls: LimitedCalls | None = None,
) -> Out:
    """What `work(job)` makes of the scan `name`, within limits.

    Args:
        work: an importable function; its argument and its result must be picklable.
        job: its argument.
        name: of the page or file, for messages.
        seconds: that it may take; those of the processes when None.
        calls: the processes that do it; those of the whole program when None.

    Raises:
        ScanError: as `work`, or the scan goes beyond the limits.
        SohoaError: as `work`.

    """
    return (calls or foreign_calls()).do(work, job, partial(_beyond, name), seconds)


def _pages_in(file: ScanFile) -> tuple[list[PageRef], list[ScanError]]:
    if pages.kind_of(file) in _HOLDING_SEVERAL:
        return opened(pages.pages_in, file, file.name, seconds=seconds_for(file.path))
    return pages.pages_in(file)


def _contents_of(path: Path) -> tuple[str, ...]:
    try:
        return opened(pages.contents_of, path, path.name, seconds=seconds_for(path))
    except ScanError:
        return ()  # kept: each of its pages would cost the whole time again


def _beyond(name: str, reason: Text) -> ScanError:
    return fault("beyond_limits", name, reason=reason)
