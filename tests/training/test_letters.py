import numpy as np
import pytest

from ocr_pipeline.training.letter_pieces import LetterPieces, cut
from ocr_pipeline.training.pen_strokes import StrokeInk, WriterStrokes
from ocr_pipeline.training.printed_letters import PrintedLetters
from ocr_pipeline.training.text_writer import TextWriter


def word(*letters: float) -> StrokeInk:
    """Letters as slanted bars of the given widths, one after another, joined to nothing."""
    strokes, x = [], 0.0
    for width in letters:
        steps = np.linspace(0, 1, 9, dtype=np.float32)
        strokes.append(np.stack([x + width * steps, 1 - steps], axis=1).astype(np.float32))
        x += width + 0.1
    return StrokeInk(tuple(strokes), x - 0.1)


@pytest.fixture
def hand() -> WriterStrokes:
    return WriterStrokes(0, words={"mn": [word(2, 1.5)], "nm": [word(1.5, 2)], "m": [word(2)]})


def test_cuts_fall_into_the_gap_between_letters() -> None:
    got = cut("mn", word(2, 1.5), {"m": 2.0, "n": 1.5})
    assert 2.0 <= got.cuts[1] <= 2.1
    assert got.piece(0, 1).width == pytest.approx(2.0, abs=0.05)
    assert got.piece(1, 2).width == pytest.approx(1.5, abs=0.05)
    assert len(got.piece(0, 2).strokes) == 2


def test_an_accent_goes_to_the_letter_that_bears_it() -> None:
    base = word(1.5, 1.5)
    accent = np.array([[1.75, -1.5], [2.0, -1.9]], np.float32)  # drifted over the second letter
    got = cut("án", StrokeInk((*base.strokes, accent), base.width), {"á": 1.5, "n": 1.5})
    assert len(got.piece(0, 1).strokes) == 2
    assert len(got.piece(1, 2).strokes) == 1


def test_few_groups_are_preferred_and_those_from_the_same_end_of_a_word(
    hand: WriterStrokes,
) -> None:
    pieces = LetterPieces(hand)
    assert pieces.split("mn") == ["^mn$"]
    assert pieces.split("mnm") in (["^mn", "m$"], ["^m", "nm$"])
    assert pieces.split("mx") is None
    assert pieces.split("mX", frozenset("X")) == ["^m", "X"]
    ink = pieces.ink("^mn$", np.random.default_rng(0))
    assert ink is not None and len(ink.strokes) == 2


def test_print_writes_every_vietnamese_capital_and_digit() -> None:
    printer = PrintedLetters(np.random.default_rng(0))
    for character in "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYẤẨẪẬẮẲẶẾỄỆỐỖỘỚỠỢỨỮỰÝỲỶỸỴ0123456789/-.,:()":
        assert printer.knows(character), character
        assert printer.ink(character).strokes
    assert not printer.knows("@")


def test_a_correction_stands_above_the_struck_out_word_and_inside_the_line(
    hand: WriterStrokes,
) -> None:
    scribes = TextWriter([hand])
    rng = np.random.default_rng(4)
    plain = scribes.write(0, "AN BINH", rng)
    corrected = scribes.write_with_correction(0, "AN BINH", "HAI", rng)
    assert plain is not None and corrected is not None
    assert min(s[:, 1].min() for s in corrected) < min(s[:, 1].min() for s in plain) - 1
    assert len(corrected) > len(plain)  # both words and the strokes through the wrong one
    assert np.concatenate(corrected)[:, 0].min() > -0.5
