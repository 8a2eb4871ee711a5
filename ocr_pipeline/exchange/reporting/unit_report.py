"""A report made of a workspace: its figures, what people typed, and what came before."""

from __future__ import annotations

import datetime
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from ocr_pipeline.errors import BadInputError, Text, UsageError
from ocr_pipeline.exchange.reporting.forecast import compared
from ocr_pipeline.exchange.reporting.report_file import ReportFile, read_report
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import ReportLine, WeeklyReport, ordered
from ocr_pipeline.exchange.reporting.workspace_figures import WorkspaceFigures
from ocr_pipeline.text.normalise import clean, key


@dataclass(frozen=True, slots=True)
class ReportChoices:
    """How a report is made.

    Attributes:
        form: its form.
        made: now, local time.
        unit: who reports; "": the one unit that has books.
        level: name of the unit's level; "": the lowest, in a roll-up the next one up.
        week: any day of the week; None: the week of `made`.
        outside: a report of the same unit into which people have typed.
        last: the report of the week before.
        finish_by: last day of the campaign; None: that of the form.

    """

    form: ReportForm
    made: datetime.datetime
    unit: str = ""
    level: str = ""
    week: datetime.date | None = None
    outside: Path | None = None
    last: Path | None = None
    finish_by: datetime.date | None = None

    @property
    def day(self) -> datetime.date:
        """A day of the week that is reported."""
        return self.week or self.made.date()


def commune_report(
    figures: WorkspaceFigures, choices: ReportChoices
) -> tuple[WeeklyReport, Sequence[ReportFile]]:
    """The report of a workspace, and the files that it was made with.

    Raises:
        UsageError: nobody said whose report it is.
        BadInputError: a file given cannot be used.

    """
    unit = clean(choices.unit) or _only_unit(figures.units)
    level = choices.form.level(choices.level) if choices.level else choices.form.levels[0]
    report = WeeklyReport(
        choices.form.id,
        choices.form.names,
        level.name,
        unit,
        level.due(choices.day).date(),
        choices.made,
        figures.lines,
        facts=figures.facts,
    )
    return completed(report, choices)


def completed(
    report: WeeklyReport, choices: ReportChoices
) -> tuple[WeeklyReport, Sequence[ReportFile]]:
    """A report with what people typed, the weeks before and the last day of the campaign.

    Raises:
        BadInputError: a file given cannot be used here.

    """
    form = choices.form
    outside = _own_file(choices.outside, report, form)
    last = _own_file(choices.last, report, form)
    if last and last.report.week >= report.week:
        raise BadInputError(
            Text(
                f"Báo cáo kỳ trước là của tuần đến ngày {last.report.week:%d.%m.%Y}, "
                "không trước tuần này",
                f"The last report is of the week to {last.report.week}, not before this one",
            ),
            where=str(last.path),
            remedy=Text("Đưa báo cáo của tuần trước", "Give the report of the week before"),
        )
    counted = {one.unit for one in report.units} - set(report.absent)
    if typed := outside or last:
        passed = frozenset() if outside else counted  # a unit that came counts for itself now
        report = _with_outside(report, typed, form, passed)
    twice = sorted(counted & {line.unit for line in report.lines if line.outside})
    if twice:
        note = report_words().typed_twice.format(units="; ".join(twice))
        report = replace(report, notes=(*report.notes, note))
    if outside:
        own = tuple(one for one in outside.report.texts if one.unit == report.unit)
        report = replace(report, texts=(*own, *report.texts))
    elif last and any(line.outside for line in report.lines):
        report = replace(report, notes=(*report.notes, report_words().carried))
    if last:
        report = compared(report, last.report)
        if last.altered:
            note = report_words().last_altered.format(cell=", ".join(last.altered[:3]))
            report = replace(report, notes=(*report.notes, note))
    finish_by = choices.finish_by or form.finish_by
    return replace(report, finish_by=finish_by), [one for one in (outside, last) if one]


def _own_file(path: Path | None, report: WeeklyReport, form: ReportForm) -> ReportFile | None:
    if path is None:
        return None
    found = read_report(path, form)
    if key(found.report.unit) != key(report.unit):
        raise BadInputError(
            Text(
                f"Báo cáo của đơn vị khác: {found.report.unit}",
                f"The report of another unit: {found.report.unit}",
            ),
            where=str(path),
            remedy=Text(f"Đưa tệp của {report.unit}", f"Give the file of {report.unit}"),
        )
    return found


def _with_outside(
    report: WeeklyReport, typed: ReportFile, form: ReportForm, passed: Set[str]
) -> WeeklyReport:
    """The report with the typed figures of another one, but for those of the units `passed`."""
    lines = {(line.unit, line.type): line for line in report.lines}
    for one in typed.report.lines:
        if one.outside and one.unit not in passed:
            place = one.unit, one.type
            line = lines.get(place, ReportLine(*place))
            lines[place] = replace(line, outside=one.outside)
    return replace(report, lines=ordered(lines.values(), form))


def _only_unit(units: Sequence[str]) -> str:
    if len(units) == 1:
        return units[0]
    vi = "Không gian làm việc có sổ của nhiều đơn vị" if units else "Không gian làm việc chưa có sổ"
    en = "Several units have books in the workspace" if units else "The workspace has no books"
    example = units[0] if units else "xã …, tỉnh …"
    raise UsageError(
        Text(f"{vi}: không rõ đơn vị báo cáo", f"{en}: it is not known who reports"),
        remedy=Text(
            f"Ghi đơn vị, ví dụ --unit “{example}”", f"Name the unit, as --unit “{example}”"
        ),
    )
