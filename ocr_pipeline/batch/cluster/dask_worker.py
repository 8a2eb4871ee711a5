"""What happens inside a Dask worker: each of its threads has a slot, so limits are as locally.

Nothing here ever raises and nothing has a telling `repr`: Dask would write both into its log.
"""

from __future__ import annotations

import multiprocessing
import pickle
import socket
import threading
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ocr_pipeline.batch.cluster.host_identity import Identity
from ocr_pipeline.batch.task_outcomes import outcome_of, task_slot
from ocr_pipeline.errors import MachineError
from ocr_pipeline.processes.slot import MemoryWatch, Slot
from ocr_pipeline.processes.worker import Death, TaskLimits
from ocr_pipeline.processing.page import PageJob

_LOOK_SECONDS = 0.25  # seconds between two looks whether anybody still wants the outcome
_IDLE_SECONDS = (
    300.0  # seconds after which an idle worker process is stopped; it keeps the model in memory
)


class TaskKind(StrEnum):
    """How a task ended on a host."""

    DONE = "done"  # with an outcome, or a `Failure` for a bug in the work
    DIED = "died"  # with a `Death`
    PROBLEM = "problem"  # an `MachineError`: the host lacks something
    UNSEEN = "unseen"  # the host does not see the file
    OTHER = "other"  # the host is another one: `OtherSoftware`
    UNWANTED = "unwanted"  # nobody wants the outcome any more


@dataclass(frozen=True, slots=True, repr=False)
class DaskTask:
    """A task on its way; opaque for Dask.

    Attributes:
        contents: a pickled `Task`.
        limits: of the task.

    """

    contents: bytes
    limits: TaskLimits


@dataclass(frozen=True, slots=True, repr=False)
class Task:
    """What is in a parcel.

    Attributes:
        work: an importable function.
        job: what it is given.
        identity_of: says what the outcome of a job depends on, on the machine where it is called.
        expected: what it says where the run is.

    """

    work: Callable[[Any], Any]
    job: Any
    identity_of: Callable[[Any], Identity]
    expected: Identity


@dataclass(frozen=True, slots=True, repr=False)
class HostReply:
    """What a host answers.

    Attributes:
        host: its name.
        kind: how the task ended.
        contents: pickled; what it is depends on `kind`.
        peak_mb: the most memory that the slot's worker has taken, in 10⁶ bytes.

    """

    host: str
    kind: TaskKind
    contents: bytes
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class OtherSoftware:
    """The host would give other outcomes: what it found, or why it could not even look."""

    found: Identity
    error: str = ""


@dataclass(frozen=True, slots=True)
class UnseenFile:
    """A file that the host does not see."""

    path: str


def do(parcel: DaskTask) -> HostReply:
    """Do a task in the slot of this thread; called by Dask, never raises."""
    host = socket.gethostname()
    try:
        bench = _bench(parcel.limits)
        kind, outcome = bench.do(parcel.contents, _wanted())
        return HostReply(host, kind, pickle.dumps(outcome), bench.slot.peak_mb)
    except BaseException as error:  # Dask logs what it catches, so nothing may get there
        return HostReply(
            host, TaskKind.OTHER, pickle.dumps(OtherSoftware({}, type(error).__name__))
        )


def open_and_do(contents: bytes) -> Any:
    """Do a task in the slot's process, if that would do it like the run's own machine.

    Raises:
        MachineError: the machine lacks something.

    """
    try:
        task: Task = pickle.loads(contents)
        found = task.identity_of(task.job)
    except MachineError:
        raise
    except Exception as error:  # of another version, or half installed
        return OtherSoftware({}, type(error).__name__)
    if dict(found) != dict(task.expected):
        return OtherSoftware(dict(found))
    if isinstance(task.job, PageJob) and not task.job.ref.path.exists():
        return UnseenFile(str(task.job.ref.path))
    return task.work(task.job)


_KINDS = {OtherSoftware: TaskKind.OTHER, UnseenFile: TaskKind.UNSEEN, Death: TaskKind.DIED}


class _Bench:
    """The slot of a thread, stopped while nobody needs it."""

    def __init__(self, limits: TaskLimits) -> None:
        self.limits = limits
        self.slot = task_slot(limits)
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        _watch(self.slot)

    def do(self, contents: bytes, wanted: Callable[[], bool]) -> tuple[TaskKind, Any]:
        """Do a task; stop it as soon as nobody wants it any more."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            try:
                return self._do(contents, wanted)
            except MachineError as problem:
                return TaskKind.PROBLEM, problem
            finally:
                self._timer = threading.Timer(_IDLE_SECONDS, self._rest)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Stop the worker process for good."""
        with self._lock:
            self.slot.close()
            _forget(self.slot)

    def _do(self, contents: bytes, wanted: Callable[[], bool]) -> tuple[TaskKind, Any]:
        future = self.slot.begin(open_and_do, contents)
        while not wait([future], timeout=_LOOK_SECONDS).done:
            if not wanted() or self.slot.has_lost(future):
                self.slot.close()
                return TaskKind.UNWANTED, None
        outcome = outcome_of(self.slot, future)
        return _KINDS.get(type(outcome), TaskKind.DONE), outcome

    def _rest(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                self.slot.close()
            finally:
                self._lock.release()


_own = threading.local()
_watched: list[Slot] = []
_watching = threading.Lock()
_watchman: MemoryWatch | None = None


def _bench(limits: TaskLimits) -> _Bench:
    """The bench of this thread, with these limits."""
    bench: _Bench | None = getattr(_own, "bench", None)
    if bench is not None and bench.limits != limits:
        bench.close()
        bench = None
    if bench is None:
        _allow_children()
        bench = _own.bench = _Bench(limits)
    return bench


def _watch(slot: Slot) -> None:
    global _watchman
    with _watching:
        _watched.append(slot)
        if _watchman is None:
            _watchman = MemoryWatch(_watched)


def _forget(slot: Slot) -> None:
    with _watching:
        _watched.remove(slot)


def _allow_children() -> None:
    """Let this process have child processes: under a nanny, Dask makes it a daemon."""
    # multiprocessing forbids daemons to have children lest these outlive them; ours never do.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]


def _wanted() -> Callable[[], bool]:
    """Says whether the task that this thread does for Dask is still wanted."""
    from distributed import get_worker
    from distributed.core import Status

    worker = get_worker()
    key = worker.get_current_task()
    alive = {Status.running, Status.paused, Status.closing_gracefully}

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return worker.status in alive and task is not None and task.state != "cancelled"

    return wanted
