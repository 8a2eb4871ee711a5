"""Read the books that need it, link them to keyed rows, and show what came of it."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.batch.run import RunConditions
from ocr_pipeline.cli.keyed_tables import refusal, tell_refused
from ocr_pipeline.cli.output import print_json, print_table, progress, say
from ocr_pipeline.cli.run_session import run_and_tell
from ocr_pipeline.errors import BadInputError, ExitCode, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns
from ocr_pipeline.exchange.linking.link_job import (
    LinkChoices,
    LinkProgress,
    books_under,
    count_pages,
    link_books,
)
from ocr_pipeline.exchange.linking.link_lists import write_lists
from ocr_pipeline.exchange.linking.link_report import LinkReport
from ocr_pipeline.processing.book_links import LinkState, Verdict
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LinkOrder:
    """What is asked for.

    Attributes:
        files: keyed files.
        mapping: of their columns; None for headings that are known.
        settings: with which books are read that have not been read yet.
        workers: processes that read; 0 for one per core.
        choices: what to link, and where to write.

    """

    files: tuple[Path, ...]
    mapping: Path | None
    settings: RunSettings
    workers: int
    choices: LinkChoices


def link_and_tell(ws: Workspace, order: LinkOrder, *, as_json: bool = False) -> ExitCode:
    """Link, and show what came of it; returns what to tell other programs.

    Raises:
        SohoaError: as the run, or the linking itself.

    """
    mapped = mapped_columns(order.mapping) if order.mapping else None
    with open_keyed(order.files, mapped) as keyed:
        tell_refused(keyed)
        if not keyed.files:
            return keyed.refused[0].exit_code
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            read = run_and_tell(
                ws, order.choices.scans, settings=order.settings,
                conditions=RunConditions(workers=order.workers),
            )  # fmt: skip
        if read not in (ExitCode.DONE, ExitCode.FAILURES):
            return read
        books = books_under(ws, order.choices.scans)
        if not books:
            raise _no_books(order.choices.scans)
        title = Text("So dòng với trang", "Comparing rows with pages")
        with progress(title, count_pages(ws, books)) as advance:
            done = link_books(ws, keyed, order.choices, LinkProgress(page=advance.step))
        excel, told = write_lists(done, order.choices.out)
        if as_json:
            refused = [refusal(error) for error in keyed.refused]
            print_json({**done.as_dict(), "excel": str(excel), "refused": refused})
        else:
            _tell(done, excel, told)
        open_ends = done.waiting or keyed.refused or any(one.refused for one in done.books)
        return ExitCode.FAILURES if open_ends else ExitCode.DONE


def _no_books(scans: Path) -> BadInputError:
    return BadInputError(
        Text("Không có sổ nào trong thư mục này", "There is no book in this folder"),
        where=str(scans),
        remedy=Text(
            "Kiểm tra danh mục sổ (books.xlsx) trong thư mục ảnh quét",
            "Look at the inventory (books.xlsx) in the folder of scans",
        ),
    )


def _tell(done: LinkReport, excel: Path, told: Path) -> None:
    print_table(
        Text("Gắn dòng với trang", "Rows and pages"),
        (Text("sổ", "book"), Text("bản ghi", "records"), Text("dòng", "rows"),
         Text("máy", "machine"), Text("người", "people"), Text("chờ", "waiting"),
         Text("dòng không trang", "rows without page"), Text("khác nhau", "differences"),
         Text("trong gói", "packed")),
        [
            (one.book.id, len(one.settled.links), len(one.links.rows),
             one.count(LinkState.ACCEPTED),
             one.count(LinkState.CHOSEN) + one.count(LinkState.NO_ROW),
             one.count(LinkState.WAITING), len(one.settled.free),
             sum(1 for _ in one.checks(Verdict.DIFFERS)),
             one.package.package.records if one.package.package else 0)
            for one in done.books
        ],
    )  # fmt: skip
    if done.keyed.elsewhere:
        say(
            Text(
                f"{done.keyed.elsewhere} dòng không thuộc sổ nào ở đây",
                f"{done.keyed.elsewhere} rows belong to no book here",
            )
        )
    if done.waiting:
        say(
            Text(
                f"{done.waiting} bản ghi chờ người: xem trang tính “Chờ người”",
                f"{done.waiting} records wait for a person: see the sheet “Chờ người”",
            )
        )
    for one in done.books:
        if one.links.unlike:
            say(
                Text(
                    f"{one.book.id}: {one.links.unlike} dòng không giống bản ghi nào, "
                    "không liệt kê",
                    f"{one.book.id}: {one.links.unlike} rows look like no record, and are not "
                    "listed",
                )
            )
        if one.package.held:
            say(
                Text(
                    f"{one.book.id}: {len(one.package.held)} dòng chưa xuất được",
                    f"{one.book.id}: {len(one.package.held)} rows cannot go out yet",
                )
            )
    say(Text(f"Danh sách: {excel}, {told.name}", f"Lists: {excel}, {told.name}"))
