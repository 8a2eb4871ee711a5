"""Cells told as right without mending get just what mending gives them."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocr_pipeline.exchange.keyed_files.cell_mending import SheetHabits, mend_cell
from ocr_pipeline.exchange.keyed_files.cells import KeyedCell, KeyedCellKind
from ocr_pipeline.exchange.keyed_files.clean_cells import (
    ANY_YEAR,
    MendedCells,
    clean_name,
    clean_number,
    clean_number_year,
)
from ocr_pipeline.exchange.keyed_files.keyed_dates import EventYears
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.text.legacy_encodings import LegacyEncoding

COLUMNS = load_template("KS", "158", "").by_name
NAME, BIRTH, SEX = (COLUMNS[name] for name in ("nksHoTen", "nksNgaySinh", "nksGioiTinh"))

WORDS = st.sampled_from(
    "Nguyễn NGUYỄN nguyễn Văn THỊ Ân Ngãi HÒA Hoà Đặng Ðặng Krông H'Mai Trọng NA na Không x "
    "chưa có rõ null  n/a Ph­íc Phöôùc Nguyá»…n BÃ Ã Ă XÃ\u00a0 Lê\u0323 ﬁ An2 - ?b a?b".split(" ")
)
NAMES = st.one_of(st.lists(WORDS, max_size=5).map(" ".join), st.text(max_size=12))
DIGITS = st.text("0123456789/. -", min_size=1, max_size=13)
DATES = st.sampled_from(
    "01.02.1990 13/1/1990 1.13.1990 1/2/90 12/3/5005 2005 3.2005 31.02.2001 null 36526".split()
)
HABITS = (SheetHabits(), SheetHabits(LegacyEncoding.VNI, {"nksNgaySinh": True}))


def mended(column, text, habits=HABITS[0], years=ANY_YEAR):
    return mend_cell(column, KeyedCell(KeyedCellKind.TEXT, text), habits, years)


@settings(deadline=None, max_examples=300)
@given(NAMES, st.sampled_from(HABITS))
def test_a_clean_name_is_what_mending_makes_of_it(text, habits):
    assert clean_name(text) in (None, mended(NAME, text, habits))


@settings(deadline=None, max_examples=300)
@given(DIGITS)
@example("01/0000")
@example("01/0001")
def test_clean_numbers_are_what_mending_makes_of_them(text):
    assert clean_number(text) in (None, mended(COLUMNS["nksSoDinhDanh"], text))
    for years in (ANY_YEAR, EventYears(sure=1989)):
        assert clean_number_year(text) in (None, mended(COLUMNS["so"], text, years=years))


def test_what_most_cells_hold_is_told_as_clean():
    assert clean_name("NGUYỄN THỊ HOÀ").value == "Nguyễn Thị Hoà"
    assert clean_name("Nguyễn Văn Ân").steps == []
    assert clean_number("001085000001").value == "001085000001"
    assert clean_number_year("01/2018").value == "01/2018"
    assert clean_number_year("00/2018") is None and clean_name("Không Rõ") is None


@settings(deadline=None)
@given(st.lists(st.tuples(DATES, st.sampled_from((1885, 1985, 2005, 2020))), max_size=12))
def test_a_value_that_came_before_is_read_by_the_years_of_its_own_row(rows):
    for habits in HABITS:
        mender = MendedCells(habits).of_column(BIRTH)
        for text, first in rows:
            years = EventYears(first, first + 20)
            assert mender(text, lambda years=years: years) == mended(BIRTH, text, habits, years)


def test_other_cells_keep_their_kind_and_their_steps():
    mender = MendedCells(HABITS[0]).of_column(SEX)
    for _ in range(2):
        assert mender("Nữ", lambda: ANY_YEAR) == mended(SEX, "Nữ")
        assert mender(["x", "#REF!"], lambda: ANY_YEAR).faults == [("error_cell", "#REF!")]
