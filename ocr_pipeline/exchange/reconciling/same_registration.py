"""Whether two rows of one side tell of the same registration: doubles, not twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from ocr_pipeline.exchange.reconciling.value_differences import are_similar


@dataclass(frozen=True, slots=True)
class SidePerson:
    """What is looked at of a person; None or "" for what is not known.

    Attributes:
        person: number on its side.
        name_bare: the name as a comparison key without marks.
        given: the given name as a comparison key, with its marks.
        name_key: the name as a comparison key, with its marks.
        mother_bare: name of the mother without marks.
        birth: day, month, year.
        place_in_book: number, book and agency; "" where the side does not tell.
        id_key: personal ID.

    """

    person: int
    name_bare: str | None
    given: str | None
    name_key: str | None
    mother_bare: str | None
    birth: tuple[int | None, int | None, int | None]
    place_in_book: str
    id_key: str | None


#: The columns of a side from which a `SidePerson` is made, in its order.
SIDE_PERSON_SQL = (
    "person, name_bare, given, name_key, mother_bare, birth_day, birth_month, birth_year, "
    "case when so <> '' and quyen_so <> '' then so || '|' || quyen_so || '|' || agency "
    "else '' end, id_key"
)


def side_person(row: tuple[Any, ...]) -> SidePerson:
    """The person of a row of `SIDE_PERSON_SQL`."""
    person, bare, given, whole, mother, day, month, year, place, number = row
    return SidePerson(person, bare, given, whole, mother, (day, month, year), place, number)


def is_same_registration(a: SidePerson, b: SidePerson, *, one_elsewhere: bool = False) -> bool:
    """Whether two rows of one side repeat each other.

    Twins have one date and one mother, and names that can be alike: rows whose given names
    differ, if only by a mark, count as one only where they stand at the same place of a book, have
    the same ID, or where the other side knows one child for both.

    Args:
        a: a row.
        b: another one.
        one_elsewhere: the other side has one person who may be that of both rows, and nobody else;
            counts only where both rows tell of the mother.

    """
    if not (a.name_bare and b.name_bare) or not (_alike_births(a, b) and _alike_mothers(a, b)):
        return False
    one_elsewhere = one_elsewhere and bool(a.mother_bare and b.mother_bare)
    if a.id_key and b.id_key and a.id_key != b.id_key and not _is_slip_of_id(a, b):
        return False
    same_place = bool(a.place_in_book) and a.place_in_book == b.place_in_book
    same_id = a.id_key is not None and a.id_key == b.id_key
    if a.given != b.given and not (same_place or same_id):
        return one_elsewhere and a.birth == b.birth and _is_slip_of_given(a, b)
    return _alike_names(a, b) or (one_elsewhere and a.birth == b.birth and _differ_inside(a, b))


def _is_slip_of_id(a: SidePerson, b: SidePerson) -> bool:
    """One digit differs and nothing else does: twins have other names."""
    assert a.id_key and b.id_key
    digits = sum(one != other for one, other in zip(a.id_key, b.id_key, strict=False))
    return digits == 1 and a.name_key == b.name_key and a.birth == b.birth


def _is_slip_of_given(a: SidePerson, b: SidePerson) -> bool:
    """One letter or mark of the given name is another; a name of two letters is another name."""
    assert a.name_bare and b.name_bare
    *rest_a, given_a = a.name_bare.split()
    *rest_b, given_b = b.name_bare.split()
    long_enough = given_a == given_b or max(len(given_a), len(given_b)) > 2
    return rest_a == rest_b and long_enough and OSA.distance(given_a, given_b) <= 1


def _differ_inside(a: SidePerson, b: SidePerson) -> bool:
    """Surname and given name are the same, one word between them is another."""
    assert a.name_bare and b.name_bare
    words = list(zip(a.name_bare.split(), b.name_bare.split(), strict=False))
    same_length = a.name_bare.count(" ") == b.name_bare.count(" ")
    return (
        same_length and words[0][0] == words[0][1] and sum(one != other for one, other in words) < 2
    )


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
