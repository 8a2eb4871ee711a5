import pytest

from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.short_dates import age_in, bare_number, short_dates


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("12-5-85", PartialDate(1985, 5, 12)),
        ("12/05/'85", PartialDate(1985, 5, 12)),
        ("ngày 12 tháng 5 năm 85", PartialDate(1985, 5, 12)),
        ("5-85", PartialDate(1985, 5)),
        ("tháng 5 năm 05", PartialDate(1905, 5)),
        ("'85", PartialDate(1985)),
        ("năm 85", PartialDate(1985)),
        ("85", PartialDate(1985)),
        ("tám lăm", PartialDate(1985)),
        ("ngày mười hai tháng năm năm tám lăm", PartialDate(1985, 5, 12)),
    ],
)
def test_a_short_year_means_one_date_in_each_century(written: str, date: PartialDate):
    found = short_dates(written)
    assert [d.year for d in found] == [date.year - 100, date.year, date.year + 100]
    assert all((d.month, d.day) == (date.month, date.day) for d in found)


def test_a_day_that_only_one_century_has():
    assert short_dates("29/2/00") == (PartialDate(2000, 2, 29),)


@pytest.mark.parametrize("written", ["12-5", "12/5/1985", "1985", "31/2/85", "32 tuổi", "", "nt"])
def test_what_has_no_short_year(written: str):
    assert short_dates(written) == ()


@pytest.mark.parametrize(
    "written", ["32 tuổi", "32tuổi", "32t", "32 T.", "(32)", "ba mươi hai tuổi"]
)
def test_ages(written: str):
    assert age_in(written) == 32


@pytest.mark.parametrize(
    "written", ["32", "3 tháng tuổi", "5 ngày tuổi", "1958 (45 tuổi)", "tuổi", "320 tuổi"]
)
def test_what_is_no_age_in_years(written: str):
    assert age_in(written) is None


def test_an_age_behind_a_year_is_left_out():
    assert parse_date("1958 (45 tuổi)") == PartialDate(1958)


def test_a_bare_number_may_be_either():
    assert bare_number("32") == 32
    assert bare_number("32 tuổi") is None and bare_number("1932") is None
