"""Words laid on frames: the alignment against brute force; words in order, sharing no frame."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.word_places import letter_frames, word_places
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.word_spans import word_spans
from tests.builders.written_ink import written

LETTERS = "anâ"


def random_scores(seed, frames):
    logits = np.random.default_rng(seed).normal(0, 2, (frames, 1 + len(LETTERS)))
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def runs_of(path):
    """The text of a path and the first and last frame of each of its letters."""
    found, at = [], 0
    for column, group in itertools.groupby(path):
        last = at + len(list(group)) - 1
        if column:
            found.append((LETTERS[column - 1], at, last))
        at = last + 1
    return "".join(letter for letter, _, _ in found), [[a, b] for _, a, b in found]


@given(st.integers(0, 10_000), st.sampled_from(["a", "an", "aa", "ana", "nn", "âna"]))
@settings(max_examples=30, deadline=None)
def test_the_alignment_is_the_best_of_all_paths(seed, text):
    scores = random_scores(seed, frames=5)
    paths = itertools.product(range(scores.shape[1]), repeat=len(scores))
    fitting = [path for path in paths if runs_of(path)[0] == text]
    best = max(fitting, key=lambda path: sum(float(scores[t, c]) for t, c in enumerate(path)))
    assert letter_frames(scores, text, LETTERS).tolist() == runs_of(best)[1]


@pytest.mark.parametrize(("text", "frames"), [("anan", 3), ("aa", 2), ("x", 5), ("a", 0)])
def test_what_cannot_stand_there_has_no_frames(text, frames):
    assert letter_frames(random_scores(1, frames), text, LETTERS) is None


def placed(lines, value, texts=(), kind=FieldKind.PLACE):
    writing = LineScores(kind, tuple(written(line) for line in lines))
    found = word_places(writing, value, texts, ALPHABET)
    return {value[begin:end]: one.runs for one in found for begin, end in [one.span]}


def test_each_word_has_the_frames_in_which_it_is_written():
    text = "Nguyễn Văn An"
    found = placed([text], text, kind=FieldKind.PERSON_NAME)
    # `written` gives each letter a frame and a blank one behind it.
    for word, begin in (("Nguyễn", 0), ("Văn", 7), ("An", 11)):
        [(line, first, last)] = found[word]
        assert line == 0
        assert first <= 2 * begin and 2 * (begin + len(word)) - 1 <= last


@given(
    st.lists(st.sampled_from(["xã", "Lộc", "Thuận,", "ấp", "Ba", "nhà"]), min_size=1, max_size=7)
)
@settings(max_examples=25, deadline=None)
def test_words_stand_in_order_and_share_no_frame(words):
    text = " ".join(words)
    writing = LineScores(FieldKind.FREE_TEXT, (written(text),))
    found = word_places(writing, text, (), ALPHABET)
    assert [one.span for one in found] == word_spans(text)
    ends = [edge for one in found for _, first, last in one.runs for edge in (first, last)]
    assert len(ends) == 2 * len(found)
    assert ends == sorted(ends)


def test_words_of_several_lines_stand_each_on_its_own():
    found = placed(["xã Lộc Thuận,", "huyện Bình Đại"], "xã Lộc Thuận, huyện Bình Đại")
    assert {word: [line for line, _, _ in runs] for word, runs in found.items()} == {
        "xã": [0], "Lộc": [0], "Thuận": [0], "huyện": [1], "Bình": [1], "Đại": [1],
    }  # fmt: skip
    assert found["huyện"][0][1] == 0


def test_a_word_broken_at_the_end_of_a_line_stands_on_both():
    found = placed(["huyện Bì", "nh Đại"], "huyện Bình Đại", ["huyện Bình Đại"])
    assert [line for line, _, _ in found["Bình"]] == [0, 1]


def test_a_word_shortened_on_paper_is_found():
    found = placed(["X. Lộc Thuận - H. Bình Đại"], "xã Lộc Thuận, huyện Bình Đại")
    assert all(found.values())
    order = [runs[0][1] for runs in found.values()]
    assert order == sorted(order)
    assert len(set(order)) == 6


def test_one_misread_word_moves_no_other():
    right = placed(["Hoàng Thị Lan"], "Hoàng Thị Lan", kind=FieldKind.PERSON_NAME)
    other = placed(["Hoàng Thị Lan"], "Hoàng Thu Lan", kind=FieldKind.PERSON_NAME)
    assert other["Lan"] == right["Lan"]
    assert other["Hoàng"] == right["Hoàng"]
    assert abs(other["Thu"][0][1] - right["Thị"][0][1]) <= 1


@pytest.mark.parametrize("value", ["", "𝔛", "An" * 1500])
def test_a_value_that_cannot_stand_there_has_no_words(value):
    assert word_places(LineScores(FieldKind.FREE_TEXT, (written("An"),)), value, (), ALPHABET) == ()


def test_without_lines_there_are_no_words():
    assert word_places(LineScores(FieldKind.FREE_TEXT, ()), "An", (), ALPHABET) == ()
