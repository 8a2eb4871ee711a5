import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.typed_values import agrees, normalise_typed, suggest
from ocr_pipeline.text.dates import make_date
from tests.builders.books import make_book

BOOK = make_book(year=1985)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12051985", "12.05.1985"),
        ("120585", "12.05.1985"),
        ("12/5/85", "12.05.1985"),
        ("12-5-85", "12.05.1985"),
        ("12.5.1985", "12.05.1985"),
        ("051985", "05.1985"),
        ("5/1985", "05.1985"),
        ("1985", "1985"),
        ("121920", "12.1920"),
        ("12/5/89", "12.05.1889"),  # a book of 1985 cannot speak of 1989
        ("12/5/88", "12.05.1988"),  # but it may be kept on for some years
        ("31/2/85", ""),
        ("32", ""),
        ("5/85", ""),  # May of 1985, or the fifth of what?
    ],
)
def test_dates_as_people_type_them(typed, value):
    assert normalise_typed(FieldKind.DATE, typed, BOOK) == value


@given(st.dates())
def test_every_date_typed_compactly_is_read(date):
    expected = make_date(date.year, date.month, date.day)
    typed = f"{date.day:02d}{date.month:02d}{date.year:04d}"
    assert normalise_typed(FieldKind.DATE, typed, BOOK) == (expected.dotted() if expected else "")


@given(st.sampled_from(FieldKind), st.text(max_size=30) | st.from_regex(r"[0-9/. ]{1,10}"))
@example(FieldKind.PERSON_NAME, "0X")
def test_a_value_stays_what_it_is(kind, typed):
    """What a decision carries may have been normalised before."""
    value = normalise_typed(kind, typed, BOOK)
    assert normalise_typed(kind, value, BOOK) == value


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (FieldKind.TIME, "0830", "08:30"),
        (FieldKind.TIME, "830", "08:30"),
        (FieldKind.TIME, "8h30", "08:30"),
        (FieldKind.NUMBER_YEAR, "12/84", "12/1984"),
        (FieldKind.NUMBER_YEAR, "12", "12"),
        (FieldKind.SEX, "nu", "2"),
        (FieldKind.PERSON_NAME, "TRẦN  thị hoa", "Trần Thị Hoa"),
        (FieldKind.PLACE, "X. Lộc Thuận, H. Bình Đại", "Xã Lộc Thuận, huyện Bình Đại"),
        (FieldKind.DATE_WORDS, "1/5/85", "Ngày Một Tháng Năm Năm Một Nghìn Chín Trăm Tám Mươi Lăm"),
    ],
)  # fmt: skip
def test_other_kinds(kind, typed, value):
    assert normalise_typed(kind, typed, BOOK) == value


@pytest.mark.parametrize(
    ("typed", "candidate", "fits"),
    [
        ("nguyen", "Nguyễn", True),
        ("nguyê", "Nguyễn", True),
        ("nguyễ", "Nguyễn", True),
        ("nguyể", "Nguyễn", False),
        ("d", "Đặng", True),
        ("đ", "Dương", False),
        ("hoà", "Hòa Bình", True),  # old and new places of the tone are the same
        ("nguyenx", "Nguyễn", False),
    ],
)
def test_what_was_not_typed_is_left_open(typed, candidate, fits):
    assert agrees(typed, candidate) is fits


def values(kind, typed, **more):
    return [one.value for one in suggest(kind, typed, BOOK, **more)]


def test_completions():
    assert values(FieldKind.PERSON_NAME, "nguyen")[0] == "Nguyễn"
    assert values(FieldKind.ETHNIC_GROUP, "mon")[:1] == ["Mông"]
    assert values(FieldKind.POSITION, "pho chu")[0] == "Phó Chủ tịch"
    assert values(FieldKind.AGENCY, "uy ban")[0].startswith("Ủy ban nhân dân xã Lộc Thuận")
    assert values(FieldKind.PLACE, "loc thuan")[0] == "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    assert values(FieldKind.PLACE, "ấp 1, loc thuan")[0].startswith("ấp 1, xã Lộc Thuận, huyện")


def test_units_are_completed_anywhere_in_the_text():
    assert values(FieldKind.PLACE, "Trạm y tế xã Lộc Th")[0].startswith("Trạm y tế xã Lộc Thuận, h")
    assert values(FieldKind.PLACE, "Bệnh viện huyen Bình Đ")[0].startswith(
        "Bệnh viện huyện Bình Đại"
    )


def test_units_lie_in_those_behind_the_cursor():
    above = "huyện Kế Sách, tỉnh Sóc Trăng"
    assert values(FieldKind.PLACE, "ấp 1, xã Lộc Thuận", after=above) == []  # it lies elsewhere
    found = values(FieldKind.PLACE, "xã Trinh", after=above)
    assert found == ["xã Trinh Phú, huyện Kế Sách, tỉnh Sóc Trăng"]


def test_units_of_the_book_s_own_district_and_time_come_first():
    [first, *_] = values(FieldKind.PLACE, "xã Thạnh T")
    assert first.endswith("huyện Bình Đại, tỉnh Bến Tre")


def test_places_are_spelt_as_the_book_spells_them():
    capital = ["Xã Phước Ngãi, Huyện Ba Tri, Tỉnh Bến Tre", "Trạm y tế, Xã A, Huyện Ba Tri"]
    assert values(FieldKind.PLACE, "loc thuan", known=capital)[0] == (
        "Xã Lộc Thuận, Huyện Bình Đại, Tỉnh Bến Tre"
    )
    mixed = ["Xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"]
    assert values(FieldKind.PLACE, "loc thuan", known=mixed)[0] == (
        "Xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    )


def test_hamlets_and_agencies_that_the_book_has_are_known():
    known = ["Ấp Giồng Tre, xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"]
    assert values(FieldKind.PLACE, "Trạm y tế, ấp giong", known=known)[0] == (
        "Trạm y tế, Ấp Giồng Tre, xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    )
    offices = ["Công an tỉnh Bến Tre"]
    assert values(FieldKind.AGENCY, "cong an", known=offices)[0] == "Công an tỉnh Bến Tre"


def test_what_stands_behind_the_cursor_stays():
    assert "Nguyễn Văn An" in values(FieldKind.PERSON_NAME, "Nguyễn va", after="An", count=24)


def test_what_was_typed_before_the_word_is_kept():
    completed = values(FieldKind.PERSON_NAME, "Trần thị ho")
    assert completed
    for value in completed:
        assert value.startswith("Trần thị H")


def test_values_of_the_book_come_first_and_nothing_is_said_to_nothing():
    assert values(FieldKind.PERSON_NAME, "le v", known=["Lê Văn Tám"])[0] == "Lê Văn Tám"
    assert values(FieldKind.PERSON_NAME, "  ") == values(FieldKind.DATE, "12") == []
    assert len(values(FieldKind.PERSON_NAME, "n", count=3)) == 3
