"""Invented registration cases: one year of one register, as its clerk would have written it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.training.clerk_habits import BLANK, Clerk, WrittenValue
from ocr_pipeline.training.invented_events import (
    Fields,
    RegistryOffice,
    birth,
    death,
    marital_status,
    marriage,
    recognition,
)
from ocr_pipeline.training.invented_people import (
    FEMALE,
    MALE,
    Person,
    Place,
    Society,
    pick,
    society_data,
    years_before,
)
from ocr_pipeline.training.invented_status_changes import (
    adoption,
    change,
    end_of_guardianship,
    guardianship,
)

EVENTS: dict[str, Callable[[RegistryOffice, date], Fields]] = {
    "KS": birth,
    "KT": death,
    "KH": marriage,
    "CMC": recognition,
    "HN": marital_status,
    "CN": adoption,
    "GH": guardianship,
    "TD": change,
    "CDGH": end_of_guardianship,
}

#: No note or paper of the invented books is younger.
TODAY = date(2024, 12, 1)


@dataclass(frozen=True, slots=True)
class InventedCase:
    """One registration: number in the year, day, and the writing of every field code.

    Codes are those of `registers.paper.paper_codes`; a layout takes what it has blanks for.
    """

    number: int
    day: date
    fields: Fields


@dataclass(frozen=True, slots=True)
class Official:
    """Someone who signs: name and position."""

    person: Person
    position: str


class Register:
    """One register of one commune and year, filled by one clerk.

    Args:
        type: code of a register type.
        society: the people of the province.
        commune: place of the registering agency.
        year: year of registration.
        book: number of the book in the year.
        rng: all chance comes from here.
        year_only: the form asks for the parents' year of birth alone (pages of 2016).

    """

    def __init__(
        self,
        type: str,
        society: Society,
        commune: Place,
        year: int,
        book: int,
        rng: np.random.Generator,
        year_only: bool = False,
    ) -> None:
        self.type, self.commune, self.year, self.book, self.rng = type, commune, year, book, rng
        self.clerk = Clerk(rng, society.southern)
        self.society = society
        self.desk = RegistryOffice(society, self.clerk, commune, year, rng, year_only)
        positions = society_data().positions
        self.signers = [self._official(positions.chief), self._official(positions.deputy)]
        self.registrar = self._official(positions.registrar)
        self.usual_signer = 0 if rng.random() < 0.6 else 1

    def cases(self, numbers: int | Sequence[int], per_page: int = 1) -> Iterator[InventedCase]:
        """Cases whose days never fall.

        Args:
            numbers: numbers in the year; a count stands for 1 … count.
            per_page: records on one page side, for the page numbers.

        """
        numbers = range(1, numbers + 1) if isinstance(numbers, int) else numbers
        count, first = len(numbers), numbers[0]
        start = date(self.year, 1, 2) + timedelta(min(first * 2, 250))
        left = (date(self.year, 12, 30) - start).days
        steps = np.sort(self.rng.integers(0, min(left, count * 6 + 10), count))
        for k, (number, step) in enumerate(zip(numbers, steps, strict=True)):
            day = start + timedelta(int(step))
            page = 1 + (first - 1 + k) // per_page
            fields = self._common(number, day, page)
            fields.update(EVENTS[self.type](self.desk, day))
            yield InventedCase(number, day, fields)

    def _official(self, position: str) -> Official:
        women = 0.6 if "hộ tịch" in position else 0.2
        sex = FEMALE if self.rng.random() < women else MALE
        born = years_before(date(self.year, 7, 1), float(self.rng.uniform(30, 56)), self.rng)
        return Official(self.society.person(sex, born, self.commune), position)

    def _common(self, number: int, day: date, page: int) -> Fields:
        clerk = self.clerk
        usual = self.rng.random() < 0.85
        signer = self.signers[self.usual_signer if usual else 1 - self.usual_signer]
        name, position = signer.person.name, signer.position
        return {
            "so": clerk.number(number, self.year),
            "quyenSo": clerk.number(self.book, self.year),
            "trangSo": WrittenValue(str(page), str(page)),
            "ngayDangKy": clerk.date(day),
            "noiDangKy": self.desk.agency(),
            "nguoiKy": clerk.name(signer.person),
            "chucVuNguoiKy": clerk.text(position, FieldKind.POSITION),
            "nguoiKyVaChucVu": WrittenValue(f"{name} - {position}", f"{name} - {position}"),
            "nguoiThucHien": clerk.name(self.registrar.person),
            "ghiChu": self._note(day),
        }

    def _note(self, day: date) -> WrittenValue:
        if self.rng.random() > 0.12:
            return BLANK
        later = min(day + timedelta(int(self.rng.integers(5, 900))), TODAY)
        text = pick(self.rng, self.society.options("notes", self.type))
        shown = self.clerk.date(later).as_written
        return self.clerk.text(text.format(date=shown, n=self.rng.integers(1, 150)))
