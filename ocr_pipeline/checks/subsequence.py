"""The longest part of a sequence that rises."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any


def increasing(items: Sequence[Any], *, strict: bool) -> list[int]:
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
