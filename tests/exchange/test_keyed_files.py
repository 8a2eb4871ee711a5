"""Keyed files in every state: each thing mended is listed, each thing not understood is a fault."""

import datetime
import io
import re
import struct
import unicodedata
import zipfile

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlwt.CompoundDoc import XlsDoc

from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow
from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns
from ocr_pipeline.registers.templates import generations, load_template
from ocr_pipeline.registers.types import RegisterType
from tests.builders.keyed_files import (
    BIRTH,
    HEADER,
    POLICE_HEADER,
    births,
    police_births,
    table,
    text_file,
    text_of,
    xls_file,
    xlsx_file,
)


class Read:
    """All that an opened file gives."""

    def __init__(self, *paths, mapped=None):
        with open_keyed(paths, mapped) as keyed:
            self.refused, self.files = keyed.refused, keyed.files
            self.all = list(keyed.rows())
            self.count = keyed.count
        self.records = [row for row in self.all if isinstance(row, KeyedRow)]
        self.aside = [row for row in self.all if isinstance(row, AsideRow)]
        assert len(self.all) == self.count

    @property
    def row(self) -> KeyedRow:
        [row] = self.records
        return row

    @property
    def rules(self) -> set[str]:
        return {f.rule for row in self.records for f in row.faults}

    def steps(self, column):
        return [(m.rule, m.before, m.after) for m in self.row.mended if m.column == column]


@pytest.fixture
def read_cells(tmp_path):
    """One birth in an .xlsx with these cells instead of the right ones."""

    def read(change=None, **cells):
        rows = table([BIRTH | cells], HEADER)
        return Read(xlsx_file(tmp_path / "mot.xlsx", rows, change=change))

    return read


def cell_of(sheet, name, row=2):
    return sheet.cell(row, HEADER.index(name) + 1)


def as_cp1258(text: str) -> bytes:
    """Letters of the code page with the tones behind them, as Windows writes them."""
    made = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", letter)
        for tones in range(len(apart)):
            try:  # the longest composed letter that the page has, and its tones
                whole = unicodedata.normalize("NFC", apart[: len(apart) - tones])
                made += (whole + apart[len(apart) - tones :]).encode("cp1258")
                break
            except UnicodeEncodeError:
                continue
        else:  # a tone below stands before the roof: ậ is â and a dot
            base, *marks = apart
            roof = next(m for m in marks if m in "\u0302\u0306\u031b")
            rest = "".join(m for m in marks if m != roof)
            made += (unicodedata.normalize("NFC", base + roof) + rest).encode("cp1258")
    return bytes(made)


# --- What the file is


def test_the_police_export_has_the_columns_of_the_template_with_personal_numbers(tmp_path):
    assert len(POLICE_HEADER) == 61
    read = Read(xlsx_file(tmp_path / "ca.xlsx", table(police_births(3))))
    assert [row.values["so"] for row in read.records] == ["01/2005", "02/2005", "03/2005"]
    row = read.records[0]
    assert (row.template.type, row.template.generation) == ("KS", "158")
    assert row.units == {"commune": "Xã Phước Ngãi", "district": "Huyện Ba Tri"}
    assert row.values["nksHoTen"] == "Nguyễn Văn An" and row.cells["NKSHOTEN"] == "NGUYỄN VĂN AN"
    assert not read.files[0].faults and not read.rules
    assert row.key.row == 2 and row.key.sheet == "Sheet1"


TEMPLATES = [
    load_template(kind, generation, variant)
    for kind in RegisterType
    for generation in generations(kind)
    for variant in load_template(kind, generation).variants or ("",)
]


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda t: f"{t.type}-{t.generation}-{t.variant}"
)
def test_every_template_is_known_by_its_header(template, tmp_path):
    cells = {"so": "01/2018", "quyenSo": "01/2018", "ngayDangKy": "02.01.2018"}
    path = text_file(tmp_path / "mau.csv", table([cells], template.headers()))
    row = Read(path).row
    assert row.template == template
    assert row.values["so"] == "01/2018"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_text_tables_in_all_encodings_and_with_all_separators(tmp_path, delimiter, encoding):
    text = text_of(table(births(2), HEADER), delimiter)
    path = tmp_path / "bang.csv"
    path.write_bytes(as_cp1258(text) if encoding == "cp1258" else text.encode(encoding))
    read = Read(path)
    assert [row.values["nksHoTen"] for row in read.records] == ["Nguyễn Văn An"] * 2
    assert read.records[0].values["noiDangKy"] == BIRTH["noiDangKy"]
    assert bool(read.files[0].notices) == (encoding == "cp1258")


def test_a_file_put_together_of_two_encodings_keeps_its_letters(tmp_path):
    header, first, second = text_of(table(births(2), HEADER)).splitlines()
    old = second.replace("Nguyễn Văn An", "NguyÔn V¨n An").replace("Trần Thị Bé", "TrÇn ThÞ BÐ")
    old = "".join(c if ord(c) < 256 else "?" for c in old)
    path = tmp_path / "gop.csv"
    path.write_bytes(f"{header}\r\n{first}\r\n".encode() + old.encode("latin-1"))
    read = Read(path)
    assert [row.values["nksHoTen"] for row in read.records] == ["Nguyễn Văn An"] * 2
    assert "3" in read.files[0].notices[0].vi


@pytest.mark.parametrize("write", [xlsx_file, xls_file])
def test_a_header_below_titles_and_in_two_rows(tmp_path, write):
    rows = [
        ["SỞ TƯ PHÁP TỈNH BẾN TRE"],
        ["Danh sách khai sinh năm 2005"],
        [],
        ["TT", "Số", "Quyển số", "Ngày đăng ký", "Họ tên", "", "", "Giới tính"],
        ["", "", "", "", "người được khai sinh", "mẹ", "cha", ""],
        ["1", "01/2005", "01/2005", "15/3/2005", "Nguyễn Văn An", "Trần Thị Bé", "", "Nam"],
    ]
    read = Read(write(tmp_path / "bang", rows))
    row = read.row
    assert row.values["meHoTen"] == "Trần Thị Bé" and row.values["nksHoTen"] == "Nguyễn Văn An"
    assert row.values["nksGioiTinh"] == "1" and row.values["ngayDangKy"] == "15.03.2005"
    assert [a.fault.rule for a in read.aside] == ["above_header"] * 2


def test_a_mapping_file_names_the_columns_of_any_other_table(tmp_path):
    path = text_file(
        tmp_path / "rieng.csv",
        [["Mã", "Tên bé", "Vào sổ", "Xã"], ["7", "TRẦN THỊ HÒA", "7/2010", "An Đức"]],
    )
    assert Read(path).refused[0].remedy.en.endswith("(--mapping)")
    mapping = tmp_path / "cot.yaml"
    mapping.write_text(
        "type: KS\ncolumns:\n  Mã: '-'\n  Tên bé: nksHoTen\n  Vào sổ: so\n  Xã: unit.commune\n",
        encoding="utf-8",
    )
    row = Read(path, mapped=mapped_columns(mapping)).row
    assert row.values == {"nksHoTen": "Trần Thị Hòa", "so": "07/2010"}
    assert row.units == {"commune": "An Đức"}


def test_a_mapping_file_that_names_no_column_is_refused(tmp_path):
    mapping = tmp_path / "cot.yaml"
    mapping.write_text("type: KS\ncolumns:\n  Tên: hoTenBe\n", encoding="utf-8")
    with pytest.raises(Exception, match="hoTenBe"):
        mapped_columns(mapping)


# --- Cells


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


# --- Sheets of Excel


def test_formulas_errors_and_merged_cells(tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    tab = book.add_sheet("KS")
    for number, row in enumerate(table(births(3), HEADER)):
        for column, value in enumerate(row):
            if value and HEADER[column] not in ("quyenSo", "trangSo", "meHoTen"):
                tab.write(number, column, value)
    tab.write(0, HEADER.index("meHoTen"), "meHoTen")
    tab.write_merge(0, 0, HEADER.index("quyenSo"), HEADER.index("quyenSo"), "quyenSo")
    tab.write_merge(1, 3, HEADER.index("quyenSo"), HEADER.index("quyenSo"), "01/2005")
    tab.write(0, HEADER.index("trangSo"), "trangSo")
    tab.write(1, HEADER.index("trangSo"), xlwt.Formula("1+1"))
    book.save(str(tmp_path / "cu.xls"))
    read = Read(tmp_path / "cu.xls")
    assert [row.values["quyenSo"] for row in read.records] == ["01/2005"] * 3
    assert [m.rule for m in read.records[2].mended if m.column == "quyenSo"] == ["merged"]
    assert "formula_without_result" in read.rules  # xlwt keeps none

    def spoil(book, sheet):
        cell_of(sheet, "meHoTen").value = "#REF!"
        cell_of(sheet, "meHoTen").data_type = "e"
        cell_of(sheet, "trangSo").value = "=A1+1"
        at = cell_of(sheet, "quyenSo").coordinate
        sheet.merge_cells(f"{at}:{at[0]}4")

    rows = table(births(3), HEADER)
    new = Read(xlsx_file(tmp_path / "moi.xlsx", rows, change=spoil))
    assert {"error_cell", "formula_without_result"} <= new.rules
    assert [row.values["quyenSo"] for row in new.records] == ["01/2005"] * 3


def test_hidden_rows_and_columns_are_read_and_told_hidden_sheets_are_a_fault(tmp_path):
    def hide(book, sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["A"].hidden = True
        other = book.create_sheet("cũ")
        other.append(["so", "1"])
        other.sheet_state = "hidden"

    read = Read(xlsx_file(tmp_path / "an.xlsx", table(births(3), HEADER), change=hide))
    assert len(read.records) == 3
    assert [f.rule for f in read.files[0].faults] == ["hidden_sheet"]
    assert read.files[0].rows_left == 1
    told = " ".join(notice.vi for notice in read.files[0].notices)
    assert "1 dòng bị ẩn" in told and "so" in told


def test_totals_closing_lines_repeated_headers_and_numbers_are_put_aside(tmp_path):
    header, *rows = table(births(3), HEADER)
    rows.insert(0, [str(n) for n in range(1, len(header) + 1)])
    rows.insert(2, header)
    rows += [["4", *[""] * 10], ["Tổng cộng", "3"], ["", "", "", "Ngày 5 tháng 6 năm 2023"]]
    rows += [["Người lập biểu", "", "", "CHỦ TỊCH"]]
    read = Read(xlsx_file(tmp_path / "tong.xlsx", [header, *rows]))
    assert len(read.records) == 4  # “4” stands in the column so, where no serial numbers are
    assert [a.fault.rule for a in read.aside] == [
        "column_numbers", "header_again", "totals_row", "closing_row", "closing_row",
    ]  # fmt: skip
    assert all(a.fault.harmless for a in read.aside)
    assert read.aside[2].cells == ("Tổng cộng", "3")


def test_the_same_row_again_is_named_with_the_first(tmp_path):
    rows = table([*births(2), births(1)[0]], HEADER)
    read = Read(xlsx_file(tmp_path / "lap.xlsx", rows))
    assert [row.double_of and row.double_of.row for row in read.records] == [None, None, 2]


def test_twins_are_no_doubles(tmp_path):
    twins = [BIRTH, BIRTH | {"so": "02/2005", "nksHoTen": "Nguyễn Văn Anh"}]
    read = Read(xlsx_file(tmp_path / "doi.xlsx", table(twins, HEADER)))
    assert not any(row.double_of for row in read.records)


def test_a_line_broken_or_shifted_in_a_text_table_is_a_fault(tmp_path):
    header, *lines = text_of(table(births(4), HEADER)).splitlines()
    cut = len(lines[1]) // 2
    lines[1:2] = [lines[1][:10], lines[1][10:cut]]
    lines[-1] = lines[-1].replace("Nguyễn Văn An", "Nguyễn, Văn An")
    lines.append('"mở mà không đóng')
    path = tmp_path / "hong.csv"
    path.write_text("\r\n".join([header, *lines]), encoding="utf-8")
    read = Read(path)
    assert len(read.records) == 2
    assert [a.fault.rule for a in read.aside] == [
        "few_cells", "few_cells", "surplus_cells", "open_quote",
    ]  # fmt: skip
    assert not any(a.fault.harmless for a in read.aside)
    assert read.aside[-1].cells == ('"mở mà không đóng',)


def test_of_a_formula_the_kept_result_is_taken(tmp_path):
    rows = table([BIRTH | {"trangSo": "=6*7"}], HEADER)
    made, path = xlsx_file(tmp_path / "tam.xlsx", rows), tmp_path / "congthuc.xlsx"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(
                name, re.sub(rb"(<f>6\*7</f>)<v ?/>|(<f>6\*7</f>)<v></v>", rb"\1\2<v>42</v>", data)
            )
    read = Read(path)
    assert read.row.values["trangSo"] == "42"
    assert read.steps("trangSo") == [("formula", "=…", "42")]


# --- Files that give nothing


def encrypted_xlsx() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )


def encrypted_xls() -> bytes:
    """An old workbook whose second record says that the rest is encrypted ([MS-XLS] 2.4.117)."""
    book = xlwt.Workbook()
    book.add_sheet("KS").write(0, 0, "so")
    records = book.get_biff_data()
    begin = 4 + struct.unpack_from("<H", records, 2)[0]
    file_pass = struct.pack("<HHHHH", 0x2F, 6, 0, 0, 0)
    stream = io.BytesIO()
    XlsDoc().save(stream, records[:begin] + file_pass + records[begin:])
    return stream.getvalue()


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


USELESS = {
    "empty": (b"", "rỗng"),
    "blank": (b"\r\n\r\n,,,\r\n", "không có dòng nào"),
    "html": (b"<html><table><tr><td>so</td></tr></table></html>", "HTML"),
    "xml": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "XML"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "rar": (b"Rar!\x1a\x07", "RAR"),
    "zip": (zipped("so.txt"), "nén"),
    "xlsb": (zipped("xl/workbook.bin"), "xlsb"),
    "broken_xlsx": (zipped("xl/workbook.xml"), "hỏng"),
    "cut_xlsx": (b"PK\x03\x04" + b"\0" * 50, "hỏng"),
    "password": (encrypted_xlsx(), "mật khẩu"),
    "password_xls": (encrypted_xls(), "mật khẩu"),
    "broken_xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 600, "hỏng"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, "không phải bảng"),
    "letter": ("Kính gửi Sở Tư pháp, đề nghị xem xét.\n".encode(), "tiêu đề"),
    "no_columns": (b"a;b;c\n1;2;3\n", "tiêu đề"),
}  # fmt: skip


@pytest.mark.parametrize("name", USELESS)
def test_a_file_that_gives_nothing_says_why_and_the_others_go_on(tmp_path, name):
    data, said = USELESS[name]
    useless = tmp_path / "hong.xlsx"
    useless.write_bytes(data)
    good = text_file(tmp_path / "tot.csv", table(births(1), HEADER))
    read = Read(useless, good, tmp_path / "thieu.xlsx")
    assert len(read.records) == 1
    first, missing = read.refused
    assert said in first.cause.vi and first.remedy and first.where == str(useless)
    assert "không còn ở đó" in missing.cause.vi


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    [error] = Read(tmp_path).refused
    assert "thư mục" in error.cause.vi


# --- Nothing is lost


CELLS = st.one_of(
    st.sampled_from(
        [*map(str, BIRTH.values()), ", , ,", "NULL", "Tổng cộng", "15/03/5005", "#REF!"]
    ),
    st.text(alphabet="aáằNguyễnĐ0123456789/.,-?'\"\t ;|", max_size=12),
)  # fmt: skip


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=len(HEADER)), max_size=6),
    kind=st.sampled_from("ct"),
)
def test_rows_in_are_rows_out_and_rows_put_aside(tmp_path, rows, kind):
    head = table(births(1), HEADER)
    padded = [[*row, *[""] * (len(HEADER) - len(row))] for row in rows]
    if kind == "t":
        path = text_file(tmp_path / "bang.csv", [*head, *padded])
        lines = None
    else:
        path = tmp_path / "bang.xlsx"
        book = openpyxl.Workbook()
        for number, row in enumerate([*head, *padded], 1):
            for column, text in enumerate(row, 1):
                cell = book.active.cell(number, column)
                cell.value = text.replace("\t", " ")
                cell.data_type = "s"
        book.save(path)
        lines = 1 + sum(any(text.strip() for text in row) for row in rows)
    read = Read(path)
    places = [row.key.row for row in read.all]
    assert len(set(places)) == len(places)
    if lines is not None:
        assert len(read.all) == lines
    for row in read.records:
        for name, value in row.values.items():
            raw = row.cells.get(name, "")
            changed = [m for m in row.mended if m.column == name]
            faulty = any(f.column == name for f in row.faults)
            assert value == raw or changed or faulty
            if changed:
                assert changed[-1].after == (value or row.texts[name])
