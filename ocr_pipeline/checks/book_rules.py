"""Checks on the records of a book together: numbers, dates and pages in their order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ocr_pipeline.checks.findings import CheckRule, Finding, rules
from ocr_pipeline.checks.number_sequence import Number, listed, missing, shown
from ocr_pipeline.checks.scan_order import ScanOrder, scan_order
from ocr_pipeline.checks.subsequence import increasing
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.numbers import parse_number_year

Rows = Sequence[Mapping[str, str]]


def check_book(rows: Rows, pages: Sequence[str] = ()) -> list[Finding]:
    """What is wrong or questionable between the records of a book, in the order of its pages.

    Args:
        rows: text by Excel column, one mapping a record.
        pages: the page of each record, to name the twin of one that stands there twice.

    Returns:
        Findings with `row` set, in the order of `rules.yaml`. A book scanned in another order than
        that of the paper (`scan_order`) is one finding, and is checked in that of the paper.

    """
    found: list[Finding] = []
    numbers = dict(_numbers(rows))
    order, places = scan_order([numbers.get(row) for row in range(len(rows))])
    ordered = [rows[place] for place in places]
    for rule in rules("book"):
        if rule.check in _OF_WHOLE:
            wrong = order is _OF_WHOLE[rule.check]
            found += [rule.finding(rule.columns, min(numbers), count=len(numbers))] if wrong else []
        elif rule.check == "duplicates":
            found += _duplicates(rows, rule, pages)
        else:  # the order that the paper book has: one slip of the scanner is no doubt on each
            checked = _CHECKS[rule.check](ordered, rule)
            found += [replace(one, row=places[one.row or 0]) for one in checked]
    return found


def _duplicates(rows: Rows, rule: CheckRule, pages: Sequence[str]) -> Iterator[Finding]:
    first: dict[Number, int] = {}
    for row, number in _numbers(rows):
        earlier = first.setdefault(number, row)
        if earlier != row:
            other = f"{earlier + 1} ({pages[earlier]})" if pages else earlier + 1
            yield rule.finding(rule.columns, row, value=shown(number), other=other)


def _gaps(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    present = sorted({number for _, number in numbers})
    read = [row for row, _ in numbers]
    ordered = [numbers[i] for i in increasing([n for _, n in numbers], strict=True)]
    for (row, number), (next_row, next_number) in pairwise(ordered):
        spans = missing(present[bisect_left(present, number) : bisect_right(present, next_number)])
        between = bisect_left(read, next_row) - bisect_right(read, row)
        unread = next_row - row - 1 - between
        if number[0] == next_number[0] and sum(map(len, spans)) > unread:
            yield rule.finding(rule.columns, next_row, missing=listed(spans))


def _number_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    numbers = _numbers(rows)
    kept = set(increasing([n for _, n in numbers], strict=False))
    for place, (row, number) in enumerate(numbers):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=shown(number))


def _date_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    dates = [(i, read_as_date(row.get("ngayDangKy", "") or "-")) for i, row in enumerate(rows)]
    known = [(i, date) for i, date in dates if date is not None and date.complete]
    kept = set(increasing([date.earliest() for _, date in known], strict=False))
    for place, (row, date) in enumerate(known):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=date.dotted())


def _page_order(rows: Rows, rule: CheckRule) -> Iterator[Finding]:
    pages = [(i, row.get("trangSo", "").strip()) for i, row in enumerate(rows)]
    known = [(i, int(page)) for i, page in pages if page.isdecimal()]
    kept = set(increasing([page for _, page in known], strict=False))
    for place, (row, page) in enumerate(known):
        if place not in kept:
            yield rule.finding(rule.columns, row, value=page)


def _numbers(rows: Rows) -> list[tuple[int, Number]]:
    parsed = ((i, parse_number_year(row.get("so", ""))) for i, row in enumerate(rows))
    return [(i, (number[1] or 0, number[0])) for i, number in parsed if number]


#: Checks that say one thing of the whole book, on its first record with a number.
_OF_WHOLE = {"scanned_backwards": ScanOrder.REVERSED, "sides_apart": ScanOrder.SIDES}

_CHECKS: Mapping[str, Callable[[Rows, CheckRule], Iterator[Finding]]] = {
    "gaps": _gaps,
    "number_order": _number_order,
    "date_order": _date_order,
    "page_order": _page_order,
}
