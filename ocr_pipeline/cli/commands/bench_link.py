"""`sohoa bench link`: how right links and found differences are, on drawn books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.commands.bench import bench_app
from ocr_pipeline.cli.options import JsonOption, WorkspaceOption, example, open_workspace


def register(app: typer.Typer) -> None:
    """Add this command to the program: it belongs to `bench`, which is registered already."""
    epilog = example("sohoa bench link sach_ve/ --workspace ho_so/ --seed 7")
    bench_app.command("link", epilog=epilog)(bench_link)


def bench_link(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH",
            help="Thư mục sổ vẽ có truth.json, đã đọc. / Drawn books with truth.json, read before.",
        ),
    ],
    workspace: WorkspaceOption,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", help="Lỗi đặt sẵn khác. / Other planted trouble."),
    ] = 1,
    fit: Annotated[
        bool,
        typer.Option(
            "--fit", help="Tính lại các số của link.yaml. / Fit the figures of link.yaml."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Đo việc gắn dòng với trang: dòng làm từ đáp án, có lỗi đặt sẵn (5 % trang, 5 % dòng thiếu).

    Measure the linking: rows made from the truth, with trouble planted (5 % pages, 5 % rows lost).
    """
    from ocr_pipeline.bench.link_fitting import fitted_rules
    from ocr_pipeline.bench.link_quality import link_figures, link_trials
    from ocr_pipeline.cli.bench_tables import tell_links
    from ocr_pipeline.cli.output import print_json, progress
    from ocr_pipeline.errors import Text
    from ocr_pipeline.exchange.linking.link_rules import link_rules

    with open_workspace(workspace) as opened:
        with progress(Text("Xem trang", "Pages"), None) as advance:
            trials = link_trials(opened, truth, seed, advance=advance.step)
    figures = fitted_rules(trials, link_rules()) if fit else link_figures(trials).as_dict()
    if as_json or fit:
        print_json(figures)
    else:
        tell_links(figures)
