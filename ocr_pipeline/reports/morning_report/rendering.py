"""A report as one HTML page without other files, and as plain text for mails and terminals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment

from ocr_pipeline.errors import Text
from ocr_pipeline.html_templates import html_templates
from ocr_pipeline.reports.figure_wording import clock, day_and_clock, duration
from ocr_pipeline.reports.morning_report.report import MorningReport, ReportedBook
from ocr_pipeline.reports.morning_report.titles import title
from ocr_pipeline.reports.morning_report.verdict import next_steps, verdict
from ocr_pipeline.store.unattended import summed_unattended
from ocr_pipeline.written_numbers import number

_MOST_BOOKS = 300  # lines of the table of books; the others are summed up in one
_MOST_GROUPS = 60
_MOST_RULES = 25


def as_html(report: MorningReport) -> str:
    """One HTML page, Vietnamese first; no script, no network; fits A4 when printed."""
    return _environment().get_template("report.html").render(report_material(report))


def as_text(report: MorningReport) -> str:
    """Plain text: all in Vietnamese, then the same in English."""
    template = _environment().get_template("report.txt")
    material = report_material(report)
    parts = [
        template.render(
            material | {"w": _word_in(language), "t": _text_in(language), "lang": language}
        )
        for language in ("vi", "en")
    ]
    return ("\n" + "=" * 78 + "\n\n").join(part.strip() + "\n" for part in parts)


def report_material(report: MorningReport) -> dict[str, Any]:
    """What a template shows of a report: the report, its verdict, the next steps, its rows."""
    shown, rest = _most_urgent(report.books)
    return {
        "report": report,
        "run": report.run,
        "verdict": verdict(report),
        "steps": next_steps(report),
        "books": shown,
        "other_books": rest,
        "other_unattended": summed_unattended(book.unattended for book in rest),
        "groups": report.faults[:_MOST_GROUPS],
        "other_groups": report.faults[_MOST_GROUPS:],
        "no_record": report.no_record[:_MOST_GROUPS],
        "other_no_record": report.no_record[_MOST_GROUPS:],
        "remarks": report.remarks[:_MOST_GROUPS],
        "other_remarks": report.remarks[_MOST_GROUPS:],
        "rules": report.rules[:_MOST_RULES],
        "measured": sum(line.decisions for line in report.kinds),
        "stages": _stages(report),
    }


def _most_urgent(books: tuple[ReportedBook, ...]) -> tuple[list[ReportedBook], list[ReportedBook]]:
    """All books in order or, where they are too many, first those with something wrong."""
    if len(books) <= _MOST_BOOKS:
        return list(books), []
    ordered = sorted(books, key=lambda book: (-book.failures, -book.waiting, -book.review, book.id))
    return ordered[:_MOST_BOOKS], ordered[_MOST_BOOKS:]


def _stages(report: MorningReport) -> list[tuple[Text, float, float]]:
    """Name, seconds a page and share of each stage."""
    spent = sum(report.run.stages.values())
    return [
        (title("stage", stage), seconds / max(report.run.done, 1), seconds / spent)
        for stage, seconds in report.run.stages.items()
        if spent > 0
    ]


def _word_in(language: str) -> Callable[[str, str], str]:
    return lambda vi, en: vi if language == "vi" else en


def _text_in(language: str) -> Callable[[Text], str]:
    return lambda text: str(getattr(text, language))


def _percent(share: float, digits: int = 1, language: str = "vi") -> str:
    return f"{number(100 * share, digits, language)} %"


@cache
def _environment() -> Environment:
    environment = html_templates("ocr_pipeline.reports.morning_report")
    environment.globals["title"] = title
    environment.filters["number"] = number
    environment.filters["clock"] = clock
    environment.filters["moment"] = day_and_clock
    environment.filters["duration"] = duration
    environment.filters["percent"] = _percent
    return environment
