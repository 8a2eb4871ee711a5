"""What becomes of a task in a slot: its result, a `Failure` for a bug, a `Death` for a hard end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ocr_pipeline.errors import MachineError, TransientError
from ocr_pipeline.processes.slot import Slot
from ocr_pipeline.processes.worker import Death, TaskLimits, leave_out_of_memory
from ocr_pipeline.processing.failure import bug


def task_slot(limits: TaskLimits) -> Slot:
    """A slot whose worker does tasks of the run (`guarded`)."""
    return Slot(limits, guarded)


def guarded(work: Callable[[Any], Any], job: Any) -> Any:
    """Do a task in the worker: its result, a `Failure` for a bug, a `Death` for a sudden end.

    The message of a bug is left out: it may quote a citizen.

    Raises:
        MachineError: the machine lacks something.

    """
    try:
        return work(job)
    except MachineError:
        raise
    except TransientError as error:
        return Death(error.cause)
    except MemoryError:
        leave_out_of_memory()
    except Exception as error:
        return bug(error)


def outcome_of(slot: Slot, future: Future[Any]) -> Any:
    """What became of the task: its result, a `Failure`, or a `Death`.

    Raises:
        MachineError: the worker found that the machine lacks something.

    """
    try:
        return slot.outcome(future)
    except MachineError:
        raise
    except Exception as error:  # neither the task nor its result gets through the pipe
        return bug(error)
