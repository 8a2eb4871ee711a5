"""`sohoa split`: a province's keyed file divided by registering agency."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.commands.keyed import KeyedPaths, MappingOption
from ocr_pipeline.cli.options import JsonOption, example
from ocr_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "split",
        short_help="Tách tệp của tỉnh theo cơ quan / divide a province's file by agency",
        epilog=example(
            "sohoa split khaisinh_tinh.xlsx --out tach/",
            "sohoa split ks.xlsx kh.xlsx --out tach/ --one-file",
        ),
    )(split)


def split(
    files: KeyedPaths,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả, để trống. / An empty folder."),
    ],
    mapping: MappingOption = None,
    province: Annotated[
        str,
        typer.Option(
            "--province",
            metavar="NAME",
            help="Tỉnh của các dòng không ghi tỉnh. / Province of rows that name none.",
        ),
    ] = "",
    one_file: Annotated[
        bool,
        typer.Option(
            "--one-file",
            help="Mỗi loại sổ một tệp .xls thay cho mỗi quyển một tệp. "
            "/ One .xls for each register type, not for each book.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Tách tệp dữ liệu của cả tỉnh: mỗi cơ quan đăng ký một thư mục theo cấp, lưu dạng .xls.

    Divide a province-wide file: one folder for each registering agency, by level, saved as .xls.
    """
    from ocr_pipeline.cli.split_tables import split_files
    from ocr_pipeline.exchange.splitting.split import SplitChoices

    return split_files(files, mapping, out, SplitChoices(province, one_file), as_json=as_json)
