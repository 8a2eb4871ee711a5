"""Invented people: names, birth dates, homes and identity papers that fit one province and time.

Every name is put together at random from frequency lists; no real person is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

import numpy as np

from ocr_pipeline.data_files import load_data
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.places import Gazetteer
from ocr_pipeline.text.syllables import syllables
from ocr_pipeline.training.data_schema import DATA, GroupNames, SocietyFile

T = TypeVar("T")

MALE, FEMALE = "1", "2"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the units of its time, each with its kind (`xã Lộc Thuận`), smallest first."""

    commune: str
    district: str
    province: str
    hamlet: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """The units that are given, smallest first."""
        return tuple(u for u in (self.hamlet, self.commune, self.district, self.province) if u)


@dataclass(frozen=True, slots=True)
class IdentityPaper:
    """An identity paper: code of LoaiGiayToTuyThan, number, date and place of issue."""

    code: str
    number: str
    issued: date
    by: str


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person; `birth_precision` says how much of `birth` is known (3 day … 1 year)."""

    surname: str
    rest: str
    sex: str
    birth: date
    group: str
    home: Place
    residence: Place
    nationality: str = "Việt Nam"
    birth_precision: int = 3
    given_first: bool = False

    @property
    def name(self) -> str:
        """Full name as it is spoken."""
        parts = (self.rest, self.surname) if self.given_first else (self.surname, self.rest)
        return " ".join(parts)

    def age(self, day: date) -> int:
        """Full years on `day`."""
        birthday_to_come = (day.month, day.day) < (self.birth.month, self.birth.day)
        return day.year - self.birth.year - birthday_to_come


@dataclass(frozen=True, slots=True)
class Family:
    """A couple and one child; the father may be unknown."""

    mother: Person
    father: Person | None
    child: Person


def pick(rng: np.random.Generator, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of the items, by weight; unlike `rng.choice` it leaves their types alone."""
    if weights is None:
        return items[int(rng.integers(len(items)))]
    cumulated = np.cumsum(np.asarray(weights, float))
    position = float(rng.random()) * float(cumulated[-1])
    return items[min(int(np.searchsorted(cumulated, position, "right")), len(items) - 1)]


@cache
def society_data() -> SocietyFile:
    """Contents of `data/society.yaml`."""
    return load_data(DATA / "society.yaml", SocietyFile)


class Society:
    """The people of one province.

    Args:
        province: bare name, one of `regions()`.
        rng: all chance comes from here.
        unseen: use words, too, that no language model is built from (sample and evaluation books).
        strange: share (0–1) of the syllables after surnames that stand in no list of names.

    """

    def __init__(
        self,
        province: str,
        rng: np.random.Generator,
        unseen: bool = False,
        strange: float = 0.0,
    ) -> None:
        data = society_data()
        self.rng = rng
        self.region = data.regions[province]
        self.province = province
        self.unseen = unseen
        self.strange = strange
        self._data = data
        self._communes = communes_of(province)
        self._surnames = _table(lexicons.surnames())

    @property
    def southern(self) -> bool:
        """Whether people here speak (and clerks spell numbers) the southern way."""
        return self.region.speech == "south"

    def options(self, key: str, part: str = "") -> list[Any]:
        """Entries under `key` (and `part`) of `society.yaml`, with the unseen ones if allowed."""
        found: list[Any] = []
        for data in (self._data, self._data.unseen) if self.unseen else (self._data,):
            entries = getattr(data, key)
            found += entries.get(part, []) if isinstance(entries, dict) else entries
        return found

    def place(self, near: Place | None = None, hamlet: bool = False) -> Place:
        """A place of the province; `near` keeps to that commune or, now and then, its district."""
        rng = self.rng
        communes = self._communes
        if near is not None:
            spread = rng.random()
            if spread < 0.7:
                communes = tuple(p for p in communes if p == replace(near, hamlet=""))
            elif spread < 0.9:
                communes = tuple(p for p in communes if p.district == near.district)
        found = pick(rng, communes or self._communes)
        if not hamlet:
            return found
        wording = pick(rng, self.options("hamlets", self.region.speech))
        return replace(found, hamlet=wording.format(n=rng.integers(1, 13)))

    def group(self) -> str:
        """An ethnic group by the province's shares."""
        shares = self.region.groups
        names = [*shares, "Kinh"]
        return pick(self.rng, names, [*shares.values(), 1 - sum(shares.values())])

    def person(
        self,
        sex: str,
        birth: date,
        near: Place,
        group: str = "",
        surname: str = "",
    ) -> Person:
        """A person born on `birth`, with a name that suits sex, generation and group."""
        group = group or self.group()
        names = self._data.names.get(group, GroupNames())
        if not surname:
            own = names.surnames
            surname = pick(self.rng, own) if own else pick(self.rng, *self._surnames)
        key = "male" if sex == MALE else "female"
        listed = names.male if sex == MALE else names.female
        if listed and self.rng.random() < 0.75:
            rest, given_first = pick(self.rng, listed), names.given_first
        else:
            rest, given_first = self._kinh_name(key, birth.year), False
        if self.strange:
            rest = " ".join(self._perhaps_strange(part) for part in rest.split(" "))
        residence = self.place(near, hamlet=bool(self.rng.random() < 0.4))
        home = residence if self.rng.random() < 0.6 else self.place()
        return Person(
            surname,
            rest,
            sex,
            birth,
            group,
            replace(home, hamlet=""),
            residence,
            birth_precision=self._precision(birth.year),
            given_first=given_first,
        )

    def family(self, child_birth: date, near: Place, fatherless: float = 0.06) -> Family:
        """Parents who fit in age, and their child: surname and group follow the father."""
        rng = self.rng
        sex = MALE if rng.random() < 0.52 else FEMALE
        mother_age = float(np.clip(rng.normal(26, 5.5), 17, 44))
        mother = self.person(FEMALE, years_before(child_birth, mother_age, rng), near)
        father = None
        if rng.random() >= fatherless:
            father_age = float(np.clip(mother_age + rng.normal(3, 3.5), 18, 60))
            group = mother.group if rng.random() < 0.85 else ""
            father = self.person(MALE, years_before(child_birth, father_age, rng), near, group)
            if rng.random() < 0.75:
                father = replace(father, residence=mother.residence)
        head = father or mother
        child = self.person(sex, child_birth, near, head.group, head.surname)
        child = replace(child, home=head.home, residence=mother.residence, birth_precision=3)
        return Family(mother, father, child)

    def identity(self, person: Person, on: date) -> IdentityPaper:
        """The identity paper that the person would show on that day."""
        rng = self.rng
        authorities = self._data.authorities
        earliest = max(replace_year(person.birth, person.birth.year + 14), on - timedelta(5000))
        days = max((on - earliest).days - 20, 1)
        issued = earliest + timedelta(int(rng.integers(days)))
        if issued >= date(2016, 1, 1):
            by = authorities.cccd_2016 if issued < date(2018, 10, 10) else authorities.cccd_2018
            return IdentityPaper("4", personal_id(self.region.code, person, rng), issued, by)
        number = self.region.cmnd + "".join(str(d) for d in rng.integers(0, 10, 7))
        province = self._communes[0].province
        return IdentityPaper("1", number, issued, authorities.cmnd.format(province=province))

    def _kinh_name(self, key: str, year: int) -> str:
        given, male = self._data.given, key == "male"
        names = given.male if male else given.female
        middles = given.male_middle if male else given.female_middle
        if year < 1965 and self.rng.random() < 0.6:
            names = given.male_old if male else given.female_old
        elif year >= 1985 and male and self.rng.random() < 0.5:
            names = list(lexicons.given_names())[:150]
        middle = pick(self.rng, middles)
        if year < 1980 and self.rng.random() < 0.6:
            middle = "Văn" if male else "Thị"
        if year >= 2005 and middle and self.rng.random() < 0.2:
            second = pick(self.rng, middles).removeprefix("Thị").strip()
            middle = f"{middle} {second}".strip() if second not in middle else middle
        name = pick(self.rng, names)
        return f"{middle} {name}".strip() if middle != name else name

    def _perhaps_strange(self, syllable: str) -> str:
        if self.rng.random() >= self.strange:
            return syllable
        return str(pick(self.rng, _unlisted_syllables())).title()

    def _precision(self, year: int) -> int:
        vague = 0.5 if year < 1940 else 0.2 if year < 1965 else 0.02
        if self.rng.random() >= vague:
            return 3
        return 1 if self.rng.random() < 0.8 else 2


@cache
def _unlisted_syllables() -> list[str]:
    """Syllables that Vietnamese spelling allows and no list of names holds."""
    lists = (lexicons.surnames(), lexicons.middle_names(), lexicons.given_names())
    listed = {part for names in lists for name in names for part in name.lower().split(" ")}
    return sorted(syllables().keys() - listed)


def _table(weights: Mapping[str, float]) -> tuple[list[str], list[float]]:
    return list(weights), list(weights.values())


@cache
def communes_of(province: str) -> tuple[Place, ...]:
    """The communes of a province (bare name) in the three levels of units until June 2025."""
    gazetteer = Gazetteer.load()
    found = gazetteer.find(province, level="province", year=2019)
    if not found:
        raise ValueError(f"{province} is no province of 2019")
    top = found[0]
    return tuple(
        Place(*(name[:1].lower() + name[1:] for name in (commune.name, district.name, top.name)))
        for district in gazetteer.children(top)
        for commune in gazetteer.children(district)
    )


def regions() -> list[str]:
    """Provinces (bare names, as of 2019) whose people can be invented."""
    return list(society_data().regions)


def years_before(day: date, years: float, rng: np.random.Generator) -> date:
    """A day about `years` before `day`, at a random time of the year."""
    return day - timedelta(int(years * 365.25) + int(rng.integers(365)) - 182)


def replace_year(day: date, year: int) -> date:
    """The same day of another year (29 February becomes 28)."""
    return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def personal_id(province_code: str, person: Person, rng: np.random.Generator) -> str:
    """Twelve digits: province 3, century and sex 1, year 2, random 6 (Decree 137/2015, art. 13)."""
    century = 0 if person.birth.year < 2000 else 2
    sex = century + (person.sex == FEMALE)
    tail = "".join(str(d) for d in rng.integers(0, 10, 6))
    return f"{province_code}{sex}{person.birth.year % 100:02d}{tail}"
