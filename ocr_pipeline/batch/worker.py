"""What a worker process is: one native thread, no life without its parent, bugs become failures."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ocr_pipeline.batch.traces import trace_of
from ocr_pipeline.errors import EnvironmentProblem, Text


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result: the cause for people, the place in the code for the log."""

    cause: Text
    trace: str = ""


def cores() -> int:
    """Processor cores that this process may use (fewer than the machine's in a container)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_worker() -> None:
    """Make this process a worker: no threads of OpenCV's, and no life without its parent."""
    import cv2

    cv2.setNumThreads(0)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=[parent], daemon=True).start()


def _die_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def guarded(work: Callable[[Any], Any], job: Any) -> Any:
    """Turn bugs into `Failure`s in the worker, leaving out the message: it may quote a citizen."""
    try:
        return work(job)
    except EnvironmentProblem:
        raise
    except MemoryError:
        return Failure(
            Text("Hết bộ nhớ khi xử lý trang", "Out of memory while processing the page")
        )
    except Exception as error:
        name = type(error).__name__
        return Failure(
            Text(f"Lỗi chương trình ({name})", f"A bug in the software ({name})"), trace_of(error)
        )
