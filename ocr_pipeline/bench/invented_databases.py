"""Two invented databases of one province that tell of the same people, and the truth about them.

Families have children at different times, twins among them; fathers may be missing. Each side
writes a person in its own way, and errs in its own way: errors hang together by the clerk of a
book (side a) or of a commune (side b). What a side means is kept beside what it writes, so that the
truth of a pair needs no comparison of texts: two fields differ when they mean something else.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ocr_pipeline.bench.invented_clerk import InventedClerk
from ocr_pipeline.bench.invented_events import (
    MEANT,
    EventPerson,
    EventRows,
    EventType,
    columns_of_event,
    fields_of_event,
)
from ocr_pipeline.bench.invented_family import InventedChild, InventedFamily
from ocr_pipeline.bench.invented_reader import InventedReader
from ocr_pipeline.text.lexicons import given_names, middle_names, rows, surnames
from ocr_pipeline.text.places import Gazetteer, Unit

COLUMNS_B = tuple(name.upper() for name in columns_of_event("KS")[4:])
TRUTH_COLUMNS = ("line", "role", "person", "twin", *MEANT, "errors")
_UNMATCHED, _DOUBLES, _TWINS, _NO_FATHER = 0.05, 0.01, 0.008, 0.08
_FIRST_YEAR, _LAST_YEAR = 1960, 2024


class InventedDatabases:
    """Two databases of one province, drawn by chance.

    Args:
        folder: of `a.csv`, `b.csv`, `truth_a.parquet`, `truth_b.parquet`.
        rows: persons of the province; each side has some 96 % of that.
        seed: of all chance.
        event: register of side a; side b is the population. Half of the people have died, most of
            those who are old enough have married each other.
        often_a: how many times as often as usual side a errs.
        read_a: side a is what a machine read of the registers, not what people keyed.

    """

    def __init__(
        self,
        folder: Path,
        rows: int,
        seed: int,
        often_a: float = 1.0,
        event: EventType = "KS",
        *,
        read_a: bool = False,
    ) -> None:
        self.folder, self._rows, self._often_a, self._event = folder, rows, often_a, event
        self._writer_a = InventedReader if read_a else InventedClerk
        self._rng = np.random.default_rng(seed)
        self._own = 0
        self._numbers = set[str]()

    @property
    def files(self) -> tuple[Path, Path]:
        """The keyed files of both sides."""
        return self.folder / "a.csv", self.folder / "b.csv"

    def write(self) -> None:
        """Write files and truth."""
        self.folder.mkdir(parents=True, exist_ok=True)
        compared = fields_of_event(self._event)
        sides = []
        for side, event, columns, writer, often in (
            ("a", self._event, columns_of_event(self._event), self._writer_a, self._often_a),
            ("b", "KS", COLUMNS_B, InventedClerk, 1.0),
        ):
            clerk = writer(self._rng, self.communes, side, often)
            events = EventRows(event, self._rng, clerk, compared)
            sides.append((_SideFiles(self.folder, side, columns), events))
        for child in self._children():
            missing = self._rng.random()
            for at, (file, events) in enumerate(sides):
                if at * _UNMATCHED <= missing < (at + 1) * _UNMATCHED:
                    continue
                if people := events.people(child):
                    for _ in range(1 + (self._rng.random() < _DOUBLES)):
                        file.add(*events.row(people))
        for file, _ in sides:
            file.finish(self._rng)

    @cached_property
    def communes(self) -> tuple[Unit, ...]:
        """Communes that people live in: those of one province first, then others of the country."""
        gazetteer = Gazetteer.load()
        listed = [u for u in gazetteer.units if u.level == "commune" and 2025 in u.seen]
        provinces = sorted({_province(u) for u in listed}, key=lambda one: one.name)
        chosen = provinces[self._rng.integers(len(provinces))]
        own = [unit for unit in listed if _province(unit) is chosen]
        others = self._rng.choice(len(listed), 300, replace=False)
        self._own = len(own)
        return (*own, *(listed[at] for at in others if listed[at] not in own))

    def _children(self) -> Iterator[InventedChild]:
        number, code = 0, f"0{_province(self.communes[0]).code}"
        while number < self._rows:
            family = self._family()
            births = self._births()
            names = set[str]()
            for birth, twin in births:
                sex = "1" if self._rng.random() < 0.52 else "2"
                while (name := self._name(family, sex)) in names:
                    pass  # no family gives two children one name
                names.add(name)
                yield InventedChild(
                    number, twin, name, sex, birth, family, self._personal_id(code, sex, birth)
                )
                number += 1

    def _births(self) -> list[tuple[datetime.date, bool]]:
        found = []
        year = int(self._rng.integers(_FIRST_YEAR, _LAST_YEAR))
        for _ in range(int(self._rng.choice([1, 2, 3, 4], p=[0.25, 0.45, 0.2, 0.1]))):
            day = datetime.date(year, 1, 1) + datetime.timedelta(int(self._rng.integers(365)))
            twin = self._rng.random() < _TWINS
            found += [(day, bool(twin))] * (1 + twin)
            year += int(self._rng.integers(2, 6))
            if year > _LAST_YEAR:
                break
        return found

    def _family(self) -> InventedFamily:
        commune = int(self._rng.integers(self._communes_of_province))
        home = commune
        chance = self._rng.random()
        if chance > 0.9:
            home = int(self._rng.integers(len(self.communes)))
        elif chance > 0.7:
            home = int(self._rng.integers(self._communes_of_province))
        father = "" if self._rng.random() < _NO_FATHER else self._drawn_name("1")
        group = "Kinh" if self._rng.random() < 0.93 else "Tày"
        return InventedFamily(father, self._drawn_name("2"), commune, home, group)

    @property
    def _communes_of_province(self) -> int:
        _ = self.communes
        return self._own

    def _name(self, family: InventedFamily, sex: str) -> str:
        surname = (family.father or family.mother).split()[0]
        return " ".join([surname, *self._drawn_name(sex).split()[1:]])

    def _drawn_name(self, sex: str) -> str:
        surname, middle = self._surnames(), self._middles()
        given = self._givens[sex]()
        if self._rng.random() < 0.45:
            middle = "Văn" if sex == "1" else "Thị"
        return f"{surname} {middle} {given}"

    @cached_property
    def _surnames(self) -> Callable[[], str]:
        return _drawer(self._rng, surnames())

    @cached_property
    def _middles(self) -> Callable[[], str]:
        return _drawer(self._rng, middle_names())

    @cached_property
    def _givens(self) -> Mapping[str, Callable[[], str]]:
        known = given_names()
        by_sex: dict[str, dict[str, float]] = {"1": {}, "2": {}}
        for name, _, boys, girls in rows("given_names"):
            for sex, count in (("1", boys), ("2", girls)):
                if name in known and float(count):
                    by_sex[sex][name] = float(count)
        return {sex: _drawer(self._rng, names) for sex, names in by_sex.items()}

    def _personal_id(self, code: str, sex: str, birth: datetime.date) -> str:
        century = 2 * (birth.year // 100 - 19) + (sex == "2")
        while True:
            serial = int(self._rng.integers(1_000_000))
            number = f"{code}{century}{birth.year % 100:02d}{serial:06d}"
            if number not in self._numbers:  # nobody has the number of somebody else
                self._numbers.add(number)
                return number


def _province(unit: Unit) -> Unit:
    while unit.parent:
        unit = unit.parent
    return unit


def _drawer(rng: np.random.Generator, counts: Mapping[str, float]) -> Callable[[], str]:
    """Draws values by their counts, some thousands at a time."""
    names = list(counts)
    weights = np.array([counts[name] for name in names])
    weights /= weights.sum()

    def drawn() -> Iterator[str]:
        while True:
            for at in rng.choice(len(names), 4096, p=weights):
                yield names[at]

    values = drawn()
    return lambda: next(values)


class _SideFiles:
    """The rows of a side, shuffled in memory by their order in the file, and their truth."""

    def __init__(self, folder: Path, side: str, columns: tuple[str, ...]) -> None:
        self._folder, self._side, self._columns = folder, side, columns
        self._lines: list[str] = []
        self._truth: list[list[tuple[Any, ...]]] = []

    def add(self, cells: list[str], persons: list[EventPerson]) -> None:
        self._lines.append("\x1f".join(cells[-len(self._columns) :]))
        self._truth.append(
            [(one.role, one.child.number, one.child.twin, *one.meant, one.errors)
             for one in persons]
        )  # fmt: skip

    def finish(self, rng: np.random.Generator) -> None:
        import pyarrow
        from pyarrow import parquet

        order = rng.permutation(len(self._lines))
        with (self._folder / f"{self._side}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(self._columns)
            writer.writerows(self._lines[at].split("\x1f") for at in order)
        truth = [(line, *one) for line, at in enumerate(order, start=2) for one in self._truth[at]]
        columns = dict(zip(TRUTH_COLUMNS, zip(*truth, strict=True), strict=True))
        words = {*MEANT, "role", "errors"}  # a field that no row tells of is a column of texts, too
        table = pyarrow.table(
            {
                name: pyarrow.array(values, pyarrow.string() if name in words else None)
                for name, values in columns.items()
            }
        )
        parquet.write_table(table, self._folder / f"truth_{self._side}.parquet")
