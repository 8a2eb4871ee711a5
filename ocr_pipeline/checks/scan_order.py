"""The order in which a book was scanned, told by its running numbers.

A feeder that takes the last page first turns a whole book round; sides scanned one after the other
give all fronts, then all backs. Either is one thing to say of the book, not one of each record.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import chain, pairwise, zip_longest

from ocr_pipeline.checks.number_sequence import Number
from ocr_pipeline.checks.subsequence import increasing

_FEWEST = 4  # pages: three in falling order may be chance, or two misread numbers
_FEWEST_SIDES = 6  # pages, three fronts and three backs
_AGREEING = 0.8  # share of the numbers that must follow the order; the others may be misread
_AGREEING_SIDES = 0.6  # one misread front spoils two steps and one number of some nine


class ScanOrder(StrEnum):
    """How the pages of a book follow each other."""

    FORWARD = "forward"
    REVERSED = "reversed"  # last page first
    SIDES = "sides"  # all fronts, then all backs


def scan_order(numbers: Sequence[Number | None]) -> tuple[ScanOrder, list[int]]:
    """How a book was scanned, and its records in the order of the paper book.

    Args:
        numbers: of the records in the order of the scans; None where none was read.

    Returns:
        The order, and places in `numbers`. Records of one page keep their order.

    """
    groups = _rising_groups(numbers)
    read = [[numbers[place] for place in group if numbers[place] is not None] for group in groups]
    firsts = [group[0] for group in read if group[0] is not None]
    if all(len(group) == 1 for group in read):  # one record a page, also where none was read
        groups = [[place] for place in range(len(numbers))]
    if len(firsts) >= _FEWEST and _falls(firsts):
        return ScanOrder.REVERSED, list(chain.from_iterable(reversed(groups)))
    known = [(place, number) for place, number in enumerate(numbers) if number is not None]
    for cut in {len(known) // 2, len(known) - len(known) // 2}:
        fronts, backs = [n for _, n in known[:cut]], [n for _, n in known[cut:]]
        if len(known) >= _FEWEST_SIDES and _are_sides(fronts, backs):
            turn = known[cut][0]
            first, second = list(range(turn)), list(range(turn, len(numbers)))
            if _longest(backs[::-1]) > _longest(backs):
                second.reverse()
            if numbers[first[0]] > numbers[second[0]]:  # type: ignore[operator]
                first, second = second, first
            pairs = chain.from_iterable(zip_longest(first, second))
            return ScanOrder.SIDES, [place for place in pairs if place is not None]
    return ScanOrder.FORWARD, list(range(len(numbers)))


def _rising_groups(numbers: Sequence[Number | None]) -> list[list[int]]:
    """Places of records one after the other whose numbers follow each other: those of a page."""
    groups: list[list[int]] = []
    before: Number | None = None
    for place, number in enumerate(numbers):
        follows = number is None or before == (number[0], number[1] - 1)
        if groups and follows:
            groups[-1].append(place)
        elif number is not None:
            groups.append([*(range(place) if not groups else ()), place])
        before = number or before
    return groups


def _are_sides(fronts: Sequence[Number], backs: Sequence[Number]) -> bool:
    """Whether every other number stands in the one half, and the numbers between in the other.

    Most of them must: of a few records, one misread number spoils two steps.
    """
    steps = [(n[0], n[1] + 2) == after for n, after in pairwise(fronts)]
    between = {(n[0], n[1] + turn) for n in fronts for turn in (-1, 1)} - set(fronts)
    found = [n in between for n in backs]
    agreeing = [*steps, *found]
    most = sum(agreeing) > _AGREEING_SIDES * len(agreeing) and 2 * sum(found) > len(found)
    return most and max(map(_longest, (backs, backs[::-1]))) * 3 >= 2 * len(backs)


def _longest(numbers: Sequence[Number]) -> int:
    """How many of the numbers rise, the others left out."""
    return len(increasing(numbers, strict=True))


def _falls(numbers: Sequence[Number]) -> bool:
    return _longest(numbers[::-1]) >= _AGREEING * len(numbers)
