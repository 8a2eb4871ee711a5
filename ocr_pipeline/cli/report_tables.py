"""Makes a weekly report as the command line asks for it, and tells what is in it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.options import look_at_workspace
from ocr_pipeline.cli.output import print_json, print_table, say_error, say_line, warn
from ocr_pipeline.errors import ExitCode, Text, UsageError
from ocr_pipeline.exchange.reporting.forecast import forecast_lines
from ocr_pipeline.exchange.reporting.report_file import ReportFile
from ocr_pipeline.exchange.reporting.report_form import ReportForm, report_form
from ocr_pipeline.exchange.reporting.report_output import write_report
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.roll_up import RefusedReport, RolledUp, roll_up, unit_list
from ocr_pipeline.exchange.reporting.unit_report import ReportChoices, commune_report
from ocr_pipeline.exchange.reporting.weekly_report import WeeklyReport, report_to_json
from ocr_pipeline.exchange.reporting.workspace_figures import workspace_figures


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The options of `sohoa report` as they were typed."""

    files: tuple[Path, ...]
    workspace: str
    out: Path | None
    unit: str
    outside: Path | None
    last: Path | None
    roll_up: bool
    units: Path | None
    level: str
    week: str
    made: str
    finish_by: str
    form: Path | None
    replace: bool
    as_json: bool


def make_report(asked: ReportOptions) -> ExitCode:
    """Make the report, write it, and tell what people should know."""
    _check(asked)
    form = report_form(asked.form)
    choices = ReportChoices(
        form,
        _time(asked.made),
        asked.unit,
        asked.level,
        _day("--week", asked.week),
        asked.outside,
        asked.last,
        _day("--finish-by", asked.finish_by),
    )
    rolled = None
    if asked.roll_up:
        assert asked.units is not None
        rolled = roll_up(asked.files, unit_list(asked.units), choices)
        report, files = rolled.report, rolled.files
    else:
        with look_at_workspace(asked.workspace) as workspace:
            figures = workspace_figures(workspace, form, choices.made)
        report, files = commune_report(figures, choices)
    if _tell_faults(files):
        return ExitCode.BAD_INPUT
    written = write_report(report, form, asked.out, replace=asked.replace) if asked.out else []
    if asked.as_json:
        print_json(_as_json(report, form, rolled, written))
    else:
        _tell(report, form, rolled, written)
    short = any(one.state in ("missing", "refused") for one in report.units)
    return ExitCode.FAILURES if short or (rolled and rolled.refused) else ExitCode.DONE


def _check(asked: ReportOptions) -> None:
    """Raises: UsageError: the options do not fit together."""
    see = Text("Xem: sohoa report --help", "See: sohoa report --help")
    if asked.out is None and not asked.as_json:
        raise UsageError(Text("Chưa ghi thư mục kết quả --out", "Name a folder: --out"), remedy=see)
    if asked.roll_up and not (asked.files and asked.units):
        raise UsageError(
            Text("--roll-up cần các tệp báo cáo và --units", "--roll-up needs files and --units"),
            remedy=see,
        )
    if not asked.roll_up and (asked.files or asked.units):
        raise UsageError(
            Text("Cộng báo cáo thì thêm --roll-up", "To add up reports, add --roll-up"), remedy=see
        )
    if not asked.roll_up and not asked.workspace:
        raise UsageError(
            Text("Chưa ghi không gian làm việc", "Name a workspace: --workspace"), remedy=see
        )


def _day(option: str, text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(
            Text(f"“{text}” không phải ngày", f"“{text}” is no day"),
            where=option,
            remedy=Text("Ghi như 2026-12-31", "Write it as 2026-12-31"),
        ) from error


def _time(text: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(text) if text else datetime.datetime.now()  # noqa: DTZ005
    except ValueError as error:
        raise UsageError(
            Text(f"“{text}” không phải ngày và giờ", f"“{text}” is no time"),
            where="--made",
            remedy=Text("Ghi như 2026-11-27T10:30", "Write it as 2026-11-27T10:30"),
        ) from error
    return found.replace(tzinfo=None, second=0, microsecond=0)


def _tell_faults(files: Sequence[ReportFile]) -> bool:
    """Tell every typed cell that cannot be taken; whether there is any."""
    for file in files:
        for fault in file.faults:
            say_error(fault.cause, where=f"{file.path}: {fault.place}", remedy=fault.remedy)
    faulty = any(file.faults for file in files)
    if faulty:
        warn(Text("Chưa ghi báo cáo nào", "No report was written"))
    return faulty


def _as_json(
    report: WeeklyReport, form: ReportForm, rolled: RolledUp | None, written: Sequence[Path]
) -> Any:
    totals = {name: report.total(name) for name in form.names}
    return {
        **report_to_json(report),
        "due": form.level(report.level).due(report.week).isoformat(timespec="minutes"),
        "late": report.late(form),
        "totals": {
            name: {"value": one.value, "lacking": one.lacking} for name, one in totals.items()
        },
        "forecast": forecast_lines(report, form),
        "refused": [_refusal(one) for one in rolled.refused] if rolled else [],
        "copies": [str(path) for path in rolled.copies] if rolled else [],
        "files": [str(path) for path in written],
    }


def _refusal(one: RefusedReport) -> dict[str, Any]:
    return {
        "file": str(one.path),
        "unit": one.unit,
        "cause": {"vi": one.cause.vi, "en": one.cause.en},
        "remedy": {"vi": one.remedy.vi, "en": one.remedy.en} if one.remedy else None,
    }


def _tell(
    report: WeeklyReport, form: ReportForm, rolled: RolledUp | None, written: Sequence[Path]
) -> None:
    totals = [(measure, report.total(measure.name)) for measure in form.measures]
    print_table(
        Text(f"Báo cáo tuần {report.week:%d.%m.%Y}", f"Weekly report {report.week}"),
        (Text("số liệu", "figure"), Text("tổng", "total"), Text("kỳ trước", "last")),
        [
            (
                measure.caption,
                "" if one.value is None else f"{one.value}{'*' if one.lacking else ''}",
                report.last.totals.get(measure.name, "") if report.last else "",
            )
            for measure, one in totals
        ],
    )
    states = report_words().states
    if open_ := [one for one in report.units if one.state != "in_time"]:
        print_table(
            Text("Đơn vị cần nhắc", "Units to remind"),
            (Text("đơn vị", "unit"), Text("tình trạng", "state"), Text("ghi chú", "note")),
            [(one.unit, states[one.state], one.note or one.made) for one in open_],
        )
    for refused in rolled.refused if rolled else ():
        say_error(refused.cause, where=str(refused.path), remedy=refused.remedy)
    for path in rolled.copies if rolled else ():
        warn(Text(f"{path}: bản sao, chỉ tính một lần", f"{path}: a copy, counted once"))
    if report.late(form):
        warn(Text("Báo cáo lập sau hạn nộp", "The report was made after it was due"))
    for path in written:
        say_line(f"→ {path}")
