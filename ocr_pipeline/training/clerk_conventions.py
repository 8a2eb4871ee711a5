"""Conventions of clerks: short years, ages, ditto marks, marks for nothing, capitals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from ocr_pipeline.arrays import Rng
from ocr_pipeline.layout.schema import LayoutField
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.training.clerk_habits import WrittenValue, clerk_data
from ocr_pipeline.training.invented_people import pick

_DITTO_KINDS = (
    FieldKind.ETHNIC_GROUP,
    FieldKind.NATIONALITY,
    FieldKind.POSITION,
    FieldKind.PLACE,
    FieldKind.AGENCY,
    FieldKind.PERSON_NAME,
)
_BIRTH = "NgaySinh"
_EVENTS = {"me": "nksNgaySinh", "cha": "nksNgaySinh", "nkt": "nktNgayChet"}
"""The event on whose day a person is as old as is written, by how the codes begin."""

_LEAST_AGE = 14


@dataclass(frozen=True)
class ClerkConventions:
    """What one clerk does instead of writing a value in full; the value stays what it stands for.

    Attributes:
        short_years: writes years with two digits.
        ages: writes an age where only the year of a birth is known or asked.
        ditto: what he writes for what repeats the record above; "" for nothing of the kind.
        nothing: what he writes into boxes that stay empty; "" leaves them empty.
        capitals: writes names in capitals.
        struck: share (0–1) of fields with a word struck out.

    """

    short_years: bool = False
    ages: bool = False
    ditto: str = ""
    nothing: str = ""
    capitals: bool = False
    struck: float = 0.0

    @classmethod
    def drawn(cls, rng: Rng) -> Self:
        """The conventions of one clerk, by chance."""
        habits = clerk_data()
        return cls(
            short_years=bool(rng.random() < 0.6),
            ages=bool(rng.random() < 0.5),
            ditto=pick(rng, habits.ditto_marks),
            nothing=pick(rng, habits.nothing_marks),
            capitals=bool(rng.random() < 0.4),
            struck=float(rng.uniform(0.02, 0.08)),
        )

    def applied(
        self,
        f: LayoutField,
        now: WrittenValue,
        record: Mapping[str, WrittenValue],
        above: WrittenValue | None,
        rng: Rng,
    ) -> WrittenValue:
        """What this clerk writes for `now`.

        Args:
            f: the field.
            now: its value, written in full.
            record: all fields of the record in full, by code.
            above: the same field of the record above on the sheet, if there is one.
            rng: decides on lapses.

        """
        if rng.random() < 0.15:  # nobody keeps to his habits always
            return now
        if not now.as_written:
            return replace(now, as_written=self.nothing)
        repeated = above is not None and now.value and now.value == above.value
        if self.ditto and repeated and f.kind in _DITTO_KINDS:
            return WrittenValue(self.ditto, now.value, special="ditto")
        if f.kind is FieldKind.PERSON_NAME and self.capitals:
            return replace(now, as_written=now.as_written.upper())
        if f.kind is FieldKind.DATE:
            return self._date(f.code, now, record)
        return now

    def _date(
        self, code: str, now: WrittenValue, record: Mapping[str, WrittenValue]
    ) -> WrittenValue:
        year = now.value[-4:]
        if code.endswith(_BIRTH) and now.value == year and self.ages:
            event = record.get(_EVENTS.get(code.removesuffix(_BIRTH), "ngayDangKy"))
            age = int(event.value[-4:]) - int(year) if event and event.value else 0
            if age >= _LEAST_AGE:
                return WrittenValue(f"{age} tuổi", year)
        if not self.short_years or len(now.value) < 10:
            return now
        text = re.sub(rf"{year}\b", year[2:], now.as_written)
        return replace(now, as_written=text, parts=(*now.parts[:2], year[2:]))
