"""A slot: one worker process after the other, a task at a time, limits on time and memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import psutil
from pebble import ProcessExpired, ProcessPool

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processes.worker import (
    OUT_OF_MEMORY,
    Death,
    DeathKind,
    TaskLimits,
    prepare_worker,
)

_LOOK_SECONDS = 0.25  # seconds between two looks at the memory of a worker
_FAMILY = 4  # at every so many looks also at its descendants: finding them takes longer
_PATIENCE_SECONDS = 120.0  # seconds in which a worker, even one that starts, takes up its task
_MOST_BREAKS = 5  # workers in a row that died before they could do anything


NOT_TAKEN = Text(
    "Tiến trình đọc bị dừng trước khi bắt đầu việc",
    "The worker was stopped before it began the task",
)


class Slot:
    """Does tasks one after the other in a worker process, which is replaced when it dies.

    Args:
        limits: of a task.
        guard: an importable function that does `work(job)` in the worker and makes of what is
            raised there what the slot's owner wants to be given.

    """

    def __init__(
        self, limits: TaskLimits, guard: Callable[[Callable[[Any], Any], Any], Any]
    ) -> None:
        self._limits, self._guard = limits, guard
        self._seconds = limits.seconds  # of its task
        self._pool: ProcessPool | None = None
        self._hears: Any = None
        self._pid: int | None = None
        self._too_large = 0.0  # MB at which its worker was killed
        self._breaks = self._looks = 0
        self._begun = 0.0  # when its task was handed over
        self.peak_mb = 0.0

    def begin(
        self, work: Callable[[Any], Any], job: Any, seconds: float | None = None
    ) -> Future[Any]:
        """Have a task done; what `outcome` makes of the future is its result.

        Args:
            work: an importable function.
            job: its argument.
            seconds: for this task; those of the limits when None.

        Raises:
            MachineError: the workers die before they can do anything.

        """
        if self._breaks >= _MOST_BREAKS:
            raise _no_workers()
        self._too_large, self._begun = 0.0, time.monotonic()
        self._seconds = self._limits.seconds if seconds is None else seconds
        if self._pool is None or not self._pool.active:
            self._open()
        assert self._pool is not None
        try:
            return self._pool.schedule(self._guard, args=[work, job], timeout=self._seconds or None)
        except (RuntimeError, BrokenProcessPool) as error:  # it has broken in the meantime
            broken: Future[Any] = Future()
            broken.set_exception(BrokenProcessPool(str(error)))
            return broken

    def outcome(self, future: Future[Any]) -> Any:
        """What became of the task: what the guard gave, or a `Death`.

        Raises:
            Exception: what the guard let through, or neither task nor result can be pickled.

        """
        try:
            result = future.result()
        except TimeoutError:
            self._breaks = 0
            return Death(_too_slow(self._seconds), DeathKind.TOO_SLOW)
        except (BrokenProcessPool, CancelledError):
            self._breaks += 1
            self.close()
            return Death(_dead(None))
        except ProcessExpired as error:
            self._breaks = 0
            if self._too_large or error.exitcode == OUT_OF_MEMORY:
                return Death(_too_large(self._limits.memory_mb), DeathKind.TOO_LARGE)
            return Death(_dead(error.exitcode))
        self._breaks = 0
        return result

    def has_lost(self, future: Future[Any]) -> bool:
        """Whether no worker will ever do the task: one that was killed just then took it along.

        Between taking a task from its pipe and saying so there is a moment in which the pool does
        not know who has it, and would wait for ever.
        """
        waits = not future.running() and not future.done()
        return waits and time.monotonic() - self._begun > _PATIENCE_SECONDS

    def look(self) -> None:
        """Measure the worker with the programs it has started; kill it when it is too large."""
        pid = self.pid()
        if pid is None:
            return
        self._looks += 1
        size = _memory_mb(pid, family=self._looks % _FAMILY == 0)
        self.peak_mb = max(self.peak_mb, size)
        if self._limits.memory_mb and size > self._limits.memory_mb:
            self._too_large = size
            kill_group(pid)

    def pid(self) -> int | None:
        """Process id of the worker, which is also that of its group; None before the first."""
        try:
            while self._hears is not None and self._hears.poll():
                self._pid = self._hears.recv()
        except (EOFError, OSError):
            pass
        return self._pid

    def _open(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._hears, says = context.Pipe(duplex=False)
        self._pool = ProcessPool(
            max_workers=1,
            max_tasks=self._limits.tasks,
            initializer=prepare_worker,
            initargs=[self._limits, says],
            context=context,
        )

    def close(self) -> None:
        """Stop the worker and the programs it has started."""
        pid = self.pid()
        if self._pool is not None:
            if pid is not None:
                kill_group(pid)  # at once: pebble would first ask politely
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join(timeout=5)
            pid = self.pid()
            if pid is not None:
                kill_group(pid)
        self._pool = self._hears = self._pid = None


class MemoryWatch:
    """A thread that looks after the memory of slots."""

    def __init__(self, slots: list[Slot]) -> None:
        self._slots = slots
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchman", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            for slot in list(self._slots):
                slot.look()


def kill_group(pid: int) -> None:
    """Kill a worker and all programs it has started (they are in its process group)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def _memory_mb(pid: int, *, family: bool) -> float:
    """Memory of a process, also of all its descendants if told so, in 10⁶ bytes; 0 when gone."""
    try:
        process = psutil.Process(pid)
        members = [process, *(process.children(recursive=True) if family else ())]
    except psutil.Error:
        return 0.0
    total = 0.0
    for member in members:
        with contextlib.suppress(psutil.Error):
            total += member.memory_info().rss / 1e6
    return total


def _too_slow(seconds: float) -> Text:
    return Text(
        f"Đọc quá thời gian cho phép ({seconds:.0f} giây)",
        f"The page took longer than the time limit ({seconds:.0f} seconds)",
    )


def _too_large(megabytes: int) -> Text:
    return Text(
        f"Đọc quá bộ nhớ cho phép ({megabytes} MB)",
        f"The page took more memory than the limit ({megabytes} MB)",
    )


def _dead(code: int | None) -> Text:
    shown = "" if code is None else f" {code}"
    return Text(
        f"Tiến trình đọc dừng đột ngột (mã{shown}; thường do thiếu bộ nhớ)",
        f"The worker died (code{shown}; often for lack of memory)",
    )


def _no_workers() -> MachineError:
    return MachineError(
        Text("Không khởi động được tiến trình đọc", "The workers cannot be started"),
        remedy=Text(
            "Chạy `sohoa doctor`; kiểm tra bộ nhớ trống và giảm --workers",
            "Run `sohoa doctor`; look at the free memory and lower --workers",
        ),
    )
