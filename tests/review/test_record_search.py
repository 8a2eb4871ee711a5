"""Records by name, number, page and book; nothing that is keyed blind is found or shown."""

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.record_search import search
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.field_words import words_of
from tests.builders.review_station import book_of_births

pytestmark = pytest.mark.databases("sqlite", "postgresql")

OTHER = book_of_births(2)


@pytest.fixture
def births(station):
    station.book([
        {"nksHoTen": "Đặng Thị Hòa", "so": "07/2017", "meHoTen": "Lê Thị Mai"},
        {"nksHoTen": "Nguyễn Văn Đức", "so": "17/2017", "meHoTen": "Đặng Hoà Bình"},
    ])  # fmt: skip
    station.book([{"nksHoTen": "Đặng Thị Hoa", "so": "07/2018"}], OTHER)
    return station


def found(station, text, user=None, book=""):
    finds = search(station.ws, user or station.an, text, book, now=station.now)
    return [(one.book == OTHER.id, one.page_name, one.number) for one in finds.records]


FIRST = (False, "1.jpg", "07/2017")


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("Đặng Thị Hòa", ["1", "other"]),
        ("dang thi hoa", ["1", "other"]),  # without marks, d as đ
        ("HOÀ đặng", ["1", "other", "2"]),  # any order, either place of the tone
        ("hoa binh", ["2"]),
        ("ngu duc", ["2"]),  # beginnings of words
        ("7/2017", ["1"]),
        ("07/2017", ["1"]),  # not 17/2017
        ("7", ["1", "other"]),
        ("thi 7/2018", ["other"]),  # words of several fields
        ("mai", ["1"]),
        ("khong co ai", []),
        ("   ", []),
    ],
)
def test_a_record_is_found_by_parts_of_what_it_says(births, text, pages):
    names = {(False, "1.jpg"): "1", (False, "2.jpg"): "2", (True, "1.jpg"): "other"}
    told = [names[other, page] for other, page, _ in found(births, text)]
    assert sorted(told) == sorted(pages)


def test_whole_words_of_one_name_come_before_parts_of_several(births):
    assert found(births, "thi mai")[0] == FIRST


def test_a_book_and_a_page_narrow_the_search(births):
    book = book_of_births().id
    assert found(births, "đặng", book=OTHER.id) == [(True, "1.jpg", "07/2018")]
    assert (False, "2.jpg", "17/2017") in found(births, "trang 2", book=book)
    finds = search(births.ws, births.an, OTHER.id, now=births.now)
    assert [one.book for one in finds.books] == [OTHER.id]


def test_what_a_person_enters_is_found_at_once_and_what_stood_there_no_more(births):
    field = births.field(1, "nksHoTen", book_of_births())
    births.decide(births.an, field, Action.CORRECT, "Phạm Thị Quỳnh")
    assert found(births, "quynh pham") == [FIRST]
    assert FIRST not in found(births, "hòa đặng")
    births.undo(births.an)
    assert FIRST in found(births, "hòa đặng") and found(births, "quynh pham") == []


def test_who_looks_leaves_a_line_without_the_words(births):
    search(births.ws, births.an, "hoa dang", now=births.now)
    [line] = [one for one in audit.export(births.ws) if one["action"] == "searched"]
    assert line["user"] == "an" and len(line["details"]["records"]) == 3
    assert "hoa" not in str(line).lower()
    search(births.ws, births.an, "khong co ai", now=births.now)
    assert [one["action"] for one in audit.export(births.ws)].count("searched") == 1


def test_a_name_that_is_keyed_blind_is_neither_found_nor_shown(double):
    double.book([{"nksHoTen": "Đặng Thị Hòa", "?nksHoTen": 0.4, "meHoTen": "Lê Thị Mai"}])
    field = double.field(1, "nksHoTen")
    double.decide(double.an, field, Action.CORRECT, "Đặng Thị Hoa", lane=Lane.DOUBT)
    assert double.row(field).lane == "second"
    assert found(double, "dang hoa", double.binh) == []
    [one] = search(double.ws, double.binh, "mai", now=double.now).records
    assert all("Hòa" not in name.value for name in one.names) and one.waiting


def test_whoever_may_see_no_records_finds_none(births, monkeypatch):
    nobody = type("Nobody", (), {"name": "x", "role": "nobody", "active": True})()
    with pytest.raises(ForbiddenError):
        search(births.ws, nobody, "hoa")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("person_name", "Đặng  Thị Hoà", {"dang", "thi", "hoa"}),
        ("number_year", "007/2018", {"7/2018", "2018"}),
        ("number_year", "07", {"7"}),
        ("number_year", "07A", {"7", "07a"}),
        ("id_number", "001099012345", {"001099012345"}),
        ("person_name", "", set()),
    ],
)
def test_words_of_a_value(kind, value, words):
    assert words_of(kind, value) == words
