"""What users see: messages in two languages, JSON, tables, progress, and where a crash is noted."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr_pipeline import crash_log
from ocr_pipeline.errors import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_SOON, _LATE = 10.0, 60.0  # seconds between two plain lines: at first, and in a long night
_LONG_SECONDS = 600.0  # seconds after which plain lines come as seldom as they ever do

_crash_folder: list[Path] = []


def console(*, error: bool = False) -> Console:
    """A rich console on stdout, or on stderr."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=True)


def say(message: Text, *, style: str = "") -> None:
    """Tell the user something on stdout: Vietnamese on one line, English on the next."""
    _print(message, style, error=False)


def say_line(text: str) -> None:
    """Tell the user something short that has both languages in it, on stdout."""
    console().print(text, markup=False)


def warn(message: Text) -> None:
    """Tell the user something on stderr."""
    _print(message, "yellow", error=True)


def say_error(cause: Text, *, where: str = "", remedy: Text | None = None) -> None:
    """Tell on stderr what was wrong, where, and what to do next."""
    out = console(error=True)
    for language in ("vi", "en"):
        place = f"{where}: " if where else ""
        todo = f" → {getattr(remedy, language)}" if remedy else ""
        out.print(
            f"{place}{getattr(cause, language)}{todo}",
            style="red" if language == "vi" else "dim",
            markup=False,
        )


def print_json(data: Any) -> None:
    """One JSON document, indented, on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def print_json_line(data: Any) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def print_table(title: Text, columns: Sequence[Text], rows: Iterable[Sequence[object]]) -> None:
    """A table with headings in both languages; tab-separated lines where stdout is no terminal."""
    out = console()
    if not out.is_terminal:
        print("\t".join(column.en for column in columns))
        for row in rows:
            print("\t".join(str(cell) for cell in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=str(title), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place, column in enumerate(columns):  # names in front are never cut off
        heading = f"{column.vi}\n[dim]{column.en}[/dim]"
        table.add_column(heading, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    out.print(table)


@contextmanager
def progress(title: Text, total: int | None) -> Iterator[Advance]:
    """A progress bar on a terminal; elsewhere a plain line now and then. Both on stderr."""
    out = console(error=True)
    if not out.is_terminal:
        yield _PlainAdvance(title, total)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bars:
        yield _BarAdvance(bars, title, total)


def line_every(seconds: float) -> float:
    """Seconds until the next plain line, so long after the first: ever more, up to a minute."""
    return _SOON + (_LATE - _SOON) * min(seconds / _LONG_SECONDS, 1.0)


class Advance:
    """Counts what is done."""

    def total(self, number: int) -> None:
        """Say how much there is to do."""
        raise NotImplementedError

    def step(self, note: str = "") -> None:
        """One more is done."""
        raise NotImplementedError


class _BarAdvance(Advance):
    def __init__(self, bars: Progress, title: Text, total: int | None) -> None:
        self._bars = bars
        self._task = bars.add_task(str(title), total=total)

    def total(self, number: int) -> None:
        self._bars.update(self._task, total=number)

    def step(self, note: str = "") -> None:
        self._bars.advance(self._task)


class _PlainAdvance(Advance):
    def __init__(self, title: Text, total: int | None) -> None:
        self._title, self._total, self._done = title, total, 0
        self._start = time.monotonic()
        self._next = self._start + line_every(0)

    def total(self, number: int) -> None:
        self._total = number

    def step(self, note: str = "") -> None:
        self._done += 1
        if time.monotonic() >= self._next or self._done == self._total:
            self._next = time.monotonic() + line_every(time.monotonic() - self._start)
            total = "" if self._total is None else f"/{self._total}"
            print(
                f"{self._title}: {self._done}{total} {note}".rstrip(), file=sys.stderr, flush=True
            )


def note_crashes_in(folder: Path) -> None:
    """From now on, tracebacks of crashes are written to this folder."""
    _crash_folder[:] = [folder]


def note_crash(error: BaseException) -> Path:
    """Write where `error` came from to a log file; returns its path."""
    return crash_log.note_crash(error, _crash_folder[0] if _crash_folder else None)


def _print(message: Text, style: str, *, error: bool) -> None:
    out = console(error=error)
    out.print(message.vi, style=style or None, markup=False)
    if message.en and message.en != message.vi:
        out.print(message.en, style="dim", markup=False)
