"""`sohoa run`, `status`, `results`: from scans to records."""

from __future__ import annotations

from enum import StrEnum
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
    look_at_workspace,
    open_workspace,
)
from ocr_pipeline.cli.stop_time import next_time
from ocr_pipeline.errors import ExitCode, Text, UsageError
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "run",
        short_help="Đọc các sổ đã quét / read scanned books",
        epilog=example(
            "sohoa run so_quet/ --workspace ho_so/",
            "sohoa run so_quet/ --workspace ho_so/ --until 06:00 --mail-to lan@xa.example",
        ),
    )(run)
    app.command(
        "status",
        short_help="Tình hình từng sổ / how far each book is",
        epilog=example(
            "sohoa status --workspace ho_so/", "sohoa status --workspace ho_so/ --watch"
        ),
    )(status)
    app.command(
        "results",
        short_help="Kết quả đọc, JSON / what was read, as JSON",
        epilog=example("sohoa results xalocthuan_hbd_tbt.KS.2016.01 -w ho_so/ > ks.jsonl"),
    )(results)


class ExecutorName(StrEnum):
    """Where pages are read."""

    LOCAL = "local"
    DASK = "dask"


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
    retry: Annotated[
        bool,
        typer.Option(
            "--retry",
            help="Thử lại cả các trang đã nhiều lần làm dừng tiến trình đọc. "
            "/ Try poisoned pages again, too.",
        ),
    ] = False,
    learn: Annotated[
        bool,
        typer.Option(
            "--learn/--no-learn",
            help="Sổ có đủ trường đã xác nhận tự học nét chữ trước khi đọc lại. "
            "/ Books with enough confirmed fields learn their hand first.",
        ),
    ] = True,
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="HH:MM",
            help="Dừng gọn lúc này; chạy lại sẽ làm tiếp. / Stop cleanly at this time of day.",
        ),
    ] = "",
    executor: Annotated[
        ExecutorName,
        typer.Option(
            "--executor",
            help="Đọc trên máy này hay trên cụm Dask. / Read here or on a Dask cluster.",
        ),
    ] = ExecutorName.LOCAL,
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler",
            metavar="ADDR",
            help="Địa chỉ bộ điều phối Dask. / Address of the Dask scheduler.",
        ),
    ] = "",
    model: ModelOption = USUAL.model,
    second: Annotated[
        str,
        typer.Option(
            "--second",
            metavar="NAME|PATH",
            help='Mạng thứ hai cùng đọc các trường mạng thứ nhất chưa chắc; "" chỉ đọc một lần. '
            '/ A second network for what the first is not sure of; "" reads once.',
        ),
    ] = USUAL.second,
    layouts: LayoutsOption = None,
    page_seconds: Annotated[
        float,
        typer.Option(
            "--page-seconds",
            min=1,
            metavar="S",
            help="Giới hạn thời gian một trang. / Time limit of one page in seconds.",
        ),
    ] = USUAL.page_seconds,
    page_mb: Annotated[
        int,
        typer.Option(
            "--page-mb",
            min=0,
            metavar="MB",
            help="Giới hạn bộ nhớ của một tiến trình đọc; 0 = không. "
            "/ Memory limit of a page's worker and its programs; 0 for none.",
        ),
    ] = USUAL.page_mb,
    keep_free_gb: Annotated[
        float,
        typer.Option(
            "--keep-free-gb",
            min=0,
            metavar="GB",
            help="Đĩa trống ít hơn mức này thì tạm dừng, rồi dừng. "
            "/ Pause, then stop, with less free disk than this.",
        ),
    ] = USUAL.keep_free_mb / 1000,
    nice: Annotated[
        int,
        typer.Option(
            "--nice",
            min=0,
            max=19,
            metavar="N",
            help="Nhường máy cho việc khác: 0–19. / How far to step back for other work: 0–19.",
        ),
    ] = USUAL.nice,
    mail_to: Annotated[
        list[str] | None,
        typer.Option(
            "--mail-to",
            metavar="ADDR",
            help="Gửi báo cáo tới địa chỉ này (nhiều lần được). / Mail the report there.",
        ),
    ] = None,
    webhook: Annotated[
        str,
        typer.Option(
            "--webhook",
            metavar="URL",
            help="Gửi tóm tắt JSON tới đây khi xong. / Post a JSON summary there at the end.",
        ),
    ] = "",
) -> ExitCode:
    """Đọc các sổ trong SCANS; dừng lúc nào cũng được, chạy lại sẽ làm tiếp.

    Read the books under SCANS; may be stopped at any time, the next run goes on.
    """
    from ocr_pipeline.batch.run import RunConditions
    from ocr_pipeline.batch.watch import ResourceThresholds
    from ocr_pipeline.cli.run_session import run_and_tell
    from ocr_pipeline.cli.terminal import outlived_terminal
    from ocr_pipeline.processing.settings import RunSettings
    from ocr_pipeline.reports.notices.delivery import plan_notices

    if (executor is ExecutorName.DASK) != bool(scheduler):
        raise UsageError(
            Text(
                "Phải dùng --executor dask và --scheduler cùng nhau",
                "--executor dask and --scheduler belong together",
            ),
            remedy=Text(
                "Ví dụ: --executor dask --scheduler tcp://may-chu:8786",
                "For example: --executor dask --scheduler tcp://server:8786",
            ),
        )
    settings = RunSettings(
        model=model,
        second=second,
        layouts=str(layouts.absolute()) if layouts else "",
        page_seconds=page_seconds,
    )
    conditions = RunConditions(
        workers=workers,
        executor=executor.value,
        scheduler=scheduler,
        memory_mb=page_mb,
        nice=nice,
        until=next_time(until) if until else None,
        thresholds=ResourceThresholds(disk_mb=1000.0 * keep_free_gb),
    )
    with outlived_terminal(), open_workspace(workspace, create=True) as opened:
        return run_and_tell(
            opened,
            scans,
            settings=settings,
            conditions=conditions,
            force=force,
            retry=retry,
            learn=learn,
            notices=plan_notices(opened.folder, mail_to or (), webhook),
        )


def status(
    workspace: WorkspaceOption,
    as_json: JsonOption = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Theo dõi lần chạy đến khi xong. / Watch the run that goes on until it ends.",
        ),
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="Làm lại báo cáo của lần chạy gần nhất. / Make the latest run's report again.",
        ),
    ] = False,
) -> None:
    """Tình hình lần chạy và từng sổ: trang, bản ghi, trường, chờ rà soát, lỗi, còn bao lâu.

    How the run goes, and each book: pages, records, fields accepted and to review, failures.
    """
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.reports.status import status as state_of

    with open_workspace(workspace) if report else look_at_workspace(workspace) as opened:
        if report:
            from ocr_pipeline.cli.run_session import report_and_tell

            return report_and_tell(opened)
        if watch:
            from ocr_pipeline.cli.run_view import watch as watch_run

            watch_run(opened)
        state = state_of(opened)
    if as_json:
        print_json(state)
        return None
    from ocr_pipeline.cli.run_view import tell_run
    from ocr_pipeline.cli.status_tables import (
        tell_failures,
        tell_hands,
        tell_raised,
        tell_samples,
        tell_status,
        tell_trail,
        tell_unattended,
    )

    tell_run(state["run"])
    tell_status(state)
    tell_unattended(state)
    tell_samples(state)
    tell_raised(state)
    tell_hands(state)
    tell_trail(state)
    tell_failures(state)
    return None


def results(
    book: Annotated[
        str,
        typer.Argument(
            metavar="BOOK", help="Mã sổ (xem sohoa status). / Book id (see sohoa status)."
        ),
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
    from ocr_pipeline.cli.output import print_json_line
    from ocr_pipeline.export.results import results as records_of
    from ocr_pipeline.store.audit_actions import AuditAction
    from ocr_pipeline.store.reading_lines import note_reading, os_user

    with open_workspace(workspace) as opened:
        records = list(records_of(opened, book))
        note_reading(
            opened, "system", AuditAction.RESULTS_READ, book=book, details={"os_user": os_user()}
        )
        for record in records:
            print_json_line(record)
