"""Worker processes that go from the station of one test to that of the next one.

A process costs two seconds of a processor to start, and a station has up to four.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.review import background_work, limited_pictures


class KeptCalls(LimitedCalls):
    """The real processes with their limits; they end with the test run, not with a station."""

    def __init__(self, processes: int, limits: TaskLimits) -> None:
        super().__init__(processes, limits)
        atexit.register(super().close)

    def close(self) -> None:
        """Go on to the next station."""


kept_calls = cache(KeptCalls)


@contextmanager
def kept_workers() -> Iterator[None]:
    """A station that is made meanwhile works with processes that earlier ones have started."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (background_work, limited_pictures):
            patch.setattr(module, "LimitedCalls", kept_calls)
        yield
