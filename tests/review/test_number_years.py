"""A number typed without its year gets the one that the paper says elsewhere."""

import pytest

from ocr_pipeline.review import field_decisions
from ocr_pipeline.review.number_years import NumberYear, number_year
from ocr_pipeline.store.keyings import find_field
from tests.builders.review_station import book_of_births

DAY = "05.07.2017"


def year_of(station, page, code="so"):
    with station.ws.read_session() as session:
        row = find_field(session, station.field(page, code))
        return number_year(session, row, book_of_births())


def test_the_year_of_registration_is_sure(station):
    station.book([{"so": "06/2017", "?so": 0.3, "ngayDangKy": DAY}])
    assert year_of(station, 1) == NumberYear(2017, sure=True)
    assert year_of(station, 1, "nksHoTen") is None


def test_a_doubtful_date_gives_a_year_that_is_asked_about(station):
    day = DAY.replace("2017", "2018")  # the book is of 2017
    station.book([{"so": "06/2018", "?so": 0.3, "ngayDangKy": day, "?ngayDangKy": 0.2}])
    assert year_of(station, 1) == NumberYear(2018, sure=False)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("05/2017", "07/2017", NumberYear(2017, sure=True)),
        ("05/2017", "07/2018", NumberYear(2017, sure=False)),  # the year turns here, or before
    ],
)
def test_the_numbers_around_give_the_year_where_no_date_does(station, before, after, found):
    station.book(
        [
            {"so": before, "ngayDangKy": f"05.07.{before[-4:]}"},
            {"so": "6", "?so": 0.3, "ngayDangKy": "", "?ngayDangKy": 0.2},
            {"so": after, "ngayDangKy": f"05.07.{after[-4:]}"},
        ]
    )
    assert year_of(station, 2) == found


def test_alone_it_gets_the_year_of_the_book_and_is_asked_about(station):
    station.book([{"so": "6", "?so": 0.3, "ngayDangKy": "", "?ngayDangKy": 0.2}])
    assert year_of(station, 1) == NumberYear(2017, sure=False)


def test_what_is_checked_is_what_the_screen_shows(station):
    station.book([{"so": "06/2017", "?so": 0.3, "ngayDangKy": DAY}])
    field = station.field(1, "so")
    told = field_decisions.check(station.ws, station.an, field, "7")
    assert (told["value"], told["display"]) == ("07/2017", "07/2017")
    [item] = [one for one in station.take(station.an, count=50) if one.field == field]
    assert item.number_year == NumberYear(2017, sure=True)
