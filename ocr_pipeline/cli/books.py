"""`sohoa run`, `status`, `results`: from scans to records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    LayoutsOption,
    ModelOption,
    WorkersOption,
    WorkspaceOption,
    example,
    open_workspace,
)
from ocr_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "run",
        short_help="Đọc các sổ đã quét / read scanned books",
        epilog=example("sohoa run so_quet/ --workspace ho_so/"),
    )(run)
    app.command(
        "status",
        short_help="Tình hình từng sổ / how far each book is",
        epilog=example("sohoa status --workspace ho_so/"),
    )(status)
    app.command(
        "results",
        short_help="Kết quả đọc, JSON / what was read, as JSON",
        epilog=example("sohoa results xalocthuan_hbd_tbt.KS.2016.01 -w ho_so/ > ks.jsonl"),
    )(results)


def run(
    scans: Annotated[
        Path,
        typer.Argument(
            metavar="SCANS",
            help="Thư mục các sổ đã quét và danh mục sổ. / Folder of books and inventory.",
        ),
    ],
    workspace: WorkspaceOption,
    workers: WorkersOption = 0,
    force: Annotated[
        bool,
        typer.Option("--force", help="Đọc lại tất cả. / Read everything again."),
    ] = False,
    model: ModelOption = "htr",
    layouts: LayoutsOption = None,
    page_seconds: Annotated[
        float,
        typer.Option(
            "--page-seconds",
            min=1,
            metavar="S",
            help="Giới hạn thời gian một trang. / Time limit of one page in seconds.",
        ),
    ] = 180.0,
) -> ExitCode:
    """Đọc các sổ trong SCANS; dừng lúc nào cũng được, chạy lại sẽ làm tiếp.

    Read the books under SCANS; may be stopped at any time, the next run goes on.
    """
    from ocr_pipeline.batch.settings import RunSettings
    from ocr_pipeline.cli.running import run_and_tell

    settings = RunSettings(
        model=model, layouts=str(layouts.absolute()) if layouts else "", page_seconds=page_seconds
    )
    with open_workspace(workspace, create=True) as opened:
        failures = run_and_tell(opened, scans, settings=settings, workers=workers, force=force)
    return ExitCode.FAILURES if failures else ExitCode.DONE


def status(workspace: WorkspaceOption, as_json: JsonOption = False) -> None:
    """Tình hình từng sổ: trang, bản ghi, trường đã nhận, cần xem, lỗi.

    How far each book is: pages, records, fields accepted and to review, failures.
    """
    from ocr_pipeline.batch.status import status as state_of
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.cli.running import tell_failures, tell_status

    with open_workspace(workspace) as opened:
        state = state_of(opened)
    if as_json:
        print_json(state)
        return
    tell_status(state)
    tell_failures(state)


def results(
    book: Annotated[
        str, typer.Argument(metavar="BOOK", help="Mã sổ (xem status). / Book id (see status).")
    ],
    workspace: WorkspaceOption,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Luôn là JSON, mỗi dòng một bản ghi. / Always JSON lines."),
    ] = True,
) -> None:
    """In các bản ghi của một sổ, mỗi dòng một đối tượng JSON.

    Print the records of a book, one JSON object a line.
    """
    from ocr_pipeline.batch.results import results as records_of
    from ocr_pipeline.cli.output import print_json_line

    with open_workspace(workspace) as opened:
        for record in records_of(opened, book):
            print_json_line(record)
