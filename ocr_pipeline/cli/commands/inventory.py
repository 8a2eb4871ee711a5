"""`sohoa inventory`: a first inventory from a folder of scans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, LayoutsOption, ModelOption, WorkersOption, example
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "inventory",
        short_help="Lập danh mục sổ ban đầu từ ảnh quét / a first inventory from scans",
        epilog=example(
            "sohoa inventory so_quet/",
            'sohoa inventory so_quet/ --out nhap.xlsx --agency "xã Lộc Thuận, huyện Bình Đại, '
            'tỉnh Bến Tre"',
        ),
    )(inventory)


def inventory(
    scans: Annotated[
        Path, typer.Argument(metavar="SCANS", help="Thư mục ảnh quét. / Folder of scans.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.xlsx",
            help="Tệp kết quả; mặc định books.xlsx trong SCANS. / Result; books.xlsx in SCANS.",
        ),
    ] = None,
    agency: Annotated[
        str,
        typer.Option(
            "--agency",
            metavar="UNITS",
            help="Xã, huyện, tỉnh của mọi sổ. / Commune, district, province of all books.",
        ),
    ] = "",
    plan: Annotated[
        str,
        typer.Option(
            "--plan",
            metavar="NAME",
            help="Kế hoạch thứ tự làm: 2019 hoặc 2025. / Order of work: 2019 or 2025.",
        ),
    ] = "",
    order_file: Annotated[
        Path | None,
        typer.Option(
            "--order-file",
            metavar="FILE.yaml",
            help="Thứ tự làm riêng của cơ quan. / The office's own orders of work.",
        ),
    ] = None,
    model: ModelOption = USUAL.model,
    layouts: LayoutsOption = None,
    workers: WorkersOption = 0,
    as_json: JsonOption = False,
) -> ExitCode:
    """Lập danh mục sổ ban đầu: đọc bìa, đếm trang, xem thử mười trang mỗi sổ, liệt kê chỗ nghi ngờ.

    Make a first inventory: covers are read, pages counted, ten pages of each book looked at, and
    everything doubtful is listed.
    """
    from ocr_pipeline.cli.inventory_tables import write_inventory
    from ocr_pipeline.exchange.inventorying.first_inventory import InventoryChoices
    from ocr_pipeline.hardware import cores
    from ocr_pipeline.processing.settings import RunSettings

    settings = RunSettings(model=model, layouts=str(layouts or ""))
    choices = InventoryChoices(agency, plan, workers or cores())
    return write_inventory(scans, out, order_file, choices, settings, as_json=as_json)
