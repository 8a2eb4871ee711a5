"""A run under way: the thin shell around the state machine. Each turn is one transaction.

A turn keeps what has come back from the workers and notes what they are given next; only then is
the next work begun. So whenever the run is cut off, the store says exactly what was under way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from ocr_pipeline.batch.clock import RunTime
from ocr_pipeline.batch.executor import Died, Done, Event, Executor, GivenBack, Notice
from ocr_pipeline.batch.feeding import Fed, Feeder
from ocr_pipeline.batch.judging import (
    JudgeJob,
    judge_and_store,
    judge_job,
    judge_records,
    keep_judgement,
)
from ocr_pipeline.batch.keeping import PageId, keep, keep_poisoned
from ocr_pipeline.batch.machine import Lease, Machine, Rules, Verdict
from ocr_pipeline.batch.page import PageJob, PageResult
from ocr_pipeline.batch.plan import plan_book
from ocr_pipeline.batch.progress import Progress
from ocr_pipeline.batch.reporter import Reporter
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.batch.traces import trace_of
from ocr_pipeline.batch.watch import GO, Advice, Order
from ocr_pipeline.batch.worker import Failure, bug
from ocr_pipeline.errors import SohoaError, Text, Unreachable
from ocr_pipeline.store import attempts
from ocr_pipeline.store.books import add_problem
from ocr_pipeline.store.ledger import Key
from ocr_pipeline.store.points import Point, reached
from ocr_pipeline.store.runs import RunEnding, RunPhase, update_run
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

BOOK_STAGE = "book"

_TURN = 1.0  # seconds that a turn waits for news at most
_AHEAD = 64  # pages a worker that wait for it, so that no worker waits for the next book
_JUDGEMENTS = 3  # judgements of a book that people overtake before they have to wait for one
_STORE_PATIENCE = 600.0  # seconds that the run waits for a store that does not answer
_STORE_REST = 5.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a run does and under which settings.

    Attributes:
        run: id of the run.
        scans: the folder of scans, absolute.
        page: what a worker does with a page.
        fingerprint: of the page stage.
        judge: judges a book; the shipped rules when None.
        settings: of the run.
        force: nothing counts as known.

    """

    run: int
    scans: Any
    page: Callable[[PageJob], PageResult]
    fingerprint: str
    judge: Any
    settings: RunSettings
    force: bool


@dataclass(slots=True)
class _Turn:
    """What one transaction keeps."""

    pages: list[tuple[Key, PageResult | Failure]] = field(default_factory=list)
    books: list[tuple[Key, str, JudgeJob, Any]] = field(default_factory=list)
    deaths: list[tuple[Key, Text]] = field(default_factory=list)
    poisoned: list[tuple[Key, Text]] = field(default_factory=list)
    back: list[Key] = field(default_factory=list)
    leases: list[Lease[Key]] = field(default_factory=list)
    overtaken: list[tuple[Key, str]] = field(default_factory=list)


class Night:
    """Brings a run to its end.

    Args:
        workspace: where everything is kept.
        work: what is to be done.
        executor: who does it.
        feeder: brings the books.
        time: of this run.
        look: whether to go on, pause or stop at the moment.
        reporter: told how it goes.
        log: structured log without personal data.
        rest: waits for so many seconds.
        rules: how often and when a task is tried again.

    """

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        executor: Executor,
        feeder: Feeder,
        time: RunTime,
        look: Callable[[], Advice],
        reporter: Reporter,
        log: Any,
        rest: Callable[[float], None],
        rules: Rules,
    ) -> None:
        self._workspace, self._work, self._executor = workspace, work, executor
        self._feeder, self._time, self._look = feeder, time, look
        self._reporter, self._log, self._rest = reporter, log, rest
        self._machine: Machine[Key] = Machine(rules)
        self._jobs: dict[Key, PageJob] = {}
        self._pages: dict[Key, list[PageId]] = {}
        self._books: dict[Key, str] = {}  # books to be judged
        self._judging: dict[int, JudgeJob] = {}
        self._judged: dict[str, int] = {}  # how often people have overtaken a judgement
        self._leases: dict[int, Lease[Key]] = {}
        self.progress = Progress(time)

    def go(self) -> Advice:
        """Run until nothing is left to do or it has to stop; returns why it ended (`GO`: all done).

        Raises:
            EnvironmentProblem: the machine lacks something, the disk is full, the cluster is gone.

        """
        self._feeder.start()
        try:
            return self._go()
        finally:
            self._feeder.close()
            self._executor.close()

    def leave(self) -> None:
        """Give back what is still leased: the run ends before it is done."""
        with self._workspace.transaction() as session:
            attempts.leave_all(session, self._work.run)

    def columns(self) -> dict[str, Any]:
        """The columns of the run's row as of now."""
        return self.progress.columns(self._executor)

    @property
    def unsettled(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._machine.unsettled or self._feeder.left)

    def _go(self) -> Advice:
        turn = _Turn()
        while True:
            advice = self._advice()
            if advice.order is Order.GO:
                self._take_books(wait=not self._machine.unsettled)
            stopping = advice.order is Order.STOP
            if not self._leases and (stopping or not self.unsettled):
                self._commit(turn)
                return advice if stopping and self.unsettled else GO
            if advice.order is Order.GO:
                turn.leases = list(self._next_leases())
            self._commit(turn)
            self._begin(turn.leases)
            turn = self._hear(self._executor.wait(self._patience()))

    # -- what is to be done

    def _advice(self) -> Advice:
        before, advice = self.progress.phase, self._look()
        if advice.order is Order.GO and (trouble := self._executor.trouble):
            advice = Advice(Order.PAUSE, RunEnding.CLUSTER, trouble.cause, trouble.remedy)
        phase = {Order.GO: RunPhase.READING, Order.PAUSE: RunPhase.PAUSED}.get(
            advice.order, RunPhase.STOPPING
        )
        if phase is not before:
            self.progress.enter(phase, advice)
            self._log.info(phase.value, cause=advice.cause.en if advice.cause else "")
            if phase is RunPhase.PAUSED and advice.cause:
                self._reporter.paused(advice.cause)
            elif phase is RunPhase.STOPPING and advice.cause:
                self._reporter.stopping(advice.cause)
            elif before is RunPhase.PAUSED:
                self._reporter.resumed()
        if jump := self._time.jumped():
            self._log.warning("the clock of the machine has jumped", seconds=round(jump))
        return advice

    def _take_books(self, wait: bool) -> None:
        """Take books until there is enough to do; wait for one if there is nothing at all."""
        while self._machine.waiting < _AHEAD * max(self._executor.workers, 1):
            fed = self._feeder.take(_TURN if wait else 0)
            if fed is None:
                return
            self._take(fed)
            wait = wait and not self._machine.unsettled

    def _take(self, fed: Fed) -> None:
        if fed.error is not None:
            self._broken_book(fed.book, fed.error)
            return
        work = self._work
        with self._store() as session:
            plan = plan_book(session, fed.book, work.settings, work.fingerprint, work.force)
        reached(Point.BOOK_PLANNED)
        for key, job in plan.jobs.items():
            pages = [(fed.book, name) for name in plan.waiting[key]]
            if key in self._jobs:  # the same scan stands in another book
                self._pages[key] += pages
                continue
            past = plan.past.get(key)
            self._jobs[key], self._pages[key] = job, pages
            self._machine.add(
                key,
                deaths=past.deaths if past else 0,
                interruptions=past.interruptions if past else 0,
            )
        self._add_book(fed.book, plan.jobs)
        self.progress.planned(len(plan.jobs), plan.known, self._feeder.left)
        self._reporter.planned(
            self.progress.books, self.progress.pages, self.progress.known
        )
        self._reporter.ahead(self.progress.pages_expected)

    def _add_book(self, book: str, after: Any = ()) -> None:
        key = Key(BOOK_STAGE, hashlib.sha256(book.encode()).hexdigest(), "")
        with self._workspace.reading() as session:
            past = attempts.past_of(session, key)
        self._books[key] = book
        deaths = min(past.deaths, self._machine.rules.deaths - 1)
        self._machine.add(key, urgent=True, after=after, deaths=deaths)

    def _next_leases(self) -> Iterator[Lease[Key]]:
        for _ in range(self._executor.room):
            lease = self._machine.lease(self._time.seconds(), lonely=not self._feeder.left)
            if lease is None:
                return
            self._leases[lease.number] = lease
            yield lease

    def _begin(self, leases: list[Lease[Key]]) -> None:
        for lease in leases:
            if lease.key in self._books:
                self._begin_book(lease)
            else:
                self._executor.begin(lease.number, self._work.page, self._jobs[lease.key])
            reached(Point.LEASE_STARTED)

    def _begin_book(self, lease: Lease[Key]) -> None:
        book = self._books[lease.key]
        try:
            with self._workspace.reading() as session:
                job = judge_job(session, book, self._work.judge)
        except Unreachable:
            raise
        except Exception as error:
            self._broken_book(book, error)
            job = None
        if job is None:  # the last judgement still holds
            self._machine.finished(lease.number)
            del self._leases[lease.number]
            with self._store() as session:
                attempts.settle(session, lease.key)
            self._book_done(lease.key)
            return
        self._judging[lease.number] = job
        self._executor.begin(lease.number, judge_records, job)

    def _patience(self) -> float:
        """Seconds to wait for news: less when a resting task may be tried again."""
        if self._executor.room and self._machine.waiting and not self._leases:
            return min(_TURN, 0.1)
        when = self._machine.next_time()
        return _TURN if when is None else min(_TURN, max(0.05, when - self._time.seconds()))

    # -- what has come of it

    def _hear(self, events: list[Event]) -> _Turn:
        turn = _Turn()
        for event in events:
            if isinstance(event, Notice):
                self._log.warning("noticed", cause=event.cause.en)
                self._reporter.noticed(event.cause)
                continue
            lease = self._leases.pop(event.number, None)
            if lease is None:
                continue
            if isinstance(event, Done):
                if self._machine.finished(event.number) is Verdict.KEEP:
                    self._hear_done(turn, lease, event.outcome)
            elif isinstance(event, Died):
                self._hear_death(turn, lease, event.cause)
            elif isinstance(event, GivenBack):
                self._machine.given_back(event.number)
                self._log.warning("given back", cause=event.cause.en)
                turn.back.append(lease.key)
        return turn

    def _hear_done(self, turn: _Turn, lease: Lease[Key], outcome: Any) -> None:
        key = lease.key
        if key in self._books:
            turn.books.append((key, self._books[key], self._judging.pop(lease.number), outcome))
        else:
            turn.pages.append((key, outcome))

    def _hear_death(self, turn: _Turn, lease: Lease[Key], cause: Text) -> None:
        key = lease.key
        self._judging.pop(lease.number, None)
        verdict = self._machine.died(lease.number, self._time.seconds())
        book, page = (
            (self._books[key], "") if key in self._books else self._pages[key][0]
        )
        self._log.error("died", book=book, page=page, cause=cause.en, deaths=lease.deaths + 1)
        self._reporter.died(book, page, cause, lease.deaths + 1)
        if verdict is Verdict.POISONED:
            turn.poisoned.append((key, cause))
        else:
            self.progress.again += 1
        turn.deaths.append((key, cause))

    # -- keeping it

    def _commit(self, turn: _Turn) -> None:
        """Keep a turn; a store that does not answer is waited for."""
        waited = 0.0
        while True:
            try:
                self._write(turn)
                break
            except Unreachable as error:
                if waited >= _STORE_PATIENCE:
                    raise
                self._log.warning("the store does not answer", cause=error.cause.en)
                self._reporter.paused(error.cause)
                self._rest(_STORE_REST)
                waited += _STORE_REST
        if waited:
            self._reporter.resumed()
        reached(Point.TURN_COMMITTED)
        self._tell(turn)

    def _write(self, turn: _Turn) -> None:
        turn.overtaken = []
        work = self._work
        idle = not (
            turn.pages or turn.books or turn.deaths or turn.poisoned or turn.back or turn.leases
        )
        if idle and not self.progress.due():
            return
        with self._workspace.transaction() as session:
            reached(Point.TURN_BEGUN)
            for key, outcome in turn.pages:
                keep(session, self._pages[key], key, outcome)
                attempts.settle(session, key)
            for key, book, job, outcome in turn.books:
                self._write_book(session, turn, key, book, job, outcome)
            for key, cause in turn.deaths:
                attempts.note_death(session, key, cause)
            for key, cause in turn.poisoned:
                self._write_poisoned(session, key, cause)
            for key in turn.back:
                attempts.give_back(session, key)
            for lease in turn.leases:
                attempts.lease(session, lease.key, work.run, alone=lease.alone)
            update_run(session, work.run, **self.progress.columns(self._executor))
            reached(Point.TURN_WRITTEN)

    def _write_book(
        self, session: Session, turn: _Turn, key: Key, book: str, job: JudgeJob, outcome: Any
    ) -> None:
        attempts.settle(session, key)
        if isinstance(outcome, Failure):
            add_problem(session, self._work.scans, _not_judged(book, outcome.cause))
        elif not keep_judgement(session, job, outcome):
            turn.overtaken.append((key, book))

    def _write_poisoned(self, session: Session, key: Key, cause: Text) -> None:
        if key in self._books:
            add_problem(session, self._work.scans, _not_judged(self._books[key], cause))
        else:
            keep_poisoned(session, self._pages[key], cause)

    def _tell(self, turn: _Turn) -> None:
        """Tell log and reporter of what is safe now, and forget it."""
        for key, outcome in turn.pages:
            kind = outcome.kind if isinstance(outcome, PageResult) else PageKind.FAILED
            if isinstance(outcome, PageResult):
                self.progress.worked(outcome.seconds)
            self._page_done(key, kind, outcome)
        for key, cause in turn.poisoned:
            if key in self._books:
                self._book_done(key)
            else:
                self._page_done(key, PageKind.POISONED, Failure(cause))
        overtaken = {key for key, _ in turn.overtaken}
        for key, book, _, outcome in turn.books:
            if isinstance(outcome, Failure):
                self._log.error("not judged", book=book, trace=outcome.trace)
            if key in overtaken:
                self._judge_again(book)
            else:
                self._log.info("judged", book=book)
                self._book_done(key)

    def _page_done(self, key: Key, kind: PageKind, outcome: PageResult | Failure) -> None:
        del self._jobs[key]
        for book, page in self._pages.pop(key):
            self._log.info("page", book=book, page=page, kind=kind.value)
            if isinstance(outcome, Failure):
                cause, trace = outcome.cause.en, outcome.trace
                self._log.error("failed", book=book, page=page, cause=cause, trace=trace)
            self.progress.page_done(kind)
            self._reporter.page_done(book, page, kind)

    def _book_done(self, key: Key) -> None:
        book = self._books.pop(key)
        self._judged.pop(book, None)
        self.progress.books_done += 1
        self._reporter.book_done(book)

    def _judge_again(self, book: str) -> None:
        """People entered something meanwhile: once more, in the end while they wait."""
        tries = self._judged[book] = self._judged.get(book, 0) + 1
        if tries < _JUDGEMENTS:
            self._add_book(book)
            return
        judge_and_store(self._workspace, book, self._work.judge)
        self._book_done(next(key for key, name in self._books.items() if name == book))

    def _broken_book(self, book: str, error: Exception) -> None:
        """A bug or a broken folder must not cost the other books their night."""
        if isinstance(error, Unreachable):
            raise error
        self._log.error("not judged", book=book, trace=trace_of(error))
        if isinstance(error, SohoaError):
            problem = error
        else:
            problem = _not_judged(book, bug(error).cause)
        with self._store() as session:
            add_problem(session, self._work.scans, problem)

    def _store(self) -> Any:
        return self._workspace.transaction()


def _not_judged(book: str, cause: Text) -> SohoaError:
    return SohoaError(
        Text(f"Chưa kiểm tra được sổ: {cause.vi}", f"The book was not judged: {cause.en}"),
        where=book,
        remedy=Text(
            "Các trang đã đọc vẫn còn; gửi tệp nhật ký cho người hỗ trợ",
            "What has been read is safe; send the log file to support",
        ),
    )
