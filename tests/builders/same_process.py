"""An executor that does tasks in the process of the run, for tests in which no worker dies."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ocr_pipeline.batch.executor import Event, TaskDone
from ocr_pipeline.batch.task_outcomes import guarded


@dataclass
class SameProcess:
    """Does a task as soon as it is begun; job and result are pickled as for a worker."""

    workers: int = 1
    peak_mb: float = 0.0
    trouble: None = None
    done: list[Event] = field(default_factory=list)

    @property
    def room(self) -> int:
        return self.workers - len(self.done)

    def begin(self, number: int, work: Callable[[Any], Any], job: Any) -> None:
        result = guarded(work, pickle.loads(pickle.dumps(job)))
        self.done.append(TaskDone(number, pickle.loads(pickle.dumps(result))))

    def wait(self, seconds: float) -> list[Event]:
        done, self.done = self.done, []
        return done

    def close(self) -> None:
        """Nothing is left over."""
