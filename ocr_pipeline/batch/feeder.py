"""Books on their way into a run: their scans are hashed ahead of the workers, a few at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.batch.book_preparation import BookPreparation
from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import DatabaseUnreachableError
from ocr_pipeline.processing.ingest import ingest_book
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.workspace import Workspace

_AHEAD = 3  # books whose pages are known, but not planned yet
_BLINK_SECONDS = 0.5  # seconds
_STORE_REST_SECONDS = 5.0  # seconds before a store that does not answer is asked again


@dataclass(frozen=True, slots=True)
class PreparedBook:
    """A book whose pages are known now, or what went wrong with it."""

    book: str
    error: Exception | None = None


class Feeder:
    """A thread that brings the pages of the books up to date with their scans, in order.

    Args:
        workspace: where pages are kept.
        books: the books.
        doors: to the scans.
        force: hash every scan again.
        preparation: what is done for a book besides.

    """

    def __init__(
        self,
        workspace: Workspace,
        books: Sequence[Book],
        doors: ScanSource,
        force: bool,
        preparation: BookPreparation,
    ) -> None:
        self._workspace, self._doors, self._force = workspace, doors, force
        self._preparation = preparation
        self._known = {book.id: book for book in books}
        self._wanted: queue.SimpleQueue[Book | None] = queue.SimpleQueue()
        for book in books:
            self._wanted.put(book)
        self._fed: queue.Queue[PreparedBook] = queue.Queue(maxsize=_AHEAD)
        self._over = threading.Event()
        self.left = len(books)
        self._thread = threading.Thread(target=self._feed, name="feeder", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self, seconds: float) -> PreparedBook | None:
        """The next book; None when none is ready within so many seconds, or none is left."""
        if not self.left:
            return None
        try:
            fed = self._fed.get(timeout=seconds) if seconds > 0 else self._fed.get_nowait()
        except queue.Empty:
            return None
        self.left -= 1
        return fed

    def again(self, book_id: str) -> None:
        """Bring a book once more, behind all others."""
        self.left += 1
        self._wanted.put(self._known[book_id])

    def close(self) -> None:
        """Stop after the book that is being looked at."""
        self._over.set()
        self._wanted.put(None)
        self._preparation.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _feed(self) -> None:
        while (book := self._wanted.get()) and not self._over.is_set():
            self._preparation.before_scans(book.id)
            error = self._ingest(book)
            if error is None and not self._over.is_set():
                self._preparation.after_scans(book.id)
            self._put(PreparedBook(book.id, error))

    def _ingest(self, book: Book) -> Exception | None:
        """Bring a book up to date; returns what went wrong. A store that is away is waited for."""
        while True:
            try:
                ingest_book(self._workspace, book, self._doors, self._force)
                reached(CommitPoint.BOOK_FOUND)
                return None
            except DatabaseUnreachableError as error:
                if self._over.wait(_STORE_REST_SECONDS):
                    return error
            except Exception as error:  # told by the run, which knows how
                return error

    def _put(self, fed: PreparedBook) -> None:
        while not self._over.is_set():
            try:
                self._fed.put(fed, timeout=_BLINK_SECONDS)
            except queue.Full:
                continue
            return
