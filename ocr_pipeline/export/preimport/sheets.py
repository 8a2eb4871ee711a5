"""Sheets of an `.xls` or `.xlsx` made by anyone, and what a file is that is neither."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlrd

from ocr_pipeline.books.xlsx_rows import BROKEN, is_open_document, xlsx_rows
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.export.preimport.cells import EMPTY, Cell, CellKind, RawSheet
from ocr_pipeline.export.preimport.xls_sheets import xls_sheets
from ocr_pipeline.export.xls import MAX_ROWS
from ocr_pipeline.plain_files import open_plain, read_plain

MAX_COLUMNS = 256
MAX_BYTES = 200 << 20
_MAX_UNPACKED_BYTES = 600 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_HEAD_BYTES = 4096

XLS, XLSX = Text("xls", "xls"), Text("xlsx", "xlsx")
_KINDS = (
    (b"%PDF-", Text("PDF", "PDF")),
    (b"Rar!", Text("RAR", "RAR")),
    (b"7z\xbc\xaf", Text("7-Zip", "7-Zip")),
    (b"{\\rtf", Text("RTF", "RTF")),
)
_EMPTY_FILE = Text("tệp rỗng", "an empty file")
_OPEN_DOCUMENT = Text("bảng tính .ods", "an .ods spreadsheet")
_OTHER_ZIP = Text("tệp nén, không phải sổ Excel", "an archive, not a workbook")
_TEXT = Text("văn bản hay CSV", "text or CSV")
_XML = Text("XML của Excel 2003", "XML of Excel 2003")
_HTML = Text("HTML", "HTML")


def form_of(path: Path) -> Text:
    """What the bytes say: `XLS`, `XLSX`, or the name of another kind, whatever the file's name."""
    with open_plain(path) as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_OLE):
        return XLS
    if is_open_document(head):
        return _OPEN_DOCUMENT
    if head.startswith(_ZIP):
        return XLSX if _is_xlsx(path) else _OTHER_ZIP
    for magic, name in _KINDS:
        if head.startswith(magic):
            return name
    if not head:
        return _EMPTY_FILE
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith(b"<"):
        return _TEXT
    return _XML if b"Excel.Sheet" in head or b"office:spreadsheet" in head else _HTML


def read_sheets(path: Path) -> list[RawSheet]:
    """All sheets of a workbook, at most 65,536 rows and 256 columns of each.

    Merged and hidden cells are known for `.xls` only: an `.xlsx` has to be saved as `.xls` anyway.

    Raises:
        BadInputError: no workbook, damaged, protected by a password, or abnormally large.

    """
    form = form_of(path)
    try:
        if form == XLS:
            return list(xls_sheets(read_plain(path)))
        if form == XLSX:
            _refuse_bomb(path)
            return list(_xlsx_sheets(path))
    except (BadInputError, MemoryError):
        raise
    except Exception as error:  # both readers raise whatever their parsers stumble over
        raise _unreadable(path, _reason(error, form)) from error
    raise _unreadable(path, form)


def _xlsx_sheets(path: Path) -> Iterator[RawSheet]:
    with open_plain(path) as file:  # openpyxl refuses a path that does not end in .xlsx
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                rows: list[list[Cell]] = []
                for number, cells in xlsx_rows(sheet, MAX_ROWS, MAX_COLUMNS):
                    rows += [[] for _ in range(number - 1 - len(rows))]
                    rows.append(_modern_cells(cells))
                yield RawSheet(sheet.title, rows)
        finally:
            book.close()


def _modern_cells(cells: Sequence[Mapping[str, Any]]) -> list[Cell]:
    row = [EMPTY] * max((cell["column"] for cell in cells), default=0)
    for cell in cells:
        row[cell["column"] - 1] = _modern_cell(cell["value"], cell["data_type"])
    return row


def _modern_cell(value: object, kind: str) -> Cell:
    if kind == "f":
        return Cell(CellKind.FORMULA, str(value))
    return Cell(CellKind.OTHER, "#?") if kind == BROKEN else _cell(value)


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, str):
        return Cell(CellKind.TEXT, value)
    if isinstance(value, bool):
        return Cell(CellKind.OTHER, str(value).upper())
    if isinstance(value, int | float):
        return Cell(CellKind.NUMBER, f"{value:.15g}")
    if isinstance(value, datetime.date):
        return Cell(CellKind.DATE, value.strftime("%d.%m.%Y"))
    return Cell(CellKind.OTHER, str(value))


def _is_xlsx(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return True  # cut off: it is told as a damaged workbook


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED_BYTES:
            raise _unreadable(
                path, Text("giải nén ra lớn bất thường", "it unpacks to an abnormal size")
            )


def _reason(error: Exception, form: Text) -> Text:
    said = str(error).lower()
    if form == XLS and isinstance(error, xlrd.XLRDError) and "encrypted" in said:
        return Text("tệp có mật khẩu", "the file is protected by a password")
    if form == XLS and "can't find workbook" in said:
        return Text(
            "không phải tệp Excel 97–2003, hoặc là tệp Excel mới có mật khẩu",
            "it is no Excel 97–2003 file, or a newer Excel file with a password",
        )
    return Text("tệp hỏng hoặc bị cắt mất một phần", "the file is damaged or cut off")


def _unreadable(path: Path, reason: Text) -> BadInputError:
    return BadInputError(
        reason,
        where=str(path),
        remedy=Text("Lưu lại dạng Excel 97–2003 (.xls)", "Save it as Excel 97–2003 (.xls)"),
    )
