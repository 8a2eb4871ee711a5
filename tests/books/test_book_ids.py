from dataclasses import replace
from pathlib import Path

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.book_ids import same_agency, shared_stem, with_own_ids

PHU = Agency("xã Hoằng Phú", "huyện Hoằng Hóa", "tỉnh Thanh Hóa")
PHU_DOT = Agency("xã Hoằng Phụ", "huyện Hoằng Hóa", "tỉnh Thanh Hóa")
STEM = "xahoangphu_hhh_tth.KS.2018.01"


def book(agency: Agency, folder: str, id: str = STEM) -> Book:
    return Book(id, Path(folder), "KS", agency, 2018, 1)


def ids(books) -> list[str]:
    return [one.id for one in books]


def test_two_agencies_of_one_file_name_get_ids_of_their_own():
    found = with_own_ids([book(PHU, "a"), book(PHU_DOT, "b")], [])
    assert ids(found) == [STEM, f"{STEM}~2"]


def test_a_book_keeps_the_id_that_it_had_in_whatever_order_books_come():
    known = with_own_ids([book(PHU, "a"), book(PHU_DOT, "b")], [])
    again = with_own_ids([book(PHU_DOT, "b"), book(PHU, "a")], known)
    assert ids(again) == [f"{STEM}~2", STEM]
    assert ids(with_own_ids([book(PHU_DOT, "elsewhere")], known)) == [f"{STEM}~2"]


def test_the_stem_that_is_shared_is_told():
    first, second = with_own_ids([book(PHU, "a"), book(PHU_DOT, "b")], [])
    assert (shared_stem(first), shared_stem(second)) == ("", STEM)


def test_two_books_of_one_agency_keep_one_id_and_clash():
    assert ids(with_own_ids([book(PHU, "a"), book(PHU, "b")], [])) == [STEM, STEM]


def test_an_agency_written_otherwise_is_the_same_agency():
    typed = Agency("XÃ hoằng phú", "Hoằng Hóa", "Tỉnh  Thanh Hoá")
    assert same_agency(PHU, typed)
    assert not same_agency(PHU, PHU_DOT)
    assert not same_agency(PHU, replace(PHU, name="Phòng Tư pháp huyện Hoằng Hóa"))
