"""The run of numbers in a book: which are missing, which stand there more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

Numbers = Mapping[tuple[int, int], int]
"""How often each (year, number) stands in a book; year 0 when it is not known."""


def gaps(numbers: Numbers) -> list[str]:
    """Numbers missing between the first and the last of each year: `07/2017`, `09–12/2017`."""
    found: list[str] = []
    for year, own in sorted(_by_year(numbers).items()):
        for before, after in pairwise(own):
            if after > before + 1:
                found.append(_shown(before + 1, after - 1, year))
    return found


def repeats(numbers: Numbers) -> list[str]:
    """Numbers that stand there more than once."""
    twice = sorted(number for number, times in numbers.items() if times > 1)
    return [_shown(number, number, year) for year, number in twice]


def _by_year(numbers: Numbers) -> Mapping[int, Sequence[int]]:
    years: dict[int, list[int]] = {}
    for year, number in sorted(numbers):
        years.setdefault(year, []).append(number)
    return years


def _shown(first: int, last: int, year: int) -> str:
    span = f"{first:02d}" if first == last else f"{first:02d}–{last:02d}"
    return f"{span}/{year}" if year else span
