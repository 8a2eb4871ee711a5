"""A font without Vietnamese letters writes Vietnamese: a pen adds the marks."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from ocr_pipeline import layout
from ocr_pipeline.training.drawn_text import knows
from ocr_pipeline.training.font_hands import FontHand
from ocr_pipeline.training.mark_strokes import unmarked

PLAIN = "aAdDeEiıoOuUyYnghmx "


@pytest.fixture(scope="module")
def latin(tmp_path_factory) -> Path:
    """A font with a few letters and no marks."""
    path = tmp_path_factory.mktemp("phông") / "Latin-Regular.ttf"
    with TTFont(Path(layout.__file__).parent / "fonts" / "form-sans-regular.ttf") as font:
        cut = subset.Subsetter()
        cut.populate(text=PLAIN)
        cut.subset(font)
        font.save(path)
    return path


def written(font: Path, text: str):
    return FontHand(font, wobble=0.0, bounce=0.0).write(text, 30, np.random.default_rng(4))


@pytest.mark.parametrize("letter", "áàảãạâấăẵđĐéệíịỉóơợôộúưữỷỸÂĂ")
def test_a_mark_stands_beside_its_letter_where_the_font_has_none(latin, letter):
    assert not knows(latin, letter)
    plain = "ı" if unmarked(letter)[0] == "i" and letter != "ị" else unmarked(letter)[0]
    marked, bare = written(latin, f"m{letter}m"), written(latin, f"m{plain}m")
    more = np.clip(marked.ink - bare.ink, 0, None)
    rows, columns = np.nonzero(more > 0.4)
    assert len(rows) > 8
    assert (np.abs(columns - columns.mean()) < 60).all()
    heights = (marked.baseline - rows) / 30  # in heights of an x
    marks = set(unicodedata.normalize("NFD", letter)[1:])
    if marks == {"\u0323"}:
        assert heights.max() < 0.1
    elif not marks:
        assert 0.3 < heights.mean() < 1.8  # a bar
    else:
        assert heights.max() > (1.0 if letter.islower() else 1.5)


def test_marks_of_letters():
    assert unmarked("ệ") == ("e", "\u0323\u0302") and unmarked("đ") == ("d", "")
    assert unmarked("a") == ("a", "")


def test_a_font_that_lacks_the_letter_itself_writes_nothing(latin):
    assert written(latin, "zá") is None
