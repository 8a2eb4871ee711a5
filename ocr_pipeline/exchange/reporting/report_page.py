"""A weekly report as one HTML page without other files, to be printed on A4."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_table import (
    comparison_remarks,
    comparison_rows,
    forecast_title,
    head_lines,
    remarks,
    table_rows,
)
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import WeeklyReport
from ocr_pipeline.html_templates import html_templates
from ocr_pipeline.written_numbers import number


def report_page(report: WeeklyReport, form: ReportForm) -> str:
    """One HTML page in Vietnamese; no script, no network."""
    texts = [
        (
            part.caption,
            report.facts.get(part.name, ""),
            [(one.unit, one.text) for one in report.texts if one.part == part.name],
        )
        for part in form.parts
    ]
    return _environment().get_template("report.html").render(
        report=report, form=form, words=report_words(), head=head_lines(report, form),
        rows=table_rows(report, form), remarks=remarks(report, form), texts=texts,
        comparison=list(comparison_rows(report, form)) if report.last else [],
        comparison_remarks=comparison_remarks(report, form), forecast_title=forecast_title(report),
        level=form.level(report.level),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = html_templates("ocr_pipeline.exchange.reporting")
    environment.filters["number"] = number
    return environment
