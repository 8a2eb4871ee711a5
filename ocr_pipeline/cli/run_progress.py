"""How a run goes on, for people: a bar on a terminal, elsewhere a line now and then. On stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from ocr_pipeline.batch.pace import Pace
from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.cli.output import console, line_every, warn
from ocr_pipeline.errors import Text
from ocr_pipeline.reports.figure_wording import duration
from ocr_pipeline.store.states import FAILURES, PageKind
from ocr_pipeline.written_numbers import number

if TYPE_CHECKING:
    from rich.progress import Progress

_TOLD = 20  # deaths of workers that are told one by one; the report has them all

Board = Callable[["RunProgress"], None]
"""Shows how far a run is."""


class RunProgress(RunObserver):
    """Counts what a run tells, and shows it.

    Attributes:
        done: pages dealt with.
        expected: pages to deal with in all, as far as anybody can say.
        failures: pages among them that a person has to look at.
        waiting: why it pauses or stops; None while it reads.

    Args:
        board: where it is shown.
        seconds: a clock that never goes back.

    """

    def __init__(self, board: Board, seconds: Callable[[], float] = time.monotonic) -> None:
        self._board, self._seconds = board, seconds
        self._pace = Pace(seconds())
        self._deaths = 0
        self.done = self.expected = self.failures = self.known = 0
        self.waiting: Text | None = None

    @property
    def per_minute(self) -> float:
        """Pages a minute, over the last minutes."""
        return self._pace.per_minute()

    @property
    def seconds_left(self) -> float | None:
        """Seconds until everything is read; None when nobody can say."""
        if self.waiting is not None:
            return None
        return self._pace.seconds_left(max(self.expected - self.done, 0))

    def planned(self, books: int, pages: int, known: int) -> None:
        """More is known of what is to be done."""
        self.expected, self.known = max(self.expected, pages), known
        self._show()

    def ahead(self, pages: int) -> None:
        """So many pages in all, with a guess for books not looked at yet."""
        self.expected = pages
        self._show()

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        """One page more."""
        self.done += 1
        self.failures += kind in FAILURES
        self._show()

    def died(self, book: str, page: str, cause: Text, deaths: int) -> None:
        """Tell which page has cost a worker."""
        self._deaths += 1
        if self._deaths <= _TOLD:
            place = f"{book} {page}".strip()
            warn(
                Text(
                    f"{place}: tiến trình đọc bị dừng lần thứ {deaths}: {cause.vi}",
                    f"{place}: its worker was stopped, try {deaths}: {cause.en}",
                )
            )
        self._show()

    def noticed(self, cause: Text) -> None:
        """Tell it."""
        warn(cause)

    def paused(self, cause: Text) -> None:
        """Tell why nothing happens; the same cause is told once."""
        if self.waiting == cause:
            return
        self.waiting = cause
        warn(Text(f"Tạm dừng: {cause.vi}", f"Pausing: {cause.en}"))
        self._show()

    def resumed(self) -> None:
        """Tell that it goes on."""
        if self.waiting is not None:
            warn(Text("Chạy tiếp", "Going on"))
        self.waiting = None
        self._show()

    def stopping(self, cause: Text) -> None:
        """Tell that what is under way is finished, then it ends."""
        self.waiting = cause
        warn(
            Text(
                f"Đọc nốt các trang đang dở rồi dừng: {cause.vi}",
                f"Finishing the pages under way, then stopping: {cause.en}",
            )
        )
        self._show()

    def _show(self) -> None:
        self._pace.note(self.done, self._seconds())
        self._board(self)


@contextmanager
def night_reporter() -> Iterator[RunProgress]:
    """A reporter that shows a bar on a terminal, plain lines elsewhere."""
    out = console(error=True)
    if not out.is_terminal:
        yield RunProgress(_Lines())
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=out, transient=True) as bars:
        yield RunProgress(_Bar(bars))


class _Bar:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task = bars.add_task(str(_title(None)), total=None, figures="")

    def __call__(self, night: RunProgress) -> None:
        self._bars.update(
            self._task,
            completed=night.done,
            total=night.expected or None,
            description=str(_title(night.waiting)),
            figures=_figures(night),
        )


class _Lines:
    def __init__(self) -> None:
        self._start = time.monotonic()
        self._next = self._start + line_every(0)

    def __call__(self, night: RunProgress) -> None:
        now = time.monotonic()
        last = night.done and night.done == night.expected
        if now < self._next and not last:
            return
        self._next = now + line_every(now - self._start)
        share = f"{number(night.done)}/{number(night.expected)}"
        line = f"{datetime.now():%H:%M:%S} {_title(night.waiting)}: {share} · {_figures(night)}"
        print(line, file=sys.stderr, flush=True)


def _title(waiting: Text | None) -> Text:
    return Text("Đang đợi", "Waiting") if waiting else Text("Đang đọc trang", "Reading pages")


def _figures(night: RunProgress) -> str:
    rate, left = night.per_minute, night.seconds_left
    parts = [f"{rate:.0f} trang/phút (pages/min)"] if rate else []
    if left is not None and night.done < night.expected:
        parts.append(f"còn/left {duration(left).en}")
    parts.append(f"lỗi/failures {night.failures}")
    return " · ".join(parts)
