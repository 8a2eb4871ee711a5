import unicodedata
from pathlib import Path

import pytest

from ocr_pipeline.text import lexicons
from ocr_pipeline.text.syllables import syllables
from ocr_pipeline.training.prose_corpus import sentences


@pytest.mark.parametrize(
    "word", "nguyễn hòa hoà quyết giường gì giếng nghiêng khuỷu thuở quý ích yêu uống ngoặc".split()
)
def test_real_syllables_are_possible(word: str) -> None:
    assert word in syllables()


@pytest.mark.parametrize("word", ["cệ", "gê", "nghang", "kang", "tôt", "qan", "iêu"])
def test_what_cannot_be_spelled_is_not(word: str) -> None:
    assert unicodedata.normalize("NFC", word) not in syllables()


def test_nearly_every_listed_name_is_made_of_them_and_all_are_nfc_with_weights() -> None:
    known = syllables()
    assert all(w == unicodedata.normalize("NFC", w) and known[w] >= 1 for w in known)
    assert known["và"] > known["học"] > known["khuỷu"] == 1
    names = [w for n in lexicons.middle_names() for w in n.lower().split()]
    assert sum(n in known for n in names) / len(names) > 0.95


def test_prose_keeps_vietnamese_sentences_and_drops_code_and_english(tmp_path: Path) -> None:
    page = (
        "<html><style>p {color: red}</style>"
        "<p>Trẻ em được đăng ký khai sinh. Press any key to go on.</p>"
        "<p>chạy lệnh foo_bar --help để xem</p><p>Trẻ em được đăng ký khai sinh.</p></html>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert sentences([tmp_path]) == ["Trẻ em được đăng ký khai sinh."]
