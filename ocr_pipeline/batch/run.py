"""The overnight run: what is new is read in workers, each page kept as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.batch.ingest import Scans, ingest, require_folder
from ocr_pipeline.batch.judging import Judge, judge_and_store
from ocr_pipeline.batch.keeping import keep_outcome
from ocr_pipeline.batch.log import open_log
from ocr_pipeline.batch.page import PageJob, PageResult, process_page
from ocr_pipeline.batch.plan import make_plan
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.batch.tools import tools_for
from ocr_pipeline.batch.worker import Failure, cores, run_jobs
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace


class Reporter:
    """Who is told how the run goes on; this one keeps it to itself."""

    def planned(self, books: int, pages: int, known: int) -> None:
        """`pages` pages in `books` books are to be read; `known` more have been read before."""

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        """A page has been dealt with."""

    def book_done(self, book: str) -> None:
        """A book has been judged."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a run works with; tests put fakes here.

    Attributes:
        work: what a worker does with a page.
        fingerprint: of the page stage under given settings.
        judge: judges a book; the shipped rules when None.
        scans: the doors to the folder of scans.

    """

    work: Callable[[PageJob], PageResult] = process_page
    fingerprint: Callable[[RunSettings], str] = lambda settings: tools_for(settings).fingerprint
    judge: Judge | None = None
    scans: Scans = Scans()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    Attributes:
        books: ids of the books under the folder of scans.
        read: pages read now.
        known: pages whose result was known already.
        seconds: wall-clock time.

    """

    books: tuple[str, ...]
    read: int
    known: int
    seconds: float


def run(
    workspace: Workspace,
    scans: Path,
    *,
    settings: RunSettings = RunSettings(),  # noqa: B008 (frozen)
    workers: int = 0,
    force: bool = False,
    reporter: Reporter | None = None,
    means: Means = Means(),  # noqa: B008 (frozen)
) -> RunSummary:
    """Read all books under `scans` that are new or changed, and judge them.

    May be stopped at any moment, even by a power cut: the next run goes on after the last finished
    page, and its results are the same as those of a run that was never stopped.

    Args:
        workspace: where results go.
        scans: folder with books and their inventory.
        settings: model, layouts, time limit.
        workers: number of worker processes; 0 for one per processor core.
        force: read everything again, whatever is known.
        reporter: told how it goes.
        means: tests put fakes here.

    Raises:
        BadInputError: `scans` holds no book.
        EnvironmentProblem: the machine lacks something.

    """
    start = time.monotonic()
    reporter = reporter or Reporter()
    require_folder(scans)
    log = open_log(workspace)
    fingerprint = means.fingerprint(settings)
    books = ingest(workspace, scans, means.scans, force=force)
    plan = make_plan(workspace, books, settings, fingerprint, force)
    log.info(
        "run", books=len(books), pages=len(plan.jobs), known=plan.known, configuration=fingerprint
    )
    reporter.planned(len(books), len(plan.jobs), plan.known)

    def finish(book: str) -> None:
        if judge_and_store(workspace, book, means.judge):
            log.info("judged", book=book)
        reporter.book_done(book)

    for book in books:
        if not plan.open_pages.get(book):
            finish(book)
    keys = {job: key for key, job in plan.jobs.items()}
    for job, outcome in _work(plan.jobs.values(), means.work, workers, settings.page_seconds):
        key = keys[job]
        kind = keep_outcome(workspace, plan.waiting[key], key, outcome)
        for book, page in plan.waiting[key]:
            log.info("page", book=book, page=page, kind=kind.value)
            if isinstance(outcome, Failure):
                log.error(
                    "failed", book=book, page=page, cause=outcome.cause.en, trace=outcome.trace
                )
            reporter.page_done(book, page, kind)
            plan.open_pages[book] -= 1
            if not plan.open_pages[book]:
                finish(book)
    seconds = time.monotonic() - start
    log.info("done", pages=len(plan.jobs), seconds=round(seconds, 1))
    return RunSummary(tuple(books), len(plan.jobs), plan.known, seconds)


def _work(
    jobs: Iterable[PageJob],
    work: Callable[[PageJob], PageResult],
    workers: int,
    seconds: float,
) -> Iterator[tuple[PageJob, PageResult | Failure]]:
    jobs = list(jobs)
    count = workers if workers > 0 else cores()
    if jobs:
        yield from run_jobs(work, jobs, workers=min(count, len(jobs)), seconds=seconds)
