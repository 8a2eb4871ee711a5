"""A book's own hand: learnt from what people confirmed in it, kept only when it reads better.

A fifth of the confirmed fields is held back, always the same ones; a hand is kept when it reads
these with fewer wrong characters than the network, and than the hand that the book has, and makes
more of these lines better than worse. Then the pages in doubt are read again and the book is
judged. What people decided stays; nothing that the machine was sure of changes unseen (`Reader`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, ScanError, SohoaError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_hands import (
    BookReading,
    facts_of,
    forget_hand,
    hand_file,
    keep_hand,
    reading_with,
)
from ocr_pipeline.processing.confirmed_writing import KnownWriting, known_writing
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.hand_trial import (
    FittedHand,
    HandJob,
    divided_lines,
    fit_and_test,
    pictured,
    writing_hash,
)
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.page_job import earlier_key, page_job
from ocr_pipeline.processing.page_outcome import PackedResult, packed
from ocr_pipeline.processing.page_rows import FinishedPage, status_of_result, store_pages
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.reading.book_hand import HandFacts
from ocr_pipeline.reading.hand_fitting import HandFitting
from ocr_pipeline.reading.line_texts import WritingRefusal
from ocr_pipeline.reading.models import network_fingerprint, network_folder
from ocr_pipeline.registers.fields import State
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import book_pages, find_page, load_books, lock_book
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import is_further
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_DOUBTFUL = (State.IN_REVIEW.value, State.READ.value)


class LearningResult(StrEnum):
    """What came of learning a book's hand."""

    KEPT = "kept"  # a new hand reads better
    WORSE = "worse"  # it does not; what was there stays
    KNOWN = "known"  # nothing was confirmed since
    FEW = "few"  # too little is confirmed
    CLOSED = "closed"  # the book is approved or handed over
    FOREIGN = "foreign"  # the model is a plug-in, of which no layer is known


@dataclass(frozen=True, slots=True)
class LearningLimits:
    """How much a book may cost.

    Attributes:
        fields: confirmed fields that are learnt from and tested on at most.
        least: of them at least: of 64 fields characters are read better, but no more values are
            right, and more are accepted (`BENCHMARKS.md`).
        least_tested: held back at least.
        seconds: of fitting; 256 fields take 5 s.
        fitting: how.

    """

    fields: int = 800
    least: int = 128
    least_tested: int = 5
    seconds: float = 600.0
    fitting: HandFitting = HandFitting()


@dataclass(frozen=True, slots=True)
class LearntBook:
    """What came of a book.

    Attributes:
        book: its id.
        result: see `LearningResult`.
        lines: confirmed lines; `fields`: that they come from.
        refused: confirmed fields that taught nothing, by reason.
        tested: fields held back; `letters`: in them.
        wrong_before: characters of them read wrongly; `wrong_after`: with the new hand.
        pages: read again; `changed`: fields that nobody decided and that read otherwise now.
        doubts_before: open fields before; `doubts_after`: after.
        unread: pages that could not be read again.

    """

    book: str
    result: LearningResult
    lines: int = 0
    fields: int = 0
    refused: Mapping[WritingRefusal, int] = field(default_factory=dict)
    tested: int = 0
    letters: int = 0
    wrong_before: int = 0
    wrong_after: int = 0
    pages: int = 0
    changed: int = 0
    doubts_before: int = 0
    doubts_after: int = 0
    unread: int = 0


def confirmed(ws: Workspace, book_id: str, settings: RunSettings, most: int) -> KnownWriting:
    """What people confirmed in a book, of so many fields at most."""
    return known_writing(ws, book_id, settings, most=most)


@dataclass(frozen=True, slots=True)
class LearningDependencies:
    """What learning works with; tests put fakes here.

    Attributes:
        writing: the confirmed writing of a book.
        fit: learns and tests a hand.
        read: reads a page again.
        fingerprint: of the page stage under given settings.

    """

    writing: Callable[[Workspace, str, RunSettings, int], KnownWriting] = confirmed
    fit: Callable[[HandJob], FittedHand] | None = None
    read: Callable[[PageJob], PageResult] = process_page
    fingerprint: Callable[[RunSettings], str] = lambda settings: stages_for(settings).fingerprint


def learn_book(
    ws: Workspace,
    book_id: str,
    *,
    limits: LearningLimits = LearningLimits(),  # noqa: B008 (frozen)
    dependencies: LearningDependencies = LearningDependencies(),  # noqa: B008 (frozen)
) -> LearntBook:
    """Learn the hand of a book, read its doubtful pages again, and judge it.

    May be stopped at any moment: until the hand is kept, the workspace is as before; after that the
    next call, or the next run, reads the pages that are left.

    Args:
        ws: the workspace.
        book_id: the book.
        limits: how much it may cost.
        dependencies: tests put fakes here.

    Raises:
        MachineError: a run goes on, the model is missing, the disk is full.

    """
    with run_lock(ws):
        settings = current_settings(ws.folder)
        with ws.read_session() as session:
            closed = is_closed(session, book_id)
        if closed:
            return LearntBook(book_id, LearningResult.CLOSED)
        if network_folder(settings.model) is None:
            return LearntBook(book_id, LearningResult.FOREIGN)
        return _Learning(ws, book_id, settings, limits, dependencies).done()


def forget_book(
    ws: Workspace,
    book_id: str,
    dependencies: LearningDependencies = LearningDependencies(),  # noqa: B008 (frozen)
) -> LearntBook | None:
    """Take the hand of a book away: what the network alone read counts again, as it did before.

    Returns:
        What came of it; None when the book has no hand.

    Raises:
        MachineError: as `learn_book`.

    """
    with run_lock(ws):
        if not forget_hand(ws.folder, book_id):
            return None
        settings = current_settings(ws.folder)
        with ws.transaction() as session:
            audit.append(session, audit.SYSTEM, AuditAction.HAND_FORGOTTEN, book=book_id)
            closed = is_closed(session, book_id)
        if closed:
            return LearntBook(book_id, LearningResult.CLOSED)
        learning = _Learning(ws, book_id, settings, LearningLimits(), dependencies)
        return learning.read_again(LearntBook(book_id, LearningResult.KNOWN), None)


class _Learning:
    """One book on its way; the caller has the workspace to itself."""

    def __init__(
        self,
        ws: Workspace,
        book_id: str,
        settings: RunSettings,
        limits: LearningLimits,
        dependencies: LearningDependencies,
    ) -> None:
        self.ws, self.book, self.settings = ws, book_id, settings
        self.limits, self.doors = limits, dependencies
        self.fingerprint = dependencies.fingerprint(settings)

    def done(self) -> LearntBook:
        known = self.doors.writing(self.ws, self.book, self.settings, self.limits.fields)
        present = facts_of(self.ws.folder, self.book, self.settings)
        told = LearntBook(
            self.book, LearningResult.FEW, len(known.lines), known.fields, known.refused
        )
        taught, tested = divided_lines(known.lines)
        held = {(line.page, line.place) for line in tested}
        told = replace(told, tested=len(held), letters=sum(len(line.text) for line in tested))
        if known.fields < self.limits.least or len(held) < self.limits.least_tested:
            return self._finish(told, present)
        learnt = writing_hash(known.lines, self.limits.fitting)
        if present is not None and present.learnt == learnt:
            told = replace(
                told, result=LearningResult.KNOWN,
                wrong_before=present.wrong_before, wrong_after=present.wrong_after,
            )  # fmt: skip
            return self._finish(told, present)
        file = str(hand_file(self.ws.folder, self.book)) if present is not None else ""
        fitted = self._fitted(HandJob(
            self.settings.model, pictured(taught), pictured(tested), file, self.limits.fitting
        ))  # fmt: skip
        told = replace(told, wrong_before=sum(fitted.before), wrong_after=sum(fitted.after))
        if not fitted.is_better:
            return self._finish(replace(told, result=LearningResult.WORSE), present)
        facts = HandFacts(
            base=network_fingerprint(self.settings.model),
            page=self.fingerprint,
            learnt=learnt,
            features=fitted.hand.weights.shape[0],
            classes=fitted.hand.weights.shape[1],
            fields=known.fields - len(held),
            tested=len(held),
            letters=told.letters,
            wrong_before=told.wrong_before,
            wrong_after=told.wrong_after,
            left=self._without_doubt(),
        )
        keep_hand(self.ws.folder, self.book, fitted.hand, facts)
        with self.ws.transaction() as session:
            details = {"fields": facts.fields, "tested": facts.tested, "letters": facts.letters,
                       "before": facts.wrong_before, "after": facts.wrong_after}  # fmt: skip
            audit.append(
                session, audit.SYSTEM, AuditAction.HAND_LEARNT, book=self.book, details=details
            )
        kept = facts_of(self.ws.folder, self.book, self.settings)
        return self.read_again(replace(told, result=LearningResult.KEPT), kept)

    def _finish(self, told: LearntBook, present: HandFacts | None) -> LearntBook:
        """Nothing new is kept: read what a call that was cut off has left, if it kept a hand."""
        return self.read_again(told, present) if present is not None else told

    def _fitted(self, job: HandJob) -> FittedHand:
        if self.doors.fit is not None:
            return self.doors.fit(job)
        calls = LimitedCalls(1, TaskLimits(seconds=self.limits.seconds))
        try:
            return calls.do(fit_and_test, job, partial(_too_much, self.book))
        finally:
            calls.close()

    def _without_doubt(self) -> tuple[str, ...]:
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
        rows = [row for row in book_pages(session, self.book) if row.fingerprint]
        decided = decisions_in_force(session, self.book, rows)
        for row in rows:
            if is_further(row):
                continue  # it comes with the whole scan
            corners = corners_by_hand(decided.get(row.name))
            as_read = reading.of(row.digest)
            key, job = page_job(book, row, *as_read, corners)
            yield row, earlier_key(book, row, *as_read, corners) or key, job

    def read_again(self, told: LearntBook, hand: HandFacts | None) -> LearntBook:
        """Read the pages whose result is another one now, and judge the book."""
        reading = reading_with(self.ws.folder, self.book, self.settings, self.fingerprint, hand)
        with self.ws.read_session() as session:
            before, doubts = _open_values(session, self.book), _doubts(session, self.book)
            jobs = [
                (row.name, row.digest, key, job)
                for row, key, job in self._jobs(session, reading)
                if row.kind == PageKind.RECORD and row.fingerprint != key.fingerprint
            ]
        pages = unread = 0
        for name, digest, key, job in jobs:
            done = self._read_page(name, digest, key, job)
            pages, unread = pages + done, unread + (not done)
        judge_and_store(self.ws, self.book)
        with self.ws.read_session() as session:
            after = _open_values(session, self.book)
            left = _doubts(session, self.book)
        changed = sum(after[place] != value for place, value in before.items() if place in after)
        return replace(
            told, pages=pages, unread=unread, changed=changed,
            doubts_before=doubts, doubts_after=left,
        )  # fmt: skip

    def _read_page(self, name: str, digest: str, key: LedgerKey, job: PageJob) -> bool:
        """Read a page, unless its result is known; whether it still has one."""
        with self.ws.read_session() as session:
            payload = payloads(session, [key]).get(key)
        if payload is not None:
            read = PackedResult(status_of_result(unpack(payload)), {}, payload)
        else:
            try:
                read = packed(opened(self.doors.read, job, name))
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


def _too_much(book_id: str, cause: Text) -> SohoaError:
    return MachineError(
        Text(f"Không học được nét chữ: {cause.vi}", f"The hand could not be learnt: {cause.en}"),
        where=book_id,
        remedy=Text("Chạy lại khi máy rảnh hơn", "Run it again when the machine has less to do"),
    )
