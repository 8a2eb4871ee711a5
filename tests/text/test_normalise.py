import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocr_pipeline.text.normalise import clean, key, nfc, place_tones, strip_marks

VIETNAMESE = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
    "ABCDĐGHKLMNQTUVXY '-.,",
    max_size=30,
)


@example("A`Ñ", True, False)
@example("0ÿ", False, True)
@example("Ѐ", False, False)
@example("UЌ", True, False)
@example("ᲀ", True, False)
@given(st.one_of(VIETNAMESE, st.text(max_size=30)), st.booleans(), st.booleans())
def test_keys_are_idempotent(text, accents, merge_iy):
    once = key(text, accents=accents, merge_iy=merge_iy)
    assert key(once, accents=accents, merge_iy=merge_iy) == once


@given(VIETNAMESE)
def test_key_ignores_unicode_form_case_and_blanks(text):
    other = unicodedata.normalize("NFD", f"  {text.upper()} ").replace(" ", "\u00a0")
    assert key(text) == key(other)


@given(VIETNAMESE)
def test_placing_tones_changes_no_letter_and_no_tone(text):
    for style in ("old", "new"):
        placed = place_tones(text, style)
        assert sorted(unicodedata.normalize("NFD", placed)) == sorted(
            unicodedata.normalize("NFD", text)
        )
        assert place_tones(placed, style) == placed


@pytest.mark.parametrize(
    ("old", "new"),
    [("hòa", "hoà"), ("Thúy", "Thuý"), ("ỦY", "UỶ"), ("khỏe", "khoẻ"), ("Hòa Bình", "Hoà Bình")],
)
def test_both_styles_of_open_syllables(old, new):
    assert place_tones(new, "old") == old
    assert place_tones(old, "new") == new
    assert key(old) == key(new)


@pytest.mark.parametrize(
    "same", ["hoàn", "quý", "quốc", "già", "giếng", "của", "mía", "chuyển", "khuỷu", "thuở", "xoáy"]
)
def test_where_both_styles_agree(same):
    assert place_tones(same, "old") == place_tones(same, "new") == same


def test_misplaced_marks_are_put_right():
    assert place_tones("Hùynh", "old") == "Huỳnh"
    assert place_tones("qúy", "old") == "quý"


def test_i_and_y_are_different_names_unless_asked():
    assert key("Quý") != key("Quí")
    assert key("Vi") != key("Vy")
    assert key("Quý", merge_iy=True) == key("Quí", merge_iy=True)
    assert key("Mỹ", merge_iy=True) == key("Mĩ", merge_iy=True)
    assert key("Thúy", merge_iy=True) != key("Thúi", merge_iy=True)  # uy and ui sound differently


def test_marks_can_be_left_out():
    assert key("Đặng Thị Hòa", accents=False) == "dang thi hoa"
    assert strip_marks("Đặng Thị Hòa") == "Dang Thi Hoa"


def test_clean_turns_the_icelandic_letter_into_the_vietnamese_one():
    assert clean(" Ðặng\u00a0 Văn ") == "Đặng Văn"
    assert nfc("e\u0302\u0301") == "ế"
