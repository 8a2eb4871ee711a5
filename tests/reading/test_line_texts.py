"""The text on each line of a field whose value is known: the right form, split, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.line_texts import (
    WritingRefusal,
    line_texts,
    plain_reading,
    written_forms,
)
from ocr_pipeline.registers.fields import FieldKind
from tests.builders.written_ink import written


def laid(kind, value, *lines, texts=(), join=" "):
    """The texts of lines that stand on paper as given, of a field with this value."""
    writing = LineScores(kind, tuple(written(line) for line in lines), join=join)
    plain = plain_reading(kind, value, writing, ALPHABET)
    found = line_texts(writing, written_forms(kind, value, texts), ALPHABET, plain)
    return found if isinstance(found, WritingRefusal) else [one.text for one in found]


@pytest.mark.parametrize(
    ("kind", "value", "paper"),
    [
        (FieldKind.DATE, "05.03.1987", "5/3/1987"),
        (FieldKind.DATE, "05.03.1987", "05-3-87"),
        (FieldKind.DATE, "05.03.1987", "05.03.1987"),
        (FieldKind.NUMBER_YEAR, "07/2016", "07"),
        (FieldKind.NUMBER_YEAR, "07/2016", "07/2016"),
        (FieldKind.SEX, "2", "Nữ"),
        (FieldKind.ID_DOCUMENT, "1 055397451", "CMND 055 397 451"),
        (FieldKind.PERSON_NAME, "Trần Thị Hòa", "TRẦN THỊ HÒA"),
        (FieldKind.PLACE, "Xã Lộc Thuận, huyện Bình Đại", "Xã Lộc Thuận - Huyện Bình Đại"),
    ],
)
def test_the_form_that_stands_on_paper_is_found(kind, value, paper):
    assert laid(kind, value, paper) == [paper]


def test_a_correction_is_taken_although_the_network_reads_another_letter():
    assert laid(FieldKind.PERSON_NAME, "Trần Thị Hòa", "Trần Thị Hóa") == ["Trần Thị Hòa"]


def test_a_text_is_split_where_its_lines_end():
    value = "Xã Lộc Thuận, huyện Bình Đại"
    assert laid(FieldKind.PLACE, value, "Xã Lộc", "Thuận, huyện Bình Đại") == [
        "Xã Lộc", "Thuận, huyện Bình Đại",
    ]  # fmt: skip
    assert laid(FieldKind.DATE, "15.03.2016", "15", "3", "2016", join=".") == ["15", "3", "2016"]


@pytest.mark.parametrize(
    ("kind", "value", "lines", "why"),
    [
        (FieldKind.PERSON_NAME, "Trần Thị Hòa", ["Vũ Quốc Khánh"], WritingRefusal.UNLIKELY),
        (FieldKind.PERSON_NAME, "Trần Thị Hòa", [], WritingRefusal.NO_INK),
        (FieldKind.PERSON_NAME, "木村", ["Trần"], WritingRefusal.NO_FORM),
    ],
)
def test_what_is_not_seen_in_the_ink_is_refused(kind, value, lines, why):
    assert laid(kind, value, *lines) is why


def test_a_known_form_is_preferred_to_a_plain_reading_with_a_fault():
    """A point that the network misses is what it is to learn."""
    scores = written("03.09.1971")
    at = 2 * len("03.09")
    scores[at] = np.log(1e-4)
    scores[at, 0], scores[at, ALPHABET.index(".") + 1] = np.log(0.6), np.log(0.4)
    writing = LineScores(FieldKind.DATE, (scores,))
    plain = plain_reading(FieldKind.DATE, "03.09.1971", writing, ALPHABET)
    [found] = line_texts(writing, written_forms(FieldKind.DATE, "03.09.1971", ()), ALPHABET, plain)
    assert found.text == "03.09.1971"
    assert 0 < found.loss < 1
