"""The sheet that is signed when a book is handed over."""

import subprocess

import pytest

from ocr_pipeline.errors import Text
from ocr_pipeline.export.hand_over_sheet import HandOverFigures, SampleFigures, hand_over_sheet
from tests.builders.books import make_book

COUNTS = [(Text("Trường máy tự chấp nhận", "Fields that the machine accepted"), 12345)] * 13


def leaves_of(pdf: bytes) -> list[str]:
    """The words of each page."""
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True)
    return [" ".join(leaf.split()) for leaf in told.stdout.decode().split("\f") if leaf.strip()]


@pytest.mark.parametrize("aside", range(0, 40, 3))
def test_nobody_signs_a_leaf_that_says_nothing(aside):
    rows = [(f"{number}.jpg", Text("bìa", "cover")) for number in range(aside)]
    leaves = leaves_of(hand_over_sheet(HandOverFigures(make_book(), COUNTS, aside=rows)))
    [signed] = [leaf for leaf in leaves if "Người nhận" in leaf]
    assert "Tệp bàn giao" in signed and signed == leaves[-1]


def test_figures_are_written_in_both_languages():
    sample = SampleFigures(1234, 3, 0.0005, 0.0071)
    figures = HandOverFigures(make_book(), COUNTS, sample=sample)
    text = " ".join(leaves_of(hand_over_sheet(figures)))
    assert "12 345" in text.replace("\xa0", " ")
    assert "0,05 – 0,71 %" in text and "0.05 – 0.71 %" in text
