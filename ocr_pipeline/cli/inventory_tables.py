"""Makes a first inventory and shows what is doubtful in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocr_pipeline.cli.output import print_json, print_table, progress, say
from ocr_pipeline.errors import ExitCode, Text
from ocr_pipeline.exchange.inventorying.first_inventory import (
    InventoryChoices,
    inventory_file,
    lines_json,
    make_inventory,
)
from ocr_pipeline.exchange.inventorying.inventory_line import BookLine
from ocr_pipeline.exchange.inventorying.inventory_workbook import (
    DOUBTS_SHEET,
    column_title,
    said_in_words,
)
from ocr_pipeline.exchange.inventorying.work_order import work_order
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.written_paths import written

_MOST_SHOWN = 20


def write_inventory(
    scans: Path,
    out: Path | None,
    order_file: Path | None,
    choices: InventoryChoices,
    settings: RunSettings,
    *,
    as_json: bool = False,
) -> ExitCode:
    """Make the inventory and say what is to be looked at."""
    order = work_order(order_file)
    target = inventory_file(scans, out)
    with progress(Text("Đang xem sổ", "Looking at books"), None) as bar:
        lines = make_inventory(scans, target, order, choices, settings, bar.total, bar.step)
    if as_json:
        print_json({"out": written(target), "books": lines_json(lines)})
    else:
        _tell(lines, target)
    return (
        ExitCode.FAILURES
        if any(one.doubts or one.survey.faults for one in lines)
        else ExitCode.DONE
    )


def _tell(lines: Sequence[BookLine], out: Path) -> None:
    doubts = [(line, doubt) for line in lines for doubt in line.doubts]
    clear = sum(not line.doubts for line in lines)
    pages = sum(line.survey.pages for line in lines)
    say(
        Text(
            f"{len(lines)} sổ, {pages} trang; {clear} sổ không có nghi ngờ; "
            f"{len(doubts)} ô cần rà soát → {written(out)}",
            f"{len(lines)} books, {pages} pages; {clear} books without doubt; "
            f"{len(doubts)} cells to look at → {written(out)}",
        )
    )
    if doubts:
        print_table(
            Text("Cần rà soát", "To look at"),
            (Text("thư mục", "folder"), Text("cột", "column"), Text("đã ghi", "taken"),
             Text("các nguồn", "sources"), Text("vì sao", "why"), Text("ảnh", "scan")),
            [
                (line.folder, column_title(doubt.column).vi, doubt.taken or "–",
                 said_in_words(doubt).vi, str(doubt.why), line.survey.cover_page)
                for line, doubt in doubts[:_MOST_SHOWN]
            ],
        )  # fmt: skip
    if len(doubts) > _MOST_SHOWN:
        say(
            Text(
                f"… và {len(doubts) - _MOST_SHOWN} ô khác: xem trang tính “{DOUBTS_SHEET}”",
                f"… and {len(doubts) - _MOST_SHOWN} more: see the sheet “{DOUBTS_SHEET}”",
            )
        )
    for line in lines:
        for fault in line.survey.faults:
            say(Text(f"{line.folder}: {fault.vi}", f"{line.folder}: {fault.en}"))
