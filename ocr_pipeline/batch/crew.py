"""Jobs through worker processes: dead workers are replaced, hanging ones killed, no job is lost."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from ocr_pipeline.batch.worker import Failure, guarded, prepare_worker
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
    with _environment(ONE_THREAD):
        crew = _Crew(work, iter(jobs), workers, seconds)
        while not crew.finished:
            yield from crew.one_pool()


@dataclass(frozen=True, slots=True)
class _Running(Generic[Job]):
    job: Job
    attempt: int


@dataclass(frozen=True, slots=True)
class _Died:
    failure: Failure


class _Crew(Generic[Job, Out]):
    """The jobs on their way through one pool of workers after the other.

    A pool breaks when a worker dies so early that nobody knows which job it had. The jobs that were
    under way are then suspects, tried one at a time in a new pool: that tells the guilty one.
    """

    def __init__(
        self, work: Callable[[Job], Out], source: Iterator[Job], workers: int, seconds: float
    ) -> None:
        self._work, self._source = work, source
        self._workers, self._seconds = workers, seconds
        self._running: dict[Future[Any], _Running[Job]] = {}
        self._suspects: deque[_Running[Job]] = deque()
        self._breaks = 0  # pools broken since a job was last finished
        self.finished = False

    def one_pool(self) -> Iterator[tuple[Job, Out | Failure]]:
        """Give results until all jobs are done or the pool breaks."""
        pool = ProcessPool(
            max_workers=self._workers,
            max_tasks=PAGES_PER_WORKER,
            initializer=prepare_worker,
            context=multiprocessing.get_context("spawn"),
        )
        try:
            while self._fill(pool):
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                broken = False
                for future in done:
                    outcome = _outcome(future, self._seconds)
                    if outcome is _BROKEN:
                        broken = True
                    else:
                        yield from self._settle(self._running.pop(future), outcome)
                if broken:
                    yield from self._clear_up()
                    return
            self.finished = True
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join(timeout=5)

    def _fill(self, pool: ProcessPool) -> bool:
        """Keep the workers busy; whether anything is under way."""
        if not self._suspects:
            for job in islice(self._source, max(0, 2 * self._workers - len(self._running))):
                self._start(pool, _Running(job, 1))
        elif not self._running:
            self._start(pool, self._suspects.popleft())
        return bool(self._running)

    def _start(self, pool: ProcessPool, task: _Running[Job]) -> None:
        try:
            future = pool.schedule(guarded, args=[self._work, task.job], timeout=self._seconds)
        except (RuntimeError, BrokenProcessPool) as error:  # it has broken in the meantime
            future = Future()  # type: ignore[assignment]
            future.set_exception(BrokenProcessPool(str(error)))
        self._running[future] = task

    def _settle(
        self, task: _Running[Job], outcome: Out | Failure | _Died
    ) -> Iterator[tuple[Job, Out | Failure]]:
        if not isinstance(outcome, _Died):
            self._breaks = 0
            yield task.job, outcome
        elif task.attempt == 1:
            self._suspects.append(_Running(task.job, 2))
        else:
            yield task.job, outcome.failure

    def _clear_up(self) -> Iterator[tuple[Job, Out | Failure]]:
        """Make suspects of the jobs that a broken pool had; a lone one is guilty."""
        self._breaks += 1
        if self._breaks > _MOST_BREAKS:
            raise _no_workers()
        tasks = list(self._running.values())
        self._running.clear()
        if len(tasks) == 1:
            yield from self._settle(tasks[0], _Died(_dead(None)))
        else:
            self._suspects.extend(tasks)


_BROKEN = object()
_MOST_BREAKS = 6  # more in a row, without one job done: the workers cannot even start


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
    except BrokenProcessPool:
        return _BROKEN
    except ProcessExpired as error:
        return _Died(_dead(error.exitcode))


def _dead(code: int | None) -> Failure:
    shown = "" if code is None else f" {code}"
    return Failure(
        Text(
            f"Tiến trình dừng đột ngột hai lần (mã{shown}; thường do thiếu bộ nhớ)",
            f"The worker died twice (code{shown}; often for lack of memory)",
        )
    )


def _no_workers() -> EnvironmentProblem:
    return EnvironmentProblem(
        Text("Không khởi động được tiến trình đọc", "The workers cannot be started"),
        remedy=Text(
            "Chạy `sohoa doctor`; kiểm tra bộ nhớ trống và giảm --workers",
            "Run `sohoa doctor`; look at the free memory and lower --workers",
        ),
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
