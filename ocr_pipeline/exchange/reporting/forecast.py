"""What a report says of the weeks before and of those to come."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import replace

from ocr_pipeline.exchange.reporting.report_form import ForecastGoal, ReportForm
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import PastWeek, WeeklyReport
from ocr_pipeline.written_numbers import number

_MOST_WEEKS = 60
_WEEK_DAYS = 7
_DAY = "%d.%m.%Y"


def compared(report: WeeklyReport, last: WeeklyReport) -> WeeklyReport:
    """A report with the figures of the one before it and its history.

    Args:
        report: of this week.
        last: of the same unit and form, of an earlier week.

    """
    before = {(line.unit, line.type): line for line in last.lines}
    fallen = []
    for line in report.lines:
        if (old := before.pop((line.unit, line.type), None)) is None:
            continue
        for name in report.measures:
            was, now = old.figure(name).value, line.figure(name).value
            if was is not None and (now or 0) < was:
                fallen.append((line.unit, line.type.value, name, was, now or 0))
    for (unit, type), old in before.items():  # a line that is not there any more
        if unit in report.absent:
            continue
        for name in report.measures:
            if was := old.figure(name).value:
                fallen.append((unit, type.value, name, was, 0))
    past = last.as_past_week()
    notes = report.notes
    if (report.week - last.week).days > _WEEK_DAYS:
        notes = (*notes, report_words().gap.format(week=f"{last.week:{_DAY}}"))
    return replace(
        report,
        last=past,
        fallen=tuple(fallen),
        history=(*last.history, past)[-_MOST_WEEKS:],
        notes=notes,
    )


def forecast_lines(report: WeeklyReport, form: ReportForm) -> list[str]:
    """The forecast to the end of the campaign in plain words, a line for each goal."""
    words = report_words()
    if report.finish_by is None:
        return [words.forecast_none]
    if report.finish_by <= report.week:
        return [words.forecast_over.format(date=f"{report.finish_by:{_DAY}}")]
    return [_forecast(report, form, goal, report.finish_by) for goal in form.forecast.goals]


def _forecast(
    report: WeeklyReport, form: ReportForm, goal: ForecastGoal, end: datetime.date
) -> str:
    words = report_words()
    captions = {measure.name: measure.caption for measure in form.measures}
    named = {"done": captions[goal.done], "of": captions[goal.of]}
    done, of = report.total(goal.done), report.total(goal.of)
    if of.value is None or done.value is None:
        unknown = goal.of if of.value is None else goal.done
        return words.forecast_no_goal.format(done=named["done"], of=captions[unknown])
    if of.lacking or done.lacking:
        return words.forecast_lacking.format(**named)
    if done.value >= of.value:
        return words.forecast_reached.format(**named, of_value=number(of.value))
    points = list(_points(report, form, goal.done))
    past = max((weeks for weeks, _ in points), default=0)
    if past < form.forecast.least_weeks:
        return words.forecast_few.format(**named, weeks=past, least=form.forecast.least_weeks)
    pace = (done.value - dict(points)[past]) / past
    left, ahead = of.value - done.value, (end - report.week).days / _WEEK_DAYS
    values = {
        **named,
        "weeks": past,
        "pace": number(pace, 0 if pace >= 10 else 1),
        "left": number(left),
        "of_value": number(of.value),
        "needed": number(math.ceil(left / ahead)),
    }
    if pace <= 0:
        return words.forecast_standing.format(**values)
    if left / pace <= ahead:
        day = report.week + datetime.timedelta(days=math.ceil(_WEEK_DAYS * left / pace))
        return words.forecast_in_time.format(**values, date=f"{day:{_DAY}}")
    reached = number(int(done.value + pace * ahead))
    return words.forecast_late.format(**values, reached=reached)


def _points(report: WeeklyReport, form: ReportForm, measure: str) -> Iterator[tuple[int, int]]:
    """Weeks ago and value of a figure, as far back as the form looks."""
    for past in report.history:
        weeks = _weeks_between(past, report)
        if 0 < weeks <= form.forecast.weeks and measure in past.totals:
            yield weeks, past.totals[measure]


def _weeks_between(past: PastWeek, report: WeeklyReport) -> int:
    return round((report.week - past.week).days / _WEEK_DAYS)
