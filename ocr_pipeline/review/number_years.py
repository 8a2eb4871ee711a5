"""The year of a record number that is typed without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.rows import column_sources
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.store.keyings import rows_near
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.text.numbers import parse_number_year

_NUMBER, _VOLUME, _DATE = "so", "quyenSo", "ngayDangKy"
_NEAR = 3  # records looked at on either side: a sheet has up to 3
_UNDECIDED = frozenset({State.IN_REVIEW, State.READ})


@dataclass(frozen=True, slots=True)
class NumberYear:
    """The year that a bare number gets.

    Attributes:
        year: of four digits.
        sure: the paper says it elsewhere; otherwise it is told before it is kept.

    """

    year: int
    sure: bool


def number_year(session: Session, row: FieldRow, book: Book) -> NumberYear | None:
    """The year of the number in this field; None where the field is no number of a book.

    A volume has the year in which its book was opened. A record has the year in which it was
    registered, else that of the numbers around it when they agree, else that of the book.
    """
    if row.code in column_sources(book.type, _VOLUME):
        return NumberYear(book.year_opened, sure=True)
    if row.code not in column_sources(book.type, _NUMBER):
        return None
    dates = column_sources(book.type, _DATE)
    near = rows_near(session, row.record, (row.code, *dates), _NEAR)
    order = list(near)
    at = order.index(row.record)
    own, settled = _registered([one for one in near[row.record] if one.code in dates])
    if own and settled:
        return NumberYear(own, sure=True)
    before = _nearest((near[record] for record in reversed(order[:at])), row.code)
    after = _nearest((near[record] for record in order[at + 1 :]), row.code)
    told = {year for year, _ in (before, after) if year} | ({own} if own else set())
    if len(told) == 1 and (before[1] or after[1]):
        return NumberYear(told.pop(), sure=True)
    return NumberYear(own or before[0] or after[0] or book.year_opened, sure=False)


def _registered(rows: Sequence[FieldRow]) -> tuple[int, bool]:
    """Year of the first of these dates, 0 for none; whether nobody doubts it."""
    for row in rows:
        date = read_as_date(row.value) if row.value else None
        if date is not None:
            return date.year, State(row.state) not in _UNDECIDED
    return 0, False


def _nearest(records: Iterable[Sequence[FieldRow]], code: str) -> tuple[int, bool]:
    """The year of the first number that has one, 0 for none; whether nobody doubts it."""
    for rows in records:
        for row in rows:
            parsed = parse_number_year(row.value) if row.code == code else None
            if parsed and parsed[1]:
                return parsed[1], State(row.state) not in _UNDECIDED
    return 0, False
