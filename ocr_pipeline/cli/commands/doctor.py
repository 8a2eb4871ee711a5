"""`sohoa doctor` and `sohoa demo`: is everything here, and does it work?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, ModelOption, WorkersOption, example
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "demo",
        short_help="Chạy thử trên sổ mẫu / the whole way on sample books",
        epilog=example("sohoa demo --workspace demo/ho_so --out demo/goi"),
    )(demo)
    app.command(
        "doctor", short_help="Kiểm tra máy / check this machine", epilog=example("sohoa doctor")
    )(doctor)


def demo(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="WS",
            help="Không gian làm việc; bỏ trống thì dùng thư mục tạm. "
            "/ Workspace; a temporary folder when left out.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả. / Folder for what comes out."),
    ] = None,
    model: ModelOption = USUAL.model,
    workers: WorkersOption = 0,
) -> ExitCode:
    """Chạy toàn bộ quy trình trên các sổ mẫu rồi cho biết mở tệp nào.

    Go the whole way on the sample books, then say what to open.
    """
    from ocr_pipeline.cli.demo_session import run_demo

    return run_demo(workspace, out, model=model, workers=workers)


def doctor(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="WS",
            help="Kiểm tra đĩa của không gian làm việc này. / Look at this workspace's disk.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Kiểm tra máy: Python, Tesseract, poppler, OpenCV, mô hình, biểu mẫu, đĩa.

    Check the machine: Python, Tesseract, poppler, OpenCV, models, layouts, disk.
    """
    from dataclasses import asdict

    from ocr_pipeline.cli.bench_tables import tell_health
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.reports.doctor import Health, examine

    findings = examine(workspace)
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        tell_health(findings)
    lacking = any(finding.health is Health.MISSING for finding in findings)
    return ExitCode.ENVIRONMENT if lacking else ExitCode.DONE
