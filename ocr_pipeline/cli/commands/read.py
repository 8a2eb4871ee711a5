"""`sohoa read`: pictures of single lines or fields, without any register around them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import ModelOption, example
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "read",
        short_help="Đọc ảnh từng dòng / read pictures of lines",
        epilog=example("sohoa read anh_dong/ --kind person_name --out ket_qua.tsv"),
    )(read)


def read(
    images: Annotated[
        Path,
        typer.Argument(
            metavar="IMAGES", help="Thư mục ảnh hoặc tệp .zip. / Folder of pictures, or a .zip."
        ),
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Loại trường: `person_name`, `date`, `place`, `free_text`… / Field kind.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Tệp kết quả: tên, chữ, độ tin cậy. / Result: name, text, confidence (TSV).",
        ),
    ],
    model: ModelOption = USUAL.model,
) -> ExitCode:
    """Đọc ảnh từng dòng hoặc từng trường thành chữ, kèm độ tin cậy.

    Read pictures of single lines or fields: text and confidence.
    """
    from ocr_pipeline.cli.output import progress, say, say_error
    from ocr_pipeline.errors import Text, UsageError
    from ocr_pipeline.processing.line_readings import read_pictures
    from ocr_pipeline.registers.fields import FieldKind
    from ocr_pipeline.store.files import write_text

    if kind not in {"line", *FieldKind} - {FieldKind.TICK}:
        raise UsageError(
            Text("Không có loại trường này", "There is no such field kind"),
            where=kind,
            remedy=Text(
                f"Chọn: {', '.join(k for k in FieldKind if k is not FieldKind.TICK)}",
                f"Choose: {', '.join(k for k in FieldKind if k is not FieldKind.TICK)}",
            ),
        )
    rows, faults = [], 0
    with progress(Text("Đang đọc ảnh", "Reading pictures"), None) as bar:
        for line in read_pictures(images, kind, model, bar.total):
            bar.step(line.name)
            faults += line.fault is not None
            rows.append(f"{line.name}\t{line.text}\t{line.confidence:.4f}\n")
            if line.fault is not None:
                say_error(line.fault.cause, where=line.name, remedy=line.fault.remedy)
    write_text(out, "".join(rows))
    say(Text(f"Đã ghi {len(rows)} dòng: {out}", f"{len(rows)} lines written: {out}"))
    return ExitCode.FAILURES if faults else ExitCode.DONE
