"""From scores of lines to candidates with values: each kind of field has its grammar or lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.reading.automaton import Automaton
from ocr_pipeline.reading.beam import BeamLimits, BeamSearch, Hypothesis, beam_search
from ocr_pipeline.reading.book_language import AT_HOME, automaton_at
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.registers.fields import Candidate, FieldKind
from ocr_pipeline.registers.values import normalise_value

LINE = "line"
"""Open text without field grammar: what `sohoa read --kind line` asks for."""

_BEST = 8  # candidates kept
_JOIN = {" ": 0.9}  # probability of the join between two lines; a word may break at a line's end
_JOIN_FIRM = 0.98  # of a join that stands for printed words: ngày … tháng … năm


@dataclass(frozen=True, slots=True)
class FramedInk:
    """The part of a line's picture that the frames of its scores share evenly, in its pixels.

    Attributes:
        line: which of the field's lines, from 0.
        left: where the first frame begins.
        top: of the ink.
        right: where the last frame ends.
        bottom: of the ink.

    """

    line: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class LineScores:
    """The scores of one field: its lines that hold ink, and how to read them together.

    Attributes:
        kind: a `FieldKind`, or `LINE`.
        lines: (frames, 1 + len(alphabet)) natural log-probabilities each.
        lexicon: narrower grammar than the kind's own, "" for none.
        join: what stands between two lines.
        inks: where the frames of each of `lines` lie; () where nobody has asked, or knows.

    """

    kind: str
    lines: tuple[Scores, ...]
    lexicon: str = ""
    join: str = " "
    inks: tuple[FramedInk, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the scores of a field say.

    Attributes:
        raw: the network's own reading, no grammar involved.
        candidates: best first; probabilities are shares among the hypotheses, not yet calibrated.
        best: the hypothesis behind the first candidate; None if nothing was found.
        rival: the hypothesis behind the second candidate, if there is one.
        open: the first candidate comes from an open search, not from the kind's own grammar.

    """

    raw: str
    candidates: tuple[Candidate, ...]
    best: Hypothesis | None
    open: bool
    rival: Hypothesis | None = None


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One hypothesis of a field among those of all its searches.

    Attributes:
        score: natural log of its weight: what network, language and whatever else is known say.
        rank: which of the field's searches it comes from; 0 is the kind's own grammar.
        hypothesis: the reading.

    """

    score: float
    rank: int
    hypothesis: Hypothesis


Pool = list[PoolEntry]


class SearchDefaults(Strict):
    """What a search has unless it says otherwise (see `kinds.yaml`)."""

    weight: float
    bonus: float
    prior: float


class SearchEntry(Strict):
    """One search of a kind; None takes the default."""

    start: str
    weight: float | None = None
    bonus: float | None = None
    prior: float | None = None


class KindEntry(Strict):
    """How a kind is decoded: by searches side by side."""

    searches: tuple[SearchEntry, ...]


class KindFile(Strict):
    """`kinds.yaml`: searches by kind, or by the narrower lexicon that a layout names."""

    defaults: SearchDefaults
    kinds: dict[str, KindEntry]


@cache
def _plans() -> dict[str, tuple[tuple[BeamSearch, float], ...]]:
    data = load_data(Path(__file__).parent / "data" / "kinds.yaml", KindFile)
    usual = data.defaults.model_dump()
    plans = {}
    for kind, plan in data.kinds.items():
        settings = [{**usual, **s.model_dump(exclude_none=True)} for s in plan.searches]
        plans[kind] = tuple(
            (BeamSearch(s["start"], s["weight"], s["bonus"]), s["prior"]) for s in settings
        )
    return plans


def decode(
    writings: Sequence[LineScores],
    alphabet: str,
    limits: BeamLimits | None = None,
    home: tuple[str, ...] = (),
) -> list[Decoded]:
    """Decode all fields of a page, each by itself; the arguments are those of `search`.

    Returns:
        One result a field, in order. A field without lines has no candidates.

    """
    pools = search(writings, alphabet, limits, home)
    return [settle(w, alphabet, pool) for w, pool in zip(writings, pools, strict=True)]


def search(
    writings: Sequence[LineScores],
    alphabet: str,
    limits: BeamLimits | None = None,
    home: tuple[str, ...] = (),
) -> list[Pool]:
    """The hypotheses of all fields of a page, found in one search.

    Args:
        writings: the fields' scores.
        alphabet: the recogniser's characters.
        limits: width of the search.
        home: units of the book's agency, smallest first (see `book_language.automaton_at`).

    Returns:
        One pool a field, in order, unsorted; empty for a field without lines.

    """
    whole = [joined(w, alphabet) for w in writings]
    plans = [_plan(w) if len(s) else () for w, s in zip(writings, whole, strict=True)]
    lines = [s for s, plan in zip(whole, plans, strict=True) for _ in plan]
    automaton = automaton_at(home)
    searches = [_at_home(search, automaton) for plan in plans for search, _ in plan]
    found = iter(beam_search(lines, searches, automaton, alphabet, limits))
    return [
        [
            PoolEntry(h.total + prior, rank, h)
            for rank, (_, prior) in enumerate(plan)
            for h in next(found)
        ]
        for plan in plans
    ]


def plan_of(writing: LineScores, automaton: Automaton) -> list[tuple[BeamSearch, float]]:
    """The searches of a field and the log added to the results of each."""
    return [(_at_home(search, automaton), prior) for search, prior in _plan(writing)]


def _at_home(search: BeamSearch, automaton: Automaton) -> BeamSearch:
    """The same search in the model that knows the book's home, if there is one."""
    name = search.start + AT_HOME
    return replace(search, start=name) if name in automaton.starts else search


def _plan(writing: LineScores) -> tuple[tuple[BeamSearch, float], ...]:
    plans = _plans()
    return plans.get(writing.lexicon) or plans[str(writing.kind)]


def joined(writing: LineScores, alphabet: str) -> Scores:
    """The lines one after the other, with frames between them that say the join."""
    if len(writing.lines) <= 1:
        return writing.lines[0] if writing.lines else np.zeros((0, 1 + len(alphabet)), np.float32)
    between = np.full((3, 1 + len(alphabet)), -30.0, np.float32)
    between[[0, 2], 0] = 0.0
    column = alphabet.find(writing.join) + 1
    firm = _JOIN.get(writing.join, _JOIN_FIRM)
    between[1, 0], between[1, column] = np.log(1 - firm), np.log(firm)
    parts: list[Scores] = []
    for line in writing.lines:
        parts += [between, line] if parts else [line]
    return np.concatenate(parts)


def settle(writing: LineScores, alphabet: str, pool: Pool) -> Decoded:
    """What a field says, from its pool.

    Readings with the same value count together: what matters is the cell of the table.
    """
    raw = writing.join.join(greedy(line, alphabet) for line in writing.lines)
    if not pool:
        return Decoded(raw, (), None, True)
    weights = _weights(pool)
    total = sum(weights)
    groups: dict[str, tuple[float, float, int]] = {}  # name of a value -> sum, best weight, place
    values = [value_of(writing.kind, entry.hypothesis.text) for entry in pool]
    for place, entry in enumerate(pool):
        name = value_name(values[place], entry.hypothesis.text)
        mass, best, at = groups.get(name, (0.0, -1.0, place))
        if weights[place] > best:
            best, at = weights[place], place
        groups[name] = (mass + weights[place], best, at)
    ranked = sorted(groups.values(), key=lambda g: -g[0])[:_BEST]
    candidates = tuple(
        Candidate(pool[at].hypothesis.text, values[at], mass / total) for mass, _, at in ranked
    )
    first = pool[ranked[0][2]]
    rival = pool[ranked[1][2]].hypothesis if len(ranked) > 1 else None
    return Decoded(raw, candidates, first.hypothesis, first.rank > 0, rival)


def value_name(value: str, text: str) -> str:
    """What a reading is counted by: its value; one without stays apart by its text."""
    return value or f"\0{text}"


def shares(kind: str, pool: Pool) -> dict[str, float]:
    """How much of the weight of a pool each of its values has (0–1), by `value_name`."""
    weights = _weights(pool)
    total = sum(weights)
    out: dict[str, float] = {}
    for entry, weight in zip(pool, weights, strict=True):
        text = entry.hypothesis.text
        name = value_name(value_of(kind, text), text)
        out[name] = out.get(name, 0.0) + weight / total
    return out


def _weights(pool: Pool) -> list[float]:
    """Weights of the hypotheses, that of the best one 1."""
    peak = max((entry.score for entry in pool), default=0.0)
    return [float(np.exp(entry.score - peak)) for entry in pool]


@lru_cache(maxsize=4096)
def _value_cached(kind: str, text: str) -> str:
    return normalise_value(FieldKind(kind), text)


def value_of(kind: str, text: str) -> str:
    """The value of the Excel cell for a text of this kind; the text itself of an open line."""
    return text if kind == LINE else _value_cached(kind, text)
