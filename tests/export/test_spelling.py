"""Texts that an import takes and nobody finds afterwards are named, with what they should be."""

import unicodedata

import pytest
import xlrd
import xlwt

from ocr_pipeline.export.faults import FaultLevel
from ocr_pipeline.export.preimport import check_package
from tests.builders.births import PDFS
from tests.builders.package_files import ROWS, TEMPLATE, errors, pair, pdf

__all__ = ["pair"]

AGENCY = "Ủy ban nhân dân xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"


def faults_of(report, column: str) -> dict[str, FaultLevel]:
    return {f.rule: f.level for f in report.faults if f.column == column and f.row == 2}


@pytest.mark.parametrize(
    ("column", "text", "rule", "level"),
    [
        ("nksHoTen", "NguyÔn V¨n An", "other_encoding", FaultLevel.ERROR),
        ("nksHoTen", "Nguyeãn Vaên An", "other_encoding", FaultLevel.ERROR),
        ("nksHoTen", "Nguyá»…n VÄƒn An", "other_encoding", FaultLevel.ERROR),
        ("nksHoTen", "Nguy?n V?n An", "letters_lost", FaultLevel.ERROR),
        ("nksHoTen", "Ðặng Thị Bưởi", "letters_look_alike", FaultLevel.ERROR),
        ("nksHoTen", "Nguyễn Văn Еm", "letters_look_alike", FaultLevel.ERROR),  # Cyrillic Е
        ("nksHoTen", "Nguyễn Văn\u200b An", "letters_invisible", FaultLevel.ERROR),
        ("nksHoTen", "Nguyễn  Văn An", "letters_blank", FaultLevel.WARNING),
        ("nksHoTen", "Nguyễn Văn An\n", "letters_line_break", FaultLevel.WARNING),
        ("nksHoTen", unicodedata.normalize("NFD", "Nguyễn An"), "not_nfc", FaultLevel.WARNING),
        ("nksHoTen", "nguyễn Văn An", "name_case", FaultLevel.WARNING),
        ("nksNoiSinh", "xÃ Lộc Thuận", "letter_case", FaultLevel.WARNING),
        ("so", "０62/2017", "letters_digit", FaultLevel.ERROR),
        ("nycSoGiayToTuyThan", "'321456789", "letters_apostrophe", FaultLevel.ERROR),
        ("ghiChu", "=1+1", "letters_formula", FaultLevel.WARNING),
        ("chaNgaySinh", "01.01.1900", "placeholder_date", FaultLevel.WARNING),
    ],
)
def test_odd_texts_are_named(pair, column, text, rule, level):
    report = check_package(*pair([ROWS[0] | {column: text}, ROWS[1]]))
    assert faults_of(report, column)[rule] is level


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("nksHoTen", "NGUYỄN VĂN AN"),
        ("nksHoTen", "H’Mông K'Brôi"),
        ("ghiChu", "Cải chính theo QĐ 12\nngày 01.02.2019"),
        ("nksNoiSinh", "Trạm Y tế xã Lộc Thuận"),
    ],
)
def test_right_texts_are_left_in_peace(pair, column, text):
    report = check_package(*pair([ROWS[0] | {column: text}, ROWS[1]]))
    odd = {"other_encoding", "name_case", "letter_case"}
    found = faults_of(report, column)
    assert not odd & found.keys() and not [rule for rule in found if rule.startswith("letters_")]


def test_an_old_encoding_is_named_with_the_text_that_was_meant(pair):
    report = check_package(*pair([ROWS[0] | {"nksHoTen": "NguyÔn V¨n An"}, ROWS[1]]))
    [found] = [f for f in report.faults if f.rule == "other_encoding"]
    assert "TCVN3" in found.message.vi and "Nguyễn Văn An" in found.remedy.vi


def test_the_remedy_says_what_to_type(pair):
    report = check_package(*pair([ROWS[0] | {"nksHoTen": "Ðặng\u00a0Thị Bưởi"}, ROWS[1]]))
    remedies = {f.remedy.vi for f in report.faults if f.rule == "letters_look_alike"}
    assert remedies == {"Gõ lại: “Đặng Thị Bưởi”"}


@pytest.mark.parametrize(
    ("agency", "rule"),
    [
        (AGENCY.replace("Lộc Thuận", "Lộc Thuân"), "agency_unknown"),
        (AGENCY.replace("Bến Tre", "Hà Nội"), "agency_unknown"),
        (AGENCY.replace("xã Lộc Thuận", "xã LỘC THUẬN"), "agency_spelling"),
        (AGENCY.replace("Lộc Thuận", "Thới Thuận"), "stem_agency"),
    ],
)
def test_agencies_are_looked_up(pair, agency, rule):
    rows = [row | {"noiDangKy": agency} for row in ROWS]
    found = [f for f in check_package(*pair(rows)).faults if f.column == "noiDangKy"]
    assert rule in {f.rule for f in found}
    assert {f.row for f in found if f.rule == rule} == {2}  # once, not for every row


@pytest.mark.parametrize("agency", [AGENCY, AGENCY.replace("Ủy ban nhân dân", "UBND")])
def test_a_known_agency_is_left_in_peace(pair, agency):
    rows = [row | {"noiDangKy": agency} for row in ROWS]
    assert [f for f in check_package(*pair(rows)).faults if f.column == "noiDangKy"] == []


def spoilt(path, change) -> None:
    """Write the workbook again, with a change to its sheet."""
    old = xlrd.open_workbook(path).sheet_by_index(0)
    book = xlwt.Workbook(encoding="utf-8")
    tab = book.add_sheet(TEMPLATE.sheet, cell_overwrite_ok=True)
    for row in range(old.nrows):
        for column in range(old.ncols):
            if old.cell_value(row, column):
                tab.write(row, column, old.cell_value(row, column))
    change(tab, [column.name for column in TEMPLATE.columns])
    book.save(str(path))


def test_merged_cells_leave_the_rows_below_empty(pair):
    path, zipped = pair()

    def merge(tab, names):
        tab.merge(1, 2, names.index("nguoiKy"), names.index("nguoiKy"))

    spoilt(path, merge)
    report = check_package(path, zipped)
    assert ("merged_cells", 2, "nguoiKy") in errors(report)


def test_hidden_rows_and_columns_are_named(pair):
    path, zipped = pair()

    def hide(tab, names):
        tab.row(2).hidden = True
        tab.row(40).hidden = True  # below the data: nothing is hidden there
        tab.col(names.index("nksHoTen")).hidden = True

    spoilt(path, hide)
    found = [(f.rule, f.row, f.column) for f in check_package(path, zipped).faults]
    assert ("hidden_row", 3, "") in found and ("hidden_column", 0, "nksHoTen") in found
    assert len([rule for rule, _, _ in found if rule.startswith("hidden")]) == 2


def test_a_formula_cell_of_an_xls_is_an_error(pair):
    path, zipped = pair()
    spoilt(path, lambda tab, names: tab.write(1, names.index("ghiChu"), xlwt.Formula("1+1")))
    assert ("formula_cell", 2, "ghiChu") in errors(check_package(path, zipped))


def test_one_scan_for_records_of_different_pages_is_questioned(pair):
    same = [(name, pdf(1)) for name in PDFS]
    own = [(name, pdf(number)) for number, name in enumerate(PDFS)]
    for pages, entries, expected in (
        (("1", "2"), same, ["pdf_same_scan"]),
        (("1", "1"), same, []),  # both records stand on one sheet
        (("1", "2"), own, []),
    ):
        rows = [row | {"trangSo": page} for row, page in zip(ROWS, pages, strict=True)]
        report = check_package(*pair(rows, entries))
        assert [f.rule for f in report.faults if f.rule == "pdf_same_scan"] == expected
