"""The run of numbers in a book: which are missing, which stand there more than once.

The only place that looks for gaps and writes spans of numbers: the rules between records and the
page of a book say the same about the same book.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ocr_pipeline.text.numbers import format_number_year

Number = tuple[int, int]
"""(year, number); year 0 when it is not given."""


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """Numbers of one year in a row, both ends included."""

    year: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        """`07/2017`, `09–12/2017`; without a year `07`, `09–12`."""
        last = format_number_year(self.last, self.year)
        return last if len(self) == 1 else f"{format_number_year(self.first, None)}–{last}"


def shown(number: Number) -> str:
    """`07/2017`; without a year `07`."""
    return format_number_year(number[1], number[0] or None)


def missing(present: Iterable[Number]) -> list[NumberSpan]:
    """What is missing between the first and the last number of each year, in order."""
    found: list[NumberSpan] = []
    for year, own in groupby(sorted(set(present)), key=lambda number: number[0]):
        for (_, before), (_, after) in pairwise(own):
            if after > before + 1:
                found.append(NumberSpan(year, before + 1, after - 1))
    return found


def gaps_beside(pages: Sequence[Sequence[Number | None] | None]) -> dict[int, list[NumberSpan]]:
    """Numbers missing where pages lie that have no record.

    Args:
        pages: in the order of the book: the numbers on each, None for one that cannot be read; or
            None for a page without a record.

    Returns:
        By 0-based place of a page without a record, what is missing between the numbers before
        and after it, unless records whose number cannot be read account for it. Numbers begin
        with 1 unless more are missing than the first pages could hold: a later volume goes on.

    """
    present = sorted({number for own in pages for number in own or () if number is not None})
    most = max((len(own) for own in pages if own), default=0)
    found: dict[int, list[NumberSpan]] = {}
    before: Number | None = None
    empty: list[int] = []
    unread = 0
    for place, own in enumerate(pages):
        if own is None:
            empty.append(place)
            continue
        for number in own:
            if number is None:
                unread += 1
                continue
            spans = _between(present, before or (number[0], 0), number)
            lost = sum(map(len, spans))
            if unread < lost and (before or lost - unread <= most * len(empty)):
                found |= dict.fromkeys(empty, spans)
            before, empty, unread = number, [], 0
    return found


def _between(present: Sequence[Number], first: Number, last: Number) -> list[NumberSpan]:
    """What is missing between two numbers of one year."""
    if first[0] != last[0] or first >= last:
        return []
    inner = present[bisect_right(present, first) : bisect_right(present, last)]
    return missing([first, *inner])


def gaps(numbers: Mapping[Number, int]) -> list[str]:
    """Numbers missing in a book, as people read them: `07/2017`, `09–12/2017`.

    Args:
        numbers: how often each number stands in the book.

    """
    return [str(span) for span in missing(numbers)]


def repeats(numbers: Mapping[Number, int]) -> list[str]:
    """Numbers that stand in a book more than once, as people read them.

    Args:
        numbers: how often each number stands in the book.

    """
    return [shown(number) for number in sorted(numbers) if numbers[number] > 1]


def listed(spans: Sequence[NumberSpan]) -> str:
    """Several spans in one sentence: `05/2017, 07–09/2017`."""
    return ", ".join(map(str, spans))
