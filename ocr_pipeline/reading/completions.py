"""What a typed beginning becomes by the ink: the rest that fits both, and how well values fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr_pipeline.reading.automaton import Automaton
from ocr_pipeline.reading.beam import BeamLimits, BeamSearch, beam_search
from ocr_pipeline.reading.beginning import BegunAutomaton, beginning_of
from ocr_pipeline.reading.book_language import automaton_at, short_forms
from ocr_pipeline.reading.ctc import IMPOSSIBLE, log_likelihoods
from ocr_pipeline.reading.decoding import LineScores, joined, plan_of, value_of
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.typed_letters import agrees

#: A person types because the network is wrong: it is believed less than when it reads alone, and a
#: beginning that it does not see at all must be got past.
_LIMITS = BeamLimits(beam=16, characters=10, floor=1e-3)
_DATES = (FieldKind.DATE, FieldKind.DATE_WORDS)  # what is none is no value


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole text that begins as typed.

    Attributes:
        text: as it would stand on paper.
        value: of the Excel cell.
        total: natural log: how well it fits the ink and the language.

    """

    text: str
    value: str
    total: float


def completions(
    writing: LineScores,
    typed: str,
    alphabet: str,
    home: tuple[str, ...] = (),
    values: Sequence[str] = (),
    limits: BeamLimits = _LIMITS,
) -> list[Completion]:
    """The texts of a field that begin as typed, best first.

    Args:
        writing: the frame scores of the field.
        typed: the beginning of the value, with or without accents.
        alphabet: the recogniser's characters.
        home: units of the book's agency, smallest first.
        values: values to be weighed beside those that the search finds.
        limits: width of the search.

    Returns:
        One for each value; none when nothing is written, or nothing like it can be.

    """
    if not any(len(line) for line in writing.lines):
        return []
    automaton, scores = automaton_at(home), joined(writing, alphabet)
    plan = plan_of(writing, automaton)
    pool = [(text, total) for text, total in _found(scores, typed, alphabet, automaton, writing,
                                                   plan, limits)]  # fmt: skip
    values = [value for value in values if agrees(typed, value)]
    pool += _weighed(scores, values, alphabet, automaton, writing.kind, plan, limits)
    best: dict[str, Completion] = {}
    for text, total in pool:
        value = value_of(writing.kind, text) or ("" if writing.kind in _DATES else text)
        if not value or not _begins(str(writing.kind), typed, value, text):
            continue
        if value not in best or best[value].total < total:
            best[value] = Completion(text, value, total)
    return sorted(best.values(), key=lambda one: -one.total)


def _begins(kind: str, typed: str, value: str, text: str) -> bool:
    """The value, or the text that it comes from, begins as typed."""
    if kind == FieldKind.DATE:
        return True  # the search has let nothing else pass: typed dates have forms of their own
    return agrees(typed, value) or agrees(typed, text)


def _found(
    scores: Scores,
    typed: str,
    alphabet: str,
    automaton: Automaton,
    writing: LineScores,
    plan: Sequence[tuple[BeamSearch, float]],
    limits: BeamLimits,
) -> list[tuple[str, float]]:
    """Texts of the searches that begin as typed, with their totals."""
    beginning = beginning_of(str(writing.kind), typed, automaton.alphabet)
    if beginning is None:
        return []
    begun, wanted = BegunAutomaton(automaton, beginning), beginning.wanted
    found = []
    for search, prior in plan:
        [hypotheses] = beam_search(
            [scores], [replace(search, wanted=wanted)], begun, alphabet, limits
        )
        found += [(one.text, one.total + prior) for one in hypotheses]
    return found


def _weighed(
    scores: Scores,
    values: Sequence[str],
    alphabet: str,
    automaton: Automaton,
    kind: str,
    plan: Sequence[tuple[BeamSearch, float]],
    limits: BeamLimits,
) -> list[tuple[str, float]]:
    """These values as texts, each in the form that fits the ink best, with their totals."""
    forms = [form for value in values for form in forms_on_paper(kind, value)]
    if not forms:
        return []
    acoustic = log_likelihoods(scores, forms, alphabet, limits.floor)
    out = []
    for form, seen in zip(forms, acoustic, strict=True):
        said = max(_language(form, automaton, search) + prior for search, prior in plan)
        if np.isfinite(said) and seen > IMPOSSIBLE / 2:
            out.append((form, float(seen) + said))
    return out


def _language(text: str, automaton: Automaton, search: BeamSearch) -> float:
    weight = automaton.weight(text, search.start)
    return search.weight * weight + search.bonus * len(text)


def forms_on_paper(kind: str, value: str) -> list[str]:
    """How a value may stand on paper."""
    forms = [value]
    if kind == FieldKind.PLACE:
        shorter = value
        for word, short in short_forms().items():
            shorter = shorter.replace(f"{word} ", f"{short} ")
        forms += [value.replace(", ", " - "), shorter, shorter.replace(", ", " - ")]
    if kind == FieldKind.DATE and value.count(".") == 2:
        day, month, year = value.split(".")
        forms += [f"{d}{sign}{m}{sign}{year}" for sign in "/.-"
                  for d in {day, day.lstrip("0")} for m in {month, month.lstrip("0")}]  # fmt: skip
    return list(dict.fromkeys(forms))
