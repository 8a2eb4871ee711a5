"""One Excel row from the fields of a record: composite blanks, derived columns, book constants."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Protocol

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import Default, Derivation, column_rules, composites
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import (
    normalise_value,
    read_as_date,
    says_nothing,
    split_id_document,
)
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.lexicons import nationalities, positions
from ocr_pipeline.text.normalise import clean, key
from ocr_pipeline.text.numbers import format_number_year, parse_number_year
from ocr_pipeline.text.places import province_of

Values = Mapping[str, str]

_LEAST_AGE = 12  # years between parent and child, as in the rule `recognised_age` of the checks


class Registrar(Protocol):
    """The agency as far as a row needs it."""

    @property
    def full_name(self) -> str:
        """Column noiDangKy."""
        ...


class BookFacts(Protocol):
    """A book as far as a row needs it (`ocr_pipeline.books.book.Book`)."""

    @property
    def volume(self) -> str:
        """Column quyenSo, `02/2018`."""
        ...

    @property
    def agency(self) -> Registrar:
        """Who registers."""
        ...


def compose_row(
    template: Template, values: Values, book: BookFacts, *, unreadable: Collection[str] = ()
) -> dict[str, str]:
    """The Excel row of a record: a text for every column of the template, in order.

    Args:
        template: decides which columns there are.
        values: value by paper code. A code that is missing altogether means that the page has no
            such field; "" means that nothing is written there or nobody can read it. The two get
            different defaults (see `derive.yaml`).
        book: gives quyenSo and noiDangKy.
        unreadable: paper codes that nobody can read; nothing is derived from them.

    """
    cells = paper_columns(template.type, values)
    if "so" in cells:
        cells["so"] = with_year(cells["so"], cells.get("ngayDangKy", ""))
    constants = {"volume": book.volume, "agency": book.agency.full_name}
    for column, source in column_rules().book_constants.items():
        cells[column] = constants[source]
    names = tuple(column.name for column in template.columns)
    hidden = set(unreadable)
    for found in _derivations(names):
        looked_at = (*found.sources, *found.beside)
        codes = [code for one in (found.column, *looked_at) for code in _direct(template.type, one)]
        if found.absent and found.column in values or hidden.intersection(codes):
            continue
        derived = _RULES[found.rule](*(cells.get(source, "") for source in looked_at))
        if derived and not cells.get(found.column) or found.column in found.sources:
            cells[found.column] = derived
    defaults = _defaults(template.type, names)
    return {name: cells.get(name) or _default(defaults, name, cells) for name in names}


def paper_columns(type: RegisterType | str, values: Values) -> dict[str, str]:
    """Values by column, with composite blanks taken apart; a column's own blank goes first."""
    cells = dict(values)
    for code, composite in composites(type).items():
        if code not in values:
            continue
        for column, value in zip(
            composite.into, _SPLITS[composite.split](values[code]), strict=True
        ):
            if not cells.get(column):
                cells[column] = value
    return cells


def same_cells(code: str, one: str, other: str) -> bool:
    """Whether two values of a blank come to the same in the Excel file.

    Args:
        code: of the blank; one that fills several columns is compared by what they get.
        one: a value.
        other: another one.

    """
    if one == other:
        return True
    split = _split_of(code)
    return split is not None and any(split(one)) and split(one) == split(other)


@cache
def _split_of(code: str) -> Callable[[str], tuple[str, ...]] | None:
    found = (composites(type).get(code) for type in RegisterType)
    return next((_SPLITS[composite.split] for composite in found if composite), None)


def with_year(number: str, registration_date: str) -> str:
    """`so` with its year: a bare number takes the year of registration; other texts stay."""
    parsed = parse_number_year(number)
    date = read_as_date(registration_date) if registration_date else None
    if not parsed or parsed[1] or not date:
        return number
    return format_number_year(parsed[0], date.year)


@cache
def column_sources(type: RegisterType | str, column: str) -> tuple[str, ...]:
    """Paper codes a column's value can come from, the column's own blank first."""
    codes = [column]
    codes += [code for code, c in composites(type).items() if column in c.into]
    for found in _derivations((column,)):
        codes += [code for source in found.sources for code in _direct(type, source)]
    return tuple(dict.fromkeys(codes))


@cache
def column_hints(type: RegisterType | str, column: str) -> tuple[str, ...]:
    """Further paper codes that decide about a column where the page has no place for it."""
    absent = [found for found in _derivations((column,)) if found.absent]
    codes = [code for one in absent for beside in one.beside for code in _direct(type, beside)]
    return tuple(dict.fromkeys(codes))


def _direct(type: RegisterType | str, column: str) -> list[str]:
    return [column, *(code for code, c in composites(type).items() if column in c.into)]


@cache
def _derivations(columns: tuple[str, ...]) -> list[Derivation]:
    """Those of `derive.yaml` for the columns asked for, `{p}` filled in."""
    found = []
    for entry in column_rules().derived:
        for column in columns:
            person = _person(entry.column, column)
            if person is not None:
                sources, beside = (
                    tuple(one.replace("{p}", person) for one in names)
                    for names in (entry.sources, entry.beside)
                )
                filled = {"column": column, "sources": sources, "beside": beside}
                found.append(entry.model_copy(update=filled))
    return found


def _person(pattern: str, column: str) -> str | None:
    """What `{p}` stands for when the column follows the pattern; None when it does not."""
    match = re.fullmatch(re.escape(pattern).replace(r"\{p\}", "([a-z][A-Za-z]*?)"), column)
    return None if match is None else (match.group(1) if match.groups() else "")


def _default(defaults: Mapping[str, Default], column: str, cells: Values) -> str:
    default = defaults.get(column, _NO_DEFAULT)
    return default.blank if column in cells else default.absent


_NO_DEFAULT = Default()


@cache
def _defaults(type: RegisterType, columns: tuple[str, ...]) -> Mapping[str, Default]:
    table = column_rules().defaults
    found: dict[str, Default] = {}
    for pattern, default in [*table["*"].items(), *table.get(type, {}).items()]:
        found |= {c: default for c in columns if _person(pattern, c) is not None}
    return found


def _split_name_and_position(text: str) -> tuple[str, str]:
    """`Nguyễn Văn An - Chủ tịch`, `Chủ tịch Nguyễn Văn An`, … -> name, office."""
    tidy = clean(text)
    parts = [p for p in re.split(r"\s*(?:[,;:/()]|\s[-–—]\s|\.\s)\s*", tidy) if p]
    if len(parts) < 2:
        parts = _cut_at_office(tidy)
    offices = [_is_office(part) for part in parts]
    name = next((p for p, office in zip(parts, offices, strict=True) if not office), "")
    office = " ".join(p for p, office in zip(parts, offices, strict=True) if office)
    if not office and len(parts) == 2:
        name, office = parts
    return normalise_value(FieldKind.PERSON_NAME, name), normalise_value(FieldKind.POSITION, office)


def _cut_at_office(text: str) -> list[str]:
    """Cut a text without separators before or after a known office."""
    words = text.split()
    for at in range(1, len(words)):
        head, tail = " ".join(words[:at]), " ".join(words[at:])
        if positions().find(tail):
            return [head, tail]
    for at in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:at]), " ".join(words[at:])
        if positions().find(head):
            return [head, tail]
    return [text] if text else []


_OFFICE_WORDS = frozenset(
    key(
        "chủ tịch phó công chức cán bộ tư pháp ubnd ủy ban trưởng phòng giám đốc viên ct pct"
    ).split()
)


def _is_office(part: str) -> bool:
    if positions().find(part):
        return True
    words = key(part).split()
    return bool(words) and sum(word in _OFFICE_WORDS for word in words) * 2 > len(words)


def _split_time_and_date(text: str) -> tuple[str, str]:
    """`10 giờ 30 phút ngày 05 tháng 6 năm 2009` -> `10:30`, `05.06.2009`."""
    tidy = clean(text)
    begin = _DATE_BEGINS.search(tidy)
    at = begin.start() if begin else len(tidy)
    return normalise_value(FieldKind.TIME, tidy[:at]), normalise_value(FieldKind.DATE, tidy[at:])


_DATE_BEGINS = re.compile(r"(?i)ngày|ngay|\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{4}|\d{4}\s*$")


_SPLITS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "id_document": split_id_document,
    "name_and_position": _split_name_and_position,
    "time_and_date": _split_time_and_date,
    "copy": lambda value: (value, value),
}


def _date_in_words(value: str) -> str:
    date = read_as_date(value) if value else None
    return date_to_words(date) if date else ""


def _birth_kind(ticked: str, mother: str, father: str) -> str:
    """Codes of nksLoaiKhaiSinh: 5 stays as ticked, the others follow from the parents named."""
    if ticked == "5":
        return "5"
    known_mother, known_father = not says_nothing(mother), not says_nothing(father)
    if known_mother and known_father:
        return ticked or "1"
    if known_mother:
        return "3"
    if known_father:
        return "2"
    return ticked


def _recognition_kind(ticked: str, sex: str) -> str:
    """`1/2` (parent recognises child) or `3/4` (child recognises parent) by the parent's sex."""
    pairs = ticked.split("/")
    if len(pairs) != 2:
        return ticked
    return pairs[int(sex) - 1] if sex in ("1", "2") else ""


def _recognition_by_parent(sex: str, parent: str, asker: str, born: str, child_born: str) -> str:
    """Father or mother recognises the child, where the elder of the two requests it."""
    years = [read_as_date(value) if value else None for value in (born, child_born)]
    elder, younger = (date.year if date else None for date in years)
    if elder is None or younger is None or younger - elder < _LEAST_AGE:
        return ""
    requests = bool(parent) and key(parent) == key(asker)
    return sex if requests and sex in ("1", "2") else ""


def _purpose_kind(ticked: str, purpose: str) -> str:
    """`1/2` or `3/4` (marriage here or abroad): the first with a Vietnamese, the second not."""
    pair = ticked.split("/")
    if len(pair) != 2:
        return ticked
    text = f" {key(purpose)} "
    nations = {
        nation
        for nation in nationalities().weights
        for before in ("quốc tịch", "công dân", "người")
        if f" {before} {key(nation)} " in text
    }
    if len(nations) != 1:
        return ""
    return pair[0] if nations == {"Việt Nam"} else pair[1]


def _residence_kind(place: str) -> str:
    bare = key(place, accents=False)
    if "tam tru" in bare:
        return "" if "thuong tru" in bare else "2"
    return "1" if "thuong tru" in bare or "dkhk" in bare or "hktt" in bare else ""


_RULES: Mapping[str, Callable[..., str]] = {
    "province_of": province_of,
    "date_in_words": _date_in_words,
    "birth_kind": _birth_kind,
    "recognition_kind": _recognition_kind,
    "recognition_by_parent": _recognition_by_parent,
    "purpose_kind": _purpose_kind,
    "residence_kind": _residence_kind,
}
