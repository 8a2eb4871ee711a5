"""The supervisor of a crash test: run and export as the command line does, killed where asked."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import img2pdf  # noqa: F401
from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401  (before the fork)

from ocr_pipeline.batch.clock import Clock
from ocr_pipeline.batch.run import RunConditions, RunDependencies, free_now, run
from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.batch.watch import FreeResources, ResourceThresholds
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.cli.package_tables import tell_exports
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.linking.link_job import LinkChoices, link_books
from ocr_pipeline.exchange.linking.link_lists import write_lists
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.readiness import find_obstacles
from ocr_pipeline.processing import stored_scores
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store import commit_points
from ocr_pipeline.store.backup import make_backup
from ocr_pipeline.store.commit_points import CommitPoint
from ocr_pipeline.store.restore import restore
from ocr_pipeline.store.runs import RunEnding
from ocr_pipeline.store.workspace import Workspace
from tests.builders import judges
from tests.builders.books import make_book
from tests.crash import stages

ENDED_EARLY = 9


def warm_up() -> None:
    """Load before the fork what an export looks things up in: places, names, templates, rules."""
    book = make_book(year=2017)
    [record] = judges.accept_all(book, [stages.birth("1.jpg", "1")])
    template, page = load_template("KS"), {"1.jpg": PageRef(Path(__file__), 0, "1.jpg")}
    assert not find_obstacles(BookData(book, [record], page), template, NamingRule())


def obey(order) -> int:
    """Run, export; returns the exit code: of the error, 9 for a run that ended early, else 0."""
    if kill := order.get("kill"):
        commit_points.hook = Killer(CommitPoint(kill["point"]), kill["nth"])
    if order.get("trace"):
        commit_points.hook = lambda point: print(
            f"point: {point.value}", file=sys.stderr, flush=True
        )
    try:
        if order["acts"] == ["restore"]:
            restore(Path(order["backup"]), order["location"], replace=True)
            return 0
        with Workspace.open(order["location"]) as workspace:
            for act in order["acts"]:
                if act == "backup":
                    make_backup(workspace, Path(order["backups"]), software="sohoa test")
                elif act == "link":
                    _link(workspace, order)
                elif act == "run":
                    done = _run(workspace, order)
                    if done is not RunEnding.DONE:
                        print(f"ending: {done.value}", file=sys.stderr)
                        return ENDED_EARLY
                else:
                    refused = tell_exports(
                        export_books(
                            workspace, None, ExportChoices(Path(order["out"]), unapproved=True)
                        )
                    )
                    if refused:
                        return 1
    except SohoaError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


def _link(workspace, order):
    """Link as the command does after reading, with pages that say what the network sees."""
    stored_scores.score_page = stages.score_page
    stored_scores.stages_of_book = lambda *_: SimpleNamespace(fingerprint="f1")
    with open_keyed([Path(order["keyed"])]) as keyed:
        choices = LinkChoices(Path(order["out"]), Path(order["scans"]), partial=True)
        write_lists(link_books(workspace, keyed, choices), choices.out)


def _run(workspace, order):
    now = Jumping(order["jumps"]) if order.get("jumps") else Clock()
    free = Scarce(order["free"]) if order.get("free") else free_now
    until = order.get("until")
    thresholds = ResourceThresholds(disk_mb=1, disk_least_mb=0.5, memory_mb=10)
    done = run(
        workspace,
        Path(order["scans"]),
        settings=RunSettings(page_seconds=order.get("page_seconds", 30.0)),
        conditions=RunConditions(
            workers=order["workers"],
            nice=0,
            memory_mb=order.get("memory_mb", 0),
            until=datetime.now(UTC) + timedelta(seconds=until) if until is not None else None,
            thresholds=ResourceThresholds(**order["thresholds"])
            if "thresholds" in order
            else thresholds,
        ),
        retry=order.get("retry", False),
        force=order.get("force", False),
        reporter=Telling(),
        dependencies=RunDependencies(
            work=stages.work,
            fingerprint=lambda _: "f1",
            judge=judges.accept_all,
            rules=RetryRules(rest=(0.05, 0.1)),
            clock=now,
            free=free,
            join=stages.join_pair,
        ),
    )
    return done.ending


class Killer:
    """Kills this process, as the system does, when it reaches a point for the n-th time."""

    def __init__(self, point: CommitPoint, nth: int) -> None:
        self._point, self._left, self._lock = point, nth, threading.Lock()

    def __call__(self, point: CommitPoint) -> None:
        if point is not self._point:
            return
        with self._lock:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class Telling(RunObserver):
    """Tells what an operator is told, on stderr."""

    def paused(self, cause):
        print(f"paused: {cause}", file=sys.stderr, flush=True)

    def resumed(self):
        print("resumed", file=sys.stderr, flush=True)

    def stopping(self, cause):
        print(f"stopping: {cause}", file=sys.stderr, flush=True)

    def died(self, book, page, cause, deaths):
        print(f"died: {book} {page} {deaths} {cause}", file=sys.stderr, flush=True)


class Jumping(Clock):
    """A wall clock that jumps by so many seconds at each of its looks; the steady one does not."""

    def __init__(self, jumps) -> None:
        self._jumps, self._looks = jumps, count()

    def now(self):
        return super().now() + timedelta(seconds=self._jumps[next(self._looks) % len(self._jumps)])


class Scarce:
    """What is free, look by look: (disk MB, memory MB); the last one stays."""

    def __init__(self, readings) -> None:
        self._readings = [FreeResources(*pair) for pair in readings]

    def __call__(self, folder):
        return self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]
