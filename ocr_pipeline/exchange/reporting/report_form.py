"""The form of a weekly report: rows, figures, parts in free text, levels with their deadlines."""

from __future__ import annotations

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ocr_pipeline.data_files import DataValueError, Strict, load_data
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.registers.types import RegisterType

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

#: What a workspace can be asked for.
COUNTED = (
    "books_counted", "books_scanned", "pages_scanned", "records_read", "fields_reviewed",
    "records_reviewed", "books_approved", "records_approved", "books_handed_over",
    "records_handed_over", "records_linked",
)  # fmt: skip


def _day(value: object) -> object:
    if value in ("", None):
        return None
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise DataValueError("phải là ngày dạng 2026-12-31", "must be a day such as 2026-12-31")


def _hour(value: object) -> object:
    if isinstance(value, str) and (found := _HOUR.fullmatch(value)):
        return datetime.time(int(found[1]), int(found[2]))
    raise DataValueError("phải là giờ dạng “11:00”", "must be an hour such as “11:00”")


_Day = Annotated[datetime.date | None, BeforeValidator(_day)]


class Measure(Strict):
    """A figure of the report: its name, its heading, and who knows it."""

    name: str
    caption: str
    by: Literal["program", "people"]

    @model_validator(mode="after")
    def _countable(self) -> Measure:
        if self.by == "program" and self.name not in COUNTED:
            known = ", ".join(COUNTED)
            raise DataValueError(
                f"phần mềm không đếm được “{self.name}”; đếm được: {known}",
                f"“{self.name}” is not counted by the program; it counts: {known}",
            )
        return self


class TextPart(Strict):
    """A part of the report that people write."""

    name: str
    caption: str


class ReportLevel(Strict):
    """A level of offices.

    Attributes:
        name: as in `--level`.
        caption: in Vietnamese.
        day: of the week on which the report is due.
        hour: by which it is due, local time.
        signer: what stands above the signature.
        until: the last day of the level; None: it goes on.

    """

    name: str
    caption: str
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    hour: Annotated[datetime.time, BeforeValidator(_hour)]
    signer: str
    until: _Day = None

    def due(self, week: datetime.date) -> datetime.datetime:
        """When the report of a week is due, local time.

        Args:
            week: any day of the week, which begins on Monday.

        """
        monday = week - datetime.timedelta(days=week.weekday())
        day = monday + datetime.timedelta(days=_DAYS.index(self.day))
        return datetime.datetime.combine(day, self.hour)


class ForecastGoal(Strict):
    """A figure that is to reach another one."""

    done: str
    of: str


class ForecastForm(Strict):
    """From how many weeks a forecast is made, and of what."""

    weeks: Annotated[int, Field(ge=1, le=52)]
    least_weeks: Annotated[int, Field(ge=1, le=52)]
    goals: tuple[ForecastGoal, ...] = ()


class ReportForm(Strict):
    """`form.yaml`, or an office's own file.

    Attributes:
        id: reports with the same id and figures can be added up.
        source: where days, hours and parts come from.
        title: of the report.
        types: register types in the order of the rows.
        measures: figures in the order of the columns.
        parts: free texts.
        levels: from the lowest.
        forecast: how figures are carried on.
        finish_by: last day of the campaign; None: no forecast.

    """

    id: str
    source: str
    title: str
    types: tuple[RegisterType, ...]
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]
    parts: tuple[TextPart, ...]
    levels: Annotated[tuple[ReportLevel, ...], Field(min_length=1)]
    forecast: ForecastForm
    finish_by: _Day = None

    @model_validator(mode="after")
    def _consistent(self) -> ReportForm:
        for named in (self.measures, self.parts, self.levels):
            for what in ("name", "caption"):
                values = [getattr(one, what) for one in named]
                for value in values:
                    if values.count(value) > 1:
                        raise DataValueError(
                            f"“{value}” có hai lần", f"“{value}” stands there twice"
                        )
        names = {measure.name for measure in self.measures}
        for goal in self.forecast.goals:
            if unknown := {goal.done, goal.of} - names:
                raise DataValueError(
                    f"không có số liệu “{min(unknown)}”", f"there is no figure “{min(unknown)}”"
                )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the figures in their order."""
        return tuple(measure.name for measure in self.measures)

    def level(self, name: str) -> ReportLevel:
        """The level of this name.

        Raises:
            BadInputError: there is none.

        """
        for level in self.levels:
            if level.name == name:
                return level
        raise BadInputError(
            Text(f"Không có cấp “{name}”", f"There is no level “{name}”"),
            remedy=Text(
                "Các cấp: " + ", ".join(level.name for level in self.levels),
                "The levels: " + ", ".join(level.name for level in self.levels),
            ),
        )

    def level_above(self, name: str, week: datetime.date) -> ReportLevel | None:
        """The next level that reports in a week; None above the highest."""
        place = self.levels.index(self.level(name))
        for level in self.levels[place + 1 :]:
            if level.until is None or level.until >= week:
                return level
        return None


@cache
def shipped_form() -> ReportForm:
    """The form that ships with the program."""
    return load_data(Path(__file__).parent / "data" / "form.yaml", ReportForm)


def report_form(path: Path | None) -> ReportForm:
    """An office's own form; None: the shipped one.

    Raises:
        BadInputError: the file cannot be read or does not follow the schema.

    """
    if path is None:
        return shipped_form()
    return load_data(
        path,
        ReportForm,
        BadInputError,
        Text(
            "Sửa tệp biểu; xem trang “Báo cáo tuần” của sổ tay",
            "Correct the file; see “Weekly report” in the handbook",
        ),
    )
