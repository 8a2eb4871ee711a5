"""Reports of many units added up into the report of the level above them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ocr_pipeline.errors import BadInputError, SohoaError, Text, UsageError
from ocr_pipeline.exchange.reporting.report_file import ReportFile, read_report
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.unit_report import ReportChoices, completed
from ocr_pipeline.exchange.reporting.weekly_report import (
    ReportFigure,
    ReportLine,
    SubmittedUnit,
    UnitText,
    WeeklyReport,
    monday_of,
    ordered,
    summed,
)
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.text.normalise import clean, key

_MOST_BYTES = 5_000_000
_DAY = "%d.%m.%Y"


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """A file that is not in the sum, and why.

    Attributes:
        path: the file.
        unit: whose report it is; "" when nobody can say.
        cause: why it is refused.
        remedy: what to do.

    """

    path: Path
    unit: str
    cause: Text
    remedy: Text | None


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The report of the level above, and what is not in it.

    Attributes:
        report: the sum.
        refused: files that are not in it.
        copies: files that are the same as another one; each was counted once.
        files: files of the reporting unit itself that it was made with.

    """

    report: WeeklyReport
    refused: tuple[RefusedReport, ...]
    copies: tuple[Path, ...]
    files: Sequence[ReportFile]


def unit_list(path: Path) -> tuple[str, ...]:
    """The units that owe a report: one a line, in the first column; `#` begins a remark.

    Raises:
        BadInputError: the file cannot be read, is not in UTF-8, or names nobody.

    """
    remedy = Text(
        "Lập tệp văn bản UTF-8, mỗi dòng một đơn vị", "Write a text file in UTF-8, a unit a line"
    )
    try:
        text = read_plain(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        reason = os_reason(error)
        cause = Text(f"Không đọc được: {reason.vi}", f"It cannot be read: {reason.en}")
        raise BadInputError(cause, where=str(path), remedy=remedy) from error
    except UnicodeDecodeError as error:
        cause = Text("Tệp không phải văn bản UTF-8", "The file is no text in UTF-8")
        raise BadInputError(cause, where=str(path), remedy=remedy) from error
    names: dict[str, str] = {}
    for line in text.splitlines():
        # a name holds commas, so a comma divides no columns unless the cell is in quotes
        cell = next(csv.reader([line]), [""])[0] if line.startswith('"') else line.split("\t")[0]
        if (name := clean(cell)) and not name.startswith("#"):
            names.setdefault(key(name), name)
    if not names:
        cause = Text("Tệp không có đơn vị nào", "The file names no unit")
        raise BadInputError(cause, where=str(path), remedy=remedy)
    return tuple(names.values())


def roll_up(paths: Sequence[Path], units: Sequence[str], choices: ReportChoices) -> RolledUp:
    """Add up the reports of these units.

    Args:
        paths: their files in any order, or folders that hold them.
        units: those that owe a report.
        choices: how the report is made; `unit` is needed.

    Raises:
        UsageError: it is not said who reports.
        BadInputError: a file of the reporting unit cannot be used.

    """
    unit = clean(choices.unit)
    if not unit:
        raise UsageError(
            Text("Chưa ghi đơn vị tổng hợp", "It is not said who rolls the reports up"),
            remedy=Text("Ghi --unit “tỉnh …”", "Add --unit “tỉnh …”"),
        )
    form = choices.form
    refused: list[RefusedReport] = []
    read: list[ReportFile] = []
    for path in _files(paths):
        try:
            read.append(read_report(path, form))
        except SohoaError as error:
            refused.append(RefusedReport(path, "", error.cause, error.remedy))
    below = _level_below(read, form)
    taken, copies = _taken(read, units, below, choices, refused)
    above = form.level_above(below, choices.day)
    level = form.level(choices.level) if choices.level else above or form.level(below)
    report = WeeklyReport(
        form.id,
        form.names,
        level.name,
        unit,
        level.due(choices.day).date(),
        choices.made,
        ordered(_lines(taken), form),
        texts=tuple(text for one in taken for text in _texts(one.report, form)),
        units=tuple(_states(units, taken, refused, form)),
    )
    report, files = completed(report, choices)
    return RolledUp(report, tuple(refused), tuple(copies), files)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """The files, and the `.xlsx` in the folders without those that Excel keeps while one is open.

    Raises:
        BadInputError: a folder holds none, or cannot be read.

    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        try:
            names = sorted(one.name for one in path.iterdir() if one.suffix.lower() == ".xlsx")
        except OSError as error:
            raise BadInputError(os_reason(error), where=str(path)) from error
        reports = [path / name for name in names if not name.startswith(("~$", "."))]
        if not reports:
            raise BadInputError(
                Text("Thư mục không có tệp .xlsx nào", "The folder holds no .xlsx"),
                where=str(path),
                remedy=Text("Chép báo cáo của các đơn vị vào đó", "Put the reports into it"),
            )
        yield from reports


def _level_below(read: Iterable[ReportFile], form: ReportForm) -> str:
    counts = Counter(one.report.level for one in read)
    return counts.most_common(1)[0][0] if counts else form.levels[0].name


def _taken(
    read: Sequence[ReportFile], units: Sequence[str], level: str, choices: ReportChoices,
    refused: list[RefusedReport],
) -> tuple[list[ReportFile], list[Path]]:  # fmt: skip
    """Files that count, in the order of the list; the others are added to `refused`."""
    known = {key(unit): unit for unit in units}
    of_unit: dict[str, list[ReportFile]] = {}
    copies: list[Path] = []
    for one in read:
        if found := _objection(one, known, level, choices):
            refused.append(RefusedReport(one.path, known.get(key(one.report.unit), ""), *found))
            continue
        others = of_unit.setdefault(key(one.report.unit), [])
        if any(other.report == one.report for other in others):
            copies.append(one.path)
        else:
            others.append(one)
    taken = []
    for name, unit in known.items():
        files = of_unit.get(name, [])
        if len(files) > 1:
            cause = Text(
                f"{unit} có {len(files)} báo cáo khác nhau của tuần này",
                f"{unit} has {len(files)} different reports of this week",
            )
            remedy = Text("Chỉ giữ một tệp đúng rồi chạy lại", "Keep the right one and run again")
            refused += [RefusedReport(one.path, unit, cause, remedy) for one in files]
        else:
            taken += files
    return taken, copies


def _objection(
    one: ReportFile, known: Mapping[str, str], level: str, choices: ReportChoices
) -> tuple[Text, Text] | None:
    """Why a report cannot be added up, and what to do."""
    report = one.report
    if key(report.unit) not in known:
        near = get_close_matches(key(report.unit), known, 1)
        vi = f"; gần giống: {known[near[0]]}" if near else ""
        en = f"; nearest: {known[near[0]]}" if near else ""
        return (
            Text(
                f"Đơn vị không có trong tệp đơn vị: {report.unit}",
                f"The unit is not in the list of units: {report.unit}",
            ),
            Text(f"Sửa tệp đơn vị (--units){vi}", f"Correct the list (--units){en}"),
        )
    if monday_of(report.week) != monday_of(choices.day):
        return (
            Text(
                f"Báo cáo của tuần khác: tuần đến ngày {report.week:{_DAY}}",
                f"The report is of another week: to {report.week}",
            ),
            Text("Lấy tệp của tuần này, hoặc đổi --week", "Take that of this week, or --week"),
        )
    if report.level != level:
        caption = choices.form.level(report.level).caption
        return (
            Text(f"Báo cáo của cấp khác: {caption}", f"A report of another level: {report.level}"),
            Text("Mỗi lần chỉ cộng báo cáo của một cấp", "Add up the reports of one level only"),
        )
    if one.altered:
        cells = ", ".join(one.altered[:3])
        return (
            Text(f"Số liệu đã bị sửa tay: {cells}", f"Figures were changed by hand: {cells}"),
            Text(
                "Xin tệp gốc; số làm ngoài phần mềm gõ ở trang riêng của nó",
                "Ask for the original; other work is typed on the sheet made for it",
            ),
        )
    if one.faults:
        first = one.faults[0]
        return (
            Text(f"{first.place}: {first.cause.vi}", f"{first.place}: {first.cause.en}"),
            first.remedy,
        )
    return None


def _lines(taken: Iterable[ReportFile]) -> Iterable[ReportLine]:
    """A line for each unit and register type: what its program counted and its people typed."""
    for one in taken:
        report, listed = one.report, False
        for type in dict.fromkeys(line.type for line in report.lines):
            lines = [line for line in report.lines if line.type is type]
            totals = {name: summed(line.figure(name) for line in lines) for name in report.measures}
            typed = {
                name: summed(ReportFigure(line.typed(name)) for line in lines).value
                for name in report.measures
            }
            absent = 0 if listed else len(report.absent)  # told once, not for each type
            listed = True
            yield ReportLine(
                report.unit,
                type,
                {name: one.value for name, one in totals.items() if one.value is not None},
                typed_below={name: value for name, value in typed.items() if value is not None},
                lacking={
                    name: one.lacking + absent
                    for name, one in totals.items()
                    if one.value is not None and one.lacking + absent
                },
            )


def _texts(report: WeeklyReport, form: ReportForm) -> Iterable[UnitText]:
    """What a unit and those below it write, and what its program says of its difficulties."""
    for part in form.parts:
        yield from (text for text in report.texts if text.part == part.name)
        if part.name == "difficulties" and (fact := report.facts.get(part.name)):
            yield UnitText(report.unit, part.name, fact)


def _states(
    units: Iterable[str], taken: Iterable[ReportFile], refused: Iterable[RefusedReport],
    form: ReportForm,
) -> Iterable[SubmittedUnit]:  # fmt: skip
    found = {key(one.report.unit): one.report for one in taken}
    causes = {key(one.unit): f"{one.path.name}: {one.cause.vi}" for one in refused if one.unit}
    for unit in units:
        report = found.get(key(unit))
        if report is None:
            note = causes.get(key(unit), "")
            yield SubmittedUnit(unit, "refused" if note else "missing", note=note)
            continue
        state = "late" if report.late(form) else "in_time"
        note = f"Chưa gồm: {'; '.join(report.absent)}" if report.absent else ""
        yield SubmittedUnit(unit, state, f"{report.made:{_DAY} %H:%M}", note)
