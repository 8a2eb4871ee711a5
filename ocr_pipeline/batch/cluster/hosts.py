"""Which Dask workers there are, what each is doing and which may be used: plain bookkeeping."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from ocr_pipeline.batch.executor import ExecutorTrouble

_MOST_PROBLEMS = 3  # in a row; then a worker is left alone for a while
_MOST_DEATHS = 6  # tasks in a row that died there while other workers do theirs
REST_SECONDS = 600.0
"""Seconds that a worker is left alone."""


@dataclass(slots=True)
class _Worker:
    threads: int
    running: bool = True
    tasks: set[int] = field(default_factory=set)
    problems: int = 0
    deaths: int = 0
    barred: float = 0.0  # until when
    why: ExecutorTrouble | None = None

    def is_barred(self, now: float) -> bool:
        return now < self.barred

    def free(self, now: float) -> int:
        return 0 if self.is_barred(now) or not self.running else self.threads - len(self.tasks)


class Hosts:
    """The Dask workers, by their addresses. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._workers: dict[str, _Worker] = {}
        self._places: dict[int, str] = {}

    def update(self, threads: Mapping[str, int], running: Collection[str]) -> list[tuple[int, str]]:
        """Take note of the workers there are; returns the tasks that went away, and with whom.

        Args:
            threads: number of threads by address.
            running: addresses of those that take tasks at the moment.

        """
        gone = [address for address in self._workers if address not in threads]
        lost = [(task, address) for address in gone for task in self._workers.pop(address).tasks]
        for number, _ in lost:
            del self._places[number]
        for address, count in threads.items():
            worker = self._workers.setdefault(address, _Worker(count))
            worker.threads, worker.running = count, address in running
        return sorted(lost)

    def place(self, number: int, now: float, avoid: Iterable[str] = ()) -> str | None:
        """Give a task to the worker that has least to do; None when none is free.

        Args:
            number: of the task.
            now: the time.
            avoid: addresses that are taken only if all others are busy.

        """
        shunned = set(avoid)
        free = [
            (address not in shunned, worker.free(now), address)
            for address, worker in self._workers.items()
            if worker.free(now) > 0
        ]
        if not free:
            return None
        address = max(free)[2]
        self._workers[address].tasks.add(number)
        self._places[number] = address
        return address

    def free(self, number: int) -> None:
        """The task is over, wherever it was."""
        address = self._places.pop(number, None)
        if address is not None:
            self._workers[address].tasks.discard(number)

    def threads(self, now: float) -> int:
        """How many tasks can be under way at the same time."""
        return sum(
            worker.threads
            for worker in self._workers.values()
            if worker.running and not worker.is_barred(now)
        )

    def why_none(self, now: float) -> ExecutorTrouble | None:
        """Why the last of the workers that there are may not be used; None without workers."""
        barred = [worker for worker in self._workers.values() if worker.is_barred(now)]
        return barred[-1].why if barred else None

    def good(self, address: str) -> None:
        """A worker has done a task."""
        if worker := self._workers.get(address):
            worker.problems = worker.deaths = 0

    def problem(self, address: str, now: float, why: ExecutorTrouble) -> bool:
        """A worker found that its machine lacks something; whether it is barred now."""
        worker = self._workers.get(address)
        if worker is None:
            return False
        worker.problems += 1
        return worker.problems >= _MOST_PROBLEMS and self._bar(worker, now + REST_SECONDS, now, why)

    def died(self, address: str, now: float, why: ExecutorTrouble) -> bool:
        """A task died on a worker; whether the worker is barred: others do better."""
        worker = self._workers.get(address)
        if worker is None:
            return False
        worker.deaths += 1
        others = self.threads(now) > worker.threads
        enough = worker.deaths >= _MOST_DEATHS
        return enough and others and self._bar(worker, now + REST_SECONDS, now, why)

    def refuse(self, address: str, now: float, why: ExecutorTrouble) -> bool:
        """Never use a worker again (a new one has another address); whether that is new."""
        worker = self._workers.get(address)
        return worker is not None and self._bar(worker, inf, now, why)

    def _bar(self, worker: _Worker, until: float, now: float, why: ExecutorTrouble) -> bool:
        new = not worker.is_barred(now)
        worker.barred, worker.why = max(worker.barred, until), why
        worker.problems = worker.deaths = 0
        return new
