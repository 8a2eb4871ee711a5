"""`sohoa eval` and `sohoa bench`: how right and how fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    LayoutsOption,
    ModelOption,
    WorkersOption,
    WorkspaceOption,
    example,
    open_workspace,
)
from ocr_pipeline.usual_options import USUAL

if TYPE_CHECKING:
    from ocr_pipeline.store.workspace import Workspace

FieldsOption = Annotated[
    int,
    typer.Option("--fields", min=1000, metavar="N", help="Số trường. / Fields in the store."),
]
RoundsOption = Annotated[
    int, typer.Option("--rounds", min=1, metavar="N", help="Số lần đo. / Rounds of each.")
]
AtOption = Annotated[
    str,
    typer.Option(
        "--at", metavar="WS", help="Dựng ở đây và giữ lại. / Build the store here and keep it."
    ),
]

_SAMPLES = 8  # pages that stand for all others when the run itself is measured

bench_app = typer.Typer(
    short_help="Đo tốc độ / measure speed",
    invoke_without_command=True,
    help="Đo tốc độ và bộ nhớ của máy này.\n\nMeasure speed and memory on this machine.",
    epilog=example("sohoa bench --json", "sohoa bench read anh_dong/"),
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "eval",
        short_help="So với đáp án / compare with known truth",
        epilog=example("sohoa eval sample_scans/ --workspace ho_so/"),
    )(evaluate)
    app.add_typer(bench_app, name="bench")


def evaluate(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH",
            help="Tệp truth.json hoặc thư mục chứa chúng. / A truth.json, or a folder of them.",
        ),
    ],
    workspace: WorkspaceOption,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Thư mục báo cáo (HTML + JSON). / Folder for the report (HTML + JSON).",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """So kết quả đọc với đáp án: độ chính xác, độ tin cậy, tỷ lệ tự chấp nhận theo loại trường.

    Compare readings with known truth: accuracy, calibration, risk and coverage per field kind.
    """
    from ocr_pipeline.cli.bench_tables import tell_accuracy
    from ocr_pipeline.cli.output import print_json, say
    from ocr_pipeline.errors import Text
    from ocr_pipeline.export.results import page_outcomes, results
    from ocr_pipeline.review.human_effort import spent_on
    from ocr_pipeline.training.evaluation import evaluate as compare
    from ocr_pipeline.training.evaluation import load_truths

    truths = load_truths(truth)
    with open_workspace(workspace) as opened:
        outcomes = page_outcomes(opened)
        here = {book for book, _ in outcomes}
        wanted = [str(item["book"]) for item in truths if str(item["book"]) in here]
        lines = [line for book in wanted for line in results(opened, book)]
        spent = spent_on(opened, wanted)
        folder = out or opened.folder / "eval"
    report = compare(truths, lines, outcomes=outcomes, spent=spent)
    data, page = report.write(folder)
    if as_json:
        print_json(report.as_dict())
        return
    tell_accuracy(report.as_dict())
    say(Text(f"Báo cáo: {page} (và {data.name})", f"Report: {page} (and {data.name})"))


@bench_app.callback()
def bench(
    context: typer.Context,
    pages: Annotated[
        Path | None,
        typer.Option(
            "--pages",
            metavar="DIR",
            help="Thư mục sổ để đo; bỏ trống thì dùng trang mẫu ở A4 300 dpi. "
            "/ Books to measure with; sample pages at A4, 300 dpi when left out.",
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option("--count", min=4, metavar="N", help="Số trang cần đo. / Pages to measure."),
    ] = 24,
    workers: WorkersOption = 0,
    model: ModelOption = USUAL.model,
    layouts: LayoutsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đo số trang mỗi phút với một và với mọi tiến trình đọc, thời gian từng bước, bộ nhớ.

    Measure pages a minute with one worker and with all, seconds per stage, memory of a worker.
    """
    if context.invoked_subcommand is not None:
        return
    from dataclasses import asdict
    from tempfile import TemporaryDirectory

    from ocr_pipeline.bench.run_cost import measure_run
    from ocr_pipeline.bench.sample_pages import own_pages, sample_pages
    from ocr_pipeline.bench.scaling import measure_scaling
    from ocr_pipeline.cli.bench_tables import tell_speed
    from ocr_pipeline.cli.output import print_json, progress
    from ocr_pipeline.errors import Text
    from ocr_pipeline.processing.settings import RunSettings

    settings = RunSettings(model=model, layouts=str(layouts.absolute()) if layouts else "")
    cache = Path(typer.get_app_dir("sohoa")) / "bench"
    chosen = own_pages(pages, count) if pages else sample_pages(cache, count)
    rounds = 1 if workers == 1 else 2
    with (
        progress(Text("Đang đo", "Measuring"), rounds * len(chosen)) as bar,
        TemporaryDirectory() as folder,
    ):
        cost = measure_run(Path(folder), chosen[:_SAMPLES], settings=settings)
        speed = measure_scaling(
            chosen, settings=settings, workers=workers, cost=cost, on_page=bar.step
        )
    if as_json:
        print_json(asdict(speed))
    else:
        tell_speed(speed)


@bench_app.command("read", epilog=example("sohoa bench read anh_dong/ --kind person_name"))
def bench_read(
    images: Annotated[
        Path, typer.Argument(metavar="IMAGES", help="Thư mục ảnh dòng. / Folder of line pictures.")
    ],
    model: ModelOption = USUAL.model,
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", help="Loại trường trong ảnh. / What they show."),
    ] = "line",
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, metavar="S", help="Đo bao lâu. / For how long.")
    ] = 10.0,
    workers: WorkersOption = 0,
    tesseract: Annotated[
        bool,
        typer.Option(
            "--tesseract/--no-tesseract",
            help="So với Tesseract trên cùng ảnh. / Compare with Tesseract on the same pictures.",
        ),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Đo số dòng đọc được mỗi giây (mạng, giải mã), bộ nhớ, và so với Tesseract.

    Measure lines read a second (network, decoding), memory, and the ratio to Tesseract.
    """
    from dataclasses import asdict

    from ocr_pipeline.bench.line_speed import measure_lines
    from ocr_pipeline.cli.bench_tables import tell_line_speed
    from ocr_pipeline.cli.output import print_json

    speed = measure_lines(
        model, images, kind, seconds=seconds, workers=workers, tesseract=tesseract
    )
    if as_json:
        print_json({**asdict(speed), "ratio_to_tesseract": round(speed.ratio, 1)})
    else:
        tell_line_speed(speed)


@bench_app.command("layouts", epilog=example("sohoa bench layouts --pages 144"))
def bench_layouts(
    pages: Annotated[
        int, typer.Option("--pages", min=1, metavar="N", help="Số trang vẽ. / Pages to draw.")
    ] = 144,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", help="Số khác cho trang khác. / Other pages."),
    ] = 1,
    layouts: LayoutsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Đo việc nhận ra và căn biểu mẫu trên trang vẽ: trang rách, trang chụp nghiêng, trang lạ.

    Measure how surely drawn pages are told apart and laid out: torn, photographed, strange ones.
    """
    from dataclasses import asdict

    from ocr_pipeline.bench.layout_accuracy import figures, measure_layouts
    from ocr_pipeline.cli.bench_tables import tell_layouts
    from ocr_pipeline.cli.output import print_json, progress
    from ocr_pipeline.errors import Text
    from ocr_pipeline.layout.loading import load_layouts

    installed = load_layouts(layouts)
    with progress(Text("Đang đo", "Measuring"), pages) as bar:
        found = figures(measure_layouts(installed, pages, seed, bar.step))
    if as_json:
        print_json(asdict(found))
    else:
        tell_layouts(found)


@bench_app.command("review", epilog=example("sohoa bench review --fields 1000000"))
def bench_review(
    fields: FieldsOption = 1_000_000,
    rounds: RoundsOption = 7,
    at: AtOption = "",
    as_json: JsonOption = False,
) -> None:
    """Đo thời gian trả lời của hàng đợi rà soát với rất nhiều trường.

    Measure how long the review queue takes to answer with very many fields.
    """
    from ocr_pipeline.bench.queue_speed import measure_review
    from ocr_pipeline.cli.bench_tables import tell_times
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.errors import Text

    found = measure_review(fields, rounds, at)
    if as_json:
        print_json(found)
        return
    title = Text(
        f"{found['fields']} trường, {found['waiting']} đang chờ",
        f"{found['fields']} fields, {found['waiting']} waiting",
    )
    tell_times(title, found["milliseconds"])


@bench_app.command(
    "keys", epilog=example("sohoa bench keys", "sohoa bench keys sach_mau/ --workspace ho_so/")
)
def bench_keys(
    truth: Annotated[
        Path | None,
        typer.Argument(
            metavar="TRUTH",
            help="Thư mục sổ có truth.json; bỏ trống thì dùng sổ mẫu. "
            "/ Folder of books with a truth.json; the sample books when left out.",
        ),
    ] = None,
    workspace: Annotated[
        str,
        typer.Option(
            "--workspace",
            "-w",
            metavar="WS",
            help="Nơi sohoa run đã đọc các sổ này, được giữ nguyên; bỏ trống thì đọc trước. "
            "/ Where sohoa run has read these books, left as it is; they are read when left out.",
        ),
    ] = "",
    order: Annotated[
        Literal["record", "field"],
        typer.Option("--order", help="Theo bản ghi hay theo trường. / By record or by field."),
    ] = "record",
    as_json: JsonOption = False,
) -> None:
    """Đếm số phím một người biết đáp án phải bấm để rà soát hết các trường nghi ngờ.

    Count the keys that a person who knows the truth presses to clear all doubtful fields.
    """
    from ocr_pipeline.bench.review_keys.measurement import measure_keys
    from ocr_pipeline.cli.bench_tables import tell_keys
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.resources import shipped
    from ocr_pipeline.training.evaluation import load_truths

    books = truth or shipped("sample_scans")
    truths = load_truths(books)
    with _workspace_with(books, workspace) as opened:
        found = measure_keys(opened, truths, order)
    if as_json:
        print_json(found.as_dict())
    else:
        tell_keys(found)


@contextmanager
def _workspace_with(books: Path, location: str) -> Iterator[Workspace]:
    """The workspace at `location`; without one, these books read into one that goes again."""
    from tempfile import TemporaryDirectory

    from ocr_pipeline.batch.run import RunConditions, run
    from ocr_pipeline.cli.run_progress import night_reporter
    from ocr_pipeline.processing.settings import RunSettings

    if location:
        with open_workspace(location) as opened:
            yield opened
        return
    with (
        TemporaryDirectory(prefix="sohoa-read-") as folder,
        open_workspace(folder, create=True) as opened,
    ):
        with night_reporter() as reporter:
            run(opened, books.absolute(), settings=RunSettings(), conditions=RunConditions(),
                reporter=reporter)  # fmt: skip
        yield opened
