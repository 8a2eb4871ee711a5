"""Work of the station that no request waits for: one thing at a time, each once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits


class BackgroundWork:
    """Does work one after the other in a thread of its own; safe for use by several threads.

    Attributes:
        calls: the processes with limits that the work may use.

    Args:
        name: of the thread, for who looks at the program.
        limits: of a call.

    """

    def __init__(self, name: str, limits: TaskLimits) -> None:
        self.calls = LimitedCalls(1, limits)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """The station ends: nothing more is begun, and what fails now says nothing."""
        return self._closed

    def begin(self, name: str, work: Callable[[], None]) -> None:
        """Have something done, unless the same is waiting or under way."""
        with self._lock:
            if name in self._under_way or self._closed:
                return
            self._under_way.add(name)

        def done() -> None:
            try:
                work()
            finally:
                with self._lock:
                    self._under_way.discard(name)

        self._thread.submit(done)

    def settle(self) -> None:
        """Wait until all that was begun is done."""
        self._thread.submit(lambda: None).result()

    def close(self) -> None:
        """Stop after what is at hand; a call under way is broken off."""
        self._closed = True
        self.calls.close()
        self._thread.shutdown(wait=True, cancel_futures=True)
