"""What the other fields of a record say of a field. Every source: `Surroundings` -> values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr_pipeline.checks.context_settings import context_settings
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value, read_as_date
from ocr_pipeline.review.offers.field_surroundings import KnownValue, StandingField, Surroundings
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.names import split_name
from ocr_pipeline.text.normalise import key, strip_marks
from ocr_pipeline.text.places import Gazetteer

_OFFICIALS = frozenset({"nguoiKy", "nguoiThucHien", "nguoiKyVaChucVu"})
_INFORMANT, _NAME, _RELATION = "nyc", "HoTen", "nycQuanHe"
_SPOUSES = frozenset({"vo", "chong"})
_PARENTS = ("cha", "me")
_SHARED = (FieldKind.PLACE, FieldKind.ETHNIC_GROUP, FieldKind.NATIONALITY, FieldKind.ID_DOCUMENT,
           FieldKind.ID_NUMBER)  # fmt: skip
_READINGS = 3  # of a name, whose surname is replaced
_RELATIONS = {"cha": "Cha", "me": "Mẹ"}


def dates(at: Surroundings) -> Iterator[KnownValue]:
    """The date from its words, and the words from the date (`links` of the book's context)."""
    for link in context_settings().links:
        if link.same != "date" or at.own.code not in link.fields:
            continue
        other = link.fields[1 - link.fields.index(at.own.code)]
        words = at.own.kind is FieldKind.DATE_WORDS
        for value, sure in _beliefs(at.record.get(other)):
            if date := read_as_date(value):
                told = date_to_words(date) if words else date.dotted()
                yield KnownValue(told, "date_digits" if words else "date_words", sure, other)


def names(at: Surroundings) -> Iterator[KnownValue]:
    """The same person written twice: the informant who is father, mother, the one recognised …"""
    if not _is_person(at.own.code, at.own.kind):
        return
    for code, other in at.of_kind(FieldKind.PERSON_NAME):
        if _is_person(code, FieldKind.PERSON_NAME):
            for value, sure in _beliefs(other):
                yield KnownValue(value, _relation(at.own.code, code), sure, code)


def surnames(at: Surroundings) -> Iterator[KnownValue]:
    """The surname of a parent, child or informant before the given names that were read."""
    if not _is_person(at.own.code, at.own.kind):
        return
    read = [one.value for one in at.own.n_best[:_READINGS] if len(one.value.split()) > 1]
    for code, other in at.of_kind(FieldKind.PERSON_NAME):
        surname = split_name(other.value).surname
        if not _is_person(code, FieldKind.PERSON_NAME) or not surname:
            continue
        for value in read or [at.own.as_written]:
            words = value.split()[1:]
            while len(words) > 1 and key(words[0]) == key(surname):
                words = words[1:]
            if words:
                yield KnownValue(" ".join([surname, *words]), "surname", other.sure, code)


def doubled(at: Surroundings) -> Iterator[KnownValue]:
    """A name whose first word was read twice, as struck or corrected writing is."""
    if at.own.kind is not FieldKind.PERSON_NAME:
        return
    for one in at.own.n_best[:_READINGS]:
        first, *rest = one.value.split() or [""]
        if len(rest) > 1 and _alike(first, rest[0]):
            yield KnownValue(" ".join(rest), "doubled")


def letters(at: Surroundings) -> Iterator[KnownValue]:
    """The writing letter by letter, where lexicons made another word of it."""
    for one in at.own.n_best[:_READINGS]:
        value = normalise_value(at.own.kind, one.text)
        if value and value != one.value:
            yield KnownValue(value, "letters")


def year_alone(at: Surroundings) -> Iterator[KnownValue]:
    """The year of a date that was read with more than a year."""
    if at.own.kind is not FieldKind.DATE or at.own.code == context_settings().dates.code:
        return
    for one in at.own.n_best[:_READINGS]:
        read = read_as_date(one.value)
        if read is not None and read.month is not None:
            yield KnownValue(str(read.year), "year_alone")


def shared(at: Surroundings) -> Iterator[KnownValue]:
    """Places, groups, nations and papers of the other persons of the record."""
    if at.own.kind in _SHARED:
        for code, other in at.of_kind(at.own.kind):
            yield KnownValue(other.value, _relation(at.own.code, code), other.sure, code)


def relation(at: Surroundings) -> Iterator[KnownValue]:
    """What the informant is to the child, from the names."""
    named = at.record.get(_INFORMANT + _NAME)
    if at.own.code != _RELATION or named is None:
        return
    for person in _PARENTS:
        parent = at.record.get(person + _NAME)
        if parent is not None and key(parent.value) == key(named.value):
            sure = min(parent.sure, named.sure)
            yield KnownValue(_RELATIONS[person], "informant", sure, person + _NAME)


def personal_number(at: Surroundings) -> Iterator[KnownValue]:
    """A personal number with the province of the book, and the sex and birth year of its holder."""
    person = re.match(r"[a-z]+", at.own.code)
    own = next((re.sub(r"\D", "", text) for text in at.texts if _twelve(text)), "")
    if at.own.kind not in (FieldKind.ID_NUMBER, FieldKind.ID_DOCUMENT) or not own or not person:
        return
    born = read_as_date(_value(at, f"{person[0]}NgaySinh"))
    sex = _value(at, f"{person[0]}GioiTinh") or {"me": "2", "vo": "2"}.get(person[0], "1")
    provinces = Gazetteer.load().find(at.book.agency.province, level="province")
    if born is None or not provinces or sex not in ("1", "2"):
        return
    century = 2 * ((born.year - 1900) // 100) + (sex == "2")
    code = next((unit.code for unit in provinces if unit.code), "")
    number = f"0{code[-2:]}{century}{born.year % 100:02d}{own[-6:]}"
    front = "4 " if at.own.kind is FieldKind.ID_DOCUMENT else ""
    yield KnownValue(front + number, "identity", at.record[f"{person[0]}NgaySinh"].sure)


def _beliefs(other: StandingField | None) -> Iterator[tuple[str, float]]:
    if other is None:
        return
    yield other.value, other.sure
    for one in other.others[:_READINGS]:
        if one.value and one.value != other.value:
            yield one.value, one.probability


def _is_person(code: str, kind: FieldKind) -> bool:
    return kind is FieldKind.PERSON_NAME and code not in _OFFICIALS


def _relation(code: str, other: str) -> str:
    """Who says so: another person of the record, seen from this one."""
    own, far = (re.match(r"[a-z]+", one) for one in (code, other))
    persons = {own[0] if own else "", far[0] if far else ""}
    if _INFORMANT in persons:
        return "informant"
    if persons == _SPOUSES:
        return "spouse"
    return "parent" if persons & set(_PARENTS) else "record"


def _alike(one: str, other: str) -> bool:
    first, second = strip_marks(one.lower()), strip_marks(other.lower())
    return first == second or (len(first) > 1 and second.startswith(first[:-1]))


def _twelve(text: str) -> bool:
    return 10 <= len(re.sub(r"\D", "", text)) <= 14


def _value(at: Surroundings, code: str) -> str:
    other = at.record.get(code)
    return other.value if other is not None else ""
