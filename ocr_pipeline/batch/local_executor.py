"""The local executor: as many slots as there are processor cores, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import count, islice
from time import monotonic, sleep
from typing import Any, TypeVar

from ocr_pipeline.batch.executor import Event, TaskDied, TaskDone, TaskGivenBack
from ocr_pipeline.batch.task_machine import DeathVerdict, RetryRules, TaskMachine
from ocr_pipeline.batch.task_outcomes import outcome_of, task_slot
from ocr_pipeline.processes.slot import NOT_TAKEN, MemoryWatch, Slot
from ocr_pipeline.processes.worker import Death, TaskLimits
from ocr_pipeline.processing.failure import Failure

Job = TypeVar("Job")
Out = TypeVar("Out")


class LocalExecutor:
    """Worker processes on this machine (`executor.Executor`).

    Args:
        workers: number of processes, at least 1; they start with their first tasks.
        limits: of a task.

    """

    def __init__(self, workers: int, limits: TaskLimits) -> None:
        self.workers = workers
        self._slots = [task_slot(limits) for _ in range(workers)]
        self._free = list(reversed(self._slots))
        self._running: dict[Future[Any], tuple[int, Slot]] = {}
        self._watchman = MemoryWatch(self._slots)

    @property
    def trouble(self) -> None:
        """Never: what this machine lacks ends the run."""

    @property
    def room(self) -> int:
        """How many more tasks may be begun now."""
        return len(self._free)

    @property
    def peak_mb(self) -> float:
        """The most memory that a worker with its programs has taken, in 10⁶ bytes."""
        return max(slot.peak_mb for slot in self._slots)

    def begin(self, number: int, work: Callable[[Any], Any], job: Any) -> None:
        """Have a task done; there must be room."""
        slot = self._free.pop()
        self._running[slot.begin(work, job)] = number, slot

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for something to happen.

        Raises:
            MachineError: the machine lacks something, or workers cannot be started.

        """
        if not self._running:
            sleep(seconds)
            return []
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        events: list[Event] = []
        for future in done:
            number, slot = self._running.pop(future)
            self._free.append(slot)
            outcome = outcome_of(slot, future)
            died = isinstance(outcome, Death)
            events.append(TaskDied(number, outcome.cause) if died else TaskDone(number, outcome))
        return events + self._lost()

    def _lost(self) -> list[Event]:
        events: list[Event] = []
        for future, (number, slot) in list(self._running.items()):
            if slot.has_lost(future):
                del self._running[future]
                slot.close()
                self._free.append(slot)
                events.append(TaskGivenBack(number, NOT_TAKEN))
        return events

    def close(self) -> None:
        """Stop all workers at once, with the programs they started."""
        self._watchman.close()
        for slot in self._slots:
            slot.close()


def run_jobs(
    work: Callable[[Job], Out],
    jobs: Iterable[Job],
    *,
    workers: int,
    limits: TaskLimits,
    rules: RetryRules = RetryRules(),  # noqa: B008 (frozen)
) -> Iterator[tuple[Job, Out | Failure]]:
    """Do jobs that no store knows of; give each with its result as soon as it is done.

    A job that kills its worker again and again gets a `Failure`. Leaving the iterator early stops
    the workers.

    Args:
        work: an importable function; its arguments and results must be picklable.
        jobs: taken from when a worker is nearly free, so it may be long.
        workers: number of processes, at least 1.
        limits: of a job.
        rules: how often and when a job is tried again.

    Raises:
        MachineError: a job found that the machine lacks something.

    """
    machine: TaskMachine[int] = TaskMachine(rules)
    source, places, under_way = iter(jobs), count(), {}
    executor = LocalExecutor(workers, limits)
    try:
        while True:
            for job in islice(source, max(0, 2 * workers - machine.unsettled)):
                place = next(places)
                under_way[place] = job
                machine.add(place)
            if not machine.unsettled:
                return
            leases = {lease.number: lease for lease in machine.leases}
            while executor.room and (lease := machine.lease(monotonic())) is not None:
                leases[lease.number] = lease
                executor.begin(lease.number, work, under_way[lease.key])
            for event in executor.wait(0.1 if machine.next_time() else 5.0):
                assert isinstance(
                    event, TaskDone | TaskDied | TaskGivenBack
                )  # all that happens here
                key = leases[event.number].key
                if isinstance(event, TaskDone):
                    machine.finished(event.number)
                    yield under_way.pop(key), event.outcome
                elif isinstance(event, TaskGivenBack):
                    machine.given_back(event.number)
                elif machine.died(event.number, monotonic()) is DeathVerdict.POISONED:
                    yield under_way.pop(key), Failure(event.cause)
    finally:
        executor.close()
