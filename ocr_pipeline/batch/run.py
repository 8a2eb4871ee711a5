"""The overnight run: what is new is read in workers, each page kept as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_pipeline.batch.crew import run_jobs
from ocr_pipeline.batch.ingest import Scans, ingest, require_folder
from ocr_pipeline.batch.judging import Judge, judge_and_store
from ocr_pipeline.batch.keeping import keep_outcome
from ocr_pipeline.batch.log import open_log
from ocr_pipeline.batch.page import PageJob, PageResult, process_page
from ocr_pipeline.batch.plan import Plan, make_plan
from ocr_pipeline.batch.settings import RunSettings, remember
from ocr_pipeline.batch.tools import tools_for
from ocr_pipeline.batch.traces import trace_of
from ocr_pipeline.batch.worker import Failure, cores
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.store.books import add_problem
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
    require_folder(scans)
    fingerprint = means.fingerprint(settings)
    with open_log(workspace) as log:
        books = ingest(workspace, scans, means.scans, force=force)
        remember(workspace.folder, settings)
        plan = make_plan(workspace, books, settings, fingerprint, force)
        night = _Night(workspace, scans, plan, means, reporter or Reporter(), log)
        log.info("run", books=len(books), pages=len(plan.jobs), known=plan.known, by=fingerprint)
        night.reporter.planned(len(books), len(plan.jobs), plan.known)
        for book in books:
            if not plan.open_pages.get(book):
                night.finish(book)
        night.read(workers if workers > 0 else cores(), settings.page_seconds)
        seconds = time.monotonic() - start
        log.info("done", pages=len(plan.jobs), seconds=round(seconds, 1))
    return RunSummary(tuple(books), len(plan.jobs), plan.known, seconds)


@dataclass(slots=True)
class _Night:
    """A run under way."""

    workspace: Workspace
    scans: Path
    plan: Plan
    means: Means
    reporter: Reporter
    log: Any

    def read(self, workers: int, seconds: float) -> None:
        """Do all jobs; a book is finished with its last page."""
        keys = {job: key for key, job in self.plan.jobs.items()}
        if not keys:
            return
        workers = min(workers, len(keys))
        for job, outcome in run_jobs(self.means.work, keys, workers=workers, seconds=seconds):
            pages = self.plan.waiting[keys[job]]
            kind = keep_outcome(self.workspace, pages, keys[job], outcome)
            for book, page in pages:
                self._note(book, page, kind, outcome)
                self.plan.open_pages[book] -= 1
                if not self.plan.open_pages[book]:
                    self.finish(book)

    def finish(self, book: str) -> None:
        """Judge a book; a bug in a rule must not cost the other books their night."""
        try:
            if judge_and_store(self.workspace, book, self.means.judge):
                self.log.info("judged", book=book)
        except SohoaError:
            raise
        except Exception as error:
            self.log.error("not judged", book=book, trace=trace_of(error))
            with self.workspace.transaction() as session:
                add_problem(session, self.scans.absolute(), _not_judged(book, error))
        self.reporter.book_done(book)

    def _note(self, book: str, page: str, kind: PageKind, outcome: PageResult | Failure) -> None:
        self.log.info("page", book=book, page=page, kind=kind.value)
        if isinstance(outcome, Failure):
            cause, trace = outcome.cause.en, outcome.trace
            self.log.error("failed", book=book, page=page, cause=cause, trace=trace)
        self.reporter.page_done(book, page, kind)


def _not_judged(book: str, error: Exception) -> SohoaError:
    name = type(error).__name__
    return SohoaError(
        Text(
            f"Lỗi chương trình khi kiểm tra sổ ({name})", f"A bug while judging the book ({name})"
        ),
        where=book,
        remedy=Text(
            "Các trang đã đọc vẫn còn; gửi tệp nhật ký cho người hỗ trợ",
            "What has been read is safe; send the log file to support",
        ),
    )
