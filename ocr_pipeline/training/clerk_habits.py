"""Clerks: how one person writes dates, places, names and numbers into a register, all year long."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.arrays import Rng
from ocr_pipeline.data_files import load_data
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import PartialDate
from ocr_pipeline.text.places import short_name
from ocr_pipeline.training.data_schema import DATA, ClerkHabitsFile
from ocr_pipeline.training.invented_people import FEMALE, IdentityPaper, Person, Place, pick


@dataclass(frozen=True, slots=True)
class WrittenValue:
    """What stands in a field.

    Attributes:
        as_written: text on the paper.
        value: the Excel cell it stands for.
        parts: the text cut up for forms that have a blank for each part.
        shorter: what the clerk writes where there is little room; "" if nothing shorter will do.
        special: `ditto` or `struck_out`, if so.

    """

    as_written: str
    value: str
    parts: tuple[str, ...] = ()
    special: str = ""
    shorter: str = ""


BLANK = WrittenValue("", "")


def value_of(kind: FieldKind, written: str, meant: str) -> str:
    """The Excel cell for what is written, or what was meant where that cannot be told."""
    return normalise_value(kind, written) or meant


@cache
def clerk_data() -> ClerkHabitsFile:
    """Contents of `data/clerk_habits.yaml`."""
    return load_data(DATA / "clerk_habits.yaml", ClerkHabitsFile)


class Clerk:
    """One registrar's habits, drawn once; `rng` also decides on his lapses.

    Args:
        rng: all chance comes from here.
        southern: writes `lẻ`, `ngàn`, `mùng` rather than `linh`, `nghìn`, `mồng`.

    """

    def __init__(self, rng: Rng, southern: bool) -> None:
        self.rng = rng
        self.date_style = self._habit("dates")
        self.place_style = self._habit("places")
        self.separator = self._habit("separators")
        self.capital_names = bool(rng.random() < 0.35)
        self.capital_units = bool(rng.random() < 0.3)
        self.number_width = pick(rng, [2, 2, 3])
        self.year_with_number = bool(rng.random() < 0.7)
        self.zero = "lẻ" if (rng.random() < 0.8) == southern else "linh"
        self.thousand = "ngàn" if (rng.random() < 0.6) == southern else "nghìn"
        self.first_days = pick(rng, ["", "", "mùng" if southern else "mồng"])
        self.april = pick(rng, ["tư", "bốn"])
        self.words_case = pick(rng, ["sentence", "sentence", "title", "lower"])
        self.words_lead = pick(rng, ["ngày ", "ngày ", ""])

    def _habit(self, key: str) -> str:
        table: list[tuple[str, float]] = getattr(clerk_data(), key)
        form: str = pick(self.rng, [form for form, _ in table], [weight for _, weight in table])
        return form

    def name(self, person: Person | None, main: bool = False) -> WrittenValue:
        """A person's name; the main person's often in capitals."""
        if person is None:
            return BLANK
        text = person.name.upper() if main and self.capital_names else person.name
        return WrittenValue(text, value_of(FieldKind.PERSON_NAME, text, person.name))

    def date(self, day: datetime.date | None, precision: int = 3) -> WrittenValue:
        """A date in digits, whole or in part (3 day, 2 month, 1 year)."""
        if day is None:
            return BLANK
        parts = (f"{day.day:02d}", f"{day.month:02d}", str(day.year))
        if precision == 1:
            return WrittenValue(parts[2], parts[2], ("", "", parts[2]))
        if precision == 2:
            return WrittenValue("/".join(parts[1:]), ".".join(parts[1:]), ("", *parts[1:]))
        text = self.date_style.format(d=day.day, m=day.month, y=day.year)
        return WrittenValue(text, ".".join(parts), parts)

    def birth(self, person: Person | None, year_only: bool = False) -> WrittenValue:
        """A birth date as far as it is known, or only its year where the form asks no more."""
        if person is None:
            return BLANK
        return self.date(person.birth, 1 if year_only else person.birth_precision)

    def date_words(self, day: datetime.date) -> WrittenValue:
        """A date in this clerk's words."""
        value = date_to_words(PartialDate(day.year, day.month, day.day))
        text = value.lower().replace(" linh ", f" {self.zero} ").replace("nghìn", self.thousand)
        text = text.replace("tháng tư", f"tháng {self.april}").removeprefix("ngày ")
        if day.day <= 10 and self.first_days:
            first = text.removeprefix("mồng ").removeprefix("mùng ")
            text = f"{self.first_days} {first}"
        text = self.words_lead + text
        if self.words_case == "title":
            text = " ".join(w[:1].upper() + w[1:] for w in text.split(" "))
        elif self.words_case == "sentence":
            text = text[:1].upper() + text[1:]
        return WrittenValue(text, value)

    def place(self, place: Place | None) -> WrittenValue:
        """A place in this clerk's way: whole, without the kinds of units, or abbreviated."""
        return BLANK if place is None else self.place_text(", ".join(place.units))

    def place_text(self, text: str) -> WrittenValue:
        """The same for a place given as text, units separated by commas."""
        units = text.split(", ")
        style = self.place_style if self.rng.random() < 0.85 else "full"
        if style == "bare":
            units = [u if i == 0 and len(units) > 3 else short_name(u) for i, u in enumerate(units)]
        elif style == "short":
            units = [self._short(u) for u in units]
        if self.capital_units:
            units = [u[:1].upper() + u[1:] for u in units]
        written = self.separator.join(units)
        written = written[:1].upper() + written[1:]
        short = self.separator.join(short_name(u) for u in units)
        return WrittenValue(written, value_of(FieldKind.PLACE, written, text), shorter=short)

    def number(self, number: int, year: int) -> WrittenValue:
        """A record's or book's number of the year."""
        text = f"{number:0{self.number_width}d}"
        written = f"{text}/{year}" if self.year_with_number else text
        return WrittenValue(written, f"{number:02d}/{year}")

    def sex(self, person: Person) -> WrittenValue:
        """Nam or nữ."""
        return WrittenValue("Nữ" if person.sex == FEMALE else "Nam", person.sex)

    def group(self, person: Person | None) -> WrittenValue:
        """The ethnic group in one of its spellings."""
        if person is None:
            return BLANK
        spellings = clerk_data().groups.get(person.group, [person.group])
        return WrittenValue(pick(self.rng, spellings), person.group)

    def nationality(self, person: Person | None) -> WrittenValue:
        """The nationality, now and then abbreviated."""
        if person is None:
            return BLANK
        text = "VN" if self.rng.random() < 0.04 else person.nationality
        return WrittenValue(text, person.nationality)

    def document(self, identity: IdentityPaper | None) -> WrittenValue:
        """Kind and number of an identity paper in one blank."""
        if identity is None:
            return BLANK
        word = pick(self.rng, clerk_data().id_words[identity.code])
        number = self._digits(identity.number)
        name = pick(self.rng, clerk_data().id_names[identity.code])
        value = f"{identity.code} {identity.number}"
        return WrittenValue(f"{word} {number}".strip(), value, (name, number))

    def document_kind(self, identity: IdentityPaper | None) -> WrittenValue:
        """The kind of an identity paper alone."""
        if identity is None:
            return BLANK
        return WrittenValue(pick(self.rng, clerk_data().id_names[identity.code]), identity.code)

    def document_number(self, identity: IdentityPaper | None) -> WrittenValue:
        """The number of an identity paper alone."""
        if identity is None:
            return BLANK
        return WrittenValue(self._digits(identity.number), identity.number)

    def text(
        self, text: str, kind: FieldKind = FieldKind.FREE_TEXT, shorter: str = ""
    ) -> WrittenValue:
        """Words written as they are."""
        return WrittenValue(text, value_of(kind, text, text), shorter=shorter) if text else BLANK

    def time(self, hour: int, minute: int) -> WrittenValue:
        """Hour and minute."""
        text = self._habit("times").format(h=hour, m=minute)
        return WrittenValue(text, f"{hour:02d}:{minute:02d}", (f"{hour:02d}", f"{minute:02d}"))

    def _short(self, unit: str) -> str:
        for long, short in clerk_data().short_units.items():
            if unit.startswith(long):
                form: str = pick(self.rng, short)
                return form + unit[len(long) :]
        return unit

    def _digits(self, number: str) -> str:
        if self.rng.random() < 0.12:
            return " ".join(number[i : i + 3] for i in range(0, len(number), 3))
        return number
