"""Checks on the records of a book together: numbers, dates and pages in their order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ocr_pipeline.checks.findings import CheckRule, Finding, rules
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.numbers import parse_number_year

Rows = Sequence[Mapping[str, str]]
Number = tuple[int, int]
"""(year, number); year 0 when it is not given."""


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
            yield rule.finding(rule.columns, row, value=_shown(number), other=earlier + 1)


def _gaps(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    present = {number for _, number in numbers}
    read = [row for row, _ in numbers]
    ordered = [numbers[i] for i in _increasing([n for _, n in numbers], strict=True)]
    for (row, (year, number)), (next_row, (next_year, next_number)) in zip(
        ordered, ordered[1:], strict=False
    ):
        missing = [n for n in range(number + 1, next_number) if (year, n) not in present]
        between = bisect_left(read, next_row) - bisect_right(read, row)
        unread = next_row - row - 1 - between
        if year == next_year and len(missing) > unread:
            yield rule.finding(rule.columns, next_row, missing=_ranges(missing))


def _number_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    kept = set(_increasing([n for _, n in numbers], strict=False))
    for place, (row, number) in enumerate(numbers):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=_shown(number))


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


def _shown(number: Number) -> str:
    year, own = number
    return f"{own:02d}/{year}" if year else str(own)


def _ranges(numbers: Sequence[int]) -> str:
    """`5, 7–9`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}–{p[-1]}" for p in parts)


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
