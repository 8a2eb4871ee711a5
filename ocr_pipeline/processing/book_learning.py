"""A book's own hand: learnt from what people confirmed in it, kept only when it reads better.

A fifth of the confirmed fields is held back, always the same ones; a hand is kept when it reads
these with fewer wrong characters than the network, and than the hand that the book has, and makes
more of these lines better than worse. Then the pages in doubt are read again and the book is
judged. What people decided stays; nothing that the machine was sure of changes unseen (`Reader`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_hands import facts_of, forget_hand, hand_file, keep_hand
from ocr_pipeline.processing.book_rereading import BookRereading, RereadPages
from ocr_pipeline.processing.confirmed_writing import KnownWriting, known_writing
from ocr_pipeline.processing.hand_trial import (
    FittedHand,
    HandJob,
    divided_lines,
    fit_and_test,
    pictured,
    writing_hash,
)
from ocr_pipeline.processing.hand_trials import (
    HandTrial,
    LearningResult,
    confirmed_fields,
    last_trial,
    note_trial,
)
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.reading.book_hand import BookHand, HandFacts, load_hand
from ocr_pipeline.reading.hand_fitting import HandFitting
from ocr_pipeline.reading.line_texts import WritingRefusal
from ocr_pipeline.reading.models import network_fingerprint, network_folder
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LearningLimits:
    """How much a book may cost.

    Attributes:
        fields: confirmed fields that are learnt from and tested on at most.
        least: of them at least: of 64 fields characters are read better, but no more values are
            right, and more are accepted (`BENCHMARKS.md`).
        least_tested: held back at least.
        again: a run makes the next trial of a book when it has so many times the confirmed fields.
        seconds: of gathering the writing in a run, and of fitting; 256 fields take 5 s to fit.
        fitting: how.

    """

    fields: int = 800
    least: int = 128
    least_tested: int = 5
    again: float = 1.5
    seconds: float = 600.0
    fitting: HandFitting = HandFitting()


def limits_of(seed: int | None, minutes: float | None) -> LearningLimits:
    """The usual limits with another seed or other minutes of the fitting; None: as usual."""
    usual = LearningLimits()
    fitting = usual.fitting if seed is None else replace(usual.fitting, seed=seed)
    seconds = usual.seconds if minutes is None else 60 * minutes
    return replace(usual, seconds=seconds, fitting=fitting)


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
        reread: what came of reading the pages in doubt again.
        learnt: hash of the writing; "" where there was too little of it.

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
    reread: RereadPages = RereadPages()
    learnt: str = ""


def confirmed(
    ws: Workspace,
    book_id: str,
    settings: RunSettings,
    most: int,
    go_on: Callable[[], bool],
    calls: LimitedCalls | None,
) -> KnownWriting:
    """What people confirmed in a book, of so many fields at most."""
    return known_writing(ws, book_id, settings, most=most, go_on=go_on, calls=calls)


@dataclass(frozen=True, slots=True)
class LearningDependencies:
    """What learning works with; tests put fakes here.

    Attributes:
        writing: the confirmed writing of a book.
        fit: learns and tests a hand.
        read: reads a page again.
        fingerprint: of the page stage under given settings.

    """

    writing: Callable[..., KnownWriting] = confirmed
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
        return BookLearning(ws, book_id, settings, limits, dependencies).done()


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
        learning = BookLearning(ws, book_id, settings, LearningLimits(), dependencies)
        return learning.read_again(LearntBook(book_id, LearningResult.KNOWN), None)


class BookLearning:
    """One book on its way; the caller has the workspace to itself.

    Args:
        ws: the workspace.
        book_id: the book.
        settings: of the run, without any hand.
        limits: how much it may cost.
        dependencies: tests put fakes here.
        fingerprint: of the page stage under these settings; found out when "".
        run: id of the run that asks; 0 of the command.
        calls: the process that looks at pages and fits; one of its own when None.
        go_on: whether there is time for a further page.

    """

    def __init__(
        self,
        ws: Workspace,
        book_id: str,
        settings: RunSettings,
        limits: LearningLimits,
        dependencies: LearningDependencies,
        *,
        fingerprint: str = "",
        run: int = 0,
        calls: LimitedCalls | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self.ws, self.book, self.settings, self.run = ws, book_id, settings, run
        self.limits, self.doors = limits, dependencies
        self.calls, self.go_on = calls, go_on
        self.fingerprint = fingerprint or dependencies.fingerprint(settings)
        self.base = network_fingerprint(settings.model)
        self.rereading = BookRereading(ws, book_id, settings, self.fingerprint, dependencies.read)

    def done(self) -> LearntBook:
        """Make a trial, read again what it changes, and judge the book."""
        told = self.tried()
        present = facts_of(self.ws.folder, self.book, self.settings)
        return told if present is None else self.read_again(told, present)

    def read_again(self, told: LearntBook, hand: HandFacts | None) -> LearntBook:
        """The same after the pages in doubt were read again with this hand, or with none."""
        return replace(told, reread=self.rereading.read_again(hand))

    def tried(self) -> LearntBook:
        """Make a trial, keep the hand if it reads better, and note what came of it.

        Raises:
            MachineError: the model is missing, it took too long or too much memory, the disk is
                full.

        """
        begun = monotonic()
        with self.ws.read_session() as session:
            confirmed = confirmed_fields(session, self.book)
        told, kept = self._trial()
        trial = HandTrial(
            book=self.book, base=self.base, confirmed=confirmed, result=told.result,
            learnt=told.learnt, fields=told.fields, tested=told.tested, letters=told.letters,
            wrong_before=told.wrong_before, wrong_after=told.wrong_after, run=self.run,
        )  # fmt: skip
        with self.ws.transaction() as session:
            if kept is not None:
                keep_hand(self.ws.folder, self.book, *kept)
            self._tell_of(session, trial)
            note_trial(session, trial, monotonic() - begun)
        return told

    def _tell_of(self, session: Session, trial: HandTrial) -> None:
        """A line in the audit trail for each hand, also when the call that kept it was killed."""
        before = last_trial(session, self.book, self.base)
        told = before is not None and before.learnt == trial.learnt
        if trial.result is LearningResult.KEPT or (
            trial.result is LearningResult.KNOWN and not told
        ):
            details = {"fields": trial.fields - trial.tested, "tested": trial.tested,
                       "letters": trial.letters, "before": trial.wrong_before,
                       "after": trial.wrong_after}  # fmt: skip
            audit.append(
                session, audit.SYSTEM, AuditAction.HAND_LEARNT, book=self.book, details=details
            )

    def _trial(self) -> tuple[LearntBook, tuple[BookHand, HandFacts, BookHand | None] | None]:
        """What came of it, and what is to be kept: the hand, its facts, the hand before it."""
        known = self.doors.writing(
            self.ws, self.book, self.settings, self.limits.fields, self.go_on, self.calls
        )
        present = facts_of(self.ws.folder, self.book, self.settings)
        taught, tested = divided_lines(known.lines)
        held = {(line.page, line.place) for line in tested}
        told = LearntBook(
            self.book, LearningResult.FEW, len(known.lines), known.fields, known.refused,
            tested=len(held), letters=sum(len(line.text) for line in tested),
        )  # fmt: skip
        if known.fields < self.limits.least or len(held) < self.limits.least_tested:
            return told, None
        learnt = writing_hash(known.lines, self.limits.fitting)
        if present is not None and present.learnt == learnt:
            return replace(
                told, result=LearningResult.KNOWN, learnt=learnt,
                wrong_before=present.wrong_before, wrong_after=present.wrong_after,
            ), None  # fmt: skip
        file = hand_file(self.ws.folder, self.book) if present is not None else None
        fitted = self._fitted(HandJob(
            self.settings.model, pictured(taught), pictured(tested), str(file or ""),
            self.limits.fitting,
        ))  # fmt: skip
        told = replace(
            told, learnt=learnt, wrong_before=sum(fitted.before), wrong_after=sum(fitted.after)
        )
        if not fitted.is_better:
            return replace(told, result=LearningResult.WORSE), None
        former = load_hand(file)[0] if file is not None else None
        told = replace(told, result=LearningResult.KEPT)
        return told, (fitted.hand, self._facts(told, fitted.hand), former)

    def _facts(self, told: LearntBook, hand: BookHand) -> HandFacts:
        return HandFacts(
            base=self.base,
            page=self.fingerprint,
            learnt=told.learnt,
            features=hand.weights.shape[0],
            classes=hand.weights.shape[1],
            fields=told.fields - told.tested,
            tested=told.tested,
            letters=told.letters,
            wrong_before=told.wrong_before,
            wrong_after=told.wrong_after,
            left=self.rereading.without_doubt(),
        )

    def _fitted(self, job: HandJob) -> FittedHand:
        if self.doors.fit is not None:
            return self.doors.fit(job)
        told = partial(_too_much, self.book)
        if self.calls is not None:
            return self.calls.do(fit_and_test, job, told, self.limits.seconds)
        calls = LimitedCalls(1, TaskLimits(seconds=self.limits.seconds))
        try:
            return calls.do(fit_and_test, job, told)
        finally:
            calls.close()


def _too_much(book_id: str, cause: Text) -> SohoaError:
    return MachineError(
        Text(f"Không học được nét chữ: {cause.vi}", f"The hand could not be learnt: {cause.en}"),
        where=book_id,
        remedy=Text("Chạy lại khi máy rảnh hơn", "Run it again when the machine has less to do"),
    )
