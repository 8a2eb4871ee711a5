"""A book's print learned from the station: in the background, then confirmed or thrown away.

What is under way is told by a file of the workspace: a station that was killed goes on with it when
the screen of the book is opened again. Pages are read again at once; what a run or the end of the
station keeps from being read, the next run reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ocr_pipeline.data_files import Wording
from ocr_pipeline.errors import ScanError, SohoaError, Text
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_adaptation import LearningJob, LearntPrint, learn_print
from ocr_pipeline.processing.book_print import (
    forget_book_print,
    keep_book_print,
    version_in_force,
)
from ocr_pipeline.processing.form_pages import form_pages, ill_fitting_books
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.print_rereading import TouchedPage, read_touched, touched_pages
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.background_work import BackgroundWork
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.form_sketches import ACTION
from ocr_pipeline.review.open_page import guard_book
from ocr_pipeline.review.print_drafts import DraftFolder, PrintDraft
from ocr_pipeline.review.rights import require
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.workspace import Workspace

_CHECKED_PAGES = 8  # besides those learned from; each takes a second or two
_LIMITS = TaskLimits(seconds=900.0, nice=0)  # somebody waits before the screen


@dataclass(frozen=True, slots=True)
class Rereading:
    """How far a book has been read again: `done` of `pages`; `failed`: why it stopped."""

    done: int
    pages: int
    failed: Text | None = None

    @property
    def is_finished(self) -> bool:
        """Nothing more is read."""
        return self.failed is not None or self.done >= self.pages


@dataclass(frozen=True, slots=True)
class BookPrintState:
    """What the screen of a book's print shows.

    Attributes:
        book: its id.
        version: of the learned print that is in force; 0 for the installed layouts.
        refused: pages that were refused alike; `pages`: all of its pages with a form;
            `residual_mm`: what is left on pages that were read alike but not well; all 0 when
            nothing speaks for another house.
        draft: what was learned and is not confirmed yet; None for nothing.
        rereading: of its pages, since the station was started; None for none.

    """

    book: str
    version: int
    refused: int
    pages: int
    residual_mm: float
    draft: PrintDraft | None
    rereading: Rereading | None


class PrintLearning:
    """Learns prints and reads books again, one thing at a time; safe for several threads.

    Args:
        ws: the workspace.
        learn: learns a print; tests have their own.
        read: reads a page; tests have their own.

    """

    def __init__(
        self,
        ws: Workspace,
        learn: Callable[[LearningJob], LearntPrint] = learn_print,
        read: Callable[[PageJob], PageResult] = process_page,
    ) -> None:
        self._ws, self._learn, self._read = ws, learn, read
        self._work = BackgroundWork("prints", _LIMITS)
        self._lock = threading.Lock()
        self._rereadings: dict[str, Rereading] = {}

    def state(self, user: User, book: str) -> BookPrintState:
        """What is known of a book's print; goes on with what a killed station left undone.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such book.
            MachineError: the draft is damaged.

        """
        require(user, ACTION)
        with self._ws.read_session() as session:
            if not load_books(session, [book]):
                raise no_such("sổ", "book", book)
            poor = ill_fitting_books(session, book)
        draft = DraftFolder(self._ws.folder, book).load()
        if draft is not None and draft.state == "learning":
            self._work.begin(f"learn:{book}", lambda: self._learn_print(book, draft.by))
        refused, pages = (poor[0].refused, poor[0].pages) if poor else (0, 0)
        return BookPrintState(
            book, version_in_force(self._ws.folder, book), refused, pages,
            poor[0].residual_mm if poor else 0.0, draft, self._rereadings.get(book),
        )  # fmt: skip

    def begin(self, user: User, book: str) -> None:
        """Begin to learn the print of a book; a draft of before is thrown away.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such book.
            BookClosedError: it has been approved.

        """
        self._require_open(user, book)
        folder = DraftFolder(self._ws.folder, book)
        draft = folder.load()
        if draft is None or draft.state != "learning":
            folder.remove()
            folder.store(PrintDraft(state="learning", by=user.name))
        self._work.begin(f"learn:{book}", lambda: self._learn_print(book, user.name))

    def keep(self, user: User, book: str, now: datetime) -> int:
        """Put what was learned in force for this book, and read the pages again that it touches.

        Returns:
            Its version.

        Raises:
            ForbiddenError, NotFoundError, BookClosedError: as `begin`.
            NotAllowedYetError: nothing was learned, or somebody has confirmed it meanwhile.

        """
        self._require_open(user, book)
        folder = DraftFolder(self._ws.folder, book)
        with self._lock:  # two people press at once
            draft = folder.load()
            if draft is None or draft.state != "ready":
                raise NotAllowedYetError(
                    Text("Chưa có bản in nào chờ xác nhận", "No print waits to be confirmed"),
                    where=book,
                    remedy=Text("Tải lại trang", "Load the page again"),
                )
            version = keep_book_print(self._ws.folder, book, *folder.layout())
            folder.remove()
        self._note(user, AuditAction.PRINT_LEARNT, book, now, version=version, like=draft.like,
                   accepted=draft.accepted, checked=draft.checked, holds=draft.holds)  # fmt: skip
        self._read_again(book)
        return version

    def discard(self, user: User, book: str) -> None:
        """Throw away what was learned and is not in force.

        Raises:
            ForbiddenError: the role may not.

        """
        require(user, ACTION)
        DraftFolder(self._ws.folder, book).remove()

    def forget(self, user: User, book: str, now: datetime) -> int:
        """Take the last print of a book back, and read the pages again that it touches.

        Returns:
            The version in force now; 0 for the installed layouts.

        Raises:
            ForbiddenError, NotFoundError, BookClosedError: as `begin`.
            BadInputError: none is in force.

        """
        self._require_open(user, book)
        with self._lock:
            version = forget_book_print(self._ws.folder, book)
        self._note(user, AuditAction.PRINT_FORGOTTEN, book, now, version=version)
        self._read_again(book)
        return version

    def wait(self) -> None:
        """Wait until all that was begun is done."""
        self._work.settle()

    def close(self) -> None:
        """Stop after what is at hand; a call under way is broken off."""
        self._work.close()

    def _require_open(self, user: User, book: str) -> None:
        require(user, ACTION)
        with self._ws.read_session() as session:
            if not load_books(session, [book]):
                raise no_such("sổ", "book", book)
            guard_book(session, book)

    def _learn_print(self, book: str, by: str) -> None:
        folder = DraftFolder(self._ws.folder, book)
        try:
            with self._ws.read_session() as session:
                [known] = load_books(session, [book])
                rows = form_pages(session, book, checked=_CHECKED_PAGES)
                refs = tuple(page_ref(row) for row in rows)
            job = LearningJob(refs, current_settings(self._ws.folder), known.type.value)
            learnt = opened(self._learn, job, book, calls=self._work.calls)
        except SohoaError as error:
            if not self._work.is_closed:
                folder.store(_failed(by, error))
            return
        if folder.load() is not None:  # nobody has thrown it away meanwhile
            folder.store_learnt(by, learnt)

    def _read_again(self, book: str) -> None:
        if is_running(self._ws):  # the next run reads what this one has not
            self._rereadings.pop(book, None)
            return
        self._rereadings[book] = Rereading(0, 1)
        self._work.begin(f"read:{book}", lambda: self._read_book(book))

    def _read_book(self, book: str) -> None:
        try:
            pages = touched_pages(self._ws, book)
            for number, page in enumerate(pages):
                if self._work.is_closed or is_running(self._ws):
                    return
                self._rereadings[book] = Rereading(number, len(pages))
                self._read_page(book, page)
            judge_and_store(self._ws, book)
            self._rereadings[book] = Rereading(len(pages), len(pages))
        except SohoaError as error:
            self._rereadings[book] = Rereading(0, 0, error.cause)

    def _read_page(self, book: str, page: TouchedPage) -> None:
        def read(job: PageJob) -> PageResult:
            return opened(self._read, job, job.ref.name, calls=self._work.calls)

        try:
            read_touched(self._ws, book, page, read)
        except ScanError:
            return  # the next run tells what is wrong with the scan

    def _note(
        self, user: User, action: AuditAction, book: str, now: datetime, **details: object
    ) -> None:
        with self._ws.transaction() as session:
            audit.append(session, user.name, action, book=book, details=dict(details), now=now)


def _failed(by: str, error: SohoaError) -> PrintDraft:
    cause, remedy = error.cause, error.remedy
    return PrintDraft(
        state="failed",
        by=by,
        cause=Wording(vi=cause.vi, en=cause.en),
        remedy=Wording(vi=remedy.vi, en=remedy.en) if remedy else None,
    )
