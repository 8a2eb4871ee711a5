"""`sohoa report`: the weekly report of an office, and the roll-up of the reports of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, example
from ocr_pipeline.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "report",
        short_help="Báo cáo tuần / the weekly report",
        epilog=example(
            "sohoa report --workspace ho_so/ --out bao_cao/",
            "sohoa report -w ho_so/ --outside bao_cao/baocao.xlsx --out bao_cao/ --replace",
            "sohoa report --roll-up xa/ --units don_vi.txt --unit 'tỉnh Bến Tre' --out tinh/",
        ),
    )(report)


def report(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE…]",
            help="Tệp hoặc thư mục báo cáo, với --roll-up. / Reports or folders to roll up.",
        ),
    ] = None,
    workspace: Annotated[
        str,
        typer.Option(
            "--workspace",
            "-w",
            metavar="WS",
            envvar="SOHOA_WORKSPACE",
            help="Không gian làm việc để đếm. / The workspace that is counted.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả. / Folder for the report."),
    ] = None,
    unit: Annotated[
        str,
        typer.Option(
            "--unit", metavar="NAME", help="Đơn vị báo cáo, ghi đủ. / Who reports, in full."
        ),
    ] = "",
    outside: Annotated[
        Path | None,
        typer.Option(
            "--outside",
            metavar="FILE",
            help="Báo cáo đã gõ thêm số làm ngoài phần mềm và nội dung. "
            "/ A report into which figures and texts were typed.",
        ),
    ] = None,
    last: Annotated[
        Path | None,
        typer.Option(
            "--last",
            metavar="FILE",
            help="Báo cáo kỳ trước, để so sánh và dự báo. / The report before this one.",
        ),
    ] = None,
    roll_up: Annotated[
        bool,
        typer.Option(
            "--roll-up",
            help="Cộng báo cáo của các đơn vị thành báo cáo cấp trên. "
            "/ Add up the reports of units for the level above.",
        ),
    ] = False,
    units: Annotated[
        Path | None,
        typer.Option(
            "--units",
            metavar="FILE",
            help="Tệp các đơn vị phải nộp, mỗi dòng một đơn vị. / Units that owe a report.",
        ),
    ] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            metavar="NAME",
            help="Cấp của đơn vị báo cáo: `commune`, `district`, `province`. / Level of the unit.",
        ),
    ] = "",
    week: Annotated[
        str,
        typer.Option(
            "--week",
            metavar="DATE",
            help="Một ngày của tuần báo cáo; mặc định tuần này. / A day of the week reported.",
        ),
    ] = "",
    made: Annotated[
        str,
        typer.Option(
            "--made",
            metavar="TIME",
            help="Giờ lập, ví dụ 2026-11-27T10:30; mặc định bây giờ. / Time of making; now.",
        ),
    ] = "",
    finish_by: Annotated[
        str,
        typer.Option(
            "--finish-by",
            metavar="DATE",
            help="Ngày hết đợt, ví dụ 2026-12-31, để dự báo. / Last day of the campaign.",
        ),
    ] = "",
    form: Annotated[
        Path | None,
        typer.Option("--form", metavar="FILE", help="Tệp biểu riêng của cơ quan. / Your own form."),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Ghi đè báo cáo đã có. / Write over an existing report."),
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Lập báo cáo tuần (Excel và trang in) từ không gian làm việc, hoặc cộng báo cáo các đơn vị.

    Make the weekly report (Excel and a page to print) of a workspace, or roll up those of units.
    """
    from ocr_pipeline.cli.report_tables import ReportOptions, make_report

    return make_report(
        ReportOptions(
            tuple(files or ()), workspace, out, unit, outside, last, roll_up, units, level,
            week, made, finish_by, form, replace, as_json,
        )
    )  # fmt: skip
