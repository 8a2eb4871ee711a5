import pytest

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.checks.listed_units import listed_address
from ocr_pipeline.registers.fields import Field, State
from tests.builders.books import make_book
from tests.builders.rows import CLEAN, read, sure_record


@pytest.mark.parametrize(
    ("misread", "meant"),
    [
        # a district and a commune that do not exist there
        ("Xã Đức Xương, huyện Gio Lộc, tỉnh Hải Dương",
         "Xã Đức Xương, huyện Gia Lộc, tỉnh Hải Dương"),
        ("Xã Má Lý, huyện Đồng Văn, Hà Giang", "Xã Má Lé, huyện Đồng Văn, Hà Giang"),
        # without a word for the type
        ("Xã Trường Thọ, huyện Cầu Ngang, Trà Ninh", "Xã Trường Thọ, huyện Cầu Ngang, Trà Vinh"),
        # the only province in which the town lies, however it is read
        ("Phường Tân An, thành phố Buôn Ma Thuột, tỉnh Hà Le",
         "Phường Tân An, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk"),
        # what lies below a unit stays
        ("Thôn Khe Vằn, xã Lộc Thuân, huyện Bình Đại, Bến Tre",
         "Thôn Khe Vằn, xã Lộc Thuận, huyện Bình Đại, Bến Tre"),
    ],
)  # fmt: skip
def test_a_part_that_stands_in_no_list_is_the_unit_it_looks_like(misread, meant):
    assert listed_address(misread, 2005) == meant


@pytest.mark.parametrize(
    "address",
    [
        "Xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
        "Xóm Bãi, xã Lộc Thuận, huyện Bình Đại, Bến Tre",
        "California, Hoa Kỳ",
        "Xã Qxyw, huyện Bình Đại, tỉnh Bến Tre",  # looks like none of them
        "Bệnh viện Từ Dũ",
        "",
    ],
)
def test_other_addresses_stay(address):
    assert listed_address(address, 2005) == address


def birthplace(*n_best: tuple[str, float]) -> Field:
    one = sure_record(CLEAN["KS"], nksQueQuan=read("nksQueQuan", *n_best))
    return judge_book(make_book(), [one])[0].fields["nksQueQuan"]


def test_the_listed_unit_is_proposed_and_shown_to_a_person():
    misread, meant = (f"Xã Má {name}, huyện Đồng Văn, tỉnh Hà Giang" for name in ("Lý", "Lé"))
    field = birthplace((misread, 0.8))
    assert (field.value, field.as_written, field.state) == (meant, misread, State.IN_REVIEW)
    assert misread in [one.value for one in field.n_best]  # it can still be picked
    assert field.confidence <= 0.6


def test_a_sure_reading_stays_with_the_listed_unit_as_a_suggestion():
    misread, meant = (f"Xã Má {name}, huyện Đồng Văn, tỉnh Hà Giang" for name in ("Lý", "Lé"))
    field = birthplace((misread, 0.99))
    assert field.value == misread and field.state is State.IN_REVIEW
    assert field.n_best[1].value == meant
