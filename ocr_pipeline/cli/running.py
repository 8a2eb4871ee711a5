"""Run the pipeline while telling people how it goes; tables of books and of faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocr_pipeline.batch.run import Reporter, run
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.batch.status import status
from ocr_pipeline.batch.tools import tools_for
from ocr_pipeline.cli.output import Advance, console, print_table, progress, say, warn
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_MOST = 100  # faults told one by one
_READING = Text("Đang đọc trang", "Reading pages")


class _Told(Reporter):
    """A reporter that moves a progress bar."""

    def __init__(self, bar: Advance) -> None:
        self._bar = bar

    def planned(self, books: int, pages: int, known: int) -> None:
        self._bar.total(pages)
        say(
            Text(
                f"{books} sổ, {pages} trang cần đọc, {known} trang đã đọc từ trước",
                f"{books} books, {pages} pages to read, {known} pages read before",
            )
        )

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        self._bar.step(f"{book} {page}")


def run_and_tell(
    workspace: Workspace, scans: Path, *, settings: RunSettings, workers: int, force: bool
) -> int:
    """Run, then tell what came out; returns the number of failures."""
    note = tools_for(settings).note
    if note is not None:
        warn(note)
    with progress(_READING, None) as bar:
        done = run(
            workspace,
            scans,
            settings=settings,
            workers=workers,
            force=force,
            reporter=_Told(bar),
        )
    state = status(workspace)
    here = set(done.books)
    state["books"] = [book for book in state["books"] if book["id"] in here]
    state["problems"] = [row for row in state["problems"] if row["scans"] == str(scans.absolute())]
    say(
        Text(
            f"Xong sau {done.seconds:.0f} giây: đọc {done.read} trang",
            f"Done in {done.seconds:.0f} seconds: {done.read} pages read",
        )
    )
    tell_status(state)
    return tell_failures(state)


def tell_status(state: dict[str, Any]) -> None:
    """The table of books."""
    done = (State.CONFIRMED, State.CORRECTED, State.UNREADABLE)
    print_table(
        Text("Các sổ", "Books"),
        (
            Text("sổ", "book"),
            Text("trang", "pages"),
            Text("bản ghi", "records"),
            Text("nhận", "accepted"),
            Text("trống", "blank"),
            Text("cần xem", "review"),
            Text("đã xem", "done"),
            Text("lỗi", "faults"),
            Text("còn", "left"),
        ),
        [
            (
                book["id"],
                book["pages"],
                book["records"],
                book["fields"][State.ACCEPTED],
                book["fields"][State.BLANK],
                book["fields"][State.IN_REVIEW] + book["fields"][State.READ],
                sum(book["fields"][state] for state in done),
                len(book["failures"]),
                f"{book['seconds_left'] / 60:.0f} min" if book["seconds_left"] else "",
            )
            for book in state["books"]
        ],
    )


def tell_failures(state: dict[str, Any]) -> int:
    """Every fault by file, cause and remedy, then the notices; returns the number of faults."""
    faults = [(row["place"], row) for row in state["problems"]]
    notices = []
    for book in state["books"]:
        faults += [(f"{book['id']} {row['page']}", row) for row in book["failures"]]
        notices += [(f"{book['id']} {row['page']}", row) for row in book["notices"]]
    if faults:
        say(
            Text(
                f"{len(faults)} chỗ cần người xem (các trang khác vẫn được đọc):",
                f"{len(faults)} places need a person (all other pages have been read):",
            ),
            style="bold",
        )
        _tell_each(faults)
    if notices:
        say(Text(f"{len(notices)} thông báo:", f"{len(notices)} notices:"), style="bold")
        _tell_each(notices)
    return len(faults)


def _tell_each(rows: list[tuple[str, dict[str, Any]]]) -> None:
    out = console()
    for place, row in rows[:_MOST]:
        for language, style in (("vi", None), ("en", "dim")):
            cause, remedy = row["cause"][language], row["remedy"][language]
            todo = f" → {remedy}" if remedy else ""
            out.print(f"  {place}: {cause}{todo}", style=style, markup=False)
    if len(rows) > _MOST:
        out.print(f"  … +{len(rows) - _MOST}: sohoa status --json", style="dim")
