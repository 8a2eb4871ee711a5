"""Checks on the people of a record: ages, names, sexes, relations, papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache

from ocr_pipeline.checks import identity
from ocr_pipeline.checks.findings import CheckRule, Finding, each_group, persons
from ocr_pipeline.checks.record_row import Row
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.names import female_log_odds, same_person_name, split_name
from ocr_pipeline.text.normalise import key

_SURE_OF_SEX = 3.0
"""Log-odds of a name from which on it counts as a man's or a woman's: 20 to 1."""


def late_birth(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A birth registered late but marked as in time."""
    born, registered = row.date("nksNgaySinh"), row.registered
    if not born or not registered or row.text("loaiDangKy") != rule.params["in_time"]:
        return
    days = (registered.earliest() - born.latest()).days
    if days > rule.params["days"]:
        yield rule.finding(rule.columns, days=days)


def younger_than(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Somebody certainly under `years` at a date."""
    born, at = (row.date(column) for column in rule.columns)
    years = rule.params["years"]
    if born and at and _birthday(born.earliest(), years) > at.latest():
        yield rule.finding(rule.columns, years=years)


def age_between(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A parent certainly less than `least` or more than `most` years older."""
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


def surname(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A surname that neither parent has."""
    child, *parents = (key(split_name(row.text(column)).surname) for column in rule.columns)
    known = [surname for surname in parents if surname]
    exempt = rule.params["exempt"]
    if any(row.text(column) in values for column, values in exempt.items()):
        return
    if child and known and child not in known:
        named = tuple(column for column in rule.columns if row.text(column))
        yield rule.finding(named, surname=split_name(row.text(rule.columns[0])).surname)


def name_unlike_sex(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A name that belongs to the other sex."""
    for group in each_group(row.type, rule.columns):
        name, sex = row.text(group[0]), rule.params.get("sex") or row.text(group[-1])
        odds = female_log_odds(name) if name and sex in ("1", "2") else 0.0
        if (sex == "1" and odds > _SURE_OF_SEX) or (sex == "2" and odds < -_SURE_OF_SEX):
            yield rule.finding(group, value=name)


def recogniser_sex(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A father marked female, a mother marked male."""
    wanted = {"1": "1", "3": "1", "2": "2", "4": "2"}.get(row.text("loaiXacNhan"))
    if wanted and row.text("cmGioiTinh") not in ("", "3", wanted):
        yield rule.finding(rule.columns)


def parents_missing(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A parent not named although the kind of birth says the parent is known."""
    known = {"1": ("meHoTen", "chaHoTen"), "2": ("chaHoTen",), "3": ("meHoTen",)}
    for column in known.get(row.text("nksLoaiKhaiSinh"), ()):
        if not row.text(column):
            who = "cha / father" if column == "chaHoTen" else "mẹ / mother"
            yield rule.finding(("nksLoaiKhaiSinh", column), who=who)


def informant(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """An informant called mother or father but named differently."""
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


def id_age(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A paper issued before its holder was `years` old."""
    for group in each_group(row.type, rule.columns):
        issued, born = (row.date(column) for column in group)
        paper = row.text(group[0].replace("NgayCap", "Loai"))
        if not issued or not born or paper not in rule.params["papers"]:
            continue
        if _birthday(born.earliest(), rule.params["years"]) > issued.latest():
            yield rule.finding(group, years=rule.params["years"])


def id_sex(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A sex that is not the one coded in a personal number."""
    for person, role_sex in persons(row.type).items():
        sex = row.text(f"{person}GioiTinh") or role_sex
        for column, number in identity.personal_numbers(row.values, person):
            if sex in ("1", "2") and number.sex != sex:
                yield rule.finding((column, f"{person}GioiTinh"), value=number.digits)


def id_birth_year(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A birth year that is not the one coded in a personal number."""
    for person in persons(row.type):
        born = row.date(f"{person}NgaySinh")
        for column, number in identity.personal_numbers(row.values, person):
            if born and number.birth_year != born.year:
                columns = (column, f"{person}NgaySinh")
                yield rule.finding(columns, year=born.year, coded=number.birth_year)


def id_shape(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Numbers that do not have the shape of their paper."""
    for person in persons(row.type):
        for column, text in identity.misshapen(row.values, person):
            yield rule.finding((column,), value=text)


def id_province(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Personal numbers of provinces that do not exist."""
    for person in persons(row.type):
        for column, number in identity.personal_numbers(row.values, person):
            if not number.province_exists:
                yield rule.finding((column,), value=number.digits)
