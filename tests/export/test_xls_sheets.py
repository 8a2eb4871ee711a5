"""What an `.xls` of anyone holds: formulas, formats, merged and hidden cells."""

import datetime
import io
import zipfile

import pytest
import xlwt

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.export.preimport.cells import Cell, CellKind, MergedCell
from ocr_pipeline.export.preimport.sheets import form_of, read_sheets
from ocr_pipeline.export.preimport.xls_sheets import xls_sheets


def written(*fills, dates_1904: bool = False) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = dates_1904
    for number, fill in enumerate(fills):
        fill(book.add_sheet(f"Trang {number}"))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_formulas_are_told_from_values_on_the_sheet_that_has_them():
    def plain(tab):
        tab.write(0, 0, "01/2018")

    def formulas(tab):
        tab.write(0, 0, "01/2018")
        tab.write(1, 2, xlwt.Formula('"01/"&"2018"'))
        tab.write(3, 1, xlwt.Formula("1/0"))

    first, second = xls_sheets(written(plain, formulas))
    assert first.rows == [[Cell(CellKind.TEXT, "01/2018")]]
    kinds = {
        (r, c): cell.kind
        for r, row in enumerate(second.rows)
        for c, cell in enumerate(row)
        if cell.kind is not CellKind.EMPTY
    }
    assert kinds == {
        (0, 0): CellKind.TEXT,
        (1, 2): CellKind.FORMULA,
        (3, 1): CellKind.FORMULA,
    }


def test_numbers_and_dates_are_shown_as_excel_shows_them():
    def fill(tab):
        tab.write(0, 0, 12345678, xlwt.easyxf(num_format_str="000000000"))
        tab.write(0, 1, 62.5)
        tab.write(0, 2, datetime.date(2018, 1, 1), xlwt.easyxf(num_format_str="DD.MM.YYYY"))
        tab.write(0, 3, True)
        tab.write(0, 4, 4000000, xlwt.easyxf(num_format_str="DD.MM.YYYY"))

    [sheet] = xls_sheets(written(fill))
    assert sheet.rows[0] == [
        Cell(CellKind.NUMBER, "012345678"),
        Cell(CellKind.NUMBER, "62.5"),
        Cell(CellKind.DATE, "01.01.2018"),
        Cell(CellKind.OTHER, "TRUE"),
        Cell(CellKind.OTHER, "4000000"),
    ]


def test_days_of_the_1904_system_are_those_that_excel_shows():
    def fill(tab):
        tab.write(0, 0, 41639, xlwt.easyxf(num_format_str="DD.MM.YYYY"))

    [sheet] = xls_sheets(written(fill, dates_1904=True))
    assert sheet.rows[0] == [Cell(CellKind.DATE, "01.01.2018")]


def test_merged_and_hidden_cells_are_known():
    def fill(tab):
        tab.write_merge(1, 3, 2, 2, "Nguyễn Văn Nghĩa")
        tab.write(4, 0, "x")
        tab.row(3).hidden = True
        tab.col(1).hidden = True

    [sheet] = xls_sheets(written(fill))
    assert sheet.merged == (MergedCell(1, 4, 2, 3),)
    assert sheet.hidden_rows == {3}
    assert sheet.hidden_columns == {1}


def open_document() -> bytes:
    """A table as LibreOffice saves it of its own accord: the first entry names the format."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"", "an empty file"),
        (b"so,quyenSo\n", "text or CSV"),
        (b"\xff\xfes\0o\0", "text or CSV"),
        (b"<html><table></table></html>", "HTML"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "XML of Excel 2003"),
        (b"%PDF-1.7", "PDF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (open_document(), "an .ods spreadsheet"),
    ],
)
def test_files_that_are_no_workbook_are_called_by_their_name(tmp_path, data, form):
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    assert form_of(path).en == form


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (written(lambda tab: tab.write(0, 0, "x"))[:3000], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "damaged"),
    ],
)
def test_a_damaged_workbook_is_told_in_our_words(tmp_path, capfd, data, reason):
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    with pytest.raises(BadInputError) as caught:
        read_sheets(path)
    assert reason in caught.value.cause.en and "xlrd" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
