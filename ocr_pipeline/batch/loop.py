"""A run under way: the thin shell around the state machine. Each round is one transaction.

A transaction keeps what has come back from the workers and notes what they are given next; only
then is the next work begun. So whenever the run is cut off, the store says exactly what was under
way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ocr_pipeline.batch.book_plan import plan_book
from ocr_pipeline.batch.clock import RunTime
from ocr_pipeline.batch.executor import (
    Event,
    Executor,
    ExecutorNotice,
    TaskDied,
    TaskDone,
    TaskGivenBack,
)
from ocr_pipeline.batch.feeder import Feeder, PreparedBook
from ocr_pipeline.batch.half_joiner import HalfJoiner
from ocr_pipeline.batch.open_tasks import OpenTasks, book_key
from ocr_pipeline.batch.patient_store import PatientStore
from ocr_pipeline.batch.progress import Progress
from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.batch.task_machine import DeathVerdict, Lease, RetryRules
from ocr_pipeline.batch.transaction import (
    JudgedBook,
    PoisonedTask,
    RunTransaction,
    not_judged,
    write_transaction,
)
from ocr_pipeline.batch.watch import GO, Advice, RunOrder
from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import DatabaseUnreachableError, SohoaError, Text
from ocr_pipeline.processing.book_print import book_print
from ocr_pipeline.processing.failure import Failure, bug
from ocr_pipeline.processing.judgement import (
    Judge,
    JudgeJob,
    judge_and_store,
    judge_job,
    judge_records,
)
from ocr_pipeline.processing.page_outcome import ReadAndPack
from ocr_pipeline.processing.page_rows import FinishedPage
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.store import attempts
from ocr_pipeline.store.books import add_problem
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.ledger import LedgerKey
from ocr_pipeline.store.runs import RunEnding, RunPhase, update_run
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_NEWS_SECONDS = 1.0  # seconds that the loop waits for news at most
_BLINK_SECONDS = 0.1  # seconds, when there is something to do that nobody can be given yet
_AHEAD = 64  # pages a worker that wait for it, so that no worker waits for the next book
_JUDGEMENTS = 3  # judgements of a book that people overtake before they have to wait for one
_PHASES = {
    RunOrder.GO: RunPhase.READING,
    RunOrder.PAUSE: RunPhase.PAUSED,
    RunOrder.STOP: RunPhase.STOPPING,
}


@dataclass(frozen=True, slots=True)
class RunWork:
    """What a run does and under which settings.

    Attributes:
        run: id of the run.
        scans: the folder of scans, absolute.
        page: what a worker does with a page.
        fingerprint: of the page stage.
        judge: judges a book; the shipped rules when None.
        settings: of the run.
        force: nothing counts as known.
        rules: how often and when a task is tried again.

    """

    run: int
    scans: Path
    page: ReadAndPack
    fingerprint: str
    judge: Judge | None
    settings: RunSettings
    force: bool
    rules: RetryRules


class RunLoop:
    """Brings a run to its end.

    Args:
        workspace: where everything is kept.
        work: what is to be done.
        executor: who does it.
        feeder: brings the books.
        time: of this run.
        halves: joins the halves of sheets: a book with some is looked at once more.
        look: whether to go on, pause or stop at the moment.
        reporter: told how it goes.
        log: structured log without personal data.
        rest: waits for so many seconds.

    """

    def __init__(
        self,
        workspace: Workspace,
        work: RunWork,
        executor: Executor,
        feeder: Feeder,
        time: RunTime,
        halves: HalfJoiner,
        look: Callable[[], Advice],
        reporter: RunObserver,
        log: Any,
        rest: Callable[[float], None],
    ) -> None:
        self._workspace, self._work, self._executor = workspace, work, executor
        self._feeder, self._time, self._look = feeder, time, look
        self._halves, self._brought_again = halves, set[str]()
        self._reporter, self._log = reporter, log
        self._store = PatientStore(workspace, reporter, log, rest)
        self._tasks = OpenTasks(work.rules)
        self._machine = self._tasks.machine
        self._judging: dict[int, JudgeJob] = {}  # by lease
        self._tries: dict[str, int] = {}  # how often people have overtaken a book's judgement
        self.progress = Progress(time)

    def go(self) -> Advice:
        """Run until nothing is left to do or it has to stop; returns why it ended (`GO`: all done).

        Raises:
            MachineError: the machine lacks something, the disk is full, the cluster is gone.

        """
        self._feeder.start()
        try:
            return self._go()
        finally:
            self._feeder.close()
            self._executor.close()

    def columns(self) -> dict[str, Any]:
        """The columns of the run's row as of now."""
        return self.progress.columns(self._executor)

    @property
    def unsettled(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._machine.unsettled or self._feeder.left)

    def _go(self) -> Advice:
        transaction = RunTransaction()
        while True:
            advice = self._advice()
            if advice.order is RunOrder.GO:
                self._take_books(wait=transaction.empty and not self._machine.unsettled)
            stopping = advice.order is RunOrder.STOP
            if not self._tasks.leases and (stopping or not self.unsettled):
                self._commit(transaction)
                if stopping or not self.unsettled:  # a judgement may have been overtaken
                    return advice if stopping and self.unsettled else GO
                transaction = RunTransaction()
            if advice.order is RunOrder.GO:
                transaction.leases = list(self._next_leases())
            self._commit(transaction)
            later = self._begin(transaction.leases)
            transaction = self._hear(self._executor.wait(0 if later else self._patience()))
            transaction.settled = later

    # -- what is to be done

    def _advice(self) -> Advice:
        before, advice = self.progress.phase, self._look()
        if advice.order is RunOrder.GO and (trouble := self._executor.trouble):
            advice = Advice(RunOrder.PAUSE, RunEnding.CLUSTER, trouble.cause, trouble.remedy)
        phase = _PHASES[advice.order]
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
            fed = self._feeder.take(_NEWS_SECONDS if wait else 0)
            if fed is None:
                return
            self._take(fed)
            wait = False

    def _take(self, fed: PreparedBook) -> None:
        if fed.error is not None:
            self._broken_book(fed.book, fed.error)
            return
        work, key = self._work, book_key(fed.book)
        own = book_print(self._workspace.folder, fed.book)

        def look(session: Session) -> Any:
            plan = plan_book(
                session,
                fed.book,
                work.settings,
                work.fingerprint,
                rules=work.rules,
                force=work.force,
                own=own,
            )
            return plan, attempts.past_of(session, key)

        plan, past = self._store.change(look)
        reached(CommitPoint.BOOK_PLANNED)
        self._tasks.add_pages(plan)
        self._tasks.add_book(fed.book, past, after=plan.jobs)
        is_new = fed.book not in self._brought_again
        self.progress.planned(len(plan.jobs), plan.known, self._feeder.left, is_new=is_new)
        self._reporter.planned(self.progress.books, self.progress.pages, self.progress.known)
        self._reporter.ahead(self.progress.pages_expected)

    def _next_leases(self) -> Iterator[Lease[LedgerKey]]:
        for _ in range(self._executor.room):
            lease = self._machine.lease(self._time.seconds(), lonely=not self._feeder.left)
            if lease is None:
                return
            self._tasks.leases[lease.number] = lease
            yield lease

    def _begin(self, leases: list[Lease[LedgerKey]]) -> list[LedgerKey]:
        """Begin what is leased; gives back the keys of books whose last judgement still holds."""
        settled = []
        for lease in leases:
            if not self._tasks.is_book(lease.key):
                self._executor.begin(lease.number, self._work.page, self._tasks.job(lease.key))
            elif (job := self._judge_job(self._tasks.book(lease.key))) is not None:
                self._judging[lease.number] = job
                self._executor.begin(lease.number, judge_records, job)
            else:
                self._machine.finished(lease.number)
                del self._tasks.leases[lease.number]
                settled.append(lease.key)
            reached(CommitPoint.LEASE_STARTED)
        return settled

    def _judge_job(self, book: str) -> JudgeJob | None:
        try:
            return self._store.read(lambda s: judge_job(s, book, self._work.judge))
        except DatabaseUnreachableError:
            raise
        except Exception as error:
            self._broken_book(book, error)
            return None

    def _patience(self) -> float:
        """Seconds to wait for news: less when there is something that nobody could be given."""
        if self._executor.room and self._machine.waiting and not self._tasks.leases:
            return _BLINK_SECONDS
        when = self._machine.next_time()
        return (
            _NEWS_SECONDS
            if when is None
            else min(_NEWS_SECONDS, max(0.05, when - self._time.seconds()))
        )

    # -- what has come of it

    def _hear(self, events: list[Event]) -> RunTransaction:
        transaction = RunTransaction()
        for event in events:
            if isinstance(event, ExecutorNotice):
                self._log.warning("noticed", cause=event.cause.en)
                self._reporter.noticed(event.cause)
                continue
            lease = self._tasks.leases.pop(event.number, None)
            if lease is None:
                continue
            job = self._judging.pop(event.number, None)
            if isinstance(event, TaskDone):
                self._machine.finished(event.number)
                if job is None:
                    transaction.pages.append(
                        FinishedPage(lease.key, self._tasks.pages(lease.key), event.outcome)
                    )
                else:
                    transaction.books.append(JudgedBook(lease.key, job, event.outcome))
            elif isinstance(event, TaskDied):
                self._hear_death(transaction, lease, event.cause)
            elif isinstance(event, TaskGivenBack):
                self._machine.given_back(event.number)
                self._log.warning("given back", cause=event.cause.en)
                transaction.back.append(lease.key)
        return transaction

    def _hear_death(
        self, transaction: RunTransaction, lease: Lease[LedgerKey], cause: Text
    ) -> None:
        book, page = self._tasks.place(lease.key)
        self._log.error("died", book=book, page=page, cause=cause.en, deaths=lease.deaths + 1)
        self._reporter.died(book, page, cause, lease.deaths + 1)
        transaction.deaths.append((lease.key, cause))
        if self._machine.died(lease.number, self._time.seconds()) is DeathVerdict.POISONED:
            transaction.poisoned.append(PoisonedTask(lease.key, cause, lease.deaths + 1))
        else:
            self.progress.again += 1

    # -- keeping it

    def _commit(self, transaction: RunTransaction) -> None:
        """Write a transaction, then tell of what is safe now."""
        if transaction.empty and not self.progress.due():
            return
        self._store.change(lambda session: self._write(session, transaction))
        reached(CommitPoint.TURN_COMMITTED)
        self._tell(transaction)

    def _write(self, session: Session, transaction: RunTransaction) -> None:
        reached(CommitPoint.TURN_BEGUN)
        write_transaction(session, transaction, self._tasks, self._work.run, self._work.scans)
        if self.progress.due():
            update_run(session, self._work.run, **self.columns())
        reached(CommitPoint.TURN_WRITTEN)

    def _tell(self, transaction: RunTransaction) -> None:
        for item in transaction.pages:
            if isinstance(item.outcome, Failure):
                self._page_failed(item.key, PageKind.FAILED, item.outcome)
            else:
                self.progress.worked(item.outcome.seconds)
                if trace := item.outcome.trace:
                    book, page = self._tasks.place(item.key)
                    self._log.warning("foreign file", book=book, page=page, trace=trace)
                shown = item.outcome.shown
                self._page_done(
                    item.key, PageKind.HALF if self._halves.will_try(shown) else shown.kind
                )
        for task in transaction.poisoned:
            if self._tasks.is_book(task.key):
                self._book_done(task.key)
            else:
                self._page_failed(task.key, PageKind.POISONED, Failure(task.cause))
        for key in transaction.settled:
            self._book_done(key)
        for judged in transaction.books:
            book = judged.job.book.id
            if book in transaction.overtaken:
                self._judge_again(judged.key, book)
                continue
            if isinstance(judged.outcome, Failure):
                self._log.error("not judged", book=book, trace=judged.outcome.trace)
            else:
                self._log.info("judged", book=book)
            self._book_done(judged.key)

    def _page_failed(self, key: LedgerKey, kind: PageKind, failure: Failure) -> None:
        for book, page in self._tasks.pages(key):
            cause, trace = failure.cause.en, failure.trace
            self._log.error("failed", book=book, page=page, cause=cause, trace=trace)
        self._page_done(key, kind)

    def _page_done(self, key: LedgerKey, kind: PageKind) -> None:
        for book, page in self._tasks.pages(key):
            self._log.info("page", book=book, page=page, kind=kind.value)
            self.progress.page_done(kind)
            self._reporter.page_done(book, page, kind)
        self._tasks.forget(key)

    def _book_done(self, key: LedgerKey) -> None:
        book = self._tasks.book(key)
        self._tasks.forget(key)
        self._tries.pop(book, None)
        if book not in self._brought_again and self._is_wanted_again(book):
            self._brought_again.add(book)
            self._feeder.again(book)
            return
        self.progress.books_done += 1
        self._reporter.book_done(book)

    def _is_wanted_again(self, book: str) -> bool:
        return self._store.read(lambda session: self._halves.is_due(session, book))

    def _judge_again(self, key: LedgerKey, book: str) -> None:
        """People entered something meanwhile: once more, in the end while they wait."""
        tries = self._tries[book] = self._tries.get(book, 0) + 1
        if tries < _JUDGEMENTS:
            self._tasks.add_book(book, attempts.AttemptHistory())
            return
        judge_and_store(self._workspace, book, self._work.judge)
        self._book_done(key)

    def _broken_book(self, book: str, error: Exception) -> None:
        """A bug or a broken folder must not cost the other books their night."""
        self._log.error("not judged", book=book, trace=trace_of(error))
        problem = error if isinstance(error, SohoaError) else not_judged(book, bug(error).cause)
        self._store.change(lambda session: add_problem(session, self._work.scans, problem))
