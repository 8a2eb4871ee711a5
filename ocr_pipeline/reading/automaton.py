"""Weighted automata over characters with failure arcs: grammars and language models in one form.

A state has arcs (character → next state, natural log weight) and at most one failure arc, taken
when the character has no arc of its own: a back-off model's step to its shorter context. A grammar
has no failure arcs, so a character it does not allow ends the path. The end of the text is a symbol
like any other (`END`), its weight the state's final weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Singles

END = 0
"""Code of the end of the text."""

DEAD = -1
"""No such state."""

Indices = npt.NDArray[np.int32]


class StepTable(Protocol):
    """What a search asks of an automaton; attributes and `step` are those of `Automaton`."""

    @property
    def alphabet(self) -> str:
        """Character k has code k + 1."""

    @property
    def starts(self) -> Mapping[str, int]:
        """Start state by name."""

    @property
    def symbols(self) -> Mapping[str, str]:
        """By name, the characters that can be read."""

    def codes(self, text: str) -> Indices:
        """Codes of the characters of a text."""

    def step(
        self, states: npt.NDArray[np.integer], codes: npt.NDArray[np.integer]
    ) -> tuple[Indices, npt.NDArray[np.float64]]:
        """Where each state goes on its character."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """Arcs of all states in one sorted table, so that many states step at once.

    Attributes:
        alphabet: character k has code k + 1.
        keys: (arcs,) int64, ascending, state · (len(alphabet) + 1) + code.
        targets: (arcs,) next states; meaningless for `END`.
        weights: (arcs,) natural logs.
        fail: (states,) state to fall back to, or -1.
        fail_weights: (states,) natural logs.
        starts: start state by name.
        symbols: by name, the characters that its automaton can read.

    """

    alphabet: str
    keys: npt.NDArray[np.int64]
    targets: Indices
    weights: Singles
    fail: Indices
    fail_weights: Singles
    starts: Mapping[str, int]
    symbols: Mapping[str, str] = field(default_factory=dict)

    def codes(self, text: str) -> Indices:
        """Codes of the characters of a text; -1 for one outside the alphabet."""
        return np.array([self.alphabet.find(c) + 1 or -1 for c in text], np.int32)

    def step(
        self, states: npt.NDArray[np.integer], codes: npt.NDArray[np.integer]
    ) -> tuple[Indices, npt.NDArray[np.float64]]:
        """Where each state goes on its character, failure arcs included.

        Args:
            states: (n,) states.
            codes: (n,) character codes or `END`.

        Returns:
            (n,) next states, `DEAD` where the path ends; (n,) natural log weights, -inf there.

        """
        size = len(self.alphabet) + 1
        targets = np.full(len(states), DEAD, np.int32)
        weights = np.full(len(states), -np.inf)
        todo = np.arange(len(states))
        state, code = states.astype(np.int64), codes.astype(np.int64)
        spent = np.zeros(len(states))
        while len(todo):
            wanted = state * size + code
            place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            hit = self.keys[place] == wanted
            targets[todo[hit]] = self.targets[place[hit]]
            weights[todo[hit]] = spent[hit] + self.weights[place[hit]]
            back = self.fail[state]
            on = ~hit & (back != DEAD)
            spent = spent[on] + self.fail_weights[state[on]]
            todo, state, code = todo[on], back[on].astype(np.int64), code[on]
        return targets, weights

    def weight(self, text: str, start: str) -> float:
        """Natural log weight of a whole text from a named start; -inf if it is not accepted."""
        state, total = self.starts[start], 0.0
        for code in (*self.codes(text), END):
            if code < 0:
                return float("-inf")
            (state,), (weight,) = self.step(np.array([state]), np.array([code]))
            total += float(weight)
            if not np.isfinite(total):
                return float("-inf")
        return total


class AutomatonBuilder:
    """Collects states and arcs, then packs them into an `Automaton`."""

    def __init__(self, alphabet: str) -> None:
        self.alphabet = alphabet
        self._code = {c: i + 1 for i, c in enumerate(alphabet)}
        self._keys: list[int] = []
        self._targets: list[int] = []
        self._weights: list[float] = []
        self._fail: list[int] = []
        self._fail_weights: list[float] = []

    def state(self) -> int:
        """A new state without arcs."""
        self._fail.append(DEAD)
        self._fail_weights.append(0.0)
        return len(self._fail) - 1

    def arc(self, source: int, character: str, target: int, weight: float) -> None:
        """An arc on one character; the empty string is the end of the text."""
        code = self._code[character] if character else END
        self._keys.append(source * (len(self.alphabet) + 1) + code)
        self._targets.append(target)
        self._weights.append(weight)

    def failure(self, source: int, target: int, weight: float) -> None:
        """The arc taken when a character has none of its own."""
        self._fail[source], self._fail_weights[source] = target, weight

    def build(self, starts: Mapping[str, int], symbols: Mapping[str, str]) -> Automaton:
        """The finished automaton."""
        order = np.argsort(np.array(self._keys, np.int64))
        return Automaton(
            self.alphabet,
            np.array(self._keys, np.int64)[order],
            np.array(self._targets, np.int32)[order],
            np.array(self._weights, np.float32)[order],
            np.array(self._fail, np.int32),
            np.array(self._fail_weights, np.float32),
            dict(starts),
            dict(symbols),
        )


def union(parts: Sequence[Automaton]) -> Automaton:
    """All parts side by side in one automaton: same alphabet, different names."""
    alphabet = parts[0].alphabet
    if any(part.alphabet != alphabet for part in parts):
        raise ValueError("automata over different alphabets")
    offsets = np.cumsum([0, *(len(part.fail) for part in parts)])
    size = len(alphabet) + 1
    starts: dict[str, int] = {}
    symbols: dict[str, str] = {}
    for part, offset in zip(parts, offsets, strict=False):
        if starts.keys() & part.starts.keys():
            raise ValueError("two automata with one name")
        starts |= {name: state + int(offset) for name, state in part.starts.items()}
        symbols |= part.symbols
    moved = list(zip(parts, offsets, strict=False))
    return Automaton(
        alphabet,
        np.concatenate([p.keys + o * size for p, o in moved]),
        np.concatenate([np.where(p.targets < 0, DEAD, p.targets + o) for p, o in moved]).astype(
            np.int32
        ),
        np.concatenate([p.weights for p in parts]),
        np.concatenate([np.where(p.fail < 0, DEAD, p.fail + o) for p, o in moved]).astype(np.int32),
        np.concatenate([p.fail_weights for p in parts]),
        starts,
        symbols,
    )


def followed(model: Automaton, marks: str, second: Automaton, name: str) -> Automaton:
    """Texts of a back-off model, a mark, and texts of another automaton: "Văn An - Chủ tịch".

    A mark may stand anywhere, as what the model has not seen: its weight is that of the steps back
    to the shortest context. That a text may end there says little: before a mark stands a blank,
    with which no text of the model ends. A blank may follow the mark.

    Args:
        model: with one start; its own arcs on the marks are lost.
        marks: characters that stand between.
        second: over the same alphabet, with one start.
        name: of the start state.

    """
    (start,), (then,) = model.starts.values(), second.starts.values()
    whole = union([model, second])
    size, inside = len(whole.alphabet) + 1, len(model.fail)
    between, then = len(whole.fail), then + inside
    codes = whole.codes(marks).astype(np.int64)
    state, code = np.divmod(whole.keys, size)
    kept = (state >= inside) | ~np.isin(code, [END, *codes])
    shortest = np.flatnonzero(model.fail == DEAD).astype(np.int64)
    ending = (shortest[:, None] * size + codes).ravel()
    blank = between * size + whole.codes(" ").astype(np.int64)
    keys = np.concatenate([whole.keys[kept], ending, blank])
    order = np.argsort(keys)
    targets = np.concatenate([whole.targets[kept], np.full(len(ending), between), [then]])
    marked = np.full(len(ending), -math.log(len(marks)))
    weights = np.concatenate([whole.weights[kept], marked, [0.0]])
    return Automaton(
        whole.alphabet,
        keys[order],
        targets.astype(np.int32)[order],
        weights.astype(np.float32)[order],
        np.append(whole.fail, then).astype(np.int32),
        np.append(whole.fail_weights, 0.0).astype(np.float32),
        {name: start},
        {name: "".join(sorted({*marks, " ", *"".join(whole.symbols.values())}))},
    )


def lexicon(alphabet: str, words: Mapping[str, float], name: str) -> Automaton:
    """The automaton of a closed list (a tree); a word's weight is the log of its share.

    Args:
        alphabet: characters of the automaton; words with others are left out.
        words: word -> how often it is expected (> 0).
        name: of the start state.

    """
    known = set(alphabet)
    mass: dict[str, float] = {"": 0.0}
    ends = {word: weight for word, weight in words.items() if set(word) <= known}
    for word, weight in ends.items():
        for length in range(len(word) + 1):
            mass[word[:length]] = mass.get(word[:length], 0.0) + weight
    builder = AutomatonBuilder(alphabet)
    ids = {prefix: builder.state() for prefix in sorted(mass)}
    for prefix, state in ids.items():
        if prefix:
            above = prefix[:-1]
            builder.arc(ids[above], prefix[-1], state, math.log(mass[prefix] / mass[above]))
        if prefix in ends:
            builder.arc(state, "", DEAD, math.log(ends[prefix] / mass[prefix]))
    return builder.build({name: ids[""]}, {name: "".join(sorted(set("".join(ends))))})
