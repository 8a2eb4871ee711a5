"""The table of a weekly report and its remarks, the same on the sheet and on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr_pipeline.exchange.reporting.forecast import forecast_lines
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import ReportFigure, WeeklyReport
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.written_numbers import number

_DAY = "%d.%m.%Y"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the table.

    Attributes:
        unit: first column.
        type: second column.
        figures: in the order of the form.
        kind: `line`, `sum` or `share` (a part of the sum above it).

    """

    unit: str
    type: str
    figures: tuple[ReportFigure, ...]
    kind: str = "line"


def type_text(type: RegisterType) -> str:
    """A register type as it stands in the rows."""
    return f"{type.label.vi} ({type.value})"


def table_rows(report: WeeklyReport, form: ReportForm) -> list[TableRow]:
    """The lines, the sums of the types, the sum of all, and what of it was done elsewhere."""
    words = report_words()

    def figures(type: RegisterType | None = None) -> tuple[ReportFigure, ...]:
        return tuple(report.total(name, type) for name in form.names)

    rows = [
        TableRow(line.unit, type_text(line.type), tuple(line.figure(n) for n in form.names))
        for line in report.lines
    ]
    units = {line.unit for line in report.lines}
    used = [type for type in form.types if any(line.type is type for line in report.lines)]
    if len(units) > 1:
        rows += [
            TableRow(
                words.total_of_type.format(type=type.label.vi), type.value, figures(type), "sum"
            )
            for type in used
        ]
    rows.append(TableRow(words.total, "", figures(), "sum"))
    typed = tuple(ReportFigure(report.typed_total(name)) for name in form.names)
    if any(one.value is not None for one in typed):
        rows.append(TableRow(words.outside_share, "", typed, "share"))
    return rows


def remarks(report: WeeklyReport, form: ReportForm) -> list[str]:
    """What stands below the table."""
    words = report_words()
    rows = table_rows(report, form)
    said = [words.cumulative]
    if any(figure.value is None for row in rows for figure in row.figures if row.kind == "line"):
        said.append(words.empty)
    if any(figure.lacking for row in rows for figure in row.figures):
        said.append(words.lacking)
    for state, sentence in (
        ("missing", words.missing), ("late", words.late_units), ("refused", words.refused),
    ):  # fmt: skip
        if named := [unit.unit for unit in report.units if unit.state == state]:
            said.append(sentence.format(units="; ".join(named)))
    captions = {measure.name: measure.caption for measure in form.measures}
    said += [
        words.fallen.format(
            unit=unit, type=RegisterType(type).label.vi, measure=captions[name],
            last=number(before), now=number(now),
        )
        for unit, type, name, before, now in report.fallen
    ]  # fmt: skip
    return [*said, *report.notes, words.source.format(source=form.source)]


def comparison_rows(
    report: WeeklyReport, form: ReportForm
) -> Iterator[tuple[str, int | None, int | None, int | None]]:
    """Heading, figure of the report before, of this one, and the difference; sums of all lines."""
    before = report.last.totals if report.last else {}
    for measure in form.measures:
        was, now = before.get(measure.name), report.total(measure.name)
        whole = now.value is not None and not now.lacking and was is not None
        yield measure.caption, was, now.value, now.value - was if whole else None  # type: ignore[operator]


def forecast_title(report: WeeklyReport) -> str:
    """Heading of the forecast; "" when there is no last day."""
    day = report.finish_by
    return report_words().forecast_title.format(date=f"{day:{_DAY}}") if day else ""


def comparison_remarks(report: WeeklyReport, form: ReportForm) -> Sequence[str]:
    """What stands below the comparison."""
    none = [] if report.last else [report_words().no_last]
    return [*none, *filter(None, [forecast_title(report)]), *forecast_lines(report, form)]


def head_lines(report: WeeklyReport, form: ReportForm) -> tuple[str, str]:
    """Below the title: the week; when it is due and when it was made."""
    words = report_words()
    level = form.level(report.level)
    due = level.due(report.week)
    told = [
        words.due.format(
            hour=f"{due:%H} giờ {due:%M}", day=words.days[level.day], date=f"{due:{_DAY}}"
        ),
        words.made.format(made=f"{report.made:{_DAY} %H:%M}"),
    ]
    if report.late(form):
        told.append(words.late)
    return words.week.format(week=f"{report.week:{_DAY}}"), " · ".join(told)
