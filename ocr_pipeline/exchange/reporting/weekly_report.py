"""A weekly report as plain data: counts by unit and register type, texts, and what came before."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.json_types import Json
from ocr_pipeline.registers.types import RegisterType


class ReportFigure(NamedTuple):
    """A figure of the report.

    Attributes:
        value: None when nobody has said it.
        lacking: so many of the lines that it is summed from have none; 0 when it is whole.

    """

    value: int | None
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The figures of one unit and register type.

    Attributes:
        unit: e.g. `xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre`.
        type: register type.
        program: figures that the program has counted, in a roll-up those of the reports below.
        outside: figures that people have typed in this report, by name.
        typed_below: in a roll-up, how much of `program` people have typed, by name.
        lacking: in a roll-up, how many lines of the reports below lack a figure, by name.

    """

    unit: str
    type: RegisterType
    program: Mapping[str, int] = field(default_factory=dict)
    outside: Mapping[str, int] = field(default_factory=dict)
    typed_below: Mapping[str, int] = field(default_factory=dict)
    lacking: Mapping[str, int] = field(default_factory=dict)

    def figure(self, measure: str) -> ReportFigure:
        """What was counted and typed together."""
        known = [side[measure] for side in (self.program, self.outside) if measure in side]
        return ReportFigure(sum(known) if known else None, self.lacking.get(measure, 0))

    def typed(self, measure: str) -> int | None:
        """How much of a figure people have typed, here or below; None when nothing."""
        sides = (self.outside, self.typed_below)
        known = [side[measure] for side in sides if measure in side]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class UnitText:
    """What a unit writes in a part of the report."""

    unit: str
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class SubmittedUnit:
    """A unit that owes a report to the level above.

    Attributes:
        unit: as in the list of units.
        state: `in_time`, `late`, `missing` or `refused`.
        made: when its report was made, local time; "" when there is none.
        note: why it was refused (Vietnamese).

    """

    unit: str
    state: str
    made: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastWeek:
    """Totals of an earlier week.

    Attributes:
        week: the day on which its report was due.
        totals: whole figures by name; those that lack a line are left out.

    """

    week: datetime.date
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """A weekly report.

    Attributes:
        form: id of its form.
        measures: names of the figures of that form.
        level: name of the level of its unit.
        unit: who reports.
        week: the day on which it is due.
        made: when it was made, local time.
        lines: by unit and type, in order.
        texts: what the unit and those below it write.
        facts: what the program adds to a part, by part.
        units: units below, in a roll-up.
        last: the report before, as a whole week; None when there is none.
        fallen: unit, type, figure, before and now of figures that have fallen.
        history: weeks before, the oldest first; the last of them is `last`.
        notes: what readers should know (Vietnamese).
        finish_by: last day of the campaign; None when it is not set.

    """

    form: str
    measures: tuple[str, ...]
    level: str
    unit: str
    week: datetime.date
    made: datetime.datetime
    lines: tuple[ReportLine, ...] = ()
    texts: tuple[UnitText, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    units: tuple[SubmittedUnit, ...] = ()
    last: PastWeek | None = None
    fallen: tuple[tuple[str, str, str, int, int], ...] = ()
    history: tuple[PastWeek, ...] = ()
    notes: tuple[str, ...] = ()
    finish_by: datetime.date | None = None

    def late(self, form: ReportForm) -> bool:
        """Whether it was made after it was due."""
        return self.made > form.level(self.level).due(self.week)

    def total(self, measure: str, type: RegisterType | None = None) -> ReportFigure:
        """A figure over all lines, or over those of a type; absent units lack in it."""
        lines = [line for line in self.lines if type is None or line.type is type]
        total = summed(line.figure(measure) for line in lines)
        if total.value is None:
            return total
        return total._replace(lacking=total.lacking + len(self.absent))

    @property
    def absent(self) -> tuple[str, ...]:
        """Units below whose report is missing or refused."""
        return tuple(one.unit for one in self.units if one.state in ("missing", "refused"))

    def typed_total(self, measure: str) -> int | None:
        """How much of a figure over all lines people have typed; None when nothing."""
        return summed(ReportFigure(line.typed(measure)) for line in self.lines).value

    def as_past_week(self) -> PastWeek:
        """Its totals for the reports that follow."""
        totals = {name: self.total(name) for name in self.measures}
        whole = {
            name: one.value
            for name, one in totals.items()
            if one.value is not None and not one.lacking
        }
        return PastWeek(self.week, whole)

    def text_of(self, unit: str, part: str) -> str:
        """What a unit writes in a part; "" when nothing."""
        return next((t.text for t in self.texts if (t.unit, t.part) == (unit, part)), "")


def summed(figures: Iterable[ReportFigure]) -> ReportFigure:
    """Figures added up; those that nobody has said are counted as lacking beside others."""
    listed = list(figures)
    known = [one.value for one in listed if one.value is not None]
    if not known:
        return ReportFigure(None)
    missing = sum(one.value is None for one in listed)
    return ReportFigure(sum(known), missing + sum(one.lacking for one in listed))


def monday_of(day: datetime.date) -> datetime.date:
    """The Monday of a day's week."""
    return day - datetime.timedelta(days=day.weekday())


def ordered(lines: Iterable[ReportLine], form: ReportForm) -> tuple[ReportLine, ...]:
    """Lines by unit and then by the form's order of types."""
    places = {type: place for place, type in enumerate(form.types)}
    return tuple(sorted(lines, key=lambda line: (line.unit, places.get(line.type, 99))))


def report_to_json(report: WeeklyReport) -> Json:
    """Plain data, from which `report_from_json` makes the same report."""
    return {
        "form": report.form,
        "measures": list(report.measures),
        "level": report.level,
        "unit": report.unit,
        "week": report.week.isoformat(),
        "made": report.made.isoformat(timespec="minutes"),
        "lines": [
            {
                "unit": line.unit, "type": line.type.value, "program": dict(line.program),
                "outside": dict(line.outside), "typed_below": dict(line.typed_below),
                "lacking": dict(line.lacking),
            }
            for line in report.lines
        ],
        "texts": [[one.unit, one.part, one.text] for one in report.texts],
        "facts": dict(report.facts),
        "units": [[one.unit, one.state, one.made, one.note] for one in report.units],
        "last": None if report.last is None else _week_to_json(report.last),
        "fallen": [list(one) for one in report.fallen],
        "history": [_week_to_json(one) for one in report.history],
        "notes": list(report.notes),
        "finish_by": report.finish_by.isoformat() if report.finish_by else None,
    }  # fmt: skip


def _week_to_json(week: PastWeek) -> Json:
    return {"week": week.week.isoformat(), "totals": dict(week.totals)}


def report_from_json(data: Mapping[str, Any]) -> WeeklyReport:
    """The report that `report_to_json` has written.

    Raises:
        KeyError, TypeError, ValueError: the data are something else.

    """
    day = datetime.date.fromisoformat
    return WeeklyReport(
        form=str(data["form"]),
        measures=tuple(map(str, data["measures"])),
        level=str(data["level"]),
        unit=str(data["unit"]),
        week=day(data["week"]),
        made=datetime.datetime.fromisoformat(data["made"]),
        lines=tuple(
            ReportLine(
                str(one["unit"]), RegisterType(one["type"]), _counts(one["program"]),
                _counts(one["outside"]), _counts(one["typed_below"]), _counts(one["lacking"]),
            )
            for one in data["lines"]
        ),
        texts=tuple(UnitText(*map(str, one)) for one in data["texts"]),
        facts={str(name): str(text) for name, text in data["facts"].items()},
        units=tuple(SubmittedUnit(*map(str, one)) for one in data["units"]),
        last=None if data["last"] is None else _week_from_json(data["last"]),
        fallen=tuple(
            (str(unit), str(type), str(name), int(before), int(now))
            for unit, type, name, before, now in data["fallen"]
        ),
        history=tuple(map(_week_from_json, data["history"])),
        notes=tuple(map(str, data["notes"])),
        finish_by=day(data["finish_by"]) if data["finish_by"] else None,
    )  # fmt: skip


def _week_from_json(data: Mapping[str, Any]) -> PastWeek:
    return PastWeek(datetime.date.fromisoformat(data["week"]), _counts(data["totals"]))


def _counts(data: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(value) for name, value in data.items()}
