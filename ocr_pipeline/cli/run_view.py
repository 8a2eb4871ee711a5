"""`sohoa status`: the latest run in words, and how to watch one."""

from __future__ import annotations

import time
from collections.abc import Callable

from ocr_pipeline.cli.output import console, line_every, say, say_line
from ocr_pipeline.json_types import Json
from ocr_pipeline.reports.run_state import run_state
from ocr_pipeline.reports.run_wording import run_lines
from ocr_pipeline.store.workspace import Workspace

_LOOK_SECONDS = 1.0  # seconds between two looks on a terminal


def tell_run(run: Json | None) -> None:
    """The latest run, on stdout."""
    for line in run_lines(run) if run else ():
        say(line)


def watch(workspace: Workspace, rest: Callable[[float], None] = time.sleep) -> None:
    """Tell how the latest run goes on until it ends: in place on a terminal, else line by line."""
    out = console()
    if not out.is_terminal:
        _watch_plainly(workspace, rest)
        return
    from rich.live import Live
    from rich.text import Text as Rich

    with Live(console=out, auto_refresh=False, transient=True) as live:
        while (run := run_state(workspace)) is not None and run["running"]:
            words = [f"{line.vi}\n[dim]{line.en}[/dim]" for line in run_lines(run)]
            live.update(Rich.from_markup("\n".join(words)), refresh=True)
            rest(_LOOK_SECONDS)


def _watch_plainly(workspace: Workspace, rest: Callable[[float], None]) -> None:
    waited = 0.0
    while (run := run_state(workspace)) is not None and run["running"]:
        say_line(" · ".join(str(line) for line in run_lines(run)))
        pause = line_every(waited)
        rest(pause)
        waited += pause
