"""Measure this machine: pages a minute, where the time goes, and how much memory a worker takes."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ocr_pipeline.batch.local_executor import run_jobs
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.hardware import cores
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.failure import Failure
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.scans.pages import PageRef


@dataclass(frozen=True, slots=True)
class TimedPage:
    """A page's result, the peak memory of its worker so far (MB), and which worker it was."""

    result: PageResult
    peak_mb: float
    worker: int


@dataclass(frozen=True, slots=True)
class PageSpeed:
    """What a measurement gave.

    Attributes:
        pages_per_minute: of all workers together, once they have started.
        peak_memory_mb: of the worker that took most.
        stages: mean seconds per page by stage.
        workers: how many there were.
        pages: how many pages were counted.
        read: how many of them were cut and read (the others were refused or failed).
        one_worker: pages a minute of one worker alone; 0 when not measured.
        efficiency: `pages_per_minute` over `workers` times `one_worker`; 0 when not measured.
        run_seconds: processor time that a page costs the run itself, whatever the workers.
        judging_seconds: processor time of a worker that judging its book costs a page.
        province_hours: hours for the records of a province (`bench_scale.PROVINCE_RECORDS`, one on
            a page), by number of cores; computed from these figures.

    """

    pages_per_minute: float
    peak_memory_mb: float
    stages: dict[str, float]
    workers: int
    pages: int
    read: int
    one_worker: float = 0.0
    efficiency: float = 0.0
    run_seconds: float = 0.0
    judging_seconds: float = 0.0
    province_hours: dict[str, float] = field(default_factory=dict)


def timed_page(job: PageJob) -> TimedPage:
    """`process_page`, with the memory that the worker has needed at most so far."""
    return TimedPage(process_page(job), peak_memory_mb(), os.getpid())


def measure_pages(
    pages: Sequence[tuple[PageRef, str]],
    *,
    settings: RunSettings,
    workers: int = 0,
    on_page: Callable[[], None] = lambda: None,
) -> PageSpeed:
    """Process pages as the overnight run does and measure it.

    The clock starts when every worker has given its first page, so that loading the model, which a
    night's run does once, does not count.

    Args:
        pages: pages and the register types they are of; several times as many as workers.
        settings: model, layouts, time limit.
        workers: number of worker processes; 0 for one per core.
        on_page: called after each page.

    Raises:
        BadInputError: not one page could be processed.

    """
    count = workers or cores()
    jobs = [PageJob(ref, kind, settings=settings) for ref, kind in pages]
    ends: list[float] = []
    timed: list[TimedPage] = []
    seen: set[int] = set()
    warm = 0
    start = time.perf_counter()
    limits = TaskLimits(settings.page_seconds, nice=0)
    done = run_jobs(timed_page, jobs, workers=count, limits=limits)
    for number, (_, outcome) in enumerate(done, start=1):
        on_page()
        if isinstance(outcome, Failure):
            raise BadInputError(outcome.cause, where=outcome.trace)
        ends.append(time.perf_counter())
        timed.append(outcome)
        if outcome.worker not in seen and len(seen) < count:
            seen.add(outcome.worker)
            start, warm = ends[-1], number
    counted = len(ends) - warm
    minutes = (ends[-1] - start) / 60 if counted else (ends[-1] - ends[0]) / 60
    stages = [item.result.seconds for item in timed[warm:] or timed]
    return PageSpeed(
        pages_per_minute=round((counted or len(ends)) / max(minutes, 1e-9), 1),
        peak_memory_mb=round(max(item.peak_mb for item in timed), 1),
        stages={
            name: round(statistics.fmean(seconds.get(name, 0.0) for seconds in stages), 4)
            for name in dict.fromkeys(name for seconds in stages for name in seconds)
        },
        workers=count,
        pages=len(timed),
        read=sum(bool(item.result.records) for item in timed),
    )


def peak_memory_mb() -> float:
    """The most memory this process has had so far, in MB (10⁶ bytes), libraries included."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset / 1e6)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
