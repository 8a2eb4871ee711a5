"""Calls on files that others made, each in a worker process with limits on time and memory."""

from __future__ import annotations

import atexit
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.foreign_files import listening, note_foreign_trace
from ocr_pipeline.processes.slot import Slot
from ocr_pipeline.processes.worker import (
    Death,
    DeathKind,
    TaskLimits,
    is_worker,
    leave_out_of_memory,
)

Job = TypeVar("Job")
Out = TypeVar("Out")

_LOOK_SECONDS = 0.25  # seconds between two looks at the memory of a worker
_CLOSING_SECONDS = 5.0  # seconds in which calls under way stop their workers
_PROCESSES = 4  # at most; they start when so many calls are under way at once
#: Seconds of a call on a small file; nothing healthy was seen to take more than 5.
CALL_SECONDS = 60.0
_BYTES_A_SECOND = 5e6  # a slow network share; large files have so much more time
#: A page of 120 million pixels, the largest that is opened, takes 360 MB as colours, and a
#: turned copy as much again.
CALL_MB = 2000


class LimitedCalls:
    """A few worker processes that do calls for whoever asks; safe for use by several threads.

    A process starts with the first call that needs one and serves the calls after it: a call costs
    0.3 ms more than at home, the first one the start of the process (0.6 s). A call that goes
    beyond the limits costs its process, nobody else's call.

    Args:
        processes: how many calls are done at once, at least 1; others wait.
        limits: of a call.

    """

    def __init__(self, processes: int, limits: TaskLimits) -> None:
        self.limits = limits
        self._processes = processes
        self._free = [Slot(limits, _guarded) for _ in range(processes)]
        self._change = threading.Condition()
        self._closed = False
        # A worker dies with the thread that started it (prctl(2), PR_SET_PDEATHSIG).
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="limited-calls")
        atexit.register(self.close)

    def do(
        self,
        work: Callable[[Job], Out],
        job: Job,
        told: Callable[[Text], SohoaError],
        seconds: float | None = None,
    ) -> Out:
        """What `work(job)` gives; done right here when this process is a limited worker already.

        Args:
            work: an importable function; its argument and its result must be picklable.
            job: its argument.
            told: makes of the cause the error of the file at hand; names file and remedy.
            seconds: for this call; those of the limits when None.

        Raises:
            SohoaError: what `work` raised of ours; or `told`: it took too long or too much memory,
                its process died, or it raised anything else.
            OSError: the system refused a file.
            MachineError: the processes cannot be started.

        """
        if is_worker():
            return work(job)
        slot = self._take()
        try:
            outcome = self._outcome(slot, work, job, seconds)
            if isinstance(outcome, Death) and outcome.kind is DeathKind.DIED and not self._closed:
                outcome = self._outcome(slot, work, job, seconds)  # killed by others, or not
        except MachineError:  # it would refuse for ever, a lack of memory passes
            slot = Slot(self.limits, _guarded)
            raise
        finally:
            self._give_back(slot)
        if isinstance(outcome, Death):
            raise told(self._cause(outcome, seconds or self.limits.seconds))
        outcome = pickle.loads(outcome)
        for error, trace in outcome.noted:
            note_foreign_trace(error, trace)
        if outcome.unforeseen:
            error = told(SENSELESS)
            note_foreign_trace(error, outcome.unforeseen)
            raise error
        if outcome.error is not None:
            raise outcome.error
        result: Out = outcome.result
        return result

    def close(self) -> None:
        """Stop all processes at once; calls under way end as if their process had died."""
        with self._change:
            self._closed = True
            self._change.notify_all()
            self._change.wait_for(lambda: len(self._free) == self._processes, _CLOSING_SECONDS)
            for slot in self._free:
                slot.close()
        self._starter.shutdown(wait=False)
        atexit.unregister(self.close)

    def _outcome(
        self, slot: Slot, work: Callable[[Any], Any], job: Any, seconds: float | None
    ) -> Any:
        future = self._starter.submit(slot.begin, work, job, seconds).result()
        while not wait([future], timeout=_LOOK_SECONDS).done:
            if self._closed or slot.has_lost(future):
                slot.close()
                return Death(DIED)
            slot.look()
        return slot.outcome(future)

    def _take(self) -> Slot:
        with self._change:
            while not self._free and not self._closed:
                self._change.wait()
            if self._closed:
                raise RuntimeError("the limited processes have been closed")
            return self._free.pop()

    def _give_back(self, slot: Slot) -> None:
        with self._change:
            self._free.append(slot)
            self._change.notify_all()

    def _cause(self, death: Death, seconds: float) -> Text:
        if death.kind is DeathKind.TOO_SLOW:
            return TOO_SLOW.format(seconds=f"{seconds:.0f}")
        if death.kind is DeathKind.TOO_LARGE:
            return TOO_LARGE.format(megabytes=self.limits.memory_mb)
        return DIED


SENSELESS = Text("không hiểu được nội dung", "its contents cannot be made out")
TOO_SLOW = Text("mở quá {seconds} giây", "opening it takes more than {seconds} seconds")
TOO_LARGE = Text("mở cần hơn {megabytes} MB bộ nhớ", "opening it takes more than {megabytes} MB")
DIED = Text("chương trình đọc tệp bị dừng đột ngột", "the program that reads it came to a hard end")


@dataclass(slots=True)
class _Answer:
    """What a call gave or raised, and what the doors inside of it noted of damaged files.

    Attributes:
        result: what it gave.
        error: what it raised that says what is wrong: of ours, or of the system.
        unforeseen: where in the code anything else was raised, without its message.
        noted: unforeseen errors that became errors of files inside of the call.

    """

    result: Any = None
    error: Exception | None = None
    unforeseen: str = ""
    noted: list[tuple[SohoaError, str]] = field(default_factory=list)


def _guarded(work: Callable[[Any], Any], job: Any) -> bytes:
    """Do a call in the worker; whatever a library raises over a damaged file comes back.

    Returns:
        A pickled `_Answer`: that memory runs out over pickling it belongs to the call.

    """
    try:
        return pickle.dumps(_answer(work, job), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        leave_out_of_memory()


def _answer(work: Callable[[Any], Any], job: Any) -> _Answer:
    answer = _Answer()
    try:
        with listening(lambda error, trace: answer.noted.append((error, trace))):
            answer.result = work(job)
    except (MemoryError, SystemExit):
        raise
    except SohoaError as error:
        answer.error = error
    except OSError as error:
        answer.error, answer.unforeseen = (error, "") if error.errno else (None, trace_of(error))
    except BaseException as error:  # PanicException of a reader in Rust is no Exception
        answer.unforeseen = trace_of(error)
    return answer


def seconds_for(path: Path, bytes_a_second: float = _BYTES_A_SECOND) -> float:
    """Seconds for opening this file: more for a large one; 60 for one that cannot be looked at."""
    try:
        return CALL_SECONDS + path.stat().st_size / bytes_a_second
    except (OSError, ValueError):
        return CALL_SECONDS


@cache
def foreign_calls() -> LimitedCalls:
    """The processes of this program for opening files that others made."""
    return LimitedCalls(_PROCESSES, TaskLimits(CALL_SECONDS, CALL_MB, nice=0))
