"""What a file that a browser sent holds: opened within limits, in processes of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processes.limited_calls import CALL_MB, CALL_SECONDS, LimitedCalls, seconds_for
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.scans import pages
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.usual_options import USUAL

_LOOK_DPI = 60.0  # enough to see that a page can be decoded to its end; 50 ms for A4 at 300 dpi
_LOOKING = 2  # files looked at at once


def inspect_scan(path: Path, name: str) -> tuple[int, tuple[Text, ...]]:
    """How many pages a received file holds, and what is lost of it; opened within limits.

    The first and the last page are decoded, so that a file that was cut off is told at once.

    Args:
        path: the file.
        name: for messages.

    Raises:
        ScanError: it gives no page, or the one looked at cannot be decoded.

    """
    try:
        return opened(_looked_at, (path, name), name, seconds=seconds_for(path), calls=_calls())
    except MachineError:  # no program for PDF pages here: the run will tell
        return opened(_counted, (path, name), name, seconds=seconds_for(path), calls=_calls())


@cache
def _calls() -> LimitedCalls:
    """Processes of their own: reviewers do not wait for pictures while a folder comes in."""
    return LimitedCalls(_LOOKING, TaskLimits(CALL_SECONDS, CALL_MB, nice=USUAL.nice))


def _counted(job: tuple[Path, str]) -> tuple[int, tuple[Text, ...]]:
    path, name = job
    found, errors = pages.pages_in(pages.ScanFile(path, name, ScanLimits()))
    return len(found), tuple(error.cause for error in errors)


def _looked_at(job: tuple[Path, str]) -> tuple[int, tuple[Text, ...]]:
    path, name = job
    found, errors = pages.pages_in(pages.ScanFile(path, name, ScanLimits()))
    for ref in dict.fromkeys((found[0], found[-1])) if found else ():
        pages.load_page(ref, max_dpi=_LOOK_DPI)
    return len(found), tuple(error.cause for error in errors)
