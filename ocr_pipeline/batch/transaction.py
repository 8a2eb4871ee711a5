"""One transaction of a run: what came back from the workers, and what they get next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.batch.open_tasks import OpenTasks
from ocr_pipeline.batch.task_machine import Lease
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.processing.failure import Failure
from ocr_pipeline.processing.judgement import JudgeJob, store_judgement
from ocr_pipeline.processing.page_outcome import poisoned
from ocr_pipeline.processing.page_rows import FinishedPage, show, still_waiting, store_pages
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.store import attempts
from ocr_pipeline.store.books import add_problem
from ocr_pipeline.store.ledger import LedgerKey


@dataclass(frozen=True, slots=True)
class JudgedBook:
    """A book has been judged: by which job, with which outcome."""

    key: LedgerKey
    job: JudgeJob
    outcome: Sequence[Record] | Failure


@dataclass(frozen=True, slots=True)
class PoisonedTask:
    """A task is not tried again: how its last worker died, and how many it has killed."""

    key: LedgerKey
    cause: Text
    deaths: int


@dataclass(slots=True)
class RunTransaction:
    """What one transaction keeps.

    Attributes:
        pages: what became of pages.
        books: judgements.
        deaths: tasks that have killed a worker, and how.
        poisoned: those of them that are not tried again.
        back: tasks that nobody has any more.
        settled: tasks that turned out to need nothing.
        leases: tasks that workers are given next.
        overtaken: books whose judgement was not kept, because people were faster; known once the
            transaction is written.

    """

    pages: list[FinishedPage] = field(default_factory=list)
    books: list[JudgedBook] = field(default_factory=list)
    deaths: list[tuple[LedgerKey, Text]] = field(default_factory=list)
    poisoned: list[PoisonedTask] = field(default_factory=list)
    back: list[LedgerKey] = field(default_factory=list)
    settled: list[LedgerKey] = field(default_factory=list)
    leases: list[Lease[LedgerKey]] = field(default_factory=list)
    overtaken: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        news = self.pages, self.books, self.deaths, self.poisoned, self.back, self.settled
        return not (any(news) or self.leases)


def write_transaction(
    session: Session, transaction: RunTransaction, tasks: OpenTasks, run: int, scans: Path
) -> None:
    """Write a transaction; may be done again after it has failed.

    Args:
        session: an open transaction.
        transaction: what is kept.
        tasks: what the keys stand for.
        run: id of the run.
        scans: its folder of scans.

    """
    transaction.overtaken.clear()
    store_pages(session, [_for_waiting(session, item) for item in transaction.pages])
    for judged in transaction.books:
        _write_book(session, transaction, judged, scans)
    done = [item.key for item in transaction.pages] + [item.key for item in transaction.books]
    attempts.settle(session, done + transaction.settled)
    for key, cause in transaction.deaths:
        attempts.note_death(session, key, cause)
    for task in transaction.poisoned:
        if tasks.is_book(task.key):
            add_problem(session, scans, not_judged(tasks.book(task.key), task.cause))
        else:
            waiting = still_waiting(session, task.key, tasks.pages(task.key))
            show(session, waiting, poisoned(task.cause, task.deaths))
    for key in transaction.back:
        attempts.give_back(session, key)
    attempts.lease(session, {lease.key: lease.alone for lease in transaction.leases}, run)


def _for_waiting(session: Session, item: FinishedPage) -> FinishedPage:
    return replace(item, pages=still_waiting(session, item.key, item.pages))


def _write_book(
    session: Session, transaction: RunTransaction, judged: JudgedBook, scans: Path
) -> None:
    book, outcome = judged.job.book.id, judged.outcome
    if isinstance(outcome, Failure):
        add_problem(session, scans, not_judged(book, outcome.cause))
    elif not store_judgement(session, judged.job, outcome):
        transaction.overtaken.add(book)


def not_judged(book: str, cause: Text) -> SohoaError:
    """The problem of a book that could not be judged."""
    return SohoaError(
        Text(f"Chưa kiểm tra được sổ: {cause.vi}", f"The book was not judged: {cause.en}"),
        where=book,
        remedy=Text(
            "Các trang đã đọc vẫn còn; gửi tệp nhật ký cho người hỗ trợ",
            "What has been read is safe; send the log file to support",
        ),
    )
