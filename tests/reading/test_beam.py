import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.automaton import Automaton, lexicon, union
from ocr_pipeline.reading.beam import BeamLimits, BeamSearch, beam_search
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.grammar import compile_grammar
from ocr_pipeline.reading.ngram import train_ngrams

ALPHABET = "ab1"
RULES = {"half": "(a|b)?1*[ab1]", "whole": "<half>(a<half>)?"}
PATTERN = re.compile(r"((a|b)?1*[ab1])(a((a|b)?1*[ab1]))?")
TEXTS = ["".join(p) for n in range(7) for p in itertools.product(ALPHABET, repeat=n)]
EXACT = BeamLimits(beam=2500, characters=3, blank=1.1, ratio=0.0, floor=0.0)


@pytest.fixture(scope="module")
def automaton() -> Automaton:
    grammar = compile_grammar(RULES, "whole", ALPHABET, any_case=False)
    texts = [("ab1", 3.0), ("aab", 2.0), ("b", 1.0)]
    model = train_ngrams(texts, ALPHABET, order=4, minimum=1, gain=0).automaton("model", ALPHABET)
    words = lexicon(ALPHABET, {"ab": 3, "ab1": 1, "b": 2}, "words")
    return union([grammar, model, words])


def scores(seed: int, frames: int) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(0, 2, (frames, 1 + len(ALPHABET)))
    return (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)


@cache
def alignments(frames: int) -> tuple[np.ndarray, list[str]]:
    """Every sequence of classes over so many frames, and the text that it spells."""
    classes = list(itertools.product(range(1 + len(ALPHABET)), repeat=frames))
    one_hot = np.eye(1 + len(ALPHABET), dtype=np.float32)
    paths = np.array(classes, np.int64).reshape(len(classes), frames)
    return paths, [greedy(one_hot[path], ALPHABET) for path in paths]


def log_probabilities(line: np.ndarray) -> dict[str, float]:
    """Natural log of each text's probability: the sum over all alignments that spell it."""
    paths, texts = alignments(len(line))
    totals: dict[str, float] = {}
    for text, weight in zip(texts, line[np.arange(len(line)), paths].sum(axis=1), strict=True):
        totals[text] = np.logaddexp(totals.get(text, -np.inf), weight)
    return totals


def test_a_grammar_accepts_what_the_regular_expression_does(automaton: Automaton) -> None:
    for text in TEXTS:
        assert (automaton.weight(text, "whole") == 0) == bool(PATTERN.fullmatch(text)), text


def test_a_language_model_is_a_distribution(automaton: Automaton) -> None:
    total = sum(np.exp(automaton.weight(text, "model")) for text in TEXTS)
    assert 0.98 < total <= 1.0001
    assert automaton.weight("ab1", "model") > automaton.weight("a1b", "model")


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    starts=st.lists(st.sampled_from(["whole", "model", "words"]), min_size=3, max_size=3),
    weight=st.floats(0, 1.5),
    bonus=st.floats(-1, 1),
)
def test_the_beam_agrees_with_brute_force(
    automaton: Automaton,
    seed: int,
    lengths: list[int],
    starts: list[str],
    weight: float,
    bonus: float,
) -> None:
    lines = [scores(seed + i, frames) for i, frames in enumerate(lengths)]
    searches = [BeamSearch(start, weight, bonus) for start in starts[: len(lines)]]
    results = beam_search(lines, searches, automaton, ALPHABET, EXACT)
    for line, search, found in zip(lines, searches, results, strict=True):
        expected = {}
        for text, acoustic in log_probabilities(line).items():
            language = automaton.weight(text, search.start)
            if np.isfinite(acoustic + language):
                expected[text] = acoustic + weight * language + bonus * len(text)
        assert {h.text for h in found} == set(expected)
        for hypothesis in found:
            assert hypothesis.total == pytest.approx(expected[hypothesis.text], abs=1e-3)
        assert [h.total for h in found] == sorted((h.total for h in found), reverse=True)


def test_a_line_is_read_the_same_alone_and_among_others(automaton: Automaton) -> None:
    lines = [scores(seed, 3 + seed) for seed in range(5)]
    searches = [BeamSearch(s) for s in ("whole", "model", "words", "whole", "model")]
    together = beam_search(lines, searches, automaton, ALPHABET)
    for line, search, found in zip(lines, searches, together, strict=True):
        (alone,) = beam_search([line], [search], automaton, ALPHABET)
        assert [h.text for h in alone[:3]] == [h.text for h in found[:3]]


def test_automata_used_by_turns_and_in_threads_do_not_mix_their_steps(automaton: Automaton) -> None:
    other = union([lexicon(ALPHABET, {"1b": 2, "a1": 1, "bb": 1}, "words")])
    lines = [scores(seed, 12) for seed in range(6)]

    def read(known: Automaton) -> list[object]:
        return [beam_search([line], [BeamSearch("words")], known, ALPHABET) for line in lines]

    with ThreadPoolExecutor(1) as pool:  # a thread that has remembered nothing yet
        alone = pool.submit(read, automaton).result()
    with ThreadPoolExecutor(1) as pool:
        other_alone = pool.submit(read, other).result()
    assert alone != other_alone

    for _ in range(2):
        assert read(other) == other_alone
        assert read(automaton) == alone
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, [automaton, other] * 6))
    assert found == [alone, other_alone] * 6
