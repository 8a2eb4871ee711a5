"""Checks on one record: each function looks at a row and yields what its rule objects to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks import identity, place_rules
from ocr_pipeline.checks.findings import (
    Finding,
    Rule,
    each_column,
    each_group,
    persons,
    rules_for,
)
from ocr_pipeline.registers.fields import Kind
from ocr_pipeline.registers.paper import paper_kinds
from ocr_pipeline.registers.templates import code_list, generations, load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.dates import PartialDate
from ocr_pipeline.text.names import female_log_odds, same_person_name, split_name
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

_DOTTED = re.compile(r"(?:(?:\d\d\.)?\d\d\.)?\d{4}")
_SURE_OF_SEX = 3.0
"""Log-odds of a name from which on it counts as a man's or a woman's: 20 to 1."""


@dataclass(frozen=True)
class Row:
    """A record as its Excel columns (and paper-only codes), with dates read once."""

    type: RegisterType
    values: Mapping[str, str]
    book: Book | None = None

    def text(self, column: str) -> str:
        """Text of a column; "" when it is empty or absent."""
        return self.values.get(column, "").strip()

    def date(self, column: str) -> PartialDate | None:
        """Date of a column, if there is a valid one."""
        text = self.text(column)
        return read_as_date(text) if text else None

    @cached_property
    def registered(self) -> PartialDate | None:
        """Registration date."""
        return self.date("ngayDangKy")


Check = Callable[[Row, Rule], Iterator[Finding]]


def check_record(
    values: Mapping[str, str], type: RegisterType | str, book: Book | None = None
) -> list[Finding]:
    """What is wrong or questionable within one record.

    Args:
        values: text by Excel column (a composed row); paper-only codes may be among them.
        type: register type.
        book: the book, to compare with the inventory; None when only the row is known.

    Returns:
        Findings in the order of `rules.yaml`.

    """
    row = Row(RegisterType(type), values, book)
    found: list[Finding] = []
    for rule in rules_for(row.type):
        found += _CHECKS[rule.check](row, rule)
    return found


def _mandatory(row: Row, rule: Rule) -> Iterator[Finding]:
    for column in _mandatory_columns(row.type):
        if not row.text(column):
            yield rule.finding((column,))


@cache
def _mandatory_columns(type: RegisterType) -> tuple[str, ...]:
    return tuple(column.name for column in load_template(type).columns if column.mandatory)


def _pattern(row: Row, rule: Rule) -> Iterator[Finding]:
    for column in rule.columns:
        text = row.text(column)
        if text and not re.fullmatch(rule.params["pattern"], text):
            yield rule.finding((column,), value=text)


def _date_form(row: Row, rule: Rule) -> Iterator[Finding]:
    for column in _columns_of(row.type, Kind.DATE):
        text = row.text(column)
        if text and not (_DOTTED.fullmatch(text) and read_as_date(text)):
            yield rule.finding((column,), value=text)


@cache
def _columns_of(type: RegisterType, kind: Kind) -> tuple[str, ...]:
    return tuple(code for code, own in paper_kinds(type).items() if own is kind)


def _complete_date(row: Row, rule: Rule) -> Iterator[Finding]:
    [column] = rule.columns
    found = row.date(column)
    if found and not found.complete:
        yield rule.finding(rule.columns)


def _year_of_number(row: Row, rule: Rule) -> Iterator[Finding]:
    number = parse_number_year(row.text("so"))
    if number and number[1] and row.registered and number[1] != row.registered.year:
        yield rule.finding(rule.columns, number=number[1], year=row.registered.year)


def _code_known(row: Row, rule: Rule) -> Iterator[Finding]:
    for column, codes in _coded_columns(row.type).items():
        text = row.text(column)
        if text and text not in codes:
            yield rule.finding((column,), value=text, known=", ".join(codes))


@cache
def _coded_columns(type: RegisterType) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for generation in generations(type):
        base = load_template(type, generation)
        for variant in base.variants or ("",):
            for column in load_template(type, generation, variant).columns:
                if column.codes:
                    found[column.name] = tuple(code_list(column.codes))
    return found


def _words_differ(row: Row, rule: Rule) -> Iterator[Finding]:
    digits, words = (row.date(column) for column in rule.columns)
    if digits and words and digits != words:
        shown = [row.text(column) for column in rule.columns]
        yield rule.finding(rule.columns, digits=shown[0], words=shown[1])


def _volume_differs(row: Row, rule: Rule) -> Iterator[Finding]:
    text = row.text("quyenSo")
    if row.book and text and parse_number_year(text) != parse_number_year(row.book.volume):
        yield rule.finding(rule.columns, value=text, volume=row.book.volume)


def _late_birth(row: Row, rule: Rule) -> Iterator[Finding]:
    born, registered = row.date("nksNgaySinh"), row.registered
    if not born or not registered or row.text("loaiDangKy") != rule.params["in_time"]:
        return
    days = (registered.earliest() - born.latest()).days
    if days > rule.params["days"]:
        yield rule.finding(rule.columns, days=days)


def _before(row: Row, rule: Rule) -> Iterator[Finding]:
    for group in each_group(row.type, rule.columns):
        first, second = (row.date(column) for column in group)
        if first and second and first.latest() < second.earliest():
            yield rule.finding(group, first=first.dotted(), second=second.dotted())


def _younger_than(row: Row, rule: Rule) -> Iterator[Finding]:
    born, at = (row.date(column) for column in rule.columns)
    years = rule.params["years"]
    if born and at and _birthday(born.earliest(), years) > at.latest():
        yield rule.finding(rule.columns, years=years)


def _age_between(row: Row, rule: Rule) -> Iterator[Finding]:
    elder, younger = (row.date(column) for column in rule.columns)
    if not elder or not younger:
        return
    too_young = _birthday(elder.earliest(), rule.params["least"]) > younger.latest()
    too_old = _birthday(elder.latest(), rule.params["most"] + 1) <= younger.earliest()
    if too_young or too_old:
        yield rule.finding(rule.columns, years=younger.year - elder.year)


def _birthday(born: date, years: int) -> date:
    """The day a person turns so many years old (1 March for those born on 29 February)."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return born.replace(year=born.year + years, day=28) + timedelta(days=1)


def _surname(row: Row, rule: Rule) -> Iterator[Finding]:
    child, *parents = (key(split_name(row.text(column)).surname) for column in rule.columns)
    known = [surname for surname in parents if surname]
    exempt = rule.params["exempt"]
    if any(row.text(column) in values for column, values in exempt.items()):
        return
    if child and known and child not in known:
        named = tuple(column for column in rule.columns if row.text(column))
        yield rule.finding(named, surname=split_name(row.text(rule.columns[0])).surname)


def _in_lexicon(row: Row, rule: Rule) -> Iterator[Finding]:
    known = getattr(lexicons, rule.params["lexicon"])()
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        if text and not known.find(text):
            yield rule.finding((column,), value=text)


def _name_unlike_sex(row: Row, rule: Rule) -> Iterator[Finding]:
    for group in each_group(row.type, rule.columns):
        name, sex = row.text(group[0]), rule.params.get("sex") or row.text(group[-1])
        odds = female_log_odds(name) if name and sex in ("1", "2") else 0.0
        if (sex == "1" and odds > _SURE_OF_SEX) or (sex == "2" and odds < -_SURE_OF_SEX):
            yield rule.finding(group, value=name)


def _recogniser_sex(row: Row, rule: Rule) -> Iterator[Finding]:
    wanted = {"1": "1", "3": "1", "2": "2", "4": "2"}.get(row.text("loaiXacNhan"))
    if wanted and row.text("cmGioiTinh") not in ("", "3", wanted):
        yield rule.finding(rule.columns)


def _parents_missing(row: Row, rule: Rule) -> Iterator[Finding]:
    known = {"1": ("meHoTen", "chaHoTen"), "2": ("chaHoTen",), "3": ("meHoTen",)}
    for column in known.get(row.text("nksLoaiKhaiSinh"), ()):
        if not row.text(column):
            who = "cha / father" if column == "chaHoTen" else "mẹ / mother"
            yield rule.finding(("nksLoaiKhaiSinh", column), who=who)


def _informant(row: Row, rule: Rule) -> Iterator[Finding]:
    relation, name = row.text("nycQuanHe"), row.text("nycHoTen")
    role = _roles().get(key(relation))
    parent = {"f": "chaHoTen", "m": "meHoTen"}.get(role or "", "")
    named = row.text(parent)
    if name and named and not same_person_name(name, named):
        yield rule.finding(("nycQuanHe", "nycHoTen", parent), relation=relation, value=name)


@cache
def _roles() -> Mapping[str, str]:
    found = {}
    for row in lexicons.rows("relations"):
        word, role, others = row[0], row[2], row[3] if len(row) > 3 else ""
        if role:
            found.update({key(name): role for name in [word, *others.split("; ")]})
    return found


def _id_age(row: Row, rule: Rule) -> Iterator[Finding]:
    for group in each_group(row.type, rule.columns):
        issued, born = (row.date(column) for column in group)
        paper = row.text(group[0].replace("NgayCap", "Loai"))
        if not issued or not born or paper not in rule.params["papers"]:
            continue
        if _birthday(born.earliest(), rule.params["years"]) > issued.latest():
            yield rule.finding(group, years=rule.params["years"])


def _name_parts(row: Row, rule: Rule) -> Iterator[Finding]:
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        if text and " " not in text:
            yield rule.finding((column,), value=text)


def _id_sex(row: Row, rule: Rule) -> Iterator[Finding]:
    for person, role_sex in persons(row.type).items():
        sex = row.text(f"{person}GioiTinh") or role_sex
        for column, number in identity.personal_numbers(row.values, person):
            if sex in ("1", "2") and number.sex != sex:
                yield rule.finding((column, f"{person}GioiTinh"), value=number.digits)


def _id_birth_year(row: Row, rule: Rule) -> Iterator[Finding]:
    for person in persons(row.type):
        born = row.date(f"{person}NgaySinh")
        for column, number in identity.personal_numbers(row.values, person):
            if born and number.birth_year != born.year:
                columns = (column, f"{person}NgaySinh")
                yield rule.finding(columns, year=born.year, coded=number.birth_year)


def _id_shape(row: Row, rule: Rule) -> Iterator[Finding]:
    for person in persons(row.type):
        for column, text in identity.misshapen(row.values, person):
            yield rule.finding((column,), value=text)


def _id_province(row: Row, rule: Rule) -> Iterator[Finding]:
    for person in persons(row.type):
        for column, number in identity.personal_numbers(row.values, person):
            if not number.province_exists:
                yield rule.finding((column,), value=number.digits)


def _place_known(row: Row, rule: Rule) -> Iterator[Finding]:
    year = row.registered.year if row.registered else None
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        unit, hint = place_rules.unknown_unit(text, year) if text else ("", "")
        if unit:
            yield rule.finding((column,), unit=unit, hint=f" (≈ “{hint}”?)" if hint else "")


_CHECKS: Mapping[str, Check] = {
    "mandatory": _mandatory,
    "pattern": _pattern,
    "date_form": _date_form,
    "complete_date": _complete_date,
    "year_of_number": _year_of_number,
    "code_known": _code_known,
    "words_differ": _words_differ,
    "volume_differs": _volume_differs,
    "late_birth": _late_birth,
    "before": _before,
    "younger_than": _younger_than,
    "age_between": _age_between,
    "surname": _surname,
    "in_lexicon": _in_lexicon,
    "name_unlike_sex": _name_unlike_sex,
    "recogniser_sex": _recogniser_sex,
    "parents_missing": _parents_missing,
    "informant": _informant,
    "id_age": _id_age,
    "name_parts": _name_parts,
    "id_sex": _id_sex,
    "id_birth_year": _id_birth_year,
    "id_shape": _id_shape,
    "id_province": _id_province,
    "place_known": _place_known,
}
