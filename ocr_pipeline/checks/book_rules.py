"""Checks on the records of a book together: numbers, dates and pages in their order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ocr_pipeline.checks.findings import CheckRule, Finding, rules
from ocr_pipeline.checks.number_sequence import Number, listed, missing, shown
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.numbers import parse_number_year

Rows = Sequence[Mapping[str, str]]


def check_book(rows: Rows) -> list[Finding]:
    """What is wrong or questionable between the records of a book, in the order of its pages.

    Args:
        rows: text by Excel column, one mapping a record.

    Returns:
        Findings with `row` set, in the order of `rules.yaml`.

    """
    found: list[Finding] = []
    for rule in rules("book"):
        found += _CHECKS[rule.check](rows, rule)
    return found


def _duplicates(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    first: dict[Number, int] = {}
    for row, number in _numbers(rows):
        earlier = first.setdefault(number, row)
        if earlier != row:
            yield rule.finding(rule.columns, row, value=shown(number), other=earlier + 1)


def _gaps(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    present = sorted({number for _, number in numbers})
    read = [row for row, _ in numbers]
    ordered = [numbers[i] for i in _increasing([n for _, n in numbers], strict=True)]
    for (row, number), (next_row, next_number) in pairwise(ordered):
        spans = missing(present[bisect_left(present, number) : bisect_right(present, next_number)])
        between = bisect_left(read, next_row) - bisect_right(read, row)
        unread = next_row - row - 1 - between
        if number[0] == next_number[0] and sum(map(len, spans)) > unread:
            yield rule.finding(rule.columns, next_row, missing=listed(spans))


def _number_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    kept = set(_increasing([n for _, n in numbers], strict=False))
    for place, (row, number) in enumerate(numbers):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=shown(number))


def _date_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    dates = [(i, read_as_date(row.get("ngayDangKy", "") or "-")) for i, row in enumerate(rows)]
    known = [(i, date) for i, date in dates if date is not None and date.complete]
    kept = set(_increasing([date.earliest() for _, date in known], strict=False))
    for place, (row, date) in enumerate(known):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=date.dotted())


def _page_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    pages = [(i, row.get("trangSo", "").strip()) for i, row in enumerate(rows)]
    known = [(i, int(page)) for i, page in pages if page.isdecimal()]
    kept = set(_increasing([page for _, page in known], strict=False))
    for place, (row, page) in enumerate(known):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=page)


def _numbers(rows: Rows) -> list[tuple[int, Number]]:
    parsed = ((i, parse_number_year(row.get("so", ""))) for i, row in enumerate(rows))
    return [(i, (number[1] or 0, number[0])) for i, number in parsed if number]


def _increasing(items: Sequence[Any], *, strict: bool) -> list[int]:
    """Places of a longest increasing subsequence, so that as few items as possible are blamed."""
    search = bisect_left if strict else bisect_right
    tails: list[Any] = []
    places: list[int] = []
    before: list[int] = []
    for place, item in enumerate(items):
        at = search(tails, item)
        before.append(places[at - 1] if at else -1)
        if at == len(tails):
            tails.append(item)
            places.append(place)
        else:
            tails[at], places[at] = item, place
    kept: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]


_CHECKS: Mapping[str, Callable[[Rows, CheckRule], Iterator[Finding]]] = {
    "duplicates": _duplicates,
    "gaps": _gaps,
    "number_order": _number_order,
    "date_order": _date_order,
    "page_order": _page_order,
}
