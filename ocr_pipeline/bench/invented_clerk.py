"""How the clerks of a side write a person, and where they err."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ocr_pipeline.bench.invented_family import InventedChild
from ocr_pipeline.text.normalise import place_tones, strip_marks
from ocr_pipeline.text.places import Gazetteer, Unit

_NAME_ERRORS, _DATE_ERRORS, _HOME_ERRORS, _SEX_ERRORS = 0.03, 0.05, 0.015, 0.002
_FATHER_LEFT_OUT, _ID_ERRORS, _ETHNIC_ERRORS = 0.01, 0.005, 0.003
_ID_WRONG_EVERY = 250
_ID_ON_PAPER, _ID_KNOWN, _FIRST_IDS = 0.1, 0.96, 2016
_LETTERS = "aeioungthcml"


@dataclass(frozen=True, slots=True)
class WrittenPerson:
    """A row of a side.

    Attributes:
        cells: by column of side a.
        meant: what the fields mean, in the order of the truth.
        errors: `field:kind|field:kind`.

    """

    cells: tuple[str, ...]
    meant: tuple[str, ...]
    errors: str


class InventedClerk:
    """All clerks of one side.

    Args:
        rng: source of chance.
        communes: where people come from.
        often: how many times as often as usual they err.
        side: `a` writes registers: titles as on paper, names of units of their time; `b` writes
            capitals, and often the units of 2026.

    """

    def __init__(
        self, rng: np.random.Generator, communes: Sequence[Unit], side: str, often: float
    ) -> None:
        self._rng, self._communes, self._side, self._often = rng, communes, side, often
        self._care: dict[tuple[int, int], float] = {}
        self._heirs = _heirs(rng, communes)

    def written(self, child: InventedChild, number: int) -> WrittenPerson:
        """One row about a person."""
        rng, family = self._rng, child.family
        care = self._careless(family.commune, child.birth.year)
        errors: list[str] = []
        name = self._name("name", child.name, care, errors)
        mother = self._name("mother", family.mother, care, errors)
        father = family.father and self._name("father", family.father, care, errors)
        if father and rng.random() < _FATHER_LEFT_OUT * care:
            father = ""
            errors[:] = [one for one in errors if not one.startswith("father")]
            errors.append(f"father:missing_{self._side}")
        sex = child.sex
        if rng.random() < _SEX_ERRORS * care:
            sex = "2" if sex == "1" else "1"
            errors.append("sex:value_other")
        birth = self._date(child.birth, care, errors)
        home, home_meant = self._place("home_town", family.home, _HOME_ERRORS * care, errors)
        place, place_meant = self._place("birth_place", family.commune, 0.003 * care, errors)
        group = family.ethnic_group
        if rng.random() < _ETHNIC_ERRORS * care:
            group = "Nùng"
            errors.append("ethnic_group:value_other")
        personal = self._personal_id(child, care, errors)
        registered = child.birth + datetime.timedelta(int(rng.integers(1, 60)))
        year, commune = registered.year, self._communes[family.commune]
        cells = (
            f"{number:02d}/{year}", f"01/{year}", f"{registered:%d.%m.%Y}",
            f"UBND {commune.address}", personal, self._style(name), sex, birth, place, home,
            "Việt" if group == "Kinh" and rng.random() < 0.02 else group, "Việt Nam",
            self._style(mother), self._style(father),
        )  # fmt: skip
        meant = (name, sex, birth, place_meant, home_meant, father, mother, group, personal)
        return WrittenPerson(cells, meant, "|".join(errors))

    def _careless(self, commune: int, year: int) -> float:
        """How much oftener than usual the clerk of a book errs: 1 on average."""
        book = commune, year if self._side == "a" else 0
        if book not in self._care:
            self._care[book] = self._often * min(float(self._rng.gamma(0.7, 1 / 0.7)), 6.0)
        return self._care[book]

    def _style(self, name: str) -> str:
        if self._side == "b":
            return place_tones(name, "new").upper()
        return place_tones(name, "new") if self._rng.random() < 0.3 else name

    def _name(self, field: str, name: str, care: float, errors: list[str]) -> str:
        rng = self._rng
        if rng.random() >= _NAME_ERRORS * care:
            return name
        words = name.split()
        chance = rng.random()
        if chance < 0.12 and len(words) > 2:
            errors.append(f"{field}:middle_name_missing")
            return " ".join([words[0], *words[2:]])
        at = int(rng.integers(len(words)))
        if chance < 0.18 and len(words) > 2:
            at, word = 1, "Ngọc" if words[1] != "Ngọc" else "Minh"
            kind = "middle_name_other"
        elif chance < 0.45 and strip_marks(words[at]) != words[at]:
            word, kind = strip_marks(words[at]), "marks"
        else:
            word, kind = self._slipped(words[at]), "letters"
        if word.casefold() == words[at].casefold():
            return name
        if strip_marks(word).casefold() == strip_marks(words[at]).casefold():
            kind = "marks"
        errors.append(f"{field}:{kind}")
        return " ".join([*words[:at], word, *words[at + 1 :]])

    def _slipped(self, word: str) -> str:
        rng = self._rng
        at = int(rng.integers(len(word)))
        letter = _LETTERS[rng.integers(len(_LETTERS))]
        chance = rng.random()
        if chance < 0.25 and len(word) > 2:
            return word[:at] + word[at + 1 :]
        if chance < 0.4:
            return word[:at] + letter + word[at:]
        if chance < 0.55 and at + 1 < len(word):
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + letter + word[at + 1 :]

    def _date(self, date: datetime.date, care: float, errors: list[str]) -> str:
        rng = self._rng
        written = f"{date:%d.%m.%Y}"
        if rng.random() >= _DATE_ERRORS * care:
            return written
        chance = rng.random()
        if chance < 0.45:
            errors.append("birth:less_precise")
            return f"{date.year}" if chance < 0.35 else f"{date:%m.%Y}"
        if chance < 0.6 and date.day <= 12 and date.day != date.month:
            errors.append("birth:day_month_swapped")
            return f"{date:%m.%d.%Y}"
        if chance < 0.78:
            errors.append("birth:year_off")
            day = min(date.day, 28)
            if day != date.day:
                errors[-1] = "birth:date_other"
            return f"{day:02d}.{date.month:02d}.{date.year + int(rng.choice([-1, 1]))}"
        if chance < 0.82:
            errors.append("birth:unreadable")
            return f"31.02.{date.year}"
        day = int(rng.integers(1, 29))
        if day != date.day:
            errors.append("birth:day_other")
        return f"{day:02d}.{date.month:02d}.{date.year}"

    def _place(self, field: str, at: int, rate: float, errors: list[str]) -> tuple[str, str]:
        """An address, and what it means: commune now, commune until 2025, district; "?" unsaid."""
        rng = self._rng
        if rng.random() < rate:
            other = int(rng.integers(len(self._communes)))
            errors.append(f"{field}:place" if other != at else "")
            errors[:] = [one for one in errors if one]
            at = other
        commune = self._communes[at]
        district, heir = commune.parent, self._heirs.get(at)
        assert district is not None and district.parent is not None
        province = district.parent
        later = heir is not None and rng.random() < (0.4 if self._side == "b" else 0.02)
        if later and heir is not None and heir.parent is not None:
            return f"{heir.name}, {heir.parent.name}", f"{heir.code}/?/{district.code}"
        names = [commune.name, district.name, province.name]
        own = heir.code if heir else "?"
        meant = f"{own}/{commune.code}/{district.code}"
        chance = rng.random()
        if chance < 0.05:
            return ", ".join(names[1:]), f"?/?/{district.code}"
        if chance < 0.3:
            return ", ".join(map(_abbreviated, names)), meant
        return ", ".join(names), meant

    def _personal_id(self, child: InventedChild, care: float, errors: list[str]) -> str:
        rng, number = self._rng, child.personal_id
        if self._side == "a":
            late = child.birth.year >= _FIRST_IDS
            if not late and rng.random() >= _ID_ON_PAPER:
                return ""
            if rng.random() < _ID_ERRORS * care:
                digit = (int(number[9]) + int(rng.integers(1, 10))) % 10
                errors.append("personal_id:id_other")
                return f"{number[:9]}{digit}{number[10:]}"
            return number
        if rng.random() >= _ID_KNOWN:
            return ""
        if child.number % _ID_WRONG_EVERY == 0:  # issued wrongly: the same in every row
            errors.append("personal_id:id_contradicts")
            return f"{number[:4]}{(int(number[4:6]) + 7) % 100:02d}{number[6:]}"
        return number


def _abbreviated(name: str) -> str:
    for word, short in _SHORT.items():
        if name.startswith(f"{word} ") and not name[len(word) + 1 :].isdecimal():
            return f"{short} {name[len(word) + 1 :]}"
    return name


_SHORT: Mapping[str, str] = {
    "Xã": "X.", "Phường": "P.", "Thị trấn": "TT.", "Huyện": "H.", "Thị xã": "TX.",
    "Thành phố": "TP.", "Tỉnh": "T.", "Quận": "Q.",
}  # fmt: skip


def _heirs(rng: np.random.Generator, communes: Sequence[Unit]) -> Mapping[int, Unit]:
    """The commune of 2026 that each commune went into: that with its code, or one nearby."""
    kept = _kept_codes()
    by_district: dict[int, list[Unit]] = {}
    for unit in Gazetteer.load().units:
        if unit.level == "commune" and 2025 in unit.seen and unit.code in kept:
            by_district.setdefault(id(unit.parent), []).append(kept[unit.code])
    found = {}
    for at, commune in enumerate(communes):
        near = by_district.get(id(commune.parent), [])
        if commune.code in kept:
            found[at] = kept[commune.code]
        elif near:
            found[at] = near[sum(map(ord, commune.name)) % len(near)]
    return found


@lru_cache(maxsize=1)
def _kept_codes() -> Mapping[str, Unit]:
    units = Gazetteer.load().units
    return {unit.code: unit for unit in units if unit.level == "commune" and 2026 in unit.seen}
