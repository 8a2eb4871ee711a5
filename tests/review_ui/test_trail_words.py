"""The audit trail and what keeps a book back, told in words: none of the codes of the tables."""

import re

import pytest

from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.captions import captions
from ocr_pipeline.review.queue import Lane
from review_ui.trail_words import detail_words, subject_words
from review_ui.translations import LANGUAGES
from tests.builders.review_office import BOOK

#: Codes that are words of neither language: those of one plain word are words of English, too.
CODES = {
    *captions(),
    *(one.value for kinds in (FieldKind, State, Lane, Role) for one in kinds),
}
ODD = {code for code in CODES if "_" in code or re.search("[a-z][A-Z]", code)}


def text_of(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub("<[^>]*>", " ", main)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_people_show_no_codes(office, language):
    admin, an = office.browser("quan"), office.browser("an", Role.OPERATOR)
    item = an.post("/api/queue/take", json={"count": 20}).json()["items"][0]
    said = {"field": item["field"], "action": "correct", "value": "Lý Thị Lan", "base": None}
    assert an.post("/api/decide", json={"decisions": [said]}).json()["outcomes"][0]["ok"]
    an.get(f"/api/fields/{item['field']}")
    admin.form("/policies", kind="person_name", mode="double", book="", sample="", threshold="")
    admin.form("/people/an/role", role="reviewer")
    admin.client.cookies.set("lang", language, domain="127.0.0.1")
    for page in ("/audit", f"/book/{BOOK.id}", "/"):
        shown = text_of(admin.get(page).text)
        found = [code for code in ODD if re.search(rf"\b{code}\b", shown)]
        assert not found, (page, found)
        assert not re.search(r"\w=\w|\{'", shown), page
    assert office.person("an", Role.OPERATOR).name in text_of(admin.get("/audit").text)


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("02 tờ 1.jpg 1 meHoTen", "02 tờ 1.jpg · bản ghi 1 · Họ tên mẹ"),
        ("02 tờ 1.jpg 12", "02 tờ 1.jpg · bản ghi 12"),
        ("user:lan.anh", "người dùng lan.anh"),
        ("page:Trang 5.jpg", "trang Trang 5.jpg"),
        ("person_name", "Họ tên"),
        ("least", "Mẫu kiểm tra tối thiểu"),
        ("least:person_name", "Mẫu kiểm tra tối thiểu · Họ tên"),
        ("", ""),
    ],
)
def test_a_subject_is_told_as_on_the_screens(subject, told):
    assert subject_words(subject, "vi") == told


def test_details_leave_seals_and_numbers_of_rows_to_the_download():
    details = {
        "field": 7,
        "action": "correct",
        "lane": "senior",
        "entry": 3,
        "rows": {"entries": {"3": "ab"}},
    }
    assert detail_words(details, "en") == "decision: correct · queue: Asked a senior"
    told = detail_words({"fields": [1, 2, 3], "address": "10.0.0.2"}, "vi")
    assert told == "số trường: 3 · địa chỉ máy: 10.0.0.2"
