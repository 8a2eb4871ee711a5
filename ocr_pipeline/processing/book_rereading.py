"""Pages of a book read again once its hand has changed: only those in doubt, each kept at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import ScanError
from ocr_pipeline.processing.book_hands import BookReading, reading_with
from ocr_pipeline.processing.book_print import book_print
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.processing.page_job import earlier_key, page_job
from ocr_pipeline.processing.page_outcome import PackedResult, packed
from ocr_pipeline.processing.page_rows import FinishedPage, status_of_result, store_pages
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.book_hand import HandFacts
from ocr_pipeline.registers.fields import State
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.books import book_pages, find_page, load_books, lock_book
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import is_further
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_DOUBTFUL = (State.IN_REVIEW.value, State.READ.value)


@dataclass(frozen=True, slots=True)
class RereadPages:
    """What came of reading again.

    Attributes:
        pages: read again; `unread`: that could not be read again.
        changed: fields that nobody decided and that read otherwise now.
        doubts_before: open fields before; `doubts_after`: after.

    """

    pages: int = 0
    unread: int = 0
    changed: int = 0
    doubts_before: int = 0
    doubts_after: int = 0


class BookRereading:
    """The pages of one book; the caller has the workspace to itself.

    Args:
        ws: the workspace.
        book_id: the book.
        settings: of the run, without any hand.
        fingerprint: of the page stage under these.
        read: reads a page.

    """

    def __init__(
        self,
        ws: Workspace,
        book_id: str,
        settings: RunSettings,
        fingerprint: str,
        read: Callable[[PageJob], PageResult],
    ) -> None:
        self.ws, self.book, self.settings = ws, book_id, settings
        self.fingerprint, self._read = fingerprint, read

    def without_doubt(self) -> tuple[str, ...]:
        """Content hashes of the pages without a doubt that the network alone has read."""
        alone = reading_with(self.ws.folder, self.book, self.settings, self.fingerprint, None)
        with self.ws.read_session() as session:
            doubtful = _doubtful_pages(session, self.book)
            return tuple(
                sorted(
                    row.digest
                    for row, key, _ in self._jobs(session, alone)
                    if row.name not in doubtful and row.fingerprint == key.fingerprint
                )
            )

    def _jobs(
        self, session: Session, reading: BookReading
    ) -> Iterator[tuple[PageRow, LedgerKey, PageJob]]:
        """The pages that have a result, and how they are read now."""
        [book] = load_books(session, [self.book])
        own = book_print(self.ws.folder, self.book)
        rows = [row for row in book_pages(session, self.book) if row.fingerprint]
        decided = decisions_in_force(session, self.book, rows)
        for row in rows:
            if is_further(row):
                continue  # it comes with the whole scan
            corners = corners_by_hand(decided.get(row.name))
            as_read = reading.of(row.digest)
            key, job = page_job(book, row, *as_read, corners, own)
            yield row, earlier_key(book, row, *as_read, corners, own) or key, job

    def read_again(self, hand: HandFacts | None) -> RereadPages:
        """Read the pages whose result is another one now, and judge the book."""
        reading = reading_with(self.ws.folder, self.book, self.settings, self.fingerprint, hand)
        with self.ws.read_session() as session:
            before, doubts = _open_values(session, self.book), _doubts(session, self.book)
            jobs = [
                (row.name, row.digest, key, job)
                for row, key, job in self._jobs(session, reading)
                if row.kind == PageKind.RECORD and row.fingerprint != key.fingerprint
            ]
        read = [self._read_page(*job) for job in jobs]
        judge_and_store(self.ws, self.book)
        with self.ws.read_session() as session:
            after = _open_values(session, self.book)
            left = _doubts(session, self.book)
        changed = sum(after[place] != value for place, value in before.items() if place in after)
        return RereadPages(sum(read), read.count(False), changed, doubts, left)

    def _read_page(self, name: str, digest: str, key: LedgerKey, job: PageJob) -> bool:
        """Read a page, unless its result is known; whether it still has one."""
        with self.ws.read_session() as session:
            payload = payloads(session, [key]).get(key)
        if payload is not None:
            read = PackedResult(status_of_result(unpack(payload)), {}, payload)
        else:
            try:
                read = packed(opened(self._read, job, name))
            except ScanError:
                return False
        if read.shown.kind is not PageKind.RECORD:
            return False  # a hand changes no form: something else did, and the next run sees it
        with self.ws.transaction() as session:
            lock_book(session, self.book)  # nobody decides in it meanwhile
            row = find_page(session, self.book, name)
            if row is None or row.digest != digest:
                return False
            store_pages(session, [FinishedPage(key, [(self.book, name)], read)])
        return True


def _doubtful_pages(session: Session, book_id: str) -> set[str]:
    query = (
        select(RecordRow.page)
        .join(FieldRow, FieldRow.record == RecordRow.id)
        .where(RecordRow.book == book_id, FieldRow.state.in_(_DOUBTFUL))
    )
    return set(session.scalars(query.distinct()))


def _doubts(session: Session, book_id: str) -> int:
    query = select(func.count()).select_from(FieldRow)
    query = query.where(FieldRow.book == book_id, FieldRow.state.in_(_DOUBTFUL))
    return session.scalar(query) or 0


def _open_values(session: Session, book_id: str) -> dict[tuple[int, str], str]:
    """What the fields say that nobody has decided, by record and code."""
    query = select(FieldRow.record, FieldRow.code, FieldRow.value).where(
        FieldRow.book == book_id, FieldRow.entry.is_(None)
    )
    return {(record, code): value for record, code, value in session.execute(query)}
