"""`sohoa link`: keyed rows and scanned pages, brought together one to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.commands.keyed import MappingOption
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
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "link",
        short_help="Gắn dữ liệu đã nhập với trang quét / keyed rows with their scans",
        epilog=example(
            "sohoa link khaisinh.xlsx so_quet/ --workspace ho_so/ --out ket_qua/",
            "sohoa link ks.xlsx kh.xlsx so_quet/ -w ho_so/ --out ket_qua/ --partial",
        ),
    )(link)


def link(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="KEYED…",
            readable=False,
            help="Tệp đã nhập: .xls, .xlsx hoặc .csv. / Keyed files: .xls, .xlsx or .csv.",
        ),
    ],
    scans: Annotated[
        Path,
        typer.Argument(
            metavar="SCANS",
            help="Thư mục các sổ đã quét và danh mục sổ. / Folder of books and inventory.",
        ),
    ],
    workspace: WorkspaceOption,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Thư mục nhận gói và danh sách. / Folder for the packages and lists.",
        ),
    ],
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Ghi gói cả khi còn bản ghi chờ người. "
            "/ Write packages of books of which some records still wait.",
        ),
    ] = False,
    mapping: MappingOption = None,
    workers: WorkersOption = 0,
    model: ModelOption = USUAL.model,
    layouts: LayoutsOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Gắn từng trang quét với dòng đã nhập, một đối một, và so từng trường; sổ chưa đọc được đọc.

    Link each scanned page to its keyed row, one to one, and compare every field. Books that were
    not read yet are read first. May be stopped at any time; the same command goes on.
    """
    from ocr_pipeline.cli.link_session import LinkOrder, link_and_tell
    from ocr_pipeline.cli.terminal import outlived_terminal
    from ocr_pipeline.exchange.linking.link_job import LinkChoices
    from ocr_pipeline.processing.settings import RunSettings

    settings = RunSettings(model=model, layouts=str(layouts.absolute()) if layouts else "")
    choices = LinkChoices(out.absolute(), scans.absolute(), partial)
    order = LinkOrder(tuple(files), mapping, settings, workers, choices)
    with outlived_terminal(), open_workspace(workspace, create=True) as opened:
        return link_and_tell(opened, order, as_json=as_json)
