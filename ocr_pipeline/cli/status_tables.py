"""Tables of books and lists of faults, as `sohoa status` and `sohoa run` show them."""

from __future__ import annotations

from typing import Any

from ocr_pipeline.cli.output import console, print_table, say
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import State

_MOST = 100  # faults told one by one


def tell_status(state: dict[str, Any]) -> None:
    """The table of books."""
    done = (State.CONFIRMED, State.CORRECTED, State.UNREADABLE)
    print_table(
        Text("Các sổ", "Books"),
        (
            Text("sổ", "book"),
            Text("trang", "pages"),
            Text("bản ghi", "records"),
            Text("chấp nhận", "accepted"),
            Text("trống", "blank"),
            Text("cần rà soát", "to review"),
            Text("đã rà soát", "reviewed"),
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
                f"{len(faults)} trang cần người xử lý (các trang khác không bị ảnh hưởng):",
                f"{len(faults)} pages need a person (other pages are not affected):",
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
