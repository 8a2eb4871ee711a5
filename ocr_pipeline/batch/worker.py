"""Worker processes: one native thread each, killed on time-out, replaced when they die."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from ocr_pipeline.batch.traces import trace_of
from ocr_pipeline.errors import EnvironmentProblem, Text

Job = TypeVar("Job")
Out = TypeVar("Out")

#: Native libraries must not start threads of their own: workers are the parallelism.
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_THREAD_LIMIT",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
}

#: A worker is replaced after so many pages, so that leaks of native code stay small.
PAGES_PER_WORKER = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result: the cause for people, the place in the code for the log."""

    cause: Text
    trace: str = ""


def run_jobs(
    work: Callable[[Job], Out],
    jobs: Iterable[Job],
    *,
    workers: int,
    seconds: float,
) -> Iterator[tuple[Job, Out | Failure]]:
    """Do the jobs in worker processes; give each with its result as soon as it is done.

    Args:
        work: an importable function; its arguments and results must be picklable.
        jobs: taken from when a worker is nearly free, so it may be long.
        workers: number of processes, at least 1.
        seconds: time limit of a job; the worker is killed then.

    A job whose worker dies (crash of native code, out of memory) is given to a second worker; if
    that dies too, the job has failed. Leaving the iterator early stops the workers.

    Raises:
        EnvironmentProblem: a job found that the machine lacks something.

    """
    source = iter(jobs)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=PAGES_PER_WORKER,
        initializer=prepare_worker,
        context=context,
    )
    running: dict[Future[Any], _Running[Job]] = {}

    def start(job: Job, attempt: int) -> None:
        future = pool.schedule(_guarded, args=[work, job], timeout=seconds)
        running[future] = _Running(job, attempt)

    with _environment(ONE_THREAD):
        try:
            while True:
                while len(running) < 2 * workers and (job := next(source, _END)) is not _END:
                    start(job, 1)  # type: ignore[arg-type]
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    outcome = _outcome(future, seconds)
                    if isinstance(outcome, _Died) and task.attempt == 1:
                        start(task.job, 2)
                    elif isinstance(outcome, _Died):
                        yield task.job, outcome.failure
                    else:
                        yield task.job, outcome
            pool.close()  # type: ignore[no-untyped-call]
            pool.join()
        finally:
            if pool.active:
                pool.stop()  # type: ignore[no-untyped-call]
                pool.join(timeout=5)


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


@dataclass(frozen=True, slots=True)
class _Running(Generic[Job]):
    job: Job
    attempt: int


@dataclass(frozen=True, slots=True)
class _Died:
    failure: Failure


_END = object()


def _die_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _guarded(work: Callable[[Any], Any], job: Any) -> Any:
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


def _outcome(future: Future[Any], seconds: float) -> Any:
    try:
        return future.result()
    except TimeoutError:
        return Failure(
            Text(
                f"Quá thời gian cho một trang ({seconds:.0f} giây)",
                f"The page took longer than its time limit ({seconds:.0f} seconds)",
            )
        )
    except ProcessExpired as error:
        code = error.exitcode
        return _Died(
            Failure(
                Text(
                    f"Tiến trình dừng đột ngột hai lần (mã {code}; thường do thiếu bộ nhớ)",
                    f"The worker died twice (code {code}; often for lack of memory)",
                )
            )
        )


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
