"""`sohoa bench learn`: what a book's own hand is worth after so many corrected fields."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.commands.bench import bench_app
from ocr_pipeline.cli.options import JsonOption, ModelOption, example
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.usual_options import USUAL

if TYPE_CHECKING:
    from ocr_pipeline.bench.hand_curve import HandCurve


def register(_app: typer.Typer) -> None:
    """Add the command to `sohoa bench`."""
    bench_app.command(
        "learn",
        epilog=example(
            "sohoa bench learn sample_scans/", "sohoa bench learn --data chu_viet/ --writer 20"
        ),
    )(bench_learn)


def bench_learn(
    books: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[BOOKS]...",
            help="Thư mục sổ có truth.json; bỏ trống thì vẽ sổ từ --data. "
            "/ Folders of books with a truth.json; drawn from --data when left out.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Thư mục nét bút của người viết thật. / Folder with strokes of real writers.",
        ),
    ] = None,
    writer: Annotated[
        list[int] | None,
        typer.Option(
            "--writer",
            min=0,
            max=33,
            metavar="N",
            help="Người viết, mỗi người một sổ (nhiều lần được; mặc định 17, 20, 25). "
            "/ A book in the hand of this writer; repeatable.",
        ),
    ] = None,
    pages: Annotated[
        int, typer.Option("--pages", min=6, metavar="N", help="Trang mỗi sổ. / Pages of a book.")
    ] = 24,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Hạt giống. / Seed.")] = 1,
    corrected: Annotated[
        list[int] | None,
        typer.Option(
            "--corrected",
            min=0,
            metavar="N",
            help="Số trường đã sửa (nhiều lần được; mặc định 0, 16, 64, 256). "
            "/ Numbers of corrected fields; repeatable.",
        ),
    ] = None,
    sure: Annotated[
        bool,
        typer.Option(
            "--sure",
            help="Học cả từ những chữ máy đọc chắc. / The machine's sure readings teach, too.",
        ),
    ] = False,
    model: ModelOption = USUAL.model,
    as_json: JsonOption = False,
) -> None:
    """Đo giá trị của nét chữ riêng sau 0, 16, 64, 256 trường đã sửa: đúng, tự chấp nhận, sai.

    Measure what a book's own hand is worth after 0, 16, 64, 256 corrected fields.
    """
    from ocr_pipeline.bench.hand_curve import COUNTS, measure_hands
    from ocr_pipeline.cli.output import print_json, progress

    counts = tuple(dict.fromkeys(corrected or COUNTS))
    with TemporaryDirectory(prefix="sohoa-books-") as folder:
        found = _folders(books or [], data, Path(folder), writer or [17, 20, 25], pages, seed)
        with progress(Text("Đang đo", "Measuring"), len(found) * len(counts)) as bar:
            curve = measure_hands(found, model, counts, sure=sure, told=bar.step)
    if as_json:
        print_json(curve.as_dict())
    else:
        _tell(curve)


def _folders(
    books: list[Path], data: Path | None, out: Path, writers: list[int], pages: int, seed: int
) -> list[Path]:
    """Folders of the books named, or of books drawn now.

    Raises:
        BadInputError: there is nothing to measure on.

    """
    from ocr_pipeline.bench.validation_books import draw_validation_books
    from ocr_pipeline.cli.output import progress

    if books:
        found = sorted({path.parent for book in books for path in book.rglob("truth.json")})
        if found:
            return found
        raise BadInputError(
            Text("Không có truth.json", "There is no truth.json"),
            where=", ".join(map(str, books)),
            remedy=Text("Chỉ ra thư mục sổ có đáp án", "Name folders of books with known truth"),
        )
    if data is None:
        raise BadInputError(
            Text("Không có sổ nào để đo", "There is no book to measure on"),
            remedy=Text(
                "Nêu thư mục sổ có truth.json, hoặc --data THƯ_MỤC nét bút của người viết thật",
                "Name books with a truth.json, or --data FOLDER with strokes of real writers",
            ),
        )
    cache = Path(typer.get_app_dir("sohoa")) / "bench"
    with progress(Text("Đang vẽ sổ", "Drawing books"), None):
        return draw_validation_books(data, out, writers, pages, seed, cache)


def _tell(curve: HandCurve) -> None:
    from ocr_pipeline.cli.output import print_table

    def shares(one: object) -> list[str]:
        fields, right, accepted, wrong = (
            getattr(one, name) for name in ("fields", "right", "accepted", "wrong")
        )
        if not fields:
            return ["–"] * 3
        return [f"{100 * right / fields:.1f} %", f"{100 * accepted / fields:.1f} %",
                f"{wrong}/{accepted}"]  # fmt: skip

    print_table(
        Text("Nét chữ riêng của sổ, trên các trang để riêng",
             "A book's own hand, on pages held back"),
        (
            Text("trường đã sửa", "corrected"),
            Text("số dòng học", "lines taught"),
            Text("số sổ giữ nét chữ", "hands kept"),
            Text("trường", "fields"),
            Text("đúng, chưa học", "right without"),
            Text("chấp nhận, chưa học", "accepted without"),
            Text("sai, chưa học", "wrong without"),
            Text("đúng, đã học", "right with"),
            Text("chấp nhận, đã học", "accepted with"),
            Text("sai, đã học", "wrong with"),
        ),
        [
            (
                point.corrected,
                point.lines,
                f"{point.kept}/{len(curve.books)}",
                point.alone.fields,
                *shares(point.alone),
                *shares(point.hand),
            )
            for point in curve.points
        ],
    )  # fmt: skip
