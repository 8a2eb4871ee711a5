"""Cells of keyed files: what is mended is listed, what is not understood is a fault."""

import datetime

import pytest

from tests.builders.keyed_files import (
    BIRTH,
    HEADER,
    police_births,
    table,
    text_file,
    xlsx_file,
)
from tests.builders.read_tables import Read, cell_of


@pytest.fixture
def read_cells(tmp_path):
    """One birth in an .xlsx with these cells instead of the right ones."""

    def read(change=None, **cells):
        rows = table([BIRTH | cells], HEADER)
        return Read(xlsx_file(tmp_path / "mot.xlsx", rows, change=change))

    return read


DATES = [
    ("15/03/2005", "15.03.2005", "date_form"),
    ("15-3-2005", "15.03.2005", "date_form"),
    ("2005-03-15 00:00:00", "15.03.2005", "date_form"),
    ("ngày 15 tháng 3 năm 2005", "15.03.2005", "date_form"),
    ("ngày mười lăm tháng ba năm hai nghìn không trăm linh năm", "15.03.2005", "date_form"),
    ("15/03/2005 12:00:00 AM", "15.03.2005", "date_form"),
    (38426, "15.03.2005", "excel_serial"),
    (15032005, "15.03.2005", "compact_date"),
    (5032005, "05.03.2005", "compact_date"),
    ("03/2005", "03.2005", "date_form"),
    (3.2005, "03.2005", "decimal_date"),
    (12.201, "12.2010", "decimal_date"),
    ("15/03/5005", "15.03.2005", "impossible_year"),
    (datetime.date(1905, 6, 27), "2005", "year_as_date"),
    ("3/25/2005", "25.03.2005", "month_first"),
    ("15-Mar-2005", "15.03.2005", "date_form"),
    ("15-Thg 3-2005", "15.03.2005", "date_form"),
]


@pytest.mark.parametrize(("written", "value", "rule"), DATES, ids=lambda v: str(v)[:24])
def test_dates_in_many_forms(read_cells, written, value, rule):
    read = read_cells(
        nksNgaySinh=written, ngayDangKy="20.03.2010" if "10" in value else "20.03.2005",
        so="01/2010" if "10" in value else "01/2005",
    )  # fmt: skip
    assert read.row.values["nksNgaySinh"] == value
    assert read.steps("nksNgaySinh")[-1][0::2] == (rule, value)


def test_the_year_of_the_number_decides_a_short_year_of_the_registration(read_cells):
    read = read_cells(ngayDangKy="15/03/05")
    assert read.row.values["ngayDangKy"] == "15.03.2005"
    assert read.steps("ngayDangKy") == [("short_year", "15/03/05", "15.03.2005")]


def test_the_year_that_lost_its_zero_is_one_of_two_digits(read_cells):
    assert read_cells(ngayDangKy="15/3/5").steps("ngayDangKy")[-1][2] == "15.03.2005"


@pytest.mark.parametrize(
    "written", [datetime.date(2018, 1, 1), datetime.date(2005, 1, 5), "Jan-18"]
)
def test_a_date_in_the_column_of_numbers_that_cannot_be_one_is_a_fault(read_cells, written):
    read = read_cells(so=written)
    assert "not_a_number" in read.rules and not read.row.values["so"]


def test_a_cell_longer_than_excel_allows_is_told_and_stays_in_the_original(tmp_path):
    rows = table([BIRTH | {"ghiChu": "x" * 40_000}], HEADER)
    read = Read(text_file(tmp_path / "dai.csv", rows))
    assert read.rules == {"too_long"} and len(read.row.cells["ghiChu"]) == 40_000


def test_a_value_in_the_last_column_of_excel_is_not_lost(tmp_path):
    def far(book, sheet):
        sheet.cell(2, 16_384).value = "lạc"

    read = Read(xlsx_file(tmp_path / "xa.xlsx", table([BIRTH], HEADER), change=far))
    assert "lạc" in read.row.cells.values() and read.rules == {"no_heading"}


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("31/02/2005", "not_a_date"),
        ("15/03/3333", "year_impossible"),
        ("12/05/85", "year_of_two_digits"),
        ("01/01/1900", "placeholder_date"),
        ("hôm qua", "not_a_date"),
        ("15/03/200?", "not_a_date"),
    ],
)
def test_a_date_that_is_not_understood_is_a_fault_and_stays_beside_it(read_cells, written, rule):
    read = read_cells(nksNgaySinh=written, ngayDangKy="15.03.2005")
    rules = {f.rule for f in read.row.faults if f.column == "nksNgaySinh"}
    assert rules == {rule}
    assert read.row.values["nksNgaySinh"] == ""
    assert read.row.cells["nksNgaySinh"] == written == read.row.written("nksNgaySinh")


def test_dates_with_the_month_first_are_told_by_their_column(tmp_path):
    rows = [BIRTH | {"so": f"{n}/2005", "nksNgaySinh": f"3/{n}/2005"} for n in (4, 13, 25)]
    read = Read(text_file(tmp_path / "my.csv", table(rows, HEADER)))
    assert [r.values["nksNgaySinh"] for r in read.records] == [
        "04.03.2005", "13.03.2005", "25.03.2005",
    ]  # fmt: skip
    rows.append(BIRTH | {"so": "26/2005", "nksNgaySinh": "26/3/2005"})
    mixed = Read(text_file(tmp_path / "tron.csv", table(rows, HEADER)))
    assert [f.rule for f in mixed.records[0].faults] == ["day_or_month"]


@pytest.mark.parametrize(
    ("written", "value", "rule"),
    [
        (datetime.date(2005, 1, 1), "01/2005", "number_as_date"),
        (38353, "01/2005", "number_as_date"),
        ("Jan-05", "01/2005", "number_as_date"),
        ("Thg 12-05", "12/2005", "number_as_date"),
        ("7/", "07/2005", "number_without_year"),
        (12, "12/2005", "number_without_year"),
        ("Số 5/2005", "05/2005", "number_form"),
        ("5/05", "05/2005", "short_year"),
    ],
)
def test_numbers_that_lost_their_year_or_became_dates(read_cells, written, value, rule):
    read = read_cells(so=written)
    assert read.row.values["so"] == value
    assert read.steps("so")[-1][0::2] == (rule, value)


def test_a_number_with_a_letter_is_not_cut(read_cells):
    read = read_cells(so="12A/2005")
    assert read.row.written("so") == "12A/2005" and "not_a_number" in read.rules


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("nycSoGiayToTuyThan", 1205001234, "001205001234"),
        ("nycSoGiayToTuyThan", 32045678, "032045678"),
        ("nycSoGiayToTuyThan", "320456789", "320456789"),
    ],
)
def test_zeros_that_excel_took_from_papers_come_back(read_cells, column, written, value):
    assert read_cells(**{column: written}).row.values[column] == value


def test_a_zero_format_shows_the_zeros(read_cells):
    def form(book, sheet):
        cell_of(sheet, "nycSoGiayToTuyThan").number_format = "000000000"

    read = read_cells(form, nycSoGiayToTuyThan=12345678)
    assert read.row.values["nycSoGiayToTuyThan"] == "012345678"


@pytest.mark.parametrize(
    ("sex", "birth", "value"), [("1", "01/03/2005", "083205001234"), ("2", "01/03/2005", "")]
)
def test_a_personal_number_kept_as_text_gets_its_zero_where_the_holder_agrees(
    tmp_path, sex, birth, value
):
    cells = {"NKSSODINHDANH": "83205001234", "NKSGIOITINH": sex, "NKSNGAYSINH": birth}
    read = Read(text_file(tmp_path / "ca.csv", table(police_births(1, **cells))))
    assert read.row.values["nksSoDinhDanh"] == value
    assert ("id_length" in read.rules) == (not value)
    assert read.row.written("nksSoDinhDanh").endswith("83205001234")


def test_digits_that_excel_has_rounded_are_a_fault(read_cells):
    read = read_cells(nycSoGiayToTuyThan="7,9205E+10")
    assert "lost_digits" in read.rules and not read.row.values["nycSoGiayToTuyThan"]


@pytest.mark.parametrize(
    ("column", "written", "value", "rule"),
    [
        ("nksHoTen", "NGUYỄN  THỊ HÒA", "Nguyễn Thị Hòa", "capitals"),
        ("nksHoTen", "Nguye\u0302\u0303n Va\u0306n An", "Nguyễn Văn An", "decomposed"),
        ("nksHoTen", "NguyÔn V¨n An", "Nguyễn Văn An", "old_encoding"),
        ("nksHoTen", "Nguyeãn Vaên Höôùng", "Nguyễn Văn Hướng", "old_encoding"),
        ("nksHoTen", "Ðặng Văn An", "Đặng Văn An", "letters"),
        ("nksQueQuan", ", , , ", "", "empty_address"),
        ("nksQueQuan", ", XÃ PHƯỚC NGÃI, HUYỆN BA TRI,", "Xã Phước Ngãi, huyện Ba Tri", "address"),
        ("nksGioiTinh", "Nữ", "2", "word_to_code"),
        ("loaiDangKy", "Đúng hạn", "1", "word_to_code"),
        ("loaiDangKy", "4 - Quá hạn", "4", "word_to_code"),
        ("loaiDangKy", "01", "1", "number_form"),
        ("nksDanToc", "KINH", "Kinh", "listed"),
        ("ghiChu", "NULL", "", "no_value"),
        ("trangSo", "5.0", "5", "number_form"),
    ],
)
def test_what_is_mended_is_listed_with_both_texts(read_cells, column, written, value, rule):
    read = read_cells(**{column: written})
    assert read.row.values[column] == value
    assert rule in [step[0] for step in read.steps(column)]
    assert read.steps(column)[-1][2] == value
    assert read.row.cells[column] == written


@pytest.mark.parametrize(
    ("column", "written", "rule"),
    [
        ("nksHoTen", "Nguy?n V?n An", "lost_letters"),
        ("nksHoTen", "Nguyễn Văn An 2", "not_understood"),
        ("loaiDangKy", "9", "not_in_list"),
        ("nksDanToc", "01", "not_in_list"),
        ("nksHoTen", "", "empty"),
        ("ngayDangKy", "", "empty"),
        ("quyenSo", "3", "number_has_no_year"),
    ],
)
def test_what_is_not_understood_is_a_fault(read_cells, column, written, rule):
    read = read_cells(**{column: written})
    assert (rule, column) in {(f.rule, f.column) for f in read.row.faults}
    assert read.row.written(column) == written
