"""A typed beginning and the ink: the search against brute force on a small list of texts."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.automaton import lexicon
from ocr_pipeline.reading.beam import BeamLimits, BeamSearch, beam_search
from ocr_pipeline.reading.beginning import BegunAutomaton, beginning_of
from ocr_pipeline.reading.completions import completions
from ocr_pipeline.reading.ctc import log_likelihoods
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.typed_letters import agrees
from tests.builders.written_ink import written

LETTERS = "anâă"
WORDS = {"an": 3.0, "ân": 2.0, "ăn": 1.0, "nan": 2.0, "na": 1.0, "aan": 1.0, "n": 0.5}
WIDE = BeamLimits(beam=200, characters=4, blank=1.0, ratio=0.0, floor=0.0)


def random_scores(seed, frames=6, letters=LETTERS):
    logits = np.random.default_rng(seed).normal(0, 2, (frames, 1 + len(letters)))
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def collapsed(path):
    return "".join(LETTERS[c - 1] for c, _ in itertools.groupby(path) if c)


def by_all_paths(scores):
    """Log-probability of each text: every alignment, one by one."""
    found = {}
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        text = collapsed(path)
        probability = math.exp(sum(float(scores[t, c]) for t, c in enumerate(path)))
        found[text] = found.get(text, 0.0) + probability
    return {text: math.log(probability) for text, probability in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_of_a_text_is_the_sum_of_its_alignments(seed):
    scores = random_scores(seed, frames=5)
    exact = by_all_paths(scores)
    texts = ["an", "aan", "", "nnn", "a"]
    found = log_likelihoods(scores, texts, LETTERS)
    assert found == pytest.approx([exact.get(text, -1e9) for text in texts], abs=1e-4)


def test_a_text_of_other_letters_or_longer_than_the_ink_cannot_be():
    found = log_likelihoods(random_scores(1, frames=3), ["xx", "nana"], LETTERS)
    assert (found < -1e8).all()


@given(st.integers(0, 10_000), st.sampled_from(["a", "an", "n", "â", "na", "ă", "aa"]))
@settings(max_examples=40, deadline=None)
def test_the_search_finds_what_brute_force_finds(seed, typed):
    scores = random_scores(seed)
    automaton = lexicon(LETTERS, WORDS, "words")
    beginning = beginning_of(FieldKind.PERSON_NAME, typed, LETTERS)
    search = BeamSearch("words", weight=0.7, bonus=0.3, wanted=beginning.wanted)
    [found] = beam_search([scores], [search], BegunAutomaton(automaton, beginning), LETTERS, WIDE)
    fitting = [word for word in WORDS if agrees(typed, word)]
    likely = log_likelihoods(scores, fitting, LETTERS)
    exact = {
        word: seen + 0.7 * automaton.weight(word, "words") + 0.3 * len(word)
        for word, seen in zip(fitting, likely, strict=True)
        if seen > -1e8
    }
    assert {one.text for one in found} == set(exact)
    for one in found:
        assert one.total == pytest.approx(exact[one.text], abs=1e-3)
    assert [one.total for one in found] == sorted((one.total for one in found), reverse=True)


def name(text, **options):
    return LineScores(FieldKind.PERSON_NAME, (written(text, **options),))


def best(writing, typed, **options):
    return [one.value for one in completions(writing, typed, ALPHABET, **options)]


def test_the_ink_says_how_a_typed_name_goes_on():
    ink = name("Nguyễn Văn Thành")
    for typed in ("n", "nguyen v", "Nguyễn Văn Th"):
        assert best(ink, typed)[0] == "Nguyễn Văn Thành"


def test_what_was_misread_is_typed_and_the_rest_comes_from_the_ink():
    ink = name("Mguyên Vân Thành")
    assert best(ink, "Nguyễn Văn")[0] == "Nguyễn Văn Thành"


def test_typed_marks_are_kept_and_nothing_else_is_offered():
    found = best(name("Hoàng Thị Lan"), "Hoàng Thị L")
    assert found and all(agrees("Hoàng Thị L", value) for value in found)
    assert best(name("Hoàng Thị Lan"), "Hồng")[0].startswith("Hồng")


def test_a_place_may_be_abbreviated_on_paper():
    ink = LineScores(FieldKind.PLACE, (written("X. Lộc Thuận, H. Bình Đại"),))
    assert best(ink, "xã L")[0] == "Xã Lộc Thuận, huyện Bình Đại"
    assert best(ink, "xa loc thuan, huyen b")[0] == "Xã Lộc Thuận, huyện Bình Đại"


@pytest.mark.parametrize("typed", ["05.1", "5/1", "051"])
def test_a_date_goes_on_from_its_first_digits(typed):
    ink = LineScores(FieldKind.DATE, (written("5/12/1987"),))
    assert best(ink, typed)[0] == "05.12.1987"


def test_a_year_alone_goes_on_from_its_first_digits():
    ink = LineScores(FieldKind.DATE, (written("1949", others="1919"),))
    assert best(ink, "194")[0] == "1949"
    assert best(ink, "19")[0] == "1949"


def test_what_is_no_date_is_not_offered():
    ink = LineScores(FieldKind.DATE, (written("31/02/1987"),))
    assert all(re.fullmatch(r"(\d\d\.){0,2}\d{4}", value) for value in best(ink, "3"))


@pytest.mark.parametrize("written_as", ["Ngày hai mươi tháng năm", "hai mươi tháng năm"])
def test_the_first_word_of_a_date_in_words_may_be_printed(written_as):
    ink = LineScores(FieldKind.DATE_WORDS, (written(f"{written_as} năm hai nghìn"),))
    assert best(ink, "Ngày H")[0] == "Ngày Hai Mươi Tháng Năm Năm Hai Nghìn"


def test_lines_of_a_field_are_read_together():
    ink = LineScores(FieldKind.PLACE, (written("xã Lộc Thuận,"), written("huyện Bình Đại")))
    assert best(ink, "xã Lộc")[0] == "Xã Lộc Thuận, huyện Bình Đại"


def test_known_values_are_ranked_by_the_ink():
    ink = name("Trần Thị Hoè", sure=0.6, others="Trần Thị Hoa")
    known = ["Trần Thị Bưởi", "Trần Thị Hoè"]
    found = completions(ink, "tran", ALPHABET, values=known)
    totals = {one.value: one.total for one in found}
    assert totals["Trần Thị Hoè"] > totals["Trần Thị Bưởi"] > -1e8


def test_without_ink_nothing_is_said():
    assert completions(LineScores(FieldKind.PERSON_NAME, ()), "a", ALPHABET) == []
    assert completions(name("An"), "", ALPHABET) == []
