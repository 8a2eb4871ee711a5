"""Persons of keyed rows, as they are shown in lists and as they are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ocr_pipeline.exchange.keyed_files.keyed_rows import (
    BOOK_NUMBER,
    NUMBER,
    REGISTRATION_DATE,
)
from ocr_pipeline.exchange.reconciling.compared_fields import (
    columns_of,
    compared_fields,
    roles,
)
from ocr_pipeline.exchange.reconciling.places_by_time import place_readings
from ocr_pipeline.text.dates import parse_date
from ocr_pipeline.text.normalise import key, strip_marks
from ocr_pipeline.text.places import Gazetteer

#: What is compared of a person, by its column of DuckDB.
MATCH_COLUMNS: Mapping[str, str] = {
    "name_key": "VARCHAR", "name_bare": "VARCHAR", "surname": "VARCHAR", "given": "VARCHAR",
    "given_bare": "VARCHAR",
    "middle": "VARCHAR", "birth_year": "SMALLINT", "birth_month": "TINYINT",
    "birth_day": "TINYINT", "sex_code": "VARCHAR", "father_key": "VARCHAR",
    "father_bare": "VARCHAR", "mother_key": "VARCHAR", "mother_bare": "VARCHAR",
    "spouse_key": "VARCHAR", "birth_district": "VARCHAR", "home_district": "VARCHAR",
    "home_commune": "VARCHAR", "id_key": "VARCHAR", "birth_provinces": "VARCHAR",
}  # fmt: skip
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """One person of a row.

    Attributes:
        role: the beginning of its columns.
        values: by compared field, as written in the form of the template.
        match: by column of `MATCH_COLUMNS`.

    """

    role: str
    values: tuple[str, ...]
    match: tuple[str | int | None, ...]


def read_persons(type: str, filled: Mapping[str, str]) -> Iterator[ReadPerson]:
    """The persons that a row tells of; those without name and date are left out.

    Args:
        type: register type of the row.
        filled: `KeyedRow.filled` of it.

    """
    for role, fields in _plan(type):
        values = {name: _value(filled, name, columns) for name, columns in fields}
        if values["name"] or values["birth"]:
            yield ReadPerson(role, tuple(values.values()), _match(values))


@cache
def _plan(type: str) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    """By role of a register type, each compared field and the columns it may stand in."""
    return [
        (role, [(name, columns_of(name, role, other)) for name in compared_fields()])
        for role, other in roles(type).items()
    ]


def _value(filled: Mapping[str, str], name: str, columns: tuple[str, ...]) -> str:
    for column in columns:
        value = filled.get(column, "").strip()
        if name == "personal_id" and not (len(value) == 12 and value.isdecimal()):
            continue
        if value:
            return value
    return ""


def row_digest(filled: Mapping[str, str]) -> str:
    """16 hexadecimal digits of what stands in a row, whatever the order of its columns."""
    content = "\x1e".join([f"{name}\x1f{value}" for name, value in sorted(filled.items())])
    return hashlib.blake2b(content.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def head_columns(filled: Mapping[str, str]) -> tuple[str, str, str]:
    """Registration date, number, number of the book."""
    return filled.get(REGISTRATION_DATE, ""), filled.get(NUMBER, ""), filled.get(BOOK_NUMBER, "")


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> tuple[str, str]:
    whole = key(word)
    return whole, strip_marks(whole)


def name_keys(name: str) -> tuple[str | None, str | None]:
    """A name as its comparison key, and the same without marks; None for none."""
    words = [known for word in name.split() if (known := _word(word))[0]]
    whole, bare = " ".join([one for one, _ in words]), " ".join([one for _, one in words if one])
    return whole or None, bare or None


def _match(values: Mapping[str, str]) -> tuple[str | int | None, ...]:
    whole, bare = _keys(values["name"])
    words = (whole or "").split()
    given = words[-1] if words else None
    surname = words[0] if len(words) > 1 else None
    date = _date(values["birth"]) if values["birth"] else None
    father, father_bare = _keys(values["father"])
    mother, mother_bare = _keys(values["mother"])
    spouse, _ = _keys(values["spouse"])
    birth, home = _districts(values["birth_place"]), _districts(values["home_town"])
    return (
        whole, bare, surname, given, _bare(given) if given else None,
        " ".join(words[1:-1]) if words else None,
        date.year if date else None, date.month if date else None, date.day if date else None,
        values["sex"] or None, father, father_bare, mother, mother_bare, spouse,
        birth[0], home[0], home[1], values["personal_id"] or None, birth[2] + home[2],
    )  # fmt: skip


_date = lru_cache(maxsize=1 << 17)(parse_date)
_bare = lru_cache(maxsize=1 << 15)(strip_marks)


def _keys(name: str) -> tuple[str | None, str | None]:
    return name_keys(name) if name else (None, None)


@lru_cache(maxsize=1 << 18)
def _districts(address: str) -> tuple[str | None, str | None, str]:
    """District and commune by name, and the province codes (`086|`) that the address may mean."""
    readings = place_readings(address) if address else ()
    district = next((key(one.district.address) for one in readings if one.district), None)
    commune = next((key(one.commune.short) for one in readings if one.commune), None)
    names = sorted({name for one in readings for name in one.province})
    return district, commune, province_codes(names)


def province_codes(names: list[str]) -> str:
    """Codes in personal IDs of provinces of March 2025, by their keys: `083|086|`."""
    return "".join(f"{_codes()[name]}|" for name in names if name in _codes())


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    provinces = Gazetteer.load().provinces(2025)
    return {key(unit.short): f"0{unit.code}" for unit in provinces if 2025 in unit.seen}
