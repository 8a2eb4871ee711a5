"""`sohoa train`: retrain the handwriting network, make a model of it, fit its confidences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import example

train_app = typer.Typer(
    short_help="Huấn luyện lại / retrain",
    invoke_without_command=True,
    no_args_is_help=True,
    help="Huấn luyện lại mạng chữ viết; dừng lúc nào cũng được, thêm --resume để làm tiếp.\n\n"
    "Retrain the handwriting network; may be stopped at any time, --resume goes on.",
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    lines = ("sohoa train --config htr.yaml --data chu_viet/ --fonts phong/ --out mo_hinh/",)
    app.add_typer(train_app, name="train", epilog=example(*lines))


@train_app.callback()
def train(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Tệp cấu hình YAML. / Settings, a YAML file."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả. / Folder for the results."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Thư mục dữ liệu chữ viết. / Folder of handwriting data."
        ),
    ] = None,
    fonts: Annotated[
        Path | None,
        typer.Option(
            "--fonts", metavar="DIR", help="Thư mục phông chữ viết tay. / Folder of fonts."
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option("--steps", min=1, metavar="N", help="Số bước. / Number of steps."),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Trọng số để học tiếp (training.npz, weights.npz). "
            "/ Weights to go on from (training.npz, weights.npz).",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Làm tiếp từ lần trước. / Go on from the last time.")
    ] = False,
) -> None:
    """Replaced by the group's help."""
    if context.invoked_subcommand is not None:
        return
    from ocr_pipeline.errors import Text, UsageError

    if config is None or out is None:
        raise UsageError(
            Text("Thiếu tùy chọn --config hoặc --out", "--config or --out is missing"),
            remedy=Text("Xem: sohoa train --help", "See: sohoa train --help"),
        )
    with _needs_torch():
        from ocr_pipeline.training.training_run import read_config
        from ocr_pipeline.training.training_run import train as learn

        given = {"out": out, "data": data, "fonts": fonts, "steps": steps, "weights": weights}
        learn(read_config(config, resume=resume or None, **given))


@train_app.command(
    "export",
    epilog=example(
        "sohoa train export mo_hinh/checkpoint.pt --out models/moi/ --data chu_viet/ --fonts phong/"
    ),
)
def export(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="Tệp checkpoint.pt. / A checkpoint.pt.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Thư mục mô hình. / Folder of the model."),
    ],
    version: Annotated[
        str,
        typer.Option(
            "--version",
            metavar="TEXT",
            help="Phiên bản, ghi cùng mỗi trường đã đọc. / Version, kept with every field read.",
        ),
    ] = "1",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Dữ liệu chữ viết, để nén mạng còn 8 bit (nhanh gấp ba). "
            "/ Handwriting data, to make the network eight-bit (three times as fast).",
        ),
    ] = None,
    fonts: Annotated[
        Path | None,
        typer.Option("--fonts", metavar="DIR", help="Phông chữ viết tay. / Handwriting fonts."),
    ] = None,
    free: Annotated[
        bool,
        typer.Option(
            "--free", help="Chỉ dùng ảnh CC-BY trong --data. / Of --data the CC-BY scans alone."
        ),
    ] = False,
) -> None:
    """Tạo thư mục mô hình (ONNX) dùng được với --model; có --data hoặc --fonts thì nén 8 bit.

    Make a model folder (ONNX) that --model takes; eight-bit with --data or --fonts.
    """
    with _needs_torch():
        from ocr_pipeline.training.line_sampler import usual_lines
        from ocr_pipeline.training.model_export import export as write_model
        from ocr_pipeline.training.model_export import load_checkpoint

        network, alphabet = load_checkpoint(checkpoint)
        height = network.shape.height
        lines = usual_lines(data, fonts, alphabet, height, free=free) if data or fonts else []
        write_model(network, alphabet, out, version, lines)


@train_app.command(
    "average", epilog=example("sohoa train average mo_hinh/checkpoint.pt --out training.npz")
)
def average(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="Tệp checkpoint.pt. / A checkpoint.pt.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="Tệp .npz sẽ ghi. / The .npz file to write."),
    ],
    other: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="Trọng số trộn thêm, cùng hình dạng: nơi lần huấn luyện bắt đầu. "
            "/ Weights to mix in, of the same shape: those that the training began from.",
        ),
    ] = None,
    share: Annotated[
        float,
        typer.Option(
            "--share", min=0.0, max=1.0, metavar="X", help="Phần của --with. / Their share."
        ),
    ] = 0.25,
) -> None:
    """Ghi trung bình trọng số (nửa độ chính xác) để --weights học tiếp.

    Write the averaged weights in half precision, for --weights to go on from.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.errors import Text

    with _needs_torch():
        from ocr_pipeline.training.model_export import write_training

        seen = write_training(checkpoint, out, other, share)
    say(Text(f"Đã ghi {out}: mạng đã thấy {seen} dòng", f"{out}: has seen {seen} lines"))


@train_app.command("calibrate", epilog=example("sohoa train calibrate so_mau/ --model models/moi/"))
def calibrate(
    books: Annotated[
        list[Path],
        typer.Argument(
            metavar="BOOKS…",
            help="Thư mục các sổ có truth.json. / Folders of books with a truth.json each.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME|PATH",
            help="Mô hình cần hiệu chỉnh. / The model whose confidences are fitted.",
        ),
    ],
    second: Annotated[
        str,
        typer.Option(
            "--second",
            metavar="NAME|PATH",
            help="Hiệu chỉnh cả cho lúc mạng thứ hai này cùng đọc. "
            "/ Fit those for when this second network reads, too.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Nơi ghi độ tin cậy; bỏ trống thì ghi vào mô hình. "
            "/ Where the confidences go; into the model when left out.",
        ),
    ] = None,
    sources: Annotated[
        str,
        typer.Option(
            "--sources",
            metavar="TEXT",
            help="Mô tả các sổ, ghi trong tệp. / What the books are, noted in the file.",
        ),
    ] = "",
) -> None:
    """Khớp độ tin cậy với các sổ có đáp án, để 0,99 là đúng 99 trên 100.

    Fit the confidences on books with known truth, so that 0.99 is right 99 times in 100.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.errors import Text, UsageError
    from ocr_pipeline.reading.confidence import Calibration, pair_file
    from ocr_pipeline.reading.models import load_model
    from ocr_pipeline.training.calibration import collect, fit, fit_pair, write

    loaded = load_model(model, calibrated=False)
    other = load_model(second, calibrated=False) if second else None
    target = out or loaded.folder
    if target is None:
        raise UsageError(
            Text("Mô hình này không có thư mục", "This model has no folder"),
            where=model,
            remedy=Text("Thêm --out", "Add --out"),
        )
    if other is not None and other.folder is None:
        raise UsageError(
            Text("Mô hình này không có thư mục", "This model has no folder"),
            where=second,
            remedy=Text("Chọn một mạng có thư mục", "Choose a network with a folder"),
        )
    folders = sorted({path.parent for book in books for path in book.rglob("truth.json")})
    samples = collect(folders or books, loaded, other)
    told = sources or ", ".join(folder.name for folder in folders)
    done = [(write(found := fit(samples, sources=told), target), found)]
    if other is not None and other.folder is not None:
        own, title = Calibration.load(target), other.recogniser.name
        found = fit_pair(samples, own, sources=told, second=title)
        done.append((write(found, target, pair_file(other.folder.name)), found))
    for path, fitted in done:
        say(Text(f"Đã ghi {path} từ {len(samples)} trường", f"{path}: from {len(samples)} fields"))
        for name, quality in (("before", fitted.before), ("after", fitted.after)):
            if quality is not None:
                print(f"{name}\tECE {quality.ece:.4f}\tlog loss {quality.log_loss:.4f}")


@contextmanager
def _needs_torch() -> Iterator[None]:
    from ocr_pipeline.errors import MachineError, Text

    try:
        yield
    except ModuleNotFoundError as error:
        raise MachineError(
            Text(f"Thiếu thư viện huấn luyện: {error.name}", f"Training needs {error.name}"),
            remedy=Text("Cài đặt: pip install sohoa[train]", "Run: pip install sohoa[train]"),
        ) from error
