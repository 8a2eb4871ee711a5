"""Who does what next: the tasks of a run as a pure state machine, without clock, process or store.

A task is to do, leased to a worker, done, waiting after it has killed a worker (dead n times), or
poisoned. Events come in any order, late and twice; what is no longer true is said to be stale.

    to do ──lease──▶ leased ──finished──▶ done
      ▲               │  │
      │◀──given back──┘  └──died──▶ waiting (n < 3) ──time──▶ to do     poisoned (n = 3)
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How patient the machine is.

    Attributes:
        deaths: a task that has killed so many workers is poisoned.
        rest: seconds that a task waits after its first, second, … death (the last one repeats).
        interruptions: a task that so many runs ended with is tried alone from then on.

    """

    deaths: int = 3
    rest: tuple[float, ...] = (2.0, 20.0)
    interruptions: int = 2


class TaskState(StrEnum):
    """Where a task stands; done and poisoned ones are forgotten (`None`)."""

    BLOCKED = "blocked"  # others have to be settled first
    TODO = "todo"
    LEASED = "leased"
    WAITING = "waiting"  # has killed a worker, rests


class DeathVerdict(StrEnum):
    """What an event means."""

    KEEP = "keep"  # the outcome counts: keep it
    AGAIN = "again"  # it will be tried again
    POISONED = "poisoned"  # it will not
    STALE = "stale"  # somebody else has the task by now, or it is settled: forget the event


@dataclass(frozen=True, slots=True)
class Lease(Generic[Key]):
    """A task in the hands of a worker.

    Attributes:
        number: never given twice in a run.
        key: the task.
        deaths: workers that the task has killed so far.
        alone: nothing else is under way meanwhile.

    """

    number: int
    key: Key
    deaths: int
    alone: bool


@dataclass(slots=True)
class _Task(Generic[Key]):
    key: Key
    order: tuple[int, int]
    deaths: int
    alone: bool
    missing: int = 0  # unsettled tasks it waits for
    standing: TaskState = TaskState.TODO
    dependents: list[_Task[Key]] = field(default_factory=list)


class TaskMachine(Generic[Key]):
    """The open tasks of a run. Times are seconds of any clock that never goes back."""

    def __init__(self, rules: RetryRules = RetryRules()) -> None:  # noqa: B008 (frozen)
        self.rules = rules
        self._tasks: dict[Key, _Task[Key]] = {}
        self._leases: dict[int, Lease[Key]] = {}
        self._ready: list[tuple[tuple[int, int], Key]] = []  # heap
        self._resting: list[tuple[float, int, Key]] = []  # heap
        self._lonely: deque[Key] = deque()
        self._numbers, self._orders = count(1), count()

    def add(
        self,
        key: Key,
        *,
        urgent: bool = False,
        deaths: int = 0,
        interruptions: int = 0,
        after: Iterable[Key] = (),
    ) -> None:
        """Add a task.

        Args:
            key: not among the open tasks.
            urgent: goes before all that are not.
            deaths: workers that it has killed in earlier runs, fewer than make it poisoned.
            interruptions: earlier runs that ended while it was leased.
            after: tasks that have to be settled before; those that are not open are settled.

        """
        if key in self._tasks:
            raise ValueError("the task is open already")
        if deaths >= self.rules.deaths:
            raise ValueError("the task is poisoned")
        lonely = self._is_lonely(deaths) or interruptions >= self.rules.interruptions
        task = _Task(key, (0 if urgent else 1, next(self._orders)), deaths, lonely)
        self._tasks[key] = task
        for other in {item for item in after if item in self._tasks}:
            self._tasks[other].dependents.append(task)
            task.missing += 1
        if task.missing:
            task.standing = TaskState.BLOCKED
        else:
            self._make_ready(task)

    def lease(self, now: float, *, lonely: bool = True) -> Lease[Key] | None:
        """Lease the next task to a worker; None when there is none at the moment.

        Args:
            now: the time.
            lonely: also lease tasks that have to be alone; they come last, so say no as long as
                there are tasks to be added.

        """
        if any(lease.alone for lease in self._leases.values()):
            return None
        while self._resting and self._resting[0][0] <= now:
            self._make_ready(self._tasks[heapq.heappop(self._resting)[2]])
        if self._ready:
            _, key = heapq.heappop(self._ready)
            return self._lease(key, alone=False)
        if lonely and self._lonely and not self._leases:
            return self._lease(self._lonely.popleft(), alone=True)
        return None

    def finished(self, number: int) -> DeathVerdict:
        """The worker with this lease has an outcome."""
        lease = self._leases.pop(number, None)
        if lease is None:
            return DeathVerdict.STALE
        self._settle(lease.key)
        return DeathVerdict.KEEP

    def died(self, number: int, now: float) -> DeathVerdict:
        """The worker with this lease died of the task: it crashed or exceeded its limits."""
        lease = self._leases.pop(number, None)
        if lease is None:
            return DeathVerdict.STALE
        task = self._tasks[lease.key]
        task.deaths += 1
        if task.deaths >= self.rules.deaths:
            self._settle(lease.key)
            return DeathVerdict.POISONED
        task.alone = task.alone or self._is_lonely(task.deaths)
        task.standing = TaskState.WAITING
        rest = self.rules.rest[min(task.deaths, len(self.rules.rest)) - 1]
        heapq.heappush(self._resting, (now + rest, next(self._orders), task.key))
        return DeathVerdict.AGAIN

    def given_back(self, number: int) -> DeathVerdict:
        """The lease ended through no fault of the task: a host went away, the run is stopping."""
        lease = self._leases.pop(number, None)
        if lease is None:
            return DeathVerdict.STALE
        self._make_ready(self._tasks[lease.key])
        return DeathVerdict.AGAIN

    def standing(self, key: Key) -> TaskState | None:
        """Where a task stands; None when it is settled or was never added."""
        task = self._tasks.get(key)
        return task.standing if task else None

    @property
    def leases(self) -> tuple[Lease[Key], ...]:
        """What is under way."""
        return tuple(self._leases.values())

    @property
    def unsettled(self) -> int:
        """Number of open tasks."""
        return len(self._tasks)

    @property
    def waiting(self) -> int:
        """Number of open tasks that nobody has yet."""
        return len(self._tasks) - len(self._leases)

    def next_time(self) -> float | None:
        """When the first of the resting tasks may be tried again; None when none rests."""
        return self._resting[0][0] if self._resting else None

    def _is_lonely(self, deaths: int) -> bool:
        """Whether this is the last try: nobody else's hunger for memory shall be blamed on it."""
        return 0 < deaths == self.rules.deaths - 1

    def _make_ready(self, task: _Task[Key]) -> None:
        task.standing = TaskState.TODO
        if task.alone:
            self._lonely.append(task.key)
        else:
            heapq.heappush(self._ready, (task.order, task.key))

    def _lease(self, key: Key, *, alone: bool) -> Lease[Key]:
        task = self._tasks[key]
        task.standing = TaskState.LEASED
        lease = Lease(next(self._numbers), key, task.deaths, alone)
        self._leases[lease.number] = lease
        return lease

    def _settle(self, key: Key) -> None:
        for dependent in self._tasks.pop(key).dependents:
            dependent.missing -= 1
            if not dependent.missing:
                self._make_ready(dependent)
