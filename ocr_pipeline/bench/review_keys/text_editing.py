"""The fewest keys that turn the text in an input into another one with the caret alone."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from functools import cache

from ocr_pipeline.bench.review_keys.key_sequence import letter_keys

Presses = tuple[str, ...]

#: Words as Chromium's caret sees them (Unicode Standard Annex 29): `12.05.1988` is one.
_WORD = re.compile(r"\w+(?:[.'’]\w+|(?<=\d),\d+)*")
_Place = tuple[int, int]
"""Characters of the old text that are left behind, and of the new one that stand there already."""

_Step = tuple[_Place, Presses, int]
"""Where a press leads, the press, what it costs."""


def edited(old: str, new: str, limit: int, *, caret_at_end: bool = False) -> Presses | None:
    """The presses that make `new` of `old`, without the last Enter.

    Words are jumped over and deleted as Chromium does it with Control.

    Args:
        old: what stands in the input.
        new: what shall stand there.
        limit: only ways of fewer keys (Telex) count.
        caret_at_end: the caret stands behind the text; otherwise something is selected.

    Returns:
        The cheapest presses; None where there are none below the limit.

    """
    ways = (
        _from_the_left(old, new, limit, ("Home",)),
        _from_the_right(old, new, limit, () if caret_at_end else ("End",)),
    )
    found = [way for way in ways if way is not None]
    return min(found, key=lambda way: (_cost(way), way), default=None)


def kept_beginnings(old: str, new: str) -> Iterator[tuple[int, Presses]]:
    """Beginnings of the old text that the new one has too, and the presses that delete the rest.

    Yields:
        `(length, presses)`, the caret behind the text before and after them.

    """
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    at, words = len(old), 0
    while at > 0:
        start = _word_start(old, at)
        for end in range(min(same, at), start, -1):
            yield end, ("Control+Backspace",) * words + ("Backspace",) * (at - end)
        at, words = start, words + 1


def _from_the_left(old: str, new: str, limit: int, first: Presses) -> Presses | None:
    """Rightwards from the start: typed letters leave the caret where the next edit begins."""

    def steps(place: _Place) -> Iterator[_Step]:
        i, j = place
        end = _word_end(old, i)
        if i < len(old):
            if new[j : j + 1] == old[i]:
                yield (i + 1, j + 1), ("ArrowRight",), 1
            if old[i:end] == new[j : j + end - i]:
                yield (end, j + end - i), ("Control+ArrowRight",), 1
            yield (i + 1, j), ("Delete",), 1
            yield (end, j), ("Control+Delete",), 1
        if j < len(new):
            yield (i, j + 1), (new[j],), letter_keys(new[j], new[j - 1] if j else "")

    def rest(place: _Place) -> Presses | None:
        i, j = place
        return () if old[i:] == new[j:] else None

    return _cheapest((0, 0), steps, rest, limit - len(first), first)


def _from_the_right(old: str, new: str, limit: int, first: Presses) -> Presses | None:
    """Leftwards from the end: what is typed comes last."""

    def steps(place: _Place) -> Iterator[_Step]:
        i, j = place
        if i == 0:
            return
        start = _word_start(old, i)
        if j and new[j - 1] == old[i - 1]:
            yield (i - 1, j - 1), ("ArrowLeft",), 1
        width = i - start
        if width <= j and old[start:i] == new[j - width : j]:
            yield (start, j - width), ("Control+ArrowLeft",), 1
        yield (i - 1, j), ("Backspace",), 1
        yield (start, j), ("Control+Backspace",), 1

    def rest(place: _Place) -> Presses | None:
        i, j = place
        return tuple(new[i:j]) if i <= j and old[:i] == new[:i] else None

    return _cheapest((len(old), len(new)), steps, rest, limit - len(first), first)


def _cheapest(
    start: _Place,
    steps: Callable[[_Place], Iterator[_Step]],
    rest: Callable[[_Place], Presses | None],
    limit: int,
    first: Presses,
) -> Presses | None:
    """The cheapest way from `start` to a place from which `rest` alone is left (Dijkstra)."""
    reached: dict[_Place, tuple[int, _Place | None, Presses]] = {start: (0, None, ())}
    best: tuple[int, _Place, Presses] | None = None
    waiting = [(0, start)]
    while waiting:
        cost, place = heapq.heappop(waiting)
        if cost > reached[place][0] or cost >= limit or (best and cost >= best[0]):
            continue
        left = rest(place)
        if left is not None:
            whole = cost + _cost(left)
            if whole < limit and (best is None or whole < best[0]):
                best = (whole, place, left)
        for other, presses, price in steps(place):
            if other not in reached or cost + price < reached[other][0]:
                reached[other] = (cost + price, place, presses)
                heapq.heappush(waiting, (cost + price, other))
    if best is None:
        return None
    way: list[str] = []
    at: _Place | None = best[1]
    while at is not None:
        _, at_before, presses = reached[at]
        way[:0] = presses
        at = at_before
    return (*first, *way, *best[2])


def _cost(presses: Presses) -> int:
    return sum(
        letter_keys(press, presses[at - 1] if at else "") if len(press) == 1 else 1
        for at, press in enumerate(presses)
    )


@cache
def _bounds(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in _WORD.finditer(text))


def _word_end(text: str, at: int) -> int:
    return next((end for _, end in _bounds(text) if end > at), len(text))


def _word_start(text: str, at: int) -> int:
    return next((start for start, _ in reversed(_bounds(text)) if start < at), 0)
