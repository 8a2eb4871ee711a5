from dataclasses import replace

import pytest

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.checks.short_years import fill_short_years
from ocr_pipeline.registers.fields import Candidate, Field, Record, State
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import normalise_value
from tests.builders.books import make_book
from tests.builders.records import kind_of
from tests.builders.rows import CLEAN, sure_record

SURE = 0.9999


def written(code: str, text: str, type: str = "KS", sure: float = SURE) -> Field:
    """A field as the reader leaves it: a value only where the writing alone says it."""
    kind = kind_of(code, type)
    value = normalise_value(kind, text)
    return Field(code, kind, text, value, sure, n_best=(Candidate(text, value, sure),))


def record(type: str = "KS", **texts: str) -> Record:
    return sure_record(CLEAN[type], type, **{c: written(c, t, type) for c, t in texts.items()})


def filled(type: str = "KS", year: int = 2018, **texts: str) -> dict[str, str]:
    own = record(type, **texts).fields
    book = make_book(type=RegisterType(type), year=year)
    fields = fill_short_years(own, RegisterType(type), book)
    return {code: fields[code].value for code in texts}


def test_registrations_belong_to_the_years_of_the_book():
    assert filled(year=1985, ngayDangKy="12-5-85") == {"ngayDangKy": "12.05.1985"}
    assert filled(year=1999, ngayDangKy="3/1/00") == {"ngayDangKy": "03.01.2000"}


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("nksNgaySinh", "1/7/18", "01.07.2018"),
        ("nksNgaySinh", "1-7-85", "01.07.1985"),  # registered late
        ("nksNgaySinhBangChu", "năm tám lăm", "Năm Một Nghìn Chín Trăm Tám Mươi Lăm"),
        ("meNgaySinh", "năm 90", "1990"),
        ("chaNgaySinh", "5/9/88", "05.09.1988"),
        ("meNgaySinh", "32 tuổi", "1986"),
        ("chaNgaySinh", "ba mươi hai tuổi", "1986"),
        ("meNgaySinh", "90", "1990"),  # nobody of 90 years bears a child
        ("meNgaySinh", "05", ""),  # born in 2005 or 1905: neither is a mother in 2018
    ],
)
def test_dates_of_a_birth(code: str, text: str, value: str):
    assert filled(**{code: text}) == {code: value}


def test_dates_follow_one_another():
    """A short death date gives the dead their century, and it comes from a short registration."""
    texts = {"ngayDangKy": "5-7-85", "nktNgayChet": "4-7-85", "nktNgaySinh": "71 tuổi"}
    values = ["05.07.1985", "04.07.1985", "1914"]
    assert list(filled("KT", 1985, **texts).values()) == values


def test_a_date_after_the_event_is_of_the_century_before():
    assert filled("KT", nktNgaySinh="9/18") == {"nktNgaySinh": "09.1918"}


def test_what_may_be_either_is_left_to_a_person_with_both():
    own = record("KT", nktNgaySinh="12-5-05")
    field = judge_book(make_book(type=RegisterType.KT), [own])[0].fields["nktNgaySinh"]
    assert field.value == "" and field.state is State.IN_REVIEW
    assert [c.value for c in field.n_best if c.value] == ["12.05.2005", "12.05.1905"]
    [doubt] = field.doubts
    assert doubt.rule == "several_years" and "12.05.2005, 12.05.1905" in doubt.message.vi


def test_a_bare_number_may_be_a_year_or_an_age():
    own = record("KH", chongNgaySinh="45")
    field = judge_book(make_book(type=RegisterType.KH), [own])[0].fields["chongNgaySinh"]
    assert field.value == ""
    assert {c.value for c in field.n_best if c.value} == {"1973", "1945"}


def test_an_age_is_never_accepted_unattended():
    field = judge_book(make_book(), [record(meNgaySinh="28 tuổi")])[0].fields["meNgaySinh"]
    assert field.value == "1990" and field.state is State.IN_REVIEW
    [doubt] = field.doubts
    assert doubt.rule == "by_age" and doubt.message.vi.startswith("Theo tuổi: “28 tuổi”")


def test_an_age_without_a_sure_event_says_nothing():
    texts = {"nksNgaySinh": "3/7/2018", "nksNgaySinhBangChu": "", "ngayDangKy": "3/7/2018"}
    unsure = {code: written(code, text, sure=0.4) for code, text in texts.items()}
    own = sure_record(CLEAN["KS"], **unsure, meNgaySinh=written("meNgaySinh", "28 tuổi"))
    fields = fill_short_years(own.fields, RegisterType.KS, make_book())
    assert fields["meNgaySinh"].value == ""


def test_a_short_year_by_itself_is_not_accepted():
    field = judge_book(make_book(), [record(chaNgaySinh="5/9/88")])[0].fields["chaNgaySinh"]
    assert field.value == "05.09.1988" and field.state is State.IN_REVIEW
    [doubt] = field.doubts
    assert doubt.rule == "short_year" and "5/9/88" in doubt.message.vi


def test_the_same_date_in_words_speaks_for_a_short_year():
    field = judge_book(make_book(), [record(nksNgaySinh="1/7/18")])[0].fields["nksNgaySinh"]
    assert field.value == "01.07.2018" and field.state is State.ACCEPTED


def test_judging_again_changes_nothing():
    texts = {"meNgaySinh": "28 tuổi", "chaNgaySinh": "5/9/88", "nksNgaySinh": "1/7/18"}
    once = judge_book(make_book(), [record(**texts)])
    again = judge_book(make_book(), once)
    assert {c: (f.value, f.state) for c, f in again[0].fields.items()} == {
        c: (f.value, f.state) for c, f in once[0].fields.items()
    }
    either = [record("KT", nktNgaySinh="12-5-05")]
    once = judge_book(make_book(type=RegisterType.KT), either)
    again = judge_book(make_book(type=RegisterType.KT), once)
    assert again[0].fields["nktNgaySinh"].n_best == once[0].fields["nktNgaySinh"].n_best


def test_a_corrected_event_settles_the_century():
    book = make_book(type=RegisterType.KT)
    [once] = judge_book(book, [record("KT", nktNgaySinh="12-5-05")])
    death = replace(once.fields["nktNgayChet"], value="04.07.1998", state=State.CORRECTED)
    [again] = judge_book(book, [replace(once, fields={**once.fields, "nktNgayChet": death})])
    assert again.fields["nktNgaySinh"].value == "12.05.1905"


def test_what_people_decided_stays():
    own = replace(written("meNgaySinh", "28 tuổi"), value="1991", state=State.CORRECTED)
    fields = fill_short_years({"meNgaySinh": own}, RegisterType.KS, make_book())
    assert fields["meNgaySinh"] == own


@pytest.mark.parametrize(("raw", "asked"), [("1.7.1990", True), ("..1990", False), ("1990", False)])
def test_a_part_of_a_date_is_not_accepted_beside_more_digits(raw: str, asked: bool):
    own = replace(written("meNgaySinh", "1990"), as_written=raw)
    record = sure_record(CLEAN["KS"], meNgaySinh=own)
    field = judge_book(make_book(), [record])[0].fields["meNgaySinh"]
    assert [doubt.rule for doubt in field.doubts] == (["partial_date"] if asked else [])
    assert field.value == "1990" and (field.state is State.IN_REVIEW) == asked


@pytest.mark.parametrize(
    ("raw", "asked"), [("19 1960", True), ("09/1960", False), ("9/1960", False)]
)
def test_a_month_that_is_not_written_is_not_accepted(raw: str, asked: bool):
    """A false start that was struck out reads as part of the date."""
    own = replace(written("meNgaySinh", "09/1960"), as_written=raw, value="09.1960")
    record = sure_record(CLEAN["KS"], meNgaySinh=own)
    field = judge_book(make_book(), [record])[0].fields["meNgaySinh"]
    assert ("partial_date" in [doubt.rule for doubt in field.doubts]) == asked
