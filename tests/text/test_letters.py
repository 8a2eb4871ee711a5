import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.text.letters import OddKind, odd_letters, tidied
from ocr_pipeline.text.lexicons import rows
from ocr_pipeline.text.normalise import clean, key
from ocr_pipeline.text.places import Gazetteer

RIGHT = [
    "Nguyễn Thị Hòa", "H’Mông K'Brôi", "Ủy ban nhân dân xã Phước Ngãi, huyện Ba Tri", "01/2018",
    "16.07.2008", "Bà Rịa - Vũng Tàu", "1990–1995", "Số nhà 12A (tầng 3); ĐT: +84 123", "Không?",
]  # fmt: skip

ODD = [
    (unicodedata.normalize("NFD", "Hoà"), OddKind.DECOMPOSED, "Hoà"),
    ("Ðặng Văn Ðức", OddKind.LOOK_ALIKE, "Đặng Văn Đức"),
    ("Nguyễn Vаn Еm", OddKind.LOOK_ALIKE, "Nguyễn Van Em"),  # Cyrillic а, Е
    ("ЀĐê", OddKind.LOOK_ALIKE, "ÈĐê"),  # Cyrillic Е with a grave
    ("Ｎguyễn", OddKind.LOOK_ALIKE, "Nguyễn"),
    ("Nguyễn Văn\u200b An", OddKind.INVISIBLE, "Nguyễn Văn An"),
    ("Nguyễn Văn\u00adBình", OddKind.INVISIBLE, "Nguyễn VănBình"),
    ("\u202eNguyễn", OddKind.INVISIBLE, "Nguyễn"),
    ("Nguyễn\x00", OddKind.INVISIBLE, "Nguyễn"),
    ("Nguyễn\u00a0Văn An", OddKind.BLANK, "Nguyễn Văn An"),
    ("Nguyễn  An", OddKind.BLANK, "Nguyễn An"),
    ("An ", OddKind.BLANK, "An"),
    ("Trạm Y tế\nxã Phước Ngãi", OddKind.LINE_BREAK, "Trạm Y tế xã Phước Ngãi"),
    ("Trạm\u2028Y tế\tBa Tri", OddKind.LINE_BREAK, "Trạm Y tế Ba Tri"),
    ("０１/2018", OddKind.DIGIT, "01/2018"),
    ("٠١/2018", OddKind.DIGIT, "01/2018"),
    ("Nguy?n V?n", OddKind.LOST, "Nguy?n V?n"),
    ("Nguy\ufffdn", OddKind.LOST, "Nguy\ufffdn"),
    ("Müller", OddKind.LETTER, "Müller"),
    ("阮", OddKind.LETTER, "阮"),
    ("Nguyễn 😀", OddKind.SIGN, "Nguyễn 😀"),
    ("Nguyá»…n", OddKind.SIGN, "Nguyá»…n"),
    ("'01/2018", OddKind.APOSTROPHE, "'01/2018"),
    ("=1+1", OddKind.FORMULA, "=1+1"),
    ("@SUM(A1)", OddKind.FORMULA, "@SUM(A1)"),
]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_right_texts_have_no_odd_letter(text):
    assert odd_letters(text) == []
    assert tidied(text) == text


@pytest.mark.parametrize(("text", "kind", "mended"), ODD)
def test_odd_letters_are_named_and_mended_where_only_one_is_right(text, kind, mended):
    assert kind in {odd.kind for odd in odd_letters(text)}
    assert tidied(text) == mended


@given(st.text(max_size=20))
def test_what_is_tidied_once_is_tidy(text):
    once = tidied(text)
    assert tidied(once) == once
    mendable = {OddKind.DECOMPOSED, OddKind.LOOK_ALIKE, OddKind.INVISIBLE, OddKind.BLANK}
    mendable |= {OddKind.LINE_BREAK, OddKind.DIGIT}
    assert not mendable & {odd.kind for odd in odd_letters(once)}


def test_a_note_may_have_lines():
    note = "Cải chính theo QĐ 12\nngày 01.02.2019"
    assert odd_letters(note, lines=True) == []
    assert tidied(note, lines=True) == note
    assert [odd.kind for odd in odd_letters(note)] == [OddKind.LINE_BREAK]


def test_all_words_of_the_lists_are_written_in_right_letters():
    names = [
        word for list_ in ("surnames", "middle_names", "given_names") for word, *_ in rows(list_)
    ]
    units = [unit.name for unit in Gazetteer.load().units]
    assert [word for word in [*names, *units] if odd_letters(word)] == []


def test_the_message_makes_the_sign_visible():
    (odd,) = odd_letters("An\u200b Bình")
    assert "U+200B" in odd.message.vi and "U+200B" in odd.message.en


def test_comparison_takes_look_alikes_as_the_letters_meant():
    assert clean("Ðặng\u00a0Vаn\u2060  Ðức") == "Đặng Van Đức"
    assert key("Ð\u200bức") == key("Đức")
