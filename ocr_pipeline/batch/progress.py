"""How far a run is: what its row in the store says, brought up to date once a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr_pipeline.batch.clock import RunTime
from ocr_pipeline.batch.executor import Executor
from ocr_pipeline.batch.pace import Pace
from ocr_pipeline.batch.watch import Advice
from ocr_pipeline.store.codec import message_columns
from ocr_pipeline.store.runs import RunPhase
from ocr_pipeline.store.states import FAILURES, PageKind

_BEAT_SECONDS = 1.0  # seconds between two updates of the row when nothing else is written


class Progress:
    """Counts of a run (`models.RunRow`).

    Args:
        time: of the run.

    """

    def __init__(self, time: RunTime) -> None:
        self._time = time
        self._beat = float("-inf")
        self.phase = RunPhase.LOOKING
        self.advice: Advice | None = None
        self.books = self.books_done = 0
        self.pages = self.known = self.done = self.failed = self.poisoned = self.again = 0
        self._books_left = 0
        self._stages: dict[str, float] = {}
        self._pace = Pace(time.seconds())
        self._pauses = 0
        self._paused = 0.0
        self._since = 0.0  # when the present pause began

    @property
    def pages_expected(self) -> int:
        """Pages to read in all; books that have not been looked at count as the mean of others."""
        if not self.books:
            return self.pages
        return self.pages + round(self._books_left * self.pages / self.books)

    def planned(self, pages: int, known: int, books_left: int, *, is_new: bool = True) -> None:
        """A book has been looked at; not `is_new`: once more."""
        self.books += is_new
        self.pages += pages
        self.known += known
        self._books_left = books_left

    def page_done(self, kind: PageKind) -> None:
        """A page is settled."""
        self.done += 1
        self.failed += kind in FAILURES
        self.poisoned += kind is PageKind.POISONED

    def worked(self, seconds: Mapping[str, float]) -> None:
        """A worker has spent so many seconds in each of the stages."""
        for stage, spent in seconds.items():
            self._stages[stage] = self._stages.get(stage, 0.0) + spent

    def enter(self, phase: RunPhase, advice: Advice) -> None:
        """The run does something else from now on."""
        if self.phase is RunPhase.PAUSED:
            self._paused += self._time.seconds() - self._since
        if phase is RunPhase.PAUSED:
            self._pauses += 1
            self._since = self._time.seconds()
        self.phase, self.advice, self._beat = phase, advice, float("-inf")

    def due(self) -> bool:
        """Whether the row should be brought up to date although nothing else is written."""
        return self._time.seconds() - self._beat >= _BEAT_SECONDS

    def columns(self, executor: Executor) -> dict[str, Any]:
        """The columns of the row."""
        now = self._beat = self._time.seconds()
        self._pace.note(self.done, now)
        pausing = now - self._since if self.phase is RunPhase.PAUSED else 0.0
        cause, remedy = (self.advice.cause, self.advice.remedy) if self.advice else (None, None)
        return {
            "phase": self.phase.value,
            "updated": self._time.now(),
            **message_columns(cause, remedy),
            "workers": executor.workers,
            "books": self.books + self._books_left,
            "books_done": self.books_done,
            "pages": self.pages,
            "pages_expected": self.pages_expected,
            "known": self.known,
            "done": self.done,
            "failed": self.failed,
            "poisoned": self.poisoned,
            "again": self.again,
            "busy": round(sum(self._stages.values()), 3),
            "stages": {stage: round(spent, 3) for stage, spent in self._stages.items()},
            "peak_mb": round(executor.peak_mb, 1),
            "pace": round(self._pace.per_minute(), 1),
            "pauses": self._pauses,
            "paused": round(self._paused + pausing, 1),
        }
