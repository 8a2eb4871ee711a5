import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ocr_pipeline.text.date_words import DateStyle, date_to_words, words_to_date
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.normalise import strip_marks
from ocr_pipeline.text.numbers import WordStyle, number_to_words, word_tokens, words_to_number

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2030, 12, 31))
STYLES = st.builds(
    DateStyle,
    numbers=st.builds(
        WordStyle,
        zero_ten=st.sampled_from(["linh", "lẻ"]),
        thousand=st.sampled_from(["nghìn", "ngàn"]),
        four=st.sampled_from(["bốn", "tư"]),
        five=st.sampled_from(["lăm", "nhăm", "năm"]),
        seven=st.sampled_from(["bảy", "bẩy"]),
        elide_tens=st.booleans(),
        elide_zero_hundred=st.booleans(),
    ),
    first_days=st.sampled_from(["", "mồng", "mùng"]),
    april=st.sampled_from(["tư", "bốn"]),
    say_day=st.booleans(),
    say_year=st.booleans(),
    comma=st.sampled_from(["", ",", " -"]),
    capitals=st.sampled_from(["title", "sentence", "lower"]),
    elide_one=st.booleans(),
)


def partial(day: datetime.date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


@pytest.mark.long
def test_every_date_from_1900_to_2030_survives_words():
    day = datetime.date(1900, 1, 1)
    while day.year <= 2030:
        assert words_to_date(date_to_words(partial(day))) == partial(day)
        day += datetime.timedelta(days=1)


def test_the_official_form():
    assert (
        date_to_words(PartialDate(2008, 7, 16))
        == "Ngày Mười Sáu Tháng Bảy Năm Hai Nghìn Không Trăm Linh Tám"
    )
    assert date_to_words(PartialDate(1985, 4)) == "Tháng Tư Năm Một Nghìn Chín Trăm Tám Mươi Lăm"
    assert date_to_words(PartialDate(2000)) == "Năm Hai Nghìn"


@given(DAYS, STYLES, st.booleans())
def test_every_clerks_form_is_read(day, style, without_marks):
    # Without "năm" and without "một", "tháng mười một nghìn…" can be October or November.
    assume(style.say_year or not (style.elide_one and day.year < 2000))
    # "năm mươi" needs its "mươi" when five is written "năm" and tens are left out.
    words = date_to_words(partial(day), style)
    assume(style.say_year or day.month not in (10, 11, 12) or day.year >= 2000)
    text = strip_marks(words) if without_marks else words
    assert words_to_date(text) == partial(day)


@given(DAYS, STYLES)
def test_no_clerks_form_is_read_as_another_date(day, style):
    assert words_to_date(date_to_words(partial(day), style)) in (partial(day), None)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("mười sáu tháng bảy năm hai ngàn lẻ tám", (2008, 7, 16)),
        ("Mồng một tháng tư năm một ngàn chín trăm tám mốt", (1981, 4, 1)),
        ("ngày hai tư, tháng chạp", None),
        ("ngày hăm mốt tháng năm năm nghìn chín trăm chín lăm", (1995, 5, 21)),
        ("Ngày ba mươi mốt tháng mười hai năm một chín bảy lăm", (1975, 12, 31)),
        ("ngày 5 tháng sáu năm 1990", (1990, 6, 5)),
        ("năm hai nghìn không trăm mười", (2010, None, None)),
        ("tháng năm năm hai nghìn linh năm", (2005, 5, None)),
        ("ngày ba mươi tháng hai năm hai nghìn", None),
        ("ngày một tháng một năm tám lăm", None),
        ("", None),
        ("không rõ", None),
    ],
)
def test_words_of_clerks(text, date):
    assert words_to_date(text) == (PartialDate(*date) if date else None)


def test_two_digit_years_in_words_need_the_century():
    assert words_to_date("ngày một tháng một năm tám lăm", century=1900) == PartialDate(1985, 1, 1)


SEPARATORS = st.sampled_from([".", "/", "-", " . ", " / ", " - ", ",", " "])


@given(DAYS, SEPARATORS, st.booleans())
def test_digits_with_any_separator(day, separator, padded):
    width = 2 if padded else 1
    text = f"{day.day:0{width}d}{separator}{day.month:0{width}d}{separator}{day.year}"
    assert parse_date(text) == partial(day)
    assert parse_date(f"ngày {day.day} tháng {day.month} năm {day.year}") == partial(day)


@given(DAYS)
def test_dotted_and_iso_are_read_back(day):
    for date in (partial(day), PartialDate(day.year, day.month), PartialDate(day.year)):
        assert parse_date(date.dotted()) == date
    assert parse_date(partial(day).iso()) == partial(day)


@pytest.mark.parametrize(
    ("text", "dotted"),
    [
        ("--/--/1985", "1985"),
        ("…./…./1985", "1985"),
        ("…/…/1985", "1985"),
        ("- - 1985", "1985"),
        ("00.00.1985", "1985"),
        ("-/5/1985", "05.1985"),
        ("năm 1985", "1985"),
        ("tháng 5 năm 1985", "05.1985"),
        ("12051985", "12.05.1985"),
        ("12/V/1985", "12.05.1985"),
    ],
)
def test_partial_and_unusual_digits(text, dotted):
    date = parse_date(text)
    assert date is not None and date.dotted() == dotted


@pytest.mark.parametrize(
    "text",
    [
        "12-5-85",
        "12/5",
        "31.2.2000",
        "1.1.5005",
        "120585",
        "31/1985",
        "1-1-1984 âm lịch",
        "abc",
        "/",
    ],
)
def test_what_is_not_one_certain_date_is_refused(text):
    assert parse_date(text) is None


def test_two_digit_years_are_read_when_the_century_is_known():
    assert parse_date("12-5-85", century=1900) == PartialDate(1985, 5, 12)


@given(st.integers(0, 9999))
def test_numbers_survive_words(number):
    assert words_to_number(word_tokens(number_to_words(number))) == number


def test_partial_dates_agree_in_what_they_know():
    assert PartialDate(1985).agrees(PartialDate(1985, 5, 12))
    assert not PartialDate(1985, 4).agrees(PartialDate(1985, 5, 12))
    assert PartialDate(2000, 2).latest() == datetime.date(2000, 2, 29)
    for wrong in [(1985, 13), (1985, None, 3), (1985, 2, 29), (5005,)]:
        with pytest.raises(ValueError):
            PartialDate(*wrong)


@pytest.mark.parametrize("odd", ["²", "1²/3/2019", "①.2.2020", "³.³.2019"])
def test_superscripts_and_circled_digits_are_no_digits(odd):
    assert parse_date(odd) is None
    assert words_to_date(odd) is None
