"""Measure the run itself: what it costs the one process that all workers of a night wait for."""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_pipeline.batch.executor import Event, TaskDone
from ocr_pipeline.batch.run import RunConditions, RunDependencies, run
from ocr_pipeline.batch.task_outcomes import guarded
from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.inventory import Inventory
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.page_outcome import ReadAndPack, packed
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.workspace import Workspace

_AGENCY = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
_PAGES_A_BOOK = 100


@dataclass(frozen=True, slots=True)
class RunCost:
    """What a page costs the run itself.

    Attributes:
        seconds: of processor time a page: hashing scans, planning, keeping, handing out books.
        judging: of processor time a page that workers spend on judging its book.
        pages: how many were counted.
        records: how many records they had.

    """

    seconds: float
    judging: float
    pages: int
    records: int


def measure_run(
    folder: Path,
    samples: Iterable[tuple[PageRef, str]],
    *,
    settings: RunSettings,
    pages: int = 400,
    workers: int = 16,
    on_page: Callable[[], None] = lambda: None,
) -> RunCost:
    """Run over so many pages with workers that answer at once, and count the run's own time.

    The sample pages are read once, for real; then each of them stands for many pages of as many
    books, whose scans are hashed and whose results are kept as in any night. What workers would
    do, reading pages and judging books, is done beside the clock.

    Args:
        folder: an empty folder for the workspace.
        samples: pages with their types; those that are refused are left out.
        settings: model and layouts.
        pages: how many to run over.
        workers: how many there seem to be.
        on_page: called after each page.

    """
    results = {
        ref.path: (process_page(PageJob(ref, type_, settings=settings)), type_)
        for ref, type_ in dict(samples).items()
    }
    good = [(path, type_) for path, (result, type_) in results.items() if result.records]
    books = _books(folder, good, pages)
    sheets = {book.path: paths for book, paths in books}
    executor = _AtOnce({path: result for path, (result, _) in results.items()}, workers, on_page)
    dependencies = RunDependencies(
        fingerprint=lambda _: "bench",
        scans=ScanSource(
            read_inventory=lambda _: Inventory([book for book, _ in books]),
            find_pages=lambda path: (_refs(path, sheets[path]), []),
            digest=_digest,
        ),
        executor=lambda *_: executor,
    )
    with Workspace.open(folder / "ws") as workspace:
        begun = time.process_time()
        done = run(
            workspace,
            folder,
            settings=settings,
            conditions=RunConditions(),
            dependencies=dependencies,
        )
        spent = time.process_time() - begun - executor.beside
    records = sum(len(results[path][0].records) for paths in sheets.values() for path in paths)
    count = max(done.read, 1)
    return RunCost(spent / count, executor.judging / count, done.read, records)


def _books(folder: Path, good: list[tuple[Path, str]], pages: int) -> list[tuple[Book, list[Path]]]:
    by_type: dict[str, list[Path]] = {}
    for path, type_ in good:
        by_type.setdefault(type_, []).append(path)
    types = sorted(by_type)
    books = []
    for number in range(1, -(-pages // _PAGES_A_BOOK) + 1):
        type_ = types[number % len(types)]
        sheets = [by_type[type_][n % len(by_type[type_])] for n in range(_PAGES_A_BOOK)]
        id_ = f"xalocthuan_hbd_tbt.{type_}.2016.{number:02d}"
        book = Book(id_, folder / id_, RegisterType(type_), _AGENCY, 2016, number)
        books.append((book, sheets))
    return books


def _refs(book: Path, sheets: list[Path]) -> list[PageRef]:
    return [PageRef(sheet, n, f"{book.name}/{n:03d}.jpg") for n, sheet in enumerate(sheets)]


def _digest(ref: PageRef) -> str:
    """The scan is hashed for real, then told apart from the other pages that it stands for."""
    with ref.path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"{whole}{ref.name}".encode()).hexdigest()


class _AtOnce:
    """An executor whose workers answer at once; the time they would take is kept apart."""

    peak_mb, trouble = 0.0, None

    def __init__(
        self, results: dict[Path, PageResult], workers: int, on_page: Callable[[], None]
    ) -> None:
        self.workers, self.beside, self.judging = workers, 0.0, 0.0
        self._results, self._on_page = results, on_page
        self._events: list[tuple[int, bytes]] = []

    @property
    def room(self) -> int:
        return self.workers - len(self._events)

    def begin(self, number: int, work: Callable[[Any], Any], job: Any) -> None:
        pickle.dumps((guarded, work, job))
        begun = time.thread_time()
        page = isinstance(work, ReadAndPack)
        outcome = packed(self._results[job.ref.path]) if page else guarded(work, job)
        self._events.append((number, pickle.dumps(outcome)))
        if page:
            self._on_page()
        spent = time.thread_time() - begun
        self.beside += spent
        self.judging += 0.0 if page else spent

    def wait(self, seconds: float) -> list[Event]:
        if not self._events:
            time.sleep(min(seconds, 0.01))
        events: list[Event] = [TaskDone(n, pickle.loads(data)) for n, data in self._events]
        self._events.clear()
        return events

    def close(self) -> None:
        pass
