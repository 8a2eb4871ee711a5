"""`sohoa keyed`: what a file that others have keyed holds, and what would be mended in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, example
from ocr_pipeline.errors import ExitCode

keyed_app = typer.Typer(
    short_help="Tệp dữ liệu đã nhập / files that were keyed elsewhere",
    no_args_is_help=True,
    help="Tệp dữ liệu hộ tịch đã nhập ở nơi khác.\n\nFiles of civil-status data keyed elsewhere.",
)

KeyedPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…",
        readable=False,  # one that may not be read is that file's fault, the others go on
        help="Tệp .xls, .xlsx hoặc .csv. / Files .xls, .xlsx or .csv.",
    ),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        help="Tệp YAML: tên cột trong tệp → cột của mẫu Excel. "
        "/ YAML file: heading in the file → column of the template.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(keyed_app, name="keyed")


@keyed_app.command(
    "check",
    epilog=example(
        "sohoa keyed check khaisinh_tinh.xlsx",
        "sohoa keyed check bang_rieng.csv --mapping cot.yaml --json",
    ),
)
def check(
    files: KeyedPaths, mapping: MappingOption = None, as_json: JsonOption = False
) -> ExitCode:
    """Đọc thử các tệp: bao nhiêu bản ghi, ô nào sẽ được sửa, ô nào không hiểu. Không đổi tệp nào.

    Read the files: how many records, what would be mended, what is not understood. Changes nothing.
    """
    from ocr_pipeline.cli.keyed_tables import check_keyed_files

    return check_keyed_files(files, mapping, as_json=as_json)
