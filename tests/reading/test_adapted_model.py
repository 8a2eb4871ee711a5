"""A model that leans towards some texts: what a book's home makes of the model of places."""

from __future__ import annotations

import math

import pytest

from ocr_pipeline.reading.ngram import Ngrams, adapted, train_ngrams

ALPHABET = " abcdehiknostuxy"
BASE = train_ngrams(
    [("xa an nhon", 30.0), ("xa ba dinh", 20.0), ("xa tan an", 10.0), ("thi xa son tay", 5.0)],
    ALPHABET, order=6, minimum=1, gain=0,
)  # fmt: skip
HOME = {"xa binh an": 9.0, "xa dai an": 1.0}


def weight(model: Ngrams, text: str) -> float:
    return model.automaton("m", ALPHABET).weight(text, "m")


def test_texts_of_home_gain_and_others_lose_no_more_than_the_share():
    own = adapted(BASE, HOME, ALPHABET, share=0.7)
    assert weight(own, "xa binh an") > weight(BASE, "xa binh an") + 5
    for text in ("xa an nhon", "thi xa son tay"):
        lost = weight(BASE, text) - weight(own, text)
        assert 0 < lost <= (len(text) + 1) * -math.log(0.3) + 1e-3


def test_home_is_found_again_after_a_beginning_that_no_text_has():
    """Most addresses begin with a hamlet that no list knows."""
    own = adapted(BASE, HOME, ALPHABET, share=0.7)
    known = weight(own, "husk xa binh an") - weight(own, "husk xa")
    plain = weight(BASE, "husk xa binh an") - weight(BASE, "husk xa")
    assert known > plain + 3


def test_in_a_context_of_home_a_character_has_both_shares():
    """Nine in ten texts of home begin with b: 0.7 of that, and 0.3 of what the base model says."""
    own = adapted(BASE, {"b": 9.0, "d": 1.0}, ALPHABET, share=0.7)
    for text, share in (("b", 0.9), ("d", 0.1), ("x", 0.0)):
        first = _first(BASE, text)
        assert _first(own, text) == pytest.approx(0.7 * share + 0.3 * first, rel=1e-4)


def test_the_probabilities_of_what_can_follow_sum_to_one():
    own = adapted(BASE, HOME, ALPHABET, share=0.7)
    assert sum(_first(own, c) for c in ALPHABET) == pytest.approx(1.0, abs=0.03)


def _first(model: Ngrams, character: str) -> float:
    """Probability that a text begins with a character."""
    automaton = model.automaton("m", ALPHABET)
    start = automaton.starts["m"]
    _, weights = automaton.step(automaton.codes(character) * 0 + start, automaton.codes(character))
    return math.exp(float(weights[0]))
