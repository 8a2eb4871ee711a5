"""Tables of books and lists of faults, as `sohoa status` and `sohoa run` show them."""

from __future__ import annotations

from typing import Any

from ocr_pipeline.cli.output import console, print_table, say
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.morning_report.titles import title
from ocr_pipeline.written_numbers import numbers

_ALL = Text("tất cả", "all")
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
            Text("không cần ai xem", "need nobody"),
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
                _of_records(book),
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


def _of_records(book: dict[str, Any]) -> str:
    """Records that need nobody and their share; nothing before one was read."""
    if not book["records"]:
        return ""
    return f"{book['unattended']} ({book['unattended'] / book['records']:.0%})"


def tell_unattended(state: dict[str, Any]) -> None:
    """Of all books: the records that need nobody beside the fields that were accepted."""
    books = state["books"]
    records, fields = (
        sum(book["records"] for book in books),
        sum(sum(book["fields"].values()) for book in books),
    )
    if not records or not fields:
        return
    alone = sum(book["unattended"] for book in books)
    of_all = numbers(100 * alone / records, 1)
    accepted = numbers(100 * sum(book["accepted"] for book in books) / fields, 1)
    say(
        Text(
            f"Bản ghi không cần ai xem: {alone} trong {records} ({of_all.vi} %); "
            f"trường máy tự chấp nhận, kể cả trường trống: {accepted.vi} %",
            f"Records that need nobody: {alone} of {records} ({of_all.en} %); "
            f"fields accepted, blank ones included: {accepted.en} %",
        )
    )


def tell_samples(state: dict[str, Any]) -> None:
    """What keyed samples show, of all, by kind and by book; nothing before one was keyed."""
    rows = state["samples"]
    if not rows[0]["checked"]:
        return
    print_table(
        Text("Mẫu kiểm tra", "Samples"),
        (
            Text("loại trường hoặc sổ", "kind of field or book"),
            Text("đã nhập", "keyed"),
            Text("sai", "wrong"),
            Text("đang chờ", "waiting"),
            Text("không quá (95 %)", "at most (95 %)"),
            Text("còn cần", "still needed"),
        ),
        [
            (
                row["book"] or (title("kind", row["kind"]) if row["kind"] else _ALL),
                row["checked"],
                row["wrong"],
                row["waiting"],
                f"{row['at_most']:.1%}" if row["counted"] and not row["unfinished"] else "",
                _still_needed(row),
            )
            for row in rows
        ],
    )


def tell_raised(state: dict[str, Any]) -> None:
    """Thresholds that wrong samples raised, and those of approved books that stay."""
    for one in state["raised"]:
        say(Text(**one["words"]))


def tell_hands(state: dict[str, Any]) -> None:
    """What came of the last trial of each book's hand."""
    for book in state["books"]:
        if book["hand"]:
            say(Text(**book["hand"]["words"]))


def _still_needed(row: dict[str, Any]) -> Text | int:
    """Number of fields; words where the budget is shown, or too few fields are left for it."""
    if not row["needed"]:
        return Text("đã chứng minh", "shown")
    if row["needed"] > row["pool"]:
        return Text("chưa chứng minh được", "not yet shown")
    return int(row["needed"])


def tell_trail(state: dict[str, Any]) -> None:
    """The head of the audit trail, to be noted elsewhere."""
    trail = state["trail"]
    if trail["lines"]:
        say(
            Text(
                f"Nhật ký thao tác: {trail['lines']} dòng, mã băm cuối {trail['hash']}",
                f"Audit trail: {trail['lines']} lines, last hash {trail['hash']}",
            )
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
    _tell_no_record(state)
    return len(faults)


def _tell_no_record(state: dict[str, Any]) -> None:
    """Every page on which the machine saw no record: first those where numbers are missing."""
    rows = [(book["id"], row) for book in state["books"] for row in book["no_record"]]
    if not rows:
        return
    say(
        Text(
            f"{len(rows)} trang được coi là trang trống hoặc bìa (xem nhanh ở trạm rà soát):",
            f"{len(rows)} pages taken for blank pages or covers (a glance in the review station):",
        ),
        style="bold",
    )
    _tell_each(
        [
            (book, {**row, "cause": _named(row["kind"], [row["page"]])})
            for book, row in rows
            if row["remedy"]["vi"]
        ]
    )
    alike: dict[tuple[str, str], list[str]] = {}
    for book, row in rows:
        if not row["remedy"]["vi"]:
            alike.setdefault((book, row["kind"]), []).append(row["page"])
    _tell_each(
        [
            (book, {"cause": _named(kind, pages), "remedy": {"vi": "", "en": ""}})
            for (book, kind), pages in alike.items()
        ]
    )


def _named(kind: str, pages: list[str]) -> dict[str, str]:
    name = title("page", kind)
    return {"vi": f"{name.vi}: {', '.join(pages)}", "en": f"{name.en}: {', '.join(pages)}"}


def _tell_each(rows: list[tuple[str, dict[str, Any]]]) -> None:
    out = console()
    for place, row in rows[:_MOST]:
        for language, style in (("vi", None), ("en", "dim")):
            cause, remedy = row["cause"][language], row["remedy"][language]
            todo = f" → {remedy}" if remedy else ""
            out.print(f"  {place}: {cause}{todo}", style=style, markup=False)
    if len(rows) > _MOST:
        out.print(f"  … +{len(rows) - _MOST}: sohoa status --json", style="dim")
