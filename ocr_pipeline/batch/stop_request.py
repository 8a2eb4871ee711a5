"""Ctrl-C and SIGTERM: a request to end a run well, and a second one to end it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class StopRequest:
    """What Ctrl-C and SIGTERM mean: at first an end at once, while pages are read a request."""

    def __init__(self) -> None:
        self.asked = False
        self._patient = False

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """From here on the first signal is a request, the second one stops the program."""
        self._patient = True
        try:
            yield
        finally:
            self._patient = False

    def __call__(self, _number: int, _frame: Any) -> None:
        """Take a signal."""
        if self.asked or not self._patient:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """A request that Ctrl-C and SIGTERM make; in threads beside the main one nobody makes it."""
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
