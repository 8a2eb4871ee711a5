"""`sohoa bench store`: how fast a very large store tells how far it is and gives a book out."""

from __future__ import annotations

from typing import Annotated

import typer

from ocr_pipeline.cli.commands.bench import (
    AtOption,
    FieldsOption,
    RoundsOption,
    bench_app,
)
from ocr_pipeline.cli.options import JsonOption, example


def register(_app: typer.Typer) -> None:
    """Add the command to `sohoa bench`."""
    bench_app.command("store", epilog=example("sohoa bench store --books 12000"))(bench_store)


def bench_store(
    fields: FieldsOption = 1_000_000,
    books: Annotated[
        int,
        typer.Option(
            "--books", min=0, metavar="N",
            help="Thêm N sổ 100 trang chờ đọc. / N more books of 100 pages that wait to be read.",
        ),
    ] = 0,
    rounds: RoundsOption = 5,
    at: AtOption = "",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Đo trạng thái, hàng đợi và xuất một sổ trên một kho dữ liệu rất lớn.

    Measure status, queue and the export of one book on a very large store.
    """
    from ocr_pipeline.bench.store_speed import measure_store
    from ocr_pipeline.cli.bench_tables import tell_times
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.errors import Text

    found = measure_store(fields, books, rounds, at)
    if as_json:
        print_json(found)
        return
    rows = ", ".join(f"{number} {table}" for table, number in found["rows"].items())
    title = f"{found['database']}: {rows}"
    tell_times(Text(title, title), found["milliseconds"])
