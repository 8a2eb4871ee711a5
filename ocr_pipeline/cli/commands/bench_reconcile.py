"""`sohoa bench reconcile`: how well and how fast two invented databases are reconciled."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.commands.bench import bench_app
from ocr_pipeline.cli.options import JsonOption, example

if TYPE_CHECKING:
    from ocr_pipeline.bench.reconcile_accuracy import ReconcileAccuracy
    from ocr_pipeline.errors import Text


class RegisterEvent(StrEnum):
    """Registers that can be drawn."""

    KS = "KS"
    KH = "KH"
    KT = "KT"


def register(_app: typer.Typer) -> None:
    """Add the command to `sohoa bench`."""
    bench_app.command("reconcile", epilog=example("sohoa bench reconcile --rows 20000 --seed 7"))(
        bench_reconcile
    )


def bench_reconcile(
    rows: Annotated[
        int,
        typer.Option("--rows", min=200, metavar="N", help="Số người của tỉnh. / Persons in all."),
    ] = 20_000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="N", help="Số bắt đầu ngẫu nhiên. / The seed.")
    ] = 1,
    often: Annotated[
        float,
        typer.Option(
            "--often",
            min=0.0,
            max=20.0,
            metavar="X",
            help="Bên hộ tịch sai gấp X lần. / The civil-status side errs X times as often.",
        ),
    ] = 1.0,
    event: Annotated[
        RegisterEvent,
        typer.Option(
            "--event",
            help="Sổ của bên hộ tịch: khai sinh, kết hôn, khai tử. "
            "/ Register of the civil-status side: births, marriages, deaths.",
        ),
    ] = RegisterEvent.KS,
    machine_read: Annotated[
        bool,
        typer.Option(
            "--machine-read",
            help="Bên hộ tịch do máy đọc, chưa ai rà soát. "
            "/ A machine has read the civil-status side; nobody has reviewed it.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Đo đối chiếu hai cơ sở dữ liệu bịa của một tỉnh, biết trước đáp án.

    Measure the reconciliation of two invented databases of a province whose truth is known.
    """
    from ocr_pipeline.bench.reconcile_accuracy import measure_reconciling
    from ocr_pipeline.cli.output import print_json, print_table
    from ocr_pipeline.errors import Text

    found = measure_reconciling(rows, seed, often, event.value, read_a=machine_read)
    if as_json:
        print_json(found.as_dict())
        return
    print_table(
        Text(f"{found.rows} dòng hai bên", f"{found.rows} rows of both sides"),
        (Text("số đo", "figure"), Text("giá trị", "value")),
        _lines(found),
    )


def _lines(found: ReconcileAccuracy) -> list[tuple[Text, str]]:
    from ocr_pipeline.errors import Text

    def share(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.2f} %"

    return [
        (Text("khớp: đúng người", "agree: right person"), share(found.right_person)),
        (Text("khớp: đúng người, sinh đôi", "agree: right twin"), share(found.right_twin)),
        (Text("khớp: phân loại đúng", "agree: rightly so"), share(found.agree_right)),
        (
            Text("người ở cả hai bên: tìm thấy", "in both: found"),
            share(found.recall),
        ),
        (Text("sai khác: phát hiện được", "differ: found"), share(found.differ_recall)),
        (Text("sai khác: đúng trường", "differ: right fields"), share(found.fields_named)),
        (Text("sai khác: đúng loại", "differ: right kind"), share(found.kinds_named)),
        (Text("dòng lặp: gọi đúng", "doubles called so"), share(found.doubles_called)),
        (Text("gọi là dòng lặp: đúng", "called doubles: right"), share(found.doubles_right)),
        (Text("số định danh của người khác", "IDs of others"), str(found.ids_of_others)),
        (Text("đúng mà không cần người", "right without a person"), share(found.without_person)),
        (Text("đọc tệp, giây", "reading files, seconds"), str(found.seconds_reading)),
        (Text("đối chiếu, giây", "reconciling, seconds"), str(found.seconds_reconciling)),
        (Text("CPU, giây", "CPU seconds"), str(found.seconds_cpu)),
        (Text("bộ nhớ cao nhất, MB", "peak memory, MB"), str(found.peak_memory_mb)),
    ]
