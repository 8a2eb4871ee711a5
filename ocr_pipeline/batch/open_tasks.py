"""The open tasks of a run with all that belongs to them: jobs, waiting pages, books to judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ocr_pipeline.batch.book_plan import BookPlan
from ocr_pipeline.batch.task_machine import Lease, RetryRules, TaskMachine
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.page_rows import PageId
from ocr_pipeline.store.attempts import AttemptHistory
from ocr_pipeline.store.ledger import LedgerKey

BOOK_STAGE = "book"


def book_key(book: str) -> LedgerKey:
    """The key of a book that is to be judged."""
    return LedgerKey(BOOK_STAGE, hashlib.sha256(book.encode()).hexdigest(), "")


class OpenTasks:
    """What is open. A task stays here until what became of it is safe, longer than in the machine.

    Args:
        rules: how often and when a task is tried again.

    """

    def __init__(self, rules: RetryRules) -> None:
        self.machine: TaskMachine[LedgerKey] = TaskMachine(rules)
        self.leases: dict[int, Lease[LedgerKey]] = {}
        self._jobs: dict[LedgerKey, PageJob] = {}
        self._pages: dict[LedgerKey, list[PageId]] = {}
        self._books: dict[LedgerKey, str] = {}

    def add_pages(self, plan: BookPlan) -> None:
        """Add the pages of a book that are to be read."""
        for key, job in plan.jobs.items():
            pages = [(plan.book, name) for name in plan.waiting[key]]
            if key in self._jobs:  # the same scan stands in another book
                self._pages[key] += pages
                continue
            past = plan.past.get(key, AttemptHistory())
            self._jobs[key], self._pages[key] = job, pages
            self.machine.add(key, deaths=past.deaths, interruptions=past.interruptions)

    def add_book(self, book: str, past: AttemptHistory, after: Iterable[LedgerKey] = ()) -> None:
        """Add the judgement of a book, once its pages are settled.

        A book that has killed its workers in earlier runs gets one more try in each run.
        """
        key = book_key(book)
        self._books[key] = book
        deaths = min(past.deaths, self.machine.rules.deaths - 1)
        self.machine.add(key, urgent=True, after=after, deaths=deaths)

    def is_book(self, key: LedgerKey) -> bool:
        """Whether the task is the judgement of a book."""
        return key.stage == BOOK_STAGE

    def book(self, key: LedgerKey) -> str:
        """The book of a judgement."""
        return self._books[key]

    def job(self, key: LedgerKey) -> PageJob:
        """How a page is read."""
        return self._jobs[key]

    def pages(self, key: LedgerKey) -> list[PageId]:
        """The pages that wait for a job."""
        return self._pages[key]

    def place(self, key: LedgerKey) -> PageId:
        """Book and page that a task is about; the page is "" for a whole book."""
        return (self._books[key], "") if self.is_book(key) else self._pages[key][0]

    def forget(self, key: LedgerKey) -> None:
        """What became of the task is safe."""
        self._jobs.pop(key, None)
        self._pages.pop(key, None)
        self._books.pop(key, None)
