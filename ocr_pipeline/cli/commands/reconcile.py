"""`sohoa reconcile`: civil-status against population data, and decisions that come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, example
from ocr_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "reconcile",
        short_help="Đối chiếu hộ tịch với dân cư / reconcile two databases",
        epilog=example(
            "sohoa reconcile ho_tich.xlsx dan_cu.xlsx --out doi_chieu/",
            "sohoa reconcile --returned tra_ve/ --out doi_chieu/",
            "sohoa reconcile --show-agreement",
        ),
    )(reconcile)


def reconcile(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE…",
            readable=False,
            help="Tệp (thư mục) hộ tịch, rồi dân cư; với --returned: danh sách trả lại. "
            "/ File (folder) of civil status, then population; with --returned: returned lists.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả. / Folder of the result."),
    ] = None,
    returned: Annotated[
        bool,
        typer.Option(
            "--returned",
            help="Nhận quyết định từ các danh sách trả lại. / Take in decisions of returned lists.",
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Quyết định mới thay quyết định đã nhận. "
            "/ A new decision replaces an earlier one.",
        ),
    ] = False,
    agreement: Annotated[
        Path | None,
        typer.Option(
            "--agreement",
            metavar="FILE",
            help="Tệp YAML của cơ quan: sai khác nào coi là khớp. "
            "/ YAML file of an office: which differences count as agreement.",
        ),
    ] = None,
    show_agreement: Annotated[
        bool,
        typer.Option(
            "--show-agreement",
            help="In bảng sai khác nào coi là khớp. / Print what counts as agreement.",
        ),
    ] = False,
    mapping_a: Annotated[
        Path | None,
        typer.Option(
            "--mapping-a",
            metavar="FILE",
            help="Tệp ánh xạ cột của tệp hộ tịch. / Mapping file of the civil-status side.",
        ),
    ] = None,
    mapping_b: Annotated[
        Path | None,
        typer.Option(
            "--mapping-b",
            metavar="FILE",
            help="Tệp ánh xạ cột của tệp dân cư. / Mapping file of the population side.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Đối chiếu dữ liệu hộ tịch với dữ liệu dân cư; lập danh sách theo xã; nhận quyết định trả lại.

    Compare civil-status and population data; make lists by commune; take in returned decisions.
    """
    from ocr_pipeline.cli.reconcile_tables import ReconcileOptions, reconcile_files

    return reconcile_files(
        ReconcileOptions(
            tuple(files or ()), out, returned, replace, agreement, show_agreement, mapping_a,
            mapping_b, as_json,
        )
    )  # fmt: skip
