"""The run of numbers in a book: which are missing, which stand there more than once.

The only place that looks for gaps and writes spans of numbers: the rules between records and the
page of a book say the same about the same book.
"""

from __future__ import annotations

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
