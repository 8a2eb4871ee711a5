"""Which registers side a of invented databases holds: births, marriages or deaths."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ocr_pipeline.bench.invented_clerk import InventedClerk, WrittenPerson
from ocr_pipeline.bench.invented_family import InventedChild

EventType = Literal["KS", "KH", "KT"]
MEANT = (
    "name", "sex", "birth", "birth_place", "home_town", "father", "mother", "ethnic_group",
    "personal_id",
)  # fmt: skip
"""What is kept of a person as truth, in the order of `WrittenPerson.meant`."""
_HEAD = ("so", "quyenSo", "ngayDangKy", "noiDangKy")
#: Column of a birth -> the field that it tells of, after `_HEAD`, in the order of the clerk.
_OF_BIRTH: Mapping[str, str] = {
    "nksSoDinhDanh": "personal_id", "nksHoTen": "name", "nksGioiTinh": "sex",
    "nksNgaySinh": "birth", "nksNoiSinh": "birth_place", "nksQueQuan": "home_town",
    "nksDanToc": "ethnic_group", "nksQuocTich": "", "meHoTen": "mother", "chaHoTen": "father",
}  # fmt: skip
_ID_OF_PAPER = "SoGiayToTuyThan"
#: Columns of a birth that a person of the other registers has, too; sex stands in deaths alone.
_SHARED = ("nksSoDinhDanh", "nksHoTen", "nksGioiTinh", "nksNgaySinh", "nksDanToc", "nksQuocTich")
_ROLES: Mapping[EventType, tuple[str, ...]] = {
    "KS": ("nks",),
    "KH": ("chong", "vo"),
    "KT": ("nkt",),
}
_DEAD, _LAST_YEAR = 0.5, 2024
_AGES: Mapping[EventType, tuple[int, int]] = {"KH": (18, 35), "KT": (1, 90)}


def columns_of_event(event: EventType) -> tuple[str, ...]:
    """The columns of a keyed file of a register."""
    if event == "KS":
        return (*_HEAD, *_OF_BIRTH)
    roles = _ROLES[event]
    return (*_HEAD, *(_named(column, role) for role in roles for column in _shared(event)))


def fields_of_event(event: EventType) -> frozenset[str]:
    """Which of `MEANT` a row of a register tells of."""
    if event == "KS":
        return frozenset(MEANT)
    return frozenset(filter(None, (_OF_BIRTH[column] for column in _shared(event))))


@dataclass(frozen=True, slots=True)
class EventPerson:
    """A person of a row: what it means.

    Attributes:
        role: the beginning of the person's columns.
        child: who it is.
        meant: by `MEANT`; None for what such a row does not tell.
        errors: `field:kind|field:kind`.

    """

    role: str
    child: InventedChild
    meant: tuple[str | None, ...]
    errors: str


@dataclass(slots=True)
class EventRows:
    """The rows that children come to stand in, one event each at most.

    Attributes:
        event: the register.
        rng: source of chance.
        clerk: who writes.
        compared: fields that both sides tell of; the others mean nothing and have no errors.

    """

    event: EventType
    rng: np.random.Generator
    clerk: InventedClerk
    compared: frozenset[str]
    _single: dict[str, list[InventedChild]] = field(default_factory=lambda: {"1": [], "2": []})
    _numbers: dict[tuple[int, int], int] = field(default_factory=dict)

    def people(self, child: InventedChild) -> tuple[InventedChild, ...]:
        """Whom a row that is to be written now tells of; nobody when there is none."""
        if self.event == "KS":
            return (child,)
        if child.birth.year + _AGES[self.event][0] > _LAST_YEAR:
            return ()
        if self.event == "KT":
            return (child,) if self.rng.random() < _DEAD else ()
        self._single[child.sex].append(child)
        if not all(self._single.values()):
            return ()
        return self._single["1"].pop(0), self._single["2"].pop(0)

    def row(self, people: tuple[InventedChild, ...]) -> tuple[list[str], list[EventPerson]]:
        """Cells of a row about people, and what it means."""
        first = people[0]
        year = self._year(people)
        book = (first.family.commune, year)
        number = self._numbers[book] = self._numbers.get(book, 0) + 1
        written = [self.clerk.written(child, number) for child in people]
        if self.event == "KS":
            [one] = written
            return list(one.cells), [EventPerson("nks", first, *_told(one, self.compared))]
        day = datetime.date(year, 1, 1) + datetime.timedelta(int(self.rng.integers(365)))
        head = [f"{number:02d}/{year}", f"01/{year}", f"{day:%d.%m.%Y}", written[0].cells[3]]
        cells = [cell for one in written for cell in self._cells(one)]
        persons = [
            EventPerson(role, child, *_told(one, self.compared))
            for role, child, one in zip(_ROLES[self.event], people, written, strict=True)
        ]
        return [*head, *cells], persons

    def _year(self, people: tuple[InventedChild, ...]) -> int:
        if self.event == "KS":
            return people[0].birth.year
        youngest, oldest = _AGES[self.event]
        first = max(child.birth.year for child in people) + youngest
        return int(self.rng.integers(first, min(first + oldest - youngest, _LAST_YEAR) + 1))

    def _cells(self, one: WrittenPerson) -> Iterator[str]:
        by_column = dict(zip((*_HEAD, *_OF_BIRTH), one.cells, strict=True))
        return (by_column[column] for column in _shared(self.event))


def _shared(event: EventType) -> list[str]:
    return [name for name in _SHARED if event == "KT" or name != "nksGioiTinh"]


def _named(column: str, role: str) -> str:
    return role + (_ID_OF_PAPER if column == "nksSoDinhDanh" else column.removeprefix("nks"))


def _told(one: WrittenPerson, told: frozenset[str]) -> tuple[tuple[str | None, ...], str]:
    meant = tuple(
        value if name in told else None for name, value in zip(MEANT, one.meant, strict=True)
    )
    errors = [error for error in one.errors.split("|") if error.partition(":")[0] in told]
    return meant, "|".join(errors)
