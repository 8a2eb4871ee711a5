"""The fewest keys that give a field its true value on the field screen."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ocr_pipeline.bench.review_keys.key_sequence import (
    KeySequence,
    Way,
    bare,
    letter_keys,
    telex_keys,
)
from ocr_pipeline.bench.review_keys.shown_input import SHOWN_COMPLETIONS, ShownInput
from ocr_pipeline.bench.review_keys.text_editing import Presses, edited, kept_beginnings

Completions = Callable[[str], Sequence[str]]
"""What the list under the input shows for a typed text, best first."""

_LONGEST_BARE = 16  # letters typed without marks before a completion is taken
_MISSED = 10**6


def fewest_keys(
    shown: ShownInput,
    value: str,
    forms: Callable[[], Sequence[str]],
    completions: Completions,
    *,
    caret: bool = True,
) -> KeySequence:
    """The cheapest sequence of keys for a field; of equally cheap ones always the same.

    Args:
        shown: the input as it opens.
        value: the true value; "" for an empty field.
        forms: gives texts that mean the value when typed (`typed_forms`).
        completions: what is proposed for a typed text.
        caret: what stands in the input may be edited; False: typing replaces it.

    """
    if shown.enter == value:
        return KeySequence(Way.CONFIRMED, ("Enter",))
    for pick in shown.picks:
        if pick.value == value:
            return KeySequence(Way.PICKED, (pick.press,))
    if not value:
        return KeySequence(Way.BLANK, ("F4",))
    best: Presses | None = None
    for way in _ways(shown, forms(), completions, caret):
        best = way if best is None or telex_keys(way) < telex_keys(best) else best
    return KeySequence(Way.MISSED, ()) if best is None else KeySequence(Way.TYPED, best)


def _ways(
    shown: ShownInput, forms: Sequence[str], completions: Completions, caret: bool
) -> Iterator[Presses]:
    """Ways to the value, each with its last Enter."""
    proposals = completions if shown.completed or shown.labels else _none
    way = _Typing(shown, forms, proposals, caret).cheapest()
    if way is None:
        return
    yield way
    if not caret:
        return
    limit = telex_keys(way)
    for form in forms:
        if (word := shown.word_for(form)) is not None:
            yield (*(word or ("Delete",)), *shown.closing(form))
    for start, first in _starts(shown):
        for form in forms:
            changes = edited(start, form, limit - len(first) - 1, caret_at_end=bool(first))
            if changes is not None:
                way = (*first, *changes, *shown.closing(form))
                limit = min(limit, telex_keys(way))
                yield way


def _starts(shown: ShownInput) -> Iterator[tuple[str, Presses]]:
    """Texts that can be edited, and the arrow keys that bring them into the input."""
    yield shown.text, ()
    values = [pick.value for pick in shown.picks]
    at = values.index(shown.enter) if shown.enter in values else -1
    labels = dict(shown.labels)
    for number, own in enumerate(values):
        if number > at and own:
            yield labels.get(own, own), ("ArrowDown",) * (number - at)


def _none(_: str) -> Sequence[str]:
    return ()


@dataclass(slots=True)
class _Typing:
    """Typing at the end of the text, completions taken as soon as they are cheaper (Dijkstra)."""

    shown: ShownInput
    forms: Sequence[str]
    completions: Completions
    caret: bool
    asked: dict[str, Sequence[str]] = field(default_factory=dict)
    reached: dict[str, tuple[int, str | None, Presses]] = field(default_factory=dict)
    best: tuple[int, Presses] = (_MISSED, ())

    def cheapest(self) -> Presses | None:
        """The cheapest presses with the last Enter; None when no form can be typed."""
        for form in self.forms:  # a bound: every letter typed
            whole = (
                *self.shown.all_selected, *self._opened("", form), *self.shown.closing(form),
            )  # fmt: skip
            self.best = min(self.best, (telex_keys(whole), whole))
        waiting = self._begin()
        while waiting:
            cost, text = heapq.heappop(waiting)
            if cost > self.reached[text][0] or cost + 1 >= self.best[0]:
                continue
            if text in self.forms:
                self._finish(text, self.shown.closing(text))
                continue
            for other, presses in [*self._letters(text), *self._completed(text)]:
                if self._reach(text, other, presses):
                    heapq.heappush(waiting, (self.reached[other][0], other))
        return self.best[1] or None

    def _begin(self) -> list[tuple[int, str]]:
        """The empty text, which the first letter makes, and what is left of the text shown."""
        emptied = self.shown.all_selected
        self.reached[""] = (len(emptied), None, emptied)
        for form in self.forms if self.caret else ():
            for length, presses in kept_beginnings(self.shown.text, form):
                text, way = self.shown.text[:length], ("End", *presses)
                if text not in self.reached or len(way) < self.reached[text][0]:
                    self.reached[text] = (len(way), None, way)
        waiting = [(cost, text) for text, (cost, _, _) in self.reached.items()]
        heapq.heapify(waiting)
        return waiting

    def _reach(self, text: str, other: str, presses: Presses) -> bool:
        cost = self.reached[text][0] + self._price(text, presses)
        if other in self.reached and self.reached[other][0] <= cost:
            return False
        self.reached[other] = (cost, text, presses)
        return True

    def _finish(self, text: str, presses: Presses) -> None:
        cost = self.reached[text][0] + self._price(text, presses)
        if cost < self.best[0]:
            self.best = (cost, (*self._way(text), *presses))

    def _way(self, text: str) -> Presses:
        _, before, presses = self.reached[text]
        return presses if before is None else (*self._way(before), *presses)

    @staticmethod
    def _price(text: str, presses: Presses) -> int:
        first = presses[:1]
        own = telex_keys(presses)
        if first and len(first[0]) == 1 and text:  # the horn of ươ
            own += letter_keys(first[0], text[-1]) - letter_keys(first[0])
        return own

    def _opened(self, text: str, typed: str) -> Presses:
        """The presses of letters; a first one that would pick is kept from it by emptying first."""
        if not text and self.shown.opens_with_pick(typed):
            return ("Backspace", *typed)
        return tuple(typed)

    def _letters(self, text: str) -> Iterator[tuple[str, Presses]]:
        """One letter more of a form."""
        for form in self.forms:
            if form.startswith(text) and len(form) > len(text):
                letter = form[len(text)]
                yield text + letter, self._opened(text, letter)

    def _completed(self, text: str) -> Iterator[tuple[str, Presses]]:
        """What is proposed after some letters without marks."""
        for form in self.forms:
            if not form.startswith(text):
                continue
            for length in range(_LONGEST_BARE + 1):
                typed = bare(form[len(text) : len(text) + length])
                if len(typed) < length:
                    break
                presses = self._opened(text, typed)
                spent = self.reached[text][0] + self._price(text, presses)
                if spent + 1 >= self.best[0]:
                    break
                if text + typed:
                    yield from self._taken(text, text + typed, presses)

    def _taken(self, text: str, query: str, presses: Presses) -> Iterator[tuple[str, Presses]]:
        """Proposals that are the value, or lead to it."""
        for number, proposal in enumerate(self._proposals(query)):
            down = ("ArrowDown",) * (number + 1)
            take = ("Tab",) if number == 0 else (*down, "Tab")
            save = ("Control+Enter",) if number == 0 else (*down, "Enter")
            if proposal in self.forms:
                self._finish(text, (*presses, *save))
            for form in self.forms:
                if form.startswith(proposal):
                    yield proposal, (*presses, *take)
                for length, deleted in kept_beginnings(proposal, form) if self.caret else ():
                    yield proposal[:length], (*presses, *take, *deleted)

    def _proposals(self, query: str) -> Sequence[str]:
        asked = query.strip()
        if asked not in self.asked:
            found = list(self.completions(asked))[:SHOWN_COMPLETIONS]
            self.asked[asked] = [one for one in found if one != asked]
        return self.asked[asked]
