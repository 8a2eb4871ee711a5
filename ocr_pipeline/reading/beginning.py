"""How a text may begin on paper when a person has typed its beginning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.automaton import DEAD, END, Automaton, Indices
from ocr_pipeline.reading.book_language import short_forms
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.normalise import clean
from ocr_pipeline.text.typed_letters import agrees, letters_of

_SEPARATORS = (", ", ",", " - ", "- ", " -", "-", ". ", " ")  # between two units, for `, ` typed
_DAY = "ngày "  # begins every value of a date in words; on paper it is often printed
_CENTURIES = ("18", "19", "20")
_BETWEEN_NUMBERS = frozenset("/.-,: ")
#: Pairs whose tone may stand on either letter: typed `hoà`, written `hòa`.
_MOVING_TONE = re.compile("oa|oe|uy")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The ways in which a text may begin, as a small automaton without loops.

    Attributes:
        arcs: by node, the characters that lead to another node; node 0 is the start.
        end: the node after which any text may follow.
        typed: what was typed.

    """

    arcs: tuple[tuple[tuple[frozenset[str], int], ...], ...]
    end: int
    typed: str

    @property
    def wanted(self) -> tuple[str, ...]:
        """Sets of characters of which a search tries one in every frame.

        Where the ink shows nothing of a set, what was typed is tried: a small letter, or a
        capital where a word begins.
        """
        sets = {frozenset(characters) for node in self.arcs for characters, _ in node}
        small = self.typed.lower()
        begins = {c.upper() for before, c in zip(f" {small}", small, strict=False) if before == " "}
        return tuple(sorted({*("".join(sorted(one)) for one in sets), *small, *begins}))


class _Builder:
    def __init__(self) -> None:
        self.arcs: list[list[tuple[frozenset[str], int]]] = [[]]

    def way(self, source: int, places: Sequence[frozenset[str]], target: int | None = None) -> int:
        """A chain of characters from a node; to a new node when none is given."""
        for place, characters in enumerate(places):
            if place == len(places) - 1 and target is not None:
                node = target
            else:
                self.arcs.append([])
                node = len(self.arcs) - 1
            self.arcs[source].append((characters, node))
            source = node
        return source

    def done(self, end: int, typed: str) -> Beginning:
        return Beginning(tuple(tuple(node) for node in self.arcs), end, typed)


def beginning_of(kind: str, typed: str, alphabet: str) -> Beginning | None:
    """The ways in which the text of a field can begin whose value begins as typed.

    Letters typed without marks stand for any, whatever their case. In a place a comma may be
    another sign between units and a type word may be abbreviated; numbers of a date may lack their
    leading zero and have any sign between them.

    Args:
        kind: a `FieldKind`.
        typed: the beginning of a value.
        alphabet: characters that a text may have.

    Returns:
        None when nothing is typed, or something that no text of this alphabet has.

    """
    text = clean(typed) + (" " if typed.endswith(" ") and typed.strip() else "")
    if not text:
        return None
    if kind == FieldKind.DATE:
        return _date(text)
    builder = _Builder()
    node = 0
    for part in re.split(r"(, ?)", text) if kind == FieldKind.PLACE else [text]:
        if part in (",", ", ") and kind == FieldKind.PLACE:
            node = _signs(builder, node)
        elif part:
            found = _words(builder, node, part, kind, alphabet)
            if found is None:
                return None
            node = found
    return builder.done(node, text)


def _signs(builder: _Builder, node: int) -> int:
    after = builder.way(node, _plain(_SEPARATORS[0]))
    for sign in _SEPARATORS[1:]:
        builder.way(node, _plain(sign), after)
    return after


def _words(builder: _Builder, node: int, text: str, kind: str, alphabet: str) -> int | None:
    places = _places(text, alphabet)
    if not all(places):
        return None
    after = builder.way(node, places)
    if kind == FieldKind.DATE_WORDS and len(text) > len(_DAY) and agrees(text[: len(_DAY)], _DAY):
        builder.way(node, _places(text[len(_DAY) :], alphabet), after)
    if kind == FieldKind.PLACE:
        for word, short in short_forms().items():
            begun = text[: len(word)]
            if text[len(word) :].strip() and text[len(word)] == " " and agrees(begun, word):
                rest = _places(text[len(word) + 1 :], alphabet)
                for form in (f"{short} ", short):
                    if chain := [*_places(form, alphabet), *rest]:
                        builder.way(node, chain, after)
    return after


def _plain(text: str) -> list[frozenset[str]]:
    return [frozenset(character) for character in text]


def _places(text: str, alphabet: str) -> list[frozenset[str]]:
    """For each character of a text those that it may stand for; another sign is only itself."""
    letters = [_letter(character) or ((character, frozenset()),) for character in text]
    bare = "".join(letter for [(letter, _)] in letters)
    moving = {at for found in _MOVING_TONE.finditer(bare) for at in range(*found.span())}
    return [
        _like(letter, marks - _TONES if at in moving else marks, alphabet)
        for at, [(letter, marks)] in enumerate(letters)
    ]


_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


@lru_cache(maxsize=2048)
def _like(letter: str, marks: frozenset[str], alphabet: str) -> frozenset[str]:
    found = {c for c in alphabet if any(b == letter and marks <= own for b, own in _letter(c))}
    return frozenset(found or set(letter) & set(alphabet))


@cache
def _letter(character: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The letter and its marks; empty for another sign."""
    return letters_of(character)[:1]


def _date(text: str) -> Beginning | None:
    """`12`, `12.05`, `12.05.19`, `1205`, `120519`: day, month, the year's first digits."""
    digits = re.sub(r"\D", "", text)
    parts = re.split(r"\D+", text.strip(" ./-"))
    if len(parts) == 1:
        parts = [digits[:2], digits[2:4], digits[4:]] if len(digits) > 2 else [digits]
    parts = [part for part in parts if part]
    if not digits or len(parts) > 3 or any(not part.isdecimal() for part in parts):
        return None
    builder = _Builder()
    node = 0
    for place, part in enumerate(parts):
        if place:
            node = builder.way(node, [_BETWEEN_NUMBERS])
        after = builder.way(node, _plain(part))
        last = place == len(parts) - 1
        if place < 2 and len(part) == 2 and part[0] == "0":
            builder.way(node, _plain(part[1]), after)
        if place < 2 and len(part) == 1 and not (last and part == "0"):
            builder.way(node, _plain(f"0{part}"), after)
        node = after
    if text == digits and len(digits) <= 4 and digits[:2] in _CENTURIES:
        builder.way(0, _plain(digits), node)  # a year alone
    return builder.done(node, text)


class BegunAutomaton:
    """An automaton that accepts those of its texts that begin in one of the given ways.

    A state holds a state of the automaton and how far the beginning has been read.

    Args:
        automaton: grammars and language models.
        beginning: how texts may begin.

    """

    def __init__(self, automaton: Automaton, beginning: Beginning) -> None:
        self._automaton = automaton
        self._states = len(automaton.fail)
        self._table = _deterministic(beginning, automaton.alphabet)
        self._free = len(self._table) - 1

    @property
    def alphabet(self) -> str:
        """As that of the automaton."""
        return self._automaton.alphabet

    @cached_property
    def starts(self) -> Mapping[str, int]:
        """Start state by name: nothing of the beginning has been read."""
        return self._automaton.starts

    @property
    def symbols(self) -> Mapping[str, str]:
        """As those of the automaton."""
        return self._automaton.symbols

    def codes(self, text: str) -> Indices:
        """As those of the automaton."""
        return self._automaton.codes(text)

    def step(
        self, states: npt.NDArray[np.integer], codes: npt.NDArray[np.integer]
    ) -> tuple[Indices, npt.NDArray[np.float64]]:
        """Where each state goes on its character, as `Automaton.step`."""
        rows, own = np.divmod(states.astype(np.int64), self._states)
        on = self._table[rows, codes]
        targets, weights = self._automaton.step(own, codes)
        weights = np.where(on < 0, -np.inf, weights)
        moved = np.where((on < 0) | (targets < 0), DEAD, on * self._states + targets)
        return moved.astype(np.int32), weights


def _deterministic(beginning: Beginning, alphabet: str) -> npt.NDArray[np.int64]:
    """(rows, 1 + len(alphabet)): the next row by code, -1 for none; the last row accepts all."""
    first = frozenset({0})
    rows: dict[frozenset[int], int] = {first: 0}
    todo, moves = [first], list[tuple[int, int, frozenset[int]]]()
    while todo:
        nodes = todo.pop()
        for code, character in enumerate(alphabet, start=1):
            reached = frozenset(_reached(beginning, nodes, character))
            if reached and beginning.end not in reached and reached not in rows:
                rows[reached] = len(rows)
                todo.append(reached)
            if reached:
                moves.append((rows[nodes], code, reached))
    table = np.full((len(rows) + 1, 1 + len(alphabet)), -1, np.int64)
    table[-1] = len(rows)
    for row, code, reached in moves:
        table[row, code] = len(rows) if beginning.end in reached else rows[reached]
    table[:-1, END] = -1
    return table


def _reached(beginning: Beginning, nodes: Iterable[int], character: str) -> Iterable[int]:
    for node in nodes:
        for characters, target in beginning.arcs[node]:
            if character in characters:
                yield target
