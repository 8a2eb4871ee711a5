import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr_pipeline.training import rare_texts
from ocr_pipeline.training.letter_pieces import LetterPieces, cut_between
from ocr_pipeline.training.letter_places import LetterFinder, LetterPlaces, find_places
from ocr_pipeline.training.pen_strokes import Stroke, StrokeInk, WriterStrokes, load_hands
from ocr_pipeline.training.struck_words import crowd
from ocr_pipeline.training.text_writer import TextWriter, random_habits
from ocr_pipeline.training.word_reader import WordReader

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SOHOA_HANDWRITING", ROOT.parent / "shared" / "handwriting"))
MODEL = ROOT / "models" / "htr"


def bars(*widths: float) -> StrokeInk:
    """Letters as slanted bars, a small gap between them."""
    strokes, x = [], 0.0
    for width in widths:
        steps = np.linspace(0, 1, 9, dtype=np.float32)
        strokes.append(np.stack([x + width * steps, 1 - steps], axis=1).astype(np.float32))
        x += width + 0.1
    return StrokeInk(tuple(strokes), x - 0.1)


class Refusing(WordReader):
    """Reads every word as true after it has refused it a number of times."""

    def __init__(self, refusals: int) -> None:
        self.left = refusals

    def is_true(self, text: str, strokes: Sequence[Stroke]) -> bool:
        self.left -= 1
        return self.left < 0


def test_cuts_lie_between_the_centres_where_no_stroke_is_crossed() -> None:
    got = cut_between("mn", bars(3, 1.2), np.array([1.5, 3.7]))
    assert 3.0 <= got.cuts[1] <= 3.1
    assert got.piece(0, 1).width == pytest.approx(3.0, abs=0.05)


def test_a_mark_goes_to_the_nearest_aligned_letter_that_bears_one() -> None:
    base = bars(1.5, 1.5, 1.5)
    accent = np.array([[1.75, -1.5], [2.0, -1.9]], np.float32)  # drifted over the second letter
    got = cut_between(
        "ána", StrokeInk((*base.strokes, accent), base.width), np.array([0.7, 2.4, 4.0])
    )
    assert [len(got.piece(k, k + 1).strokes) for k in range(3)] == [2, 1, 1]


def test_strokes_of_figures_are_not_cut() -> None:
    seven = np.array([[0, -1], [1.5, -1], [0.7, 1]], np.float32)
    ink = StrokeInk((seven, seven + np.float32([1.4, 0])), 2.9)
    got = cut_between("77", ink, np.array([0.8, 2.2]))
    assert [len(got.piece(k, k + 1).strokes) for k in range(2)] == [1, 1]
    assert got.piece(0, 1).strokes[0].shape == seven.shape


def test_words_with_a_bad_alignment_are_not_cut() -> None:
    hand = WriterStrokes(0, words={"mn": [bars(2, 1.5)], "nm": [bars(1.5, 2)]})
    centres = np.array([1.0, 2.8])
    places = {
        (0, "mn", 0): LetterPlaces(centres, 0.3),
        (0, "nm", 0): LetterPlaces(centres, 1.5),
    }
    found = LetterPieces(hand, places).found
    assert "mn" in found and "nm" not in found


def test_a_refused_word_is_joined_again_then_taken_whole_from_another_writer() -> None:
    hands = [
        WriterStrokes(0, words={"m": [bars(2)], "n": [bars(1.5)]}),
        WriterStrokes(1, words={"nm": [bars(1, 1)]}),
    ]
    rng = np.random.default_rng(1)
    patient = TextWriter(hands[:1], Refusing(3))
    assert patient.write(0, "nm", rng)
    assert (patient.tried, patient.refused) == (4, 3)
    assert TextWriter(hands[:1], Refusing(99)).write(0, "nm", rng) is None
    assert TextWriter(hands, Refusing(99)).write(0, "nm", rng)


def test_a_writer_of_a_book_joins_a_word_in_few_ways_and_tries_no_refused_one_again() -> None:
    hands = [WriterStrokes(0, words={"m": [bars(w) for w in (1, 2, 3)], "n": [bars(1.5)]})]
    rng = np.random.default_rng(2)
    few = TextWriter(hands, Refusing(0), kept=2)
    close = replace(random_habits(rng), close=0.2)
    assert all(few.write(0, "mn", rng, close) for _ in range(40)) and few.tried == 2
    never = TextWriter(hands, Refusing(99), kept=2)
    assert never.write(0, "nm", rng, close) is None and (tried := never.tried)
    assert never.write(0, "nm", rng, close) is None and never.tried == tried


def test_letters_that_a_writer_lacks_are_lent() -> None:
    hands = [WriterStrokes(0, words={"m": [bars(2)]}), WriterStrokes(1, words={"n": [bars(1.5)]})]
    rng = np.random.default_rng(0)
    assert TextWriter(hands, Refusing(0)).write(0, "mn", rng)
    assert TextWriter(hands).write(0, "mn", rng) is None  # nobody would read it again


def test_a_crowded_line_is_shorter_and_begins_as_it_was() -> None:
    written = [np.array([[x, -1], [x + 0.5, 1]], np.float32) for x in range(20)]
    got = crowd(written, np.random.default_rng(0))
    np.testing.assert_array_equal(got[0], written[0])
    assert got[-1][:, 0].max() < 19
    assert all(a[0, 0] < b[0, 0] for a, b in zip(got, got[1:], strict=False))


@pytest.mark.parametrize("make", rare_texts.RARE, ids=lambda f: f.__name__)
def test_rare_texts_are_seeded_and_clean(make) -> None:
    first, second = (make(np.random.default_rng(2)) for _ in range(2))
    assert first == second
    rng = np.random.default_rng(0)
    for _ in range(300):
        text = make(rng)
        assert text == text.strip() != "" and "  " not in text


@pytest.mark.long
@pytest.mark.skipif(
    not (DATA / "vnondb_strokes.npz").is_file(),
    reason="handwriting data absent: set SOHOA_HANDWRITING to its folder",
)
def test_letters_of_real_words_are_found_in_order_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    hand = load_hands(DATA, validation=True)[0]
    few = WriterStrokes(hand.writer, dict(list(hand.words.items())[:40]))
    finder = LetterFinder(MODEL)
    places = find_places([few], finder, tmp_path)
    again = find_places([few], finder, tmp_path)
    assert places.keys() == again.keys() and len(places) >= 40
    for key, place in places.items():
        ink = few.words[key[1]][key[2]]
        np.testing.assert_array_equal(place.centres, again[key].centres)
        assert (np.diff(place.centres) > 0).all()
        assert -0.5 < place.centres[0] <= place.centres[-1] < ink.width + 0.5
    reader = WordReader(MODEL)
    (text, inks), *_ = ((t, i) for t, i in few.words.items() if places[few.writer, t, 0].loss < 0.3)
    assert reader.is_true(text, inks[0].strokes)
    assert not reader.is_true("xyz0123", inks[0].strokes)
