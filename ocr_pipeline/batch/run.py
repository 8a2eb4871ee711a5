"""The overnight run: what is new is read in workers, each page kept as soon as it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from ocr_pipeline.batch.ingest import Scans, ingest, require_folder
from ocr_pipeline.batch.judging import (
    Judge,
    judge_and_store,
    page_key,
    prior_of,
    type_code,
)
from ocr_pipeline.batch.log import open_log
from ocr_pipeline.batch.page import PageJob, PageResult, process_page
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.batch.tools import tools_for
from ocr_pipeline.batch.worker import Failure, run_jobs
from ocr_pipeline.errors import Text
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import Json, message_from_json, message_to_json, record_to_json
from ocr_pipeline.store.ledger import Key, record_outcome, result
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

PageId = tuple[str, str]
"""Book id and page name."""


class Reporter(Protocol):
    """Who is told how the run goes on."""

    def planned(self, books: int, pages: int, known: int) -> None:
        """`pages` pages in `books` books are to be read; `known` more have been read before."""

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        """A page has been dealt with."""

    def book_done(self, book: str) -> None:
        """A book has been judged."""


class Silent:
    """A reporter that says nothing."""

    def planned(self, books: int, pages: int, known: int) -> None:
        """Say nothing."""

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        """Say nothing."""

    def book_done(self, book: str) -> None:
        """Say nothing."""


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


@dataclass(slots=True)
class _Plan:
    """Jobs by ledger key, with the pages that wait for each; and what each book still waits for."""

    jobs: dict[Key, PageJob] = field(default_factory=dict)
    waiting: dict[Key, list[PageId]] = field(default_factory=dict)
    open_pages: dict[str, int] = field(default_factory=dict)
    known: int = 0


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
    reporter = reporter or Silent()
    require_folder(scans)
    log = open_log(workspace)
    fingerprint = means.fingerprint(settings)
    books = ingest(workspace, scans, means.scans, force=force)
    plan = _plan(workspace, books, settings, fingerprint, force)
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
        kind = _keep(workspace, plan.waiting[key], key, outcome)
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


def _plan(
    workspace: Workspace, books: Sequence[str], settings: RunSettings, fingerprint: str, force: bool
) -> _Plan:
    plan = _Plan()
    for book_id in books:
        with workspace.transaction() as session:
            [book] = load_books(session, [book_id])
            for row in book_pages(session, book_id):
                if not row.digest or row.kind == PageKind.DUPLICATE:
                    continue
                key = page_key(row, type_code(book), prior_of(book), fingerprint)
                if not force and _already_known(session, row, key):
                    plan.known += 1
                    continue
                row.kind, row.fingerprint = PageKind.PENDING.value, ""
                ref = PageRef(path=Path(row.path), index=row.index, name=row.name)
                plan.jobs.setdefault(key, PageJob(ref, type_code(book), prior_of(book), settings))
                plan.waiting.setdefault(key, []).append((book_id, row.name))
                plan.open_pages[book_id] = plan.open_pages.get(book_id, 0) + 1
    return plan


def _already_known(session: Session, row: PageRow, key: Key) -> bool:
    """Whether the ledger has the page's result; then the page's row shows it."""
    if row.fingerprint == key.fingerprint:
        return True
    data = result(session, key)
    if data is not None:
        _settle(row, data, key.fingerprint)
    return data is not None


def _work(
    jobs: Iterable[PageJob],
    work: Callable[[PageJob], PageResult],
    workers: int,
    seconds: float,
) -> Iterator[tuple[PageJob, PageResult | Failure]]:
    jobs = list(jobs)
    count = workers if workers > 0 else os.cpu_count() or 1
    if jobs:
        yield from run_jobs(work, jobs, workers=min(count, len(jobs)), seconds=seconds)


def _keep(
    workspace: Workspace, pages: Sequence[PageId], key: Key, outcome: PageResult | Failure
) -> PageKind:
    """Keep a page's outcome in one transaction; failures stay out of the ledger: tried again."""
    data = _outcome_to_json(outcome)
    shown = key.fingerprint if isinstance(outcome, PageResult) else ""
    with workspace.transaction() as session:
        if isinstance(outcome, PageResult):
            spent = sum(outcome.seconds.values())
            record_outcome(session, key, outcome.kind.value, spent, data)
        for book, name in pages:
            row = session.get(PageRow, (book, name))
            if row is not None:
                _settle(row, data, shown)
    return PageKind(data["kind"])


def _outcome_to_json(outcome: PageResult | Failure) -> Json:
    if isinstance(outcome, Failure):
        return {
            "kind": PageKind.FAILED.value,
            "layout": "",
            "turn": 0,
            "cause": message_to_json(outcome.cause),
            "remedy": message_to_json(
                Text(
                    "Chạy lại lệnh; nếu vẫn lỗi, gửi tệp nhật ký cho người hỗ trợ",
                    "Run the command again; if it fails again, send the log file to support",
                )
            ),
        }
    return {
        "kind": outcome.kind.value,
        "layout": outcome.layout,
        "turn": outcome.turn,
        "records": [record_to_json(record) for record in outcome.records],
        "cause": message_to_json(outcome.cause),
        "remedy": message_to_json(outcome.remedy),
        "residual_mm": outcome.residual_mm,
        "to_original": outcome.to_original,
        "seconds": outcome.seconds,
    }


def _settle(row: PageRow, data: Json, fingerprint: str) -> None:
    cause, remedy = message_from_json(data["cause"]), message_from_json(data["remedy"])
    row.kind = data["kind"]
    row.layout, row.turn = data["layout"], data["turn"]
    row.fingerprint = fingerprint
    row.cause_vi, row.cause_en = (cause.vi, cause.en) if cause else ("", "")
    row.remedy_vi, row.remedy_en = (remedy.vi, remedy.en) if remedy else ("", "")
