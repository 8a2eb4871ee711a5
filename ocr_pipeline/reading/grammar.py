r"""Grammars as small regular expressions, compiled to deterministic automata.

Syntax: characters stand for themselves; `( | )` choice; `?` `*` `+` repetition of what stands
before; `[a-c-]` one of a class; `<name>` another rule; `\` takes the next character as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ocr_pipeline.reading.automaton import DEAD, Automaton, AutomatonBuilder

_EPSILON = ""


def compile_grammar(
    rules: Mapping[str, str],
    name: str,
    alphabet: str,
    *,
    any_case: bool = True,
    sentence: bool = False,
) -> Automaton:
    """The automaton of one rule; every accepted text has weight 0.

    Args:
        rules: regular expressions by name; they may refer to each other, without recursion.
        name: the rule to compile; also the name of the start state.
        alphabet: characters of the automaton.
        any_case: a letter stands for its capital and its small form.
        sentence: the first letter is a capital, the others are as spelt.

    Raises:
        ValueError: a syntax error, an unknown or recursive rule, a character outside the alphabet.

    """
    nfa = _Nfa(rules, any_case and not sentence)
    start, end = nfa.rule(name, ())
    if sentence:
        start = nfa.with_a_capital(start)
    unknown = {c for arcs in nfa.arcs for c, _ in arcs} - set(alphabet) - {_EPSILON}
    if unknown:
        raise ValueError(f"grammar {name}: characters outside the alphabet: {sorted(unknown)}")
    return _determinise(nfa, start, end, name, alphabet)


class _Nfa:
    """A non-deterministic automaton (Thompson's construction)."""

    def __init__(self, rules: Mapping[str, str], any_case: bool) -> None:
        self.rules, self.any_case = rules, any_case
        self.arcs: list[list[tuple[str, int]]] = []

    def state(self) -> int:
        self.arcs.append([])
        return len(self.arcs) - 1

    def rule(self, name: str, above: tuple[str, ...]) -> tuple[int, int]:
        if name not in self.rules:
            raise ValueError(f"grammar: no rule {name!r}")
        if name in above:
            raise ValueError(f"grammar: rule {name!r} refers to itself")
        text = self.rules[name]
        start, end, place = self._choice(text, 0, (*above, name))
        if place != len(text):
            raise ValueError(f"grammar {name}: unexpected {text[place]!r} at {place}")
        return start, end

    def with_a_capital(self, start: int) -> int:
        """A new start for the same texts, each beginning with a capital; none of them is empty."""
        capital = self.state()
        for state in sorted(self.reached(start)):
            self.arcs[capital] += [(c.upper(), to) for c, to in self.arcs[state] if c]
        return capital

    def reached(self, start: int) -> set[int]:
        """The states that lie no character away from one."""
        seen, todo = {start}, [start]
        while todo:
            for character, target in self.arcs[todo.pop()]:
                if not character and target not in seen:
                    seen.add(target)
                    todo.append(target)
        return seen

    def _choice(self, text: str, place: int, above: tuple[str, ...]) -> tuple[int, int, int]:
        start, end = self.state(), self.state()
        while True:
            first, last, place = self._sequence(text, place, above)
            self.arcs[start].append((_EPSILON, first))
            self.arcs[last].append((_EPSILON, end))
            if place >= len(text) or text[place] != "|":
                return start, end, place
            place += 1

    def _sequence(self, text: str, place: int, above: tuple[str, ...]) -> tuple[int, int, int]:
        start = end = self.state()
        while place < len(text) and text[place] not in "|)":
            first, last, place = self._atom(text, place, above)
            if place < len(text) and text[place] in "?*+":
                first, last = self._repeat(first, last, text[place])
                place += 1
            self.arcs[end].append((_EPSILON, first))
            end = last
        return start, end, place

    def _repeat(self, first: int, last: int, mark: str) -> tuple[int, int]:
        start, end = self.state(), self.state()
        self.arcs[start].append((_EPSILON, first))
        self.arcs[last].append((_EPSILON, end))
        if mark in "?*":
            self.arcs[start].append((_EPSILON, end))
        if mark in "*+":
            self.arcs[last].append((_EPSILON, first))
        return start, end

    def _atom(self, text: str, place: int, above: tuple[str, ...]) -> tuple[int, int, int]:
        head = text[place]
        if head == "(":
            start, end, place = self._choice(text, place + 1, above)
            if text[place : place + 1] != ")":
                raise ValueError(f"grammar {above[-1]}: missing ) in {text!r}")
            return start, end, place + 1
        if head == "<":
            close = text.find(">", place)
            return *self.rule(text[place + 1 : close], above), close + 1
        if head == "[":
            close = text.index("]", place)
            return *self._one_of(_members(text[place + 1 : close])), close + 1
        if head == "\\":
            place += 1
        return *self._one_of(text[place]), place + 1

    def _one_of(self, characters: Iterable[str]) -> tuple[int, int]:
        start, end = self.state(), self.state()
        for character in characters:
            forms = {character.lower(), character.upper()} if self.any_case else {character}
            self.arcs[start] += [(form, end) for form in sorted(forms)]
        return start, end


def _members(text: str) -> list[str]:
    """Characters of a class; `a-c` is a range, a hyphen at either end stands for itself."""
    out: list[str] = []
    place = 0
    while place < len(text):
        if text[place + 1 : place + 2] == "-" and place + 2 < len(text):
            out += [chr(c) for c in range(ord(text[place]), ord(text[place + 2]) + 1)]
            place += 3
        else:
            out.append(text[place])
            place += 1
    return out


def _determinise(nfa: _Nfa, start: int, end: int, name: str, alphabet: str) -> Automaton:
    """Subset construction, then merging of states that accept the same continuations."""
    closures: dict[int, frozenset[int]] = {}

    def closure(state: int) -> frozenset[int]:
        if state not in closures:
            closures[state] = frozenset(
                s for s in nfa.reached(state) if s == end or any(c for c, _ in nfa.arcs[s])
            )
        return closures[state]

    first = closure(start)
    ids: dict[frozenset[int], int] = {first: 0}
    todo, table = [first], [dict[str, int]()]
    final = [end in first]
    while todo:
        subset = todo.pop()
        moves: dict[str, set[int]] = {}
        for state in subset:
            for character, target in nfa.arcs[state]:
                if character:
                    moves.setdefault(character, set()).update(closure(target))
        for character, targets in sorted(moves.items()):
            key = frozenset(targets)
            if key not in ids:
                ids[key] = len(table)
                table.append({})
                final.append(end in key)
                todo.append(key)
            table[ids[subset]][character] = ids[key]
    return _pack(*_minimise(table, final), name, alphabet)


def _minimise(
    table: list[dict[str, int]], final: list[bool]
) -> tuple[list[dict[str, int]], list[bool]]:
    """Moore's algorithm: split classes until their members agree; class 0 holds the start."""
    group = [int(f) for f in final]
    count = len(set(group))
    while True:
        signatures: dict[object, int] = {}
        refined = [
            signatures.setdefault(
                (group[s], tuple((c, group[t]) for c, t in sorted(arcs.items()))), len(signatures)
            )
            for s, arcs in enumerate(table)
        ]
        group = refined
        if len(signatures) == count:
            break
        count = len(signatures)
    representative = {g: s for s, g in reversed(list(enumerate(group)))}
    out = [
        {c: group[t] for c, t in table[representative[g]].items()}
        for g in range(len(representative))
    ]
    return out, [final[representative[g]] for g in range(len(representative))]


def _pack(table: list[dict[str, int]], final: list[bool], name: str, alphabet: str) -> Automaton:
    builder = AutomatonBuilder(alphabet)
    for _ in table:
        builder.state()
    for state, arcs in enumerate(table):
        for character, target in arcs.items():
            builder.arc(state, character, target, 0.0)
        if final[state]:
            builder.arc(state, "", DEAD, 0.0)
    symbols = "".join(sorted({c for arcs in table for c in arcs}))
    return builder.build({name: 0}, {name: symbols})
