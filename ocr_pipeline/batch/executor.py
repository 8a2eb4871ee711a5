"""What the run asks of those who do its work, and what they report: the same shape everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ocr_pipeline.errors import MachineError, Text


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A task has an outcome: what the work returned, or a `worker.Failure` for a bug in it."""

    number: int
    outcome: Any


@dataclass(frozen=True, slots=True)
class TaskDied:
    """A task killed its worker: it crashed, or exceeded its time or its memory."""

    number: int
    cause: Text


@dataclass(frozen=True, slots=True)
class TaskGivenBack:
    """A task was not done, through no fault of its own: its host or the cluster has gone."""

    number: int
    cause: Text


@dataclass(frozen=True, slots=True)
class ExecutorNotice:
    """Something that people should know, e.g. that a host is not used any more."""

    cause: Text


Event = TaskDone | TaskDied | TaskGivenBack | ExecutorNotice


@dataclass(frozen=True, slots=True)
class ExecutorTrouble:
    """What keeps an executor from working at the moment; it may pass by itself."""

    cause: Text
    remedy: Text


class Executor(Protocol):
    """Does tasks in worker processes. Numbers are the leases' and never come twice."""

    @property
    def workers(self) -> int:
        """How many tasks can be under way at the same time, at the moment."""

    @property
    def room(self) -> int:
        """How many more tasks may be begun now."""

    @property
    def peak_mb(self) -> float:
        """The most memory that a worker with its programs has taken, in 10⁶ bytes; 0 unknown."""

    @property
    def trouble(self) -> ExecutorTrouble | None:
        """What keeps it from working at the moment; None when nothing does."""

    def begin(self, number: int, work: Callable[[Any], Any], job: Any) -> None:
        """Have a task done; `work` is an importable function, `job` can be pickled."""

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits at most so long for something to happen.

        Raises:
            MachineError: a worker found that its machine lacks something, or the workers
                cannot be started at all.

        """

    def close(self) -> None:
        """Stop all workers at once, with the programs they started."""


class ClusterGoneError(MachineError):
    """The cluster does not come back: no scheduler, or no worker, for too long."""
