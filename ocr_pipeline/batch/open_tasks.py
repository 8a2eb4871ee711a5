"""The open tasks of a run with all that belongs to them: jobs, waiting pages, books to judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ocr_pipeline.batch.book_plan import BookPlan
from ocr_pipeline.batch.task_machine import Lease, Machine, Rules
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.page_rows import PageId
from ocr_pipeline.store.attempts import Past
from ocr_pipeline.store.ledger import Key

BOOK_STAGE = "book"


def book_key(book: str) -> Key:
    """The key of a book that is to be judged."""
    return Key(BOOK_STAGE, hashlib.sha256(book.encode()).hexdigest(), "")


class Tasks:
    """What is open. A task stays here until what became of it is safe, longer than in the machine.

    Args:
        rules: how often and when a task is tried again.

    """

    def __init__(self, rules: Rules) -> None:
        self.machine: Machine[Key] = Machine(rules)
        self.leases: dict[int, Lease[Key]] = {}
        self._jobs: dict[Key, PageJob] = {}
        self._pages: dict[Key, list[PageId]] = {}
        self._books: dict[Key, str] = {}

    def add_pages(self, plan: BookPlan) -> None:
        """Add the pages of a book that are to be read."""
        for key, job in plan.jobs.items():
            pages = [(plan.book, name) for name in plan.waiting[key]]
            if key in self._jobs:  # the same scan stands in another book
                self._pages[key] += pages
                continue
            past = plan.past.get(key, Past())
            self._jobs[key], self._pages[key] = job, pages
            self.machine.add(key, deaths=past.deaths, interruptions=past.interruptions)

    def add_book(self, book: str, past: Past, after: Iterable[Key] = ()) -> None:
        """Add the judgement of a book, once its pages are settled.

        A book that has killed its workers in earlier runs gets one more try in each run.
        """
        key = book_key(book)
        self._books[key] = book
        deaths = min(past.deaths, self.machine.rules.deaths - 1)
        self.machine.add(key, urgent=True, after=after, deaths=deaths)

    def is_book(self, key: Key) -> bool:
        """Whether the task is the judgement of a book."""
        return key.stage == BOOK_STAGE

    def book(self, key: Key) -> str:
        """The book of a judgement."""
        return self._books[key]

    def job(self, key: Key) -> PageJob:
        """How a page is read."""
        return self._jobs[key]

    def pages(self, key: Key) -> list[PageId]:
        """The pages that wait for a job."""
        return self._pages[key]

    def place(self, key: Key) -> PageId:
        """Book and page that a task is about; the page is "" for a whole book."""
        return (self._books[key], "") if self.is_book(key) else self._pages[key][0]

    def forget(self, key: Key) -> None:
        """What became of the task is safe."""
        self._jobs.pop(key, None)
        self._pages.pop(key, None)
        self._books.pop(key, None)
