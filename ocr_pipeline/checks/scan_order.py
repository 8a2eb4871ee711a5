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
            if _falls(backs):
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
    steps = [after[1] - number[1] for number, after in pairwise(fronts)]
    apart = sum(step == 2 for step in steps) >= _AGREEING * len(steps)
    low, high = min(fronts), max(fronts)
    inside = [low[1] - 1 <= n[1] <= high[1] + 1 and low[0] <= n[0] <= high[0] for n in backs]
    between = sum(inside) >= _AGREEING * len(backs) and not set(fronts) & set(backs)
    return apart and between and (_rises(backs) or _falls(backs))


def _rises(numbers: Sequence[Number]) -> bool:
    return len(increasing(numbers, strict=True)) >= _AGREEING * len(numbers)


def _falls(numbers: Sequence[Number]) -> bool:
    return _rises(numbers[::-1])
