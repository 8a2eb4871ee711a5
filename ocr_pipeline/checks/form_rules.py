"""Checks on the form of single columns, and on columns that must agree in form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from ocr_pipeline.checks.findings import CheckRule, Finding, each_column, each_group
from ocr_pipeline.checks.place_rules import unknown_unit
from ocr_pipeline.checks.record_row import Row
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_kinds
from ocr_pipeline.registers.templates import code_list, generations, load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.numbers import parse_number_year

_DOTTED = re.compile(r"(?:(?:\d\d\.)?\d\d\.)?\d{4}")


def mandatory(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Mandatory columns that are empty."""
    for column in _mandatory_columns(row.type):
        if not row.text(column):
            yield rule.finding((column,))


@cache
def _mandatory_columns(type: RegisterType) -> tuple[str, ...]:
    return tuple(column.name for column in load_template(type).columns if column.mandatory)


def pattern(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Columns that do not have the form of `pattern`."""
    for column in rule.columns:
        text = row.text(column)
        if text and not re.fullmatch(rule.params["pattern"], text):
            yield rule.finding((column,), value=text)


def date_form(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Dates that are not dotted or do not exist."""
    for column in _columns_of(row.type, FieldKind.DATE):
        text = row.text(column)
        if text and not (_DOTTED.fullmatch(text) and read_as_date(text)):
            yield rule.finding((column,), value=text)


@cache
def _columns_of(type: RegisterType, kind: FieldKind) -> tuple[str, ...]:
    return tuple(code for code, own in paper_kinds(type).items() if own is kind)


def complete_date(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A date that lacks day or month."""
    [column] = rule.columns
    found = row.date(column)
    if found and not found.complete:
        yield rule.finding(rule.columns)


def year_of_number(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """The year of `so` is not the year of registration."""
    number = parse_number_year(row.text("so"))
    if number and number[1] and row.registered and number[1] != row.registered.year:
        yield rule.finding(rule.columns, number=number[1], year=row.registered.year)


def code_known(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Codes outside their list."""
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


def words_differ(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """A date in digits and the same date in words that differ."""
    digits, words = (row.date(column) for column in rule.columns)
    if digits and words and digits != words:
        shown = [row.text(column) for column in rule.columns]
        yield rule.finding(rule.columns, digits=shown[0], words=shown[1])


def volume_differs(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """QuyenSo that is not the inventory's."""
    text = row.text("quyenSo")
    if row.book and text and parse_number_year(text) != parse_number_year(row.book.volume):
        yield rule.finding(rule.columns, value=text, volume=row.book.volume)


def before(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """The first date lies before the second, whatever their unknown parts."""
    for group in each_group(row.type, rule.columns):
        first, second = (row.date(column) for column in group)
        if first and second and first.latest() < second.earliest():
            yield rule.finding(group, first=first.dotted(), second=second.dotted())


def in_lexicon(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Words that a lexicon does not know."""
    known = getattr(lexicons, rule.params["lexicon"])()
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        if text and not known.find(text):
            yield rule.finding((column,), value=text)


def name_parts(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Names of a single word."""
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        if text and " " not in text:
            yield rule.finding((column,), value=text)


def place_known(row: Row, rule: CheckRule) -> Iterator[Finding]:
    """Addresses with units that do not exist."""
    year = row.registered.year if row.registered else None
    for column in each_column(row.type, rule.columns):
        text = row.text(column)
        unit, hint = unknown_unit(text, year) if text else ("", "")
        if unit:
            yield rule.finding((column,), unit=unit, hint=f" (≈ “{hint}”?)" if hint else "")
