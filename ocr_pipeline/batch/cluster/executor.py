"""The cluster executor: tasks are done by the threads of Dask workers on other hosts."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from typing import Any

from ocr_pipeline.batch.cluster import messages
from ocr_pipeline.batch.cluster.connection import DaskConnection
from ocr_pipeline.batch.cluster.dask_worker import DaskTask, Task
from ocr_pipeline.batch.cluster.host_identity import PAGE_STAGE, Identity, identity_of
from ocr_pipeline.batch.executor import Event, ExecutorNotice, ExecutorTrouble
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.usual_options import USUAL


class ClusterExecutor:
    """Dask workers on any number of hosts (`executor.Executor`).

    Hosts may come and go, and so may the scheduler. A host is only used when everything that an
    outcome depends on is the same there as here.

    Args:
        scheduler: address of the Dask scheduler, e.g. `tcp://pc1:8786`.
        limits: of a task.
        fingerprint: of the page stage, here.
        identity_of: importable; says what the outcome of a job depends on, where it is called.
        patience: seconds without scheduler or workers after which the run ends.
        grace: the same while there are workers, but none of them is fit.

    Raises:
        MachineError: Dask is not installed.

    """

    def __init__(
        self,
        scheduler: str,
        limits: TaskLimits,
        fingerprint: str,
        *,
        identity_of: Callable[[Any], Identity] = identity_of,
        patience: float = USUAL.patience_seconds,
        grace: float = 60.0,
    ) -> None:
        if find_spec("distributed") is None:
            raise messages.not_installed()
        self._limits, self._fingerprint, self._identity_of = limits, fingerprint, identity_of
        self._events: SimpleQueue[Event | Exception] = SimpleQueue()
        self._under_way: set[int] = set()
        self._end: Exception | None = None
        self._link = DaskConnection(scheduler, self._events, patience, grace)

    @property
    def workers(self) -> int:
        """Threads of all Dask workers that may be used at the moment."""
        return self._link.threads

    @property
    def room(self) -> int:
        """How many more tasks may be begun now."""
        return max(0, self._link.threads - len(self._under_way))

    @property
    def peak_mb(self) -> float:
        """The most memory that a worker with its programs has taken, in 10⁶ bytes; 0 unknown."""
        return self._link.peak_mb

    @property
    def trouble(self) -> ExecutorTrouble | None:
        """What keeps it from working at the moment; None when nothing does."""
        return self._link.trouble

    def begin(self, number: int, work: Callable[[Any], Any], job: Any) -> None:
        """Have a task done; without room it comes back at once.

        Raises:
            MachineError: this machine lacks something that the others are compared with.

        """
        expected = dict(self._identity_of(job))
        if PAGE_STAGE in expected:
            expected[PAGE_STAGE] = self._fingerprint
        name = hashlib.sha256(pickle.dumps(job)).digest()
        contents = pickle.dumps(Task(work, job, self._identity_of, expected))
        self._under_way.add(number)
        self._link.send(number, name, DaskTask(contents, self._limits), expected)

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for something to happen.

        Raises:
            ClusterGoneError: no scheduler, or no worker, for too long.
            MachineError: none of the hosts is fit, or the address cannot be used.

        """
        if self._end is not None:
            raise self._end
        events: list[Event] = []
        try:
            self._note(events, self._events.get(timeout=seconds))
            while True:
                self._note(events, self._events.get_nowait())
        except Empty:
            pass
        if self._end is not None and not events:
            raise self._end
        return events

    def close(self) -> None:
        """Cancel what is under way and disconnect; scheduler and workers go on living."""
        self._link.close()

    def _note(self, events: list[Event], event: Event | Exception) -> None:
        if isinstance(event, Exception):
            self._end = event
        elif isinstance(event, ExecutorNotice):
            events.append(event)
        elif event.number in self._under_way:  # else it is late: the task was given back
            self._under_way.remove(event.number)
            events.append(event)
