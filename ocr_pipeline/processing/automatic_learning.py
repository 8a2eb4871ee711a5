"""Books that learn their hand by themselves while a run goes on, before their pages are planned.

A book is due when people have confirmed enough of it for the first time, half as much again since
the last trial, or when another network reads. What is learnt, and the gate, are those of `sohoa
learn`; the run then reads the pages in doubt again as it reads all others. A trial that takes too
long or is stopped keeps nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import monotonic

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_hands import facts_of, hand_file
from ocr_pipeline.processing.book_learning import (
    BookLearning,
    LearningDependencies,
    LearningLimits,
)
from ocr_pipeline.processing.hand_trials import (
    HandTrial,
    LearningResult,
    confirmed_fields,
    last_trial,
    note_trial,
)
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.models import network_fingerprint, network_folder
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.workspace import Workspace

#: Of a book in a run. 256 confirmed fields of 12 pages took 20 s to gather and 5 s to fit.
AUTOMATIC = LearningLimits(seconds=180.0)


@dataclass(frozen=True, slots=True)
class LearningRun:
    """Of which run the books learn, and with what it reads.

    Attributes:
        run: its id.
        settings: with the network that reads.
        fingerprint: of the page stage under these.
        nice: how far the fitting steps back for everybody else on the machine (0–19).

    """

    run: int
    settings: RunSettings
    fingerprint: str
    nice: int = 0


class AutomaticLearning:
    """Makes the trials of a run, one book after the other; the run has the workspace to itself.

    Args:
        ws: the workspace.
        run: which run.
        limits: how much a book may cost.
        dependencies: tests put fakes here.

    """

    def __init__(
        self,
        ws: Workspace,
        run: LearningRun,
        limits: LearningLimits = AUTOMATIC,
        dependencies: LearningDependencies = LearningDependencies(),  # noqa: B008 (frozen)
    ) -> None:
        self._ws, self._run, self._limits, self._doors = ws, run, limits, dependencies
        self._over = threading.Event()
        self._calls = LimitedCalls(1, TaskLimits(seconds=limits.seconds, nice=run.nice))

    def learn(self, book_id: str) -> HandTrial | None:
        """Make a trial of a book, if it is due.

        Returns:
            What came of it; None where none was due, or where it was stopped.

        Raises:
            MachineError: the model is missing or damaged, the database is gone, the disk is full.

        """
        if network_folder(self._run.settings.model) is None or not self._is_due(book_id):
            return None
        end = monotonic() + self._limits.seconds
        learning = BookLearning(
            self._ws, book_id, self._run.settings, self._limits, self._doors,
            fingerprint=self._run.fingerprint, run=self._run.run, calls=self._calls,
            go_on=lambda: not self._over.is_set() and monotonic() < end,
        )  # fmt: skip
        try:
            learning.tried()
        except (SohoaError, RuntimeError):  # RuntimeError: the processes were closed by `stop`
            if self._over.is_set():
                return None
            return self._failed(book_id, monotonic() - end + self._limits.seconds)
        with self._ws.read_session() as session:
            return last_trial(session, book_id, self._base)

    def stop(self) -> None:
        """End the trial under way at once; nothing of it is kept. No further one is made."""
        self._over.set()
        self._calls.close()

    @property
    def _base(self) -> str:
        return network_fingerprint(self._run.settings.model)

    def _is_due(self, book_id: str) -> bool:
        if self._over.is_set():
            return False
        with self._ws.read_session() as session:
            count = confirmed_fields(session, book_id)
            if count < self._limits.least or is_closed(session, book_id):
                return False
            before = last_trial(session, book_id, self._base)
        if before is None or count >= self._limits.again * before.confirmed:
            return True
        # The network of that trial reads again, and the file holds the hand of another one.
        kept = before.result in (LearningResult.KEPT, LearningResult.KNOWN)
        other = hand_file(self._ws.folder, book_id).is_file()
        return kept and other and facts_of(self._ws.folder, book_id, self._run.settings) is None

    def _failed(self, book_id: str, seconds: float) -> HandTrial:
        """Note a trial that came to no end, so that not every run makes it again."""
        with self._ws.transaction() as session:
            trial = HandTrial(
                book=book_id, base=self._base, confirmed=confirmed_fields(session, book_id),
                result=LearningResult.FAILED, run=self._run.run,
            )  # fmt: skip
            note_trial(session, trial, seconds)
        return trial
