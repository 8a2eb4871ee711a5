"""The overnight run: what is new is read in workers, each page kept as soon as it is done."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from ocr_pipeline.batch.book_learner import BookLearner
from ocr_pipeline.batch.book_preparation import BookPreparation
from ocr_pipeline.batch.clock import Clock, RunTime
from ocr_pipeline.batch.executor import ClusterGoneError, Executor
from ocr_pipeline.batch.feeder import Feeder
from ocr_pipeline.batch.half_joiner import HalfJoiner
from ocr_pipeline.batch.local_executor import LocalExecutor
from ocr_pipeline.batch.loop import RunLoop, RunWork
from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.batch.stop_request import stop_on_signals
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.batch.watch import (
    Advice,
    FreeResources,
    ResourceThresholds,
    ResourceWatch,
    RunOrder,
)
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.foreign_files import listening
from ocr_pipeline.hardware import cores
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing import book_hands, joined_scans
from ocr_pipeline.processing.automatic_learning import AutomaticLearning, LearningRun
from ocr_pipeline.processing.book_learning import LearningDependencies
from ocr_pipeline.processing.half_joining import HalfJoining
from ocr_pipeline.processing.half_pair import HalfPair, JoinedPair, join_pair
from ocr_pipeline.processing.judgement import Judge
from ocr_pipeline.processing.office_networks import with_office_network
from ocr_pipeline.processing.office_policy import office_policy
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.page_outcome import ReadAndPack
from ocr_pipeline.processing.raised_thresholds import raise_thresholds
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.processing.scanned_books import find_scanned_books, require_folder
from ocr_pipeline.processing.settings import RunSettings, save_settings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.processing.versions import made_by
from ocr_pipeline.store import attempts
from ocr_pipeline.store.codec import message_columns
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.files import file_errors_explained, remove_leftovers
from ocr_pipeline.store.integrity import require_whole
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.runs import RunEnding, RunPhase, begin_run, close_interrupted, update_run
from ocr_pipeline.store.sample_draw import draw_of_each, raise_draw
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_log import open_log
from ocr_pipeline.usual_options import USUAL

_ASKED = Advice(
    RunOrder.STOP,
    RunEnding.ASKED,
    Text("Lần chạy được yêu cầu dừng", "Somebody asked the run to stop"),
    Text("Chạy lại cùng lệnh để làm tiếp", "Run the same command to go on"),
)


_OF_RUNS = (book_hands.FOLDER, joined_scans.FOLDER)
"""Folders that only those write to who hold the lock of the run."""

_TRIES = 2  # to note how a run ended


@dataclass(frozen=True, slots=True)
class RunConditions:
    """Under which conditions a run works; none of them changes a result.

    Attributes:
        workers: number of worker processes here; 0 for one per processor core.
        executor: `local` or `dask`.
        scheduler: address of the Dask scheduler.
        memory_mb: memory limit of a page's worker and the programs it starts (MB); 0 for none.
        nice: how far workers step back for everybody else on the machine (0–19).
        until: when to stop; None to go on to the end.
        thresholds: when there is too little disk or memory.

    """

    workers: int = 0
    executor: str = "local"
    scheduler: str = ""
    memory_mb: int = USUAL.page_mb
    nice: int = USUAL.nice
    until: datetime | None = None
    thresholds: ResourceThresholds = ResourceThresholds()


def free_now(folder: Path) -> FreeResources:
    """Free disk at `folder` and available memory."""
    disk, memory = shutil.disk_usage(folder).free, psutil.virtual_memory().available
    return FreeResources(disk / 1e6, memory / 1e6)


def make_executor(conditions: RunConditions, limits: TaskLimits, fingerprint: str) -> Executor:
    """The executor that the conditions ask for; `fingerprint` is that of the page stage here."""
    if conditions.executor == "dask":
        from ocr_pipeline.batch.cluster import ClusterExecutor

        patience = conditions.thresholds.patience
        return ClusterExecutor(conditions.scheduler, limits, fingerprint, patience=patience)
    return LocalExecutor(conditions.workers or cores(), limits)


@dataclass(frozen=True, slots=True)
class RunDependencies:
    """What a run works with; tests put fakes here.

    Attributes:
        work: what a worker does with a page.
        fingerprint: of the page stage under given settings.
        judge: judges a book; the shipped rules when None.
        scans: the doors to the folder of scans.
        executor: makes the executor.
        clock: the clocks of the machine.
        free: what is free on it.
        rules: how often and when a task is tried again.
        learning: what books learn their hand with.
        join: looks at two scans of half sheets.

    """

    work: Callable[[PageJob], PageResult] = process_page
    fingerprint: Callable[[RunSettings], str] = lambda settings: stages_for(settings).fingerprint
    judge: Judge | None = None
    scans: ScanSource = ScanSource()
    executor: Callable[[RunConditions, TaskLimits, str], Executor] = make_executor
    clock: Clock = Clock()
    free: Callable[[Path], FreeResources] = free_now
    rules: RetryRules = RetryRules()
    learning: LearningDependencies = LearningDependencies()
    join: Callable[[HalfPair], JoinedPair] = join_pair


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    Attributes:
        run: its id.
        books: ids of the books under the folder of scans.
        read: pages that were dealt with now.
        known: pages whose result was known already.
        seconds: time it took.
        ending: why it ended.
        cause: the same for people; None when everything is done.

    """

    run: int
    books: tuple[str, ...]
    read: int
    known: int
    seconds: float
    ending: RunEnding
    cause: Text | None = None


def run(
    workspace: Workspace,
    scans: Path,
    *,
    settings: RunSettings = RunSettings(),  # noqa: B008 (frozen)
    conditions: RunConditions = RunConditions(),  # noqa: B008 (frozen)
    force: bool = False,
    retry: bool = False,
    learn: bool = True,
    reporter: RunObserver | None = None,
    dependencies: RunDependencies = RunDependencies(),  # noqa: B008 (frozen)
) -> RunSummary:
    """Read all books under `scans` that are new or changed, and judge them.

    May be stopped at any moment, even by a power cut: the next run goes on after the last finished
    page, and its results are the same as those of a run that was never stopped. Ctrl-C and SIGTERM
    finish what is under way; a second one stops at once.

    Args:
        workspace: where results go.
        scans: folder with books and their inventory.
        settings: model, layouts, time limit.
        conditions: workers, limits, when to stop.
        force: read everything again, whatever is known.
        retry: forget what is held against pages that killed their workers.
        learn: books of which people confirmed enough learn their hand first, unless the policy of
            the office or the executor forbids it.
        reporter: told how it goes.
        dependencies: tests put fakes here.

    Raises:
        BadInputError: `scans` holds no book.
        MachineError: the machine lacks something, the disk is full, the cluster is gone, or
            another run has the workspace.

    """
    require_folder(scans)
    policy = office_policy(workspace.folder)  # a slip in it is told before anything is read
    with (
        run_lock(workspace),
        open_log(workspace) as log,
        listening(partial(_unforeseen, log)),
        stop_on_signals() as stop,
    ):
        with file_errors_explained(workspace.folder):
            remove_leftovers(workspace.folder)
            for name in _OF_RUNS:
                remove_leftovers(workspace.folder / name, below=True)
        require_whole(workspace)
        reading = with_office_network(workspace.folder, settings)  # theirs until the run ends
        fingerprint = dependencies.fingerprint(reading)
        clock = RunTime(dependencies.clock)
        made = made_by(reading, fingerprint)
        number = _begin(
            workspace,
            scans,
            conditions,
            clock,
            log,
            made,
            dependencies.rules,
            forgive=force or retry,
        )
        seen = reporter or RunObserver()
        try:
            books = find_scanned_books(workspace, scans, dependencies.scans, seen.noticed)
            with file_errors_explained(workspace.folder):
                save_settings(workspace.folder, settings)
        except BaseException as error:
            _end(workspace, number, clock, _ending_of(error), error)
            raise
        log.info("run", run=number, books=len(books), by=fingerprint)
        with workspace.transaction() as session:
            raise_thresholds(session)  # before any book is judged
        work = RunWork(
            number,
            scans.absolute(),
            ReadAndPack(dependencies.work),
            fingerprint,
            dependencies.judge,
            reading,
            force,
            dependencies.rules,
        )
        preparation = _preparation(
            workspace,
            LearningRun(number, reading, fingerprint, conditions.nice),
            conditions,
            dependencies,
            log,
            seen.noticed,
            learn=learn and policy.learn_hands,
        )
        limits = TaskLimits(settings.page_seconds, conditions.memory_mb, conditions.nice)
        watch = ResourceWatch(conditions.thresholds, clock.until(conditions.until))
        loop = RunLoop(
            workspace,
            work,
            dependencies.executor(conditions, limits, fingerprint),
            Feeder(workspace, books, dependencies.scans, force, preparation),
            clock,
            preparation.halves,
            lambda: (
                _ASKED
                if stop.asked
                else watch.look(dependencies.free(workspace.folder), clock.seconds())
            ),
            seen,
            log,
            time.sleep,
        )
        with stop.patiently():
            advice = _watched(loop, workspace, number, clock, log)
        with workspace.transaction() as session:
            raise_draw(session)
            draw_of_each(session)
        seconds, progress = clock.seconds(), loop.progress
        log.info("done", run=number, pages=progress.done, seconds=round(seconds, 1))
    return RunSummary(
        number,
        tuple(book.id for book in books),
        progress.done,
        progress.known,
        seconds,
        advice.ending or RunEnding.DONE,
        advice.cause,
    )


def _preparation(
    workspace: Workspace,
    run: LearningRun,
    conditions: RunConditions,
    dependencies: RunDependencies,
    log: Any,
    noticed: Callable[[Text], None],
    *,
    learn: bool,
) -> BookPreparation:
    """What is done for a book before its pages are planned: nothing where workers are elsewhere.

    They may not see the folders in which joined sheets and hands are kept.
    """
    if conditions.executor != "local":
        return BookPreparation(HalfJoiner(None, log, noticed), BookLearner(None, log, noticed))
    processes = conditions.workers or cores()
    halves = HalfJoining(workspace, run.settings, processes, conditions.nice, dependencies.join)
    hands = AutomaticLearning(workspace, run, dependencies=dependencies.learning) if learn else None
    return BookPreparation(HalfJoiner(halves, log, noticed), BookLearner(hands, log, noticed))


def _unforeseen(log: Any, told: SohoaError, trace: str) -> None:
    """Keep where in the code a fault of a scan or inventory came from that no rule foresees."""
    log.warning("foreign file", page=told.where, cause=told.cause.en, trace=trace)


def _begin(
    workspace: Workspace,
    scans: Path,
    conditions: RunConditions,
    clock: RunTime,
    log: Any,
    made: dict[str, str],
    rules: RetryRules,
    *,
    forgive: bool,
) -> int:
    """Note that a run begins; runs that were cut off are ended, their leases taken back."""
    with workspace.transaction() as session:
        for lost in close_interrupted(session):
            log.warning("an earlier run was interrupted", run=lost)
        attempts.note_interruptions(session, rules.interruptions)
        if forgive:
            attempts.forgive(session)
        number = begin_run(
            session,
            scans=str(scans.absolute()),
            host=socket.gethostname(),
            pid=os.getpid(),
            executor=conditions.executor,
            started=clock.started,
            updated=clock.started,
            until=conditions.until,
            made_by=made,
            phase=RunPhase.LOOKING.value,
        )
    reached(CommitPoint.RUN_BEGUN)
    return number


def _watched(loop: RunLoop, workspace: Workspace, number: int, clock: RunTime, log: Any) -> Advice:
    """Bring the run to its end, whichever it is, and note it."""
    try:
        advice = loop.go()
        require_whole(workspace)
        ending = advice.ending or RunEnding.DONE
        with workspace.transaction() as session:
            attempts.leave_all(session, number)
            update_run(session, number, **{**loop.columns(), **_ended(clock, ending, advice)})
    except BaseException as error:
        log.error("stopped", run=number, cause=type(error).__name__)
        _end(workspace, number, clock, _ending_of(error), error)
        raise
    reached(CommitPoint.RUN_ENDED)
    return advice


def _end(
    workspace: Workspace, number: int, clock: RunTime, ending: RunEnding, error: BaseException
) -> None:
    """Note why a run ended too early, if the store still takes it."""
    cause: Text | None = Text(type(error).__name__, type(error).__name__)
    remedy: Text | None = None
    if isinstance(error, SohoaError):
        cause, remedy = error.cause, error.remedy
    elif isinstance(error, KeyboardInterrupt):
        cause, remedy = _ASKED.cause, _ASKED.remedy
    advice = Advice(RunOrder.STOP, ending, cause, remedy)
    for _ in range(_TRIES):
        with suppress(Exception), workspace.transaction() as session:
            attempts.leave_all(session, number)
            update_run(session, number, **_ended(clock, ending, advice))
            return
        workspace.engine.dispose()  # a connection that was cut off in the middle of its work


def _ending_of(error: BaseException) -> RunEnding:
    if isinstance(error, KeyboardInterrupt):
        return RunEnding.ASKED
    return RunEnding.CLUSTER if isinstance(error, ClusterGoneError) else RunEnding.ERROR


def _ended(clock: RunTime, ending: RunEnding, advice: Advice) -> dict[str, Any]:
    now = clock.now()
    return {
        "phase": RunPhase.ENDED.value,
        "ending": ending.value,
        "ended": now,
        "updated": now,
        **message_columns(advice.cause, advice.remedy),
    }


__all__ = ["RunConditions", "RunDependencies", "RunObserver", "RunSummary", "run"]
