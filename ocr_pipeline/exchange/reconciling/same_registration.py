"""Whether two rows of one side tell of the same registration: doubles, not twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ocr_pipeline.exchange.reconciling.value_differences import are_similar


@dataclass(frozen=True, slots=True)
class SidePerson:
    """What is looked at of a person; None or "" for what is not known.

    Attributes:
        person: number on its side.
        name_bare: the name as a comparison key without marks.
        given: the given name as a comparison key, with its marks.
        mother_bare: name of the mother without marks.
        birth: day, month, year.
        place_in_book: number, book and agency; "" where the side does not tell.
        id_key: personal ID.

    """

    person: int
    name_bare: str | None
    given: str | None
    mother_bare: str | None
    birth: tuple[int | None, int | None, int | None]
    place_in_book: str
    id_key: str | None


#: The columns of a side from which a `SidePerson` is made, in its order.
SIDE_PERSON_SQL = (
    "person, name_bare, given, mother_bare, birth_day, birth_month, birth_year, "
    "case when so <> '' and quyen_so <> '' then so || '|' || quyen_so || '|' || agency "
    "else '' end, id_key"
)


def side_person(row: tuple[Any, ...]) -> SidePerson:
    """The person of a row of `SIDE_PERSON_SQL`."""
    person, bare, given, mother, day, month, year, place, number = row
    return SidePerson(person, bare, given, mother, (day, month, year), place, number)


def is_same_registration(a: SidePerson, b: SidePerson) -> bool:
    """Whether two rows of one side repeat each other.

    Twins have one date and one mother, and names that can be alike: rows whose given names
    differ, if only by a mark, count as one only where they stand at the same place of a book or
    have the same ID.
    """
    if not (a.name_bare and b.name_bare):
        return False
    if a.id_key and b.id_key and a.id_key != b.id_key:
        return False
    same_place = bool(a.place_in_book) and a.place_in_book == b.place_in_book
    same_id = a.id_key is not None and a.id_key == b.id_key
    if a.given != b.given and not (same_place or same_id):
        return False
    return _alike_names(a, b) and _alike_births(a, b) and _alike_mothers(a, b)


def _alike_names(a: SidePerson, b: SidePerson) -> bool:
    assert a.name_bare and b.name_bare
    words_a, words_b = a.name_bare.split(), b.name_bare.split()
    if are_similar(a.name_bare, b.name_bare):
        return True
    ends = words_a[0] == words_b[0] and words_a[-1] == words_b[-1]
    return ends and (set(words_a) <= set(words_b) or set(words_b) <= set(words_a))


def _alike_births(a: SidePerson, b: SidePerson) -> bool:
    if None in (a.birth[2], b.birth[2]):
        return True
    day_a, month_a, year_a = a.birth
    day_b, month_b, year_b = b.birth
    if year_a == year_b and (day_a, month_a) == (month_b, day_b):
        return True
    unlike = sum(
        one is not None and other is not None and one != other
        for one, other in zip(a.birth, b.birth, strict=True)
    )
    return unlike <= 1


def _alike_mothers(a: SidePerson, b: SidePerson) -> bool:
    if not (a.mother_bare and b.mother_bare):
        return True
    if are_similar(a.mother_bare, b.mother_bare):
        return True
    words_a, words_b = a.mother_bare.split(), b.mother_bare.split()
    return (words_a[0], words_a[-1]) == (words_b[0], words_b[-1])
