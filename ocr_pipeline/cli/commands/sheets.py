"""`sohoa sheets`: one picture a sheet from a book whose sheets were scanned in two halves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, LayoutsOption, TaughtInOption, example
from ocr_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "sheets",
        short_help="Ghép tờ quét làm hai nửa / join sheets scanned in two halves",
        epilog=example("sohoa sheets so_quet/ks-1987/ --out so_ghep/ks-1987/"),
    )(sheets)


def sheets(
    book: Annotated[
        Path,
        typer.Argument(metavar="BOOK", help="Thư mục ảnh của một sổ. / Folder of a book's scans."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả, để trống. / An empty folder."),
    ],
    layouts: LayoutsOption = None,
    workspace: TaughtInOption = "",
    as_json: JsonOption = False,
) -> ExitCode:
    """Ghép mỗi tờ A3 quét làm hai ảnh (nửa trái, nửa phải) thành một ảnh để sohoa run đọc.

    Join each A3 sheet that was scanned as two pictures (left half, right half) into one, which
    sohoa run reads. Scans that are no half are kept as they are; originals are never changed.
    """
    from ocr_pipeline.cli.sheet_tables import join_and_tell

    return join_and_tell(book, out, layouts, workspace, as_json=as_json)
