"""Sheets of an `.xls` file: cells as Excel shows them, formulas, merged and hidden cells."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import xlrd
from xlrd.compdoc import CompDoc
from xlrd.xldate import XLDateError, xldate_as_datetime

from ocr_pipeline.export.preimport.cells import EMPTY, Cell, CellKind, MergedCell, RawSheet

_FORMULA_RECORDS = frozenset({0x0006, 0x0206, 0x0406})  # [MS-XLS] 2.4.127; Excel 2 to 4 and later
_SHEET_RECORDS = frozenset({0x0085})
_START_RECORDS = frozenset({0x0809})
_STREAMS = ("Workbook", "Book")  # Excel 97 and later; Excel 5.0 and 95
_ZEROS = re.compile(r"0{2,}")


@dataclass(frozen=True, slots=True)
class XlsSheet:
    """One worksheet of an `.xls` whose cells are made as they are asked for.

    Attributes:
        name: its name.
        hidden: nobody sees it in Excel.
        rows: cells of each row, from Excel row 1; can be gone through once.
        merged: blocks of merged cells.
        hidden_rows: rows that nobody sees, from 0.
        hidden_columns: the same for columns.

    """

    name: str
    hidden: bool
    rows: Iterator[list[Cell]]
    merged: tuple[MergedCell, ...]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]


def xls_sheets(data: bytes) -> Iterator[RawSheet]:
    """All worksheets of the file's bytes, in order; charts and macros are left out.

    Raises:
        xlrd.XLRDError: no workbook, or one protected by a password; a damaged file raises anything.

    """
    for sheet in open_xls(data):
        yield RawSheet(
            sheet.name, list(sheet.rows), sheet.merged, sheet.hidden_rows, sheet.hidden_columns
        )


def open_xls(data: bytes) -> Iterator[XlsSheet]:
    """As `xls_sheets`, for sheets of which not all cells are wanted at once."""
    said = io.StringIO()  # what xlrd would print on the terminal
    book = xlrd.open_workbook(
        file_contents=data, formatting_info=True, ragged_rows=True, logfile=said
    )
    formulas = _formula_cells(data)
    for number, sheet in enumerate(book.sheets()):
        yield XlsSheet(
            sheet.name,
            sheet.visibility != 0,
            _rows(book, sheet, formulas.get(number, frozenset())),
            tuple(MergedCell(*block) for block in sheet.merged_cells),
            frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden),
            frozenset(column for column, info in sheet.colinfo_map.items() if info.hidden),
        )


def _rows(
    book: xlrd.Book, sheet: xlrd.sheet.Sheet, formulas: frozenset[tuple[int, int]]
) -> Iterator[list[Cell]]:
    for row in range(sheet.nrows):
        yield [
            _formula(_cell(book, sheet, row, column))
            if (row, column) in formulas
            else _cell(book, sheet, row, column)
            for column in range(sheet.row_len(row))
        ]


def _cell(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, column: int) -> Cell:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return Cell(CellKind.TEXT, value) if value else EMPTY
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return EMPTY
    if kind == xlrd.XL_CELL_NUMBER:
        return Cell(CellKind.NUMBER, _number(value, _format(book, sheet, row, column)))
    if kind == xlrd.XL_CELL_DATE:
        return _date(value, book.datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return Cell(CellKind.OTHER, "TRUE" if value else "FALSE")
    return Cell(CellKind.OTHER, xlrd.error_text_from_code.get(value, "#?"))


def _formula(cell: Cell) -> Cell:
    return Cell(CellKind.FORMULA, cell.text)


def _format(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, column: int) -> str:
    style = book.xf_list[sheet.cell_xf_index(row, column)]
    found = book.format_map.get(style.format_key)
    return found.format_str if found else ""


def _number(value: float, form: str) -> str:
    """The number as Excel shows it where the format is nothing but zeros: 12345678 as 012345678."""
    if _ZEROS.fullmatch(form) and value >= 0:
        return f"{value:0{len(form)}.0f}"
    return f"{value:.15g}"


def _date(value: float, datemode: int) -> Cell:
    try:
        return Cell(CellKind.DATE, xldate_as_datetime(value, datemode).strftime("%d.%m.%Y"))
    except (XLDateError, ValueError, OverflowError):  # before 1900, beyond the year 9999
        return Cell(CellKind.OTHER, f"{value:.15g}")


def _formula_cells(data: bytes) -> dict[int, frozenset[tuple[int, int]]]:
    """Row and column (from 0) of all formulas, by number of the worksheet.

    xlrd gives the value of a formula like any other value; what tells them apart is the kind of
    record that holds the cell.
    """
    stream = _stream(data)
    starts: dict[int, int] = {}  # place of a worksheet's first record -> its number
    found: dict[int, set[tuple[int, int]]] = {}
    sheet = -1
    for at, kind, body in _records(stream):
        if kind in _SHEET_RECORDS and len(body) >= 6 and body[5] == 0:  # 0: a worksheet
            starts[struct.unpack_from("<L", body)[0]] = len(starts)
        elif kind in _START_RECORDS:
            sheet = starts.get(at, sheet)
        elif kind in _FORMULA_RECORDS and len(body) >= 4:
            found.setdefault(sheet, set()).add(struct.unpack_from("<HH", body))
    return {number: frozenset(cells) for number, cells in found.items()}


def _stream(data: bytes) -> bytes:
    container = CompDoc(data, logfile=io.StringIO())
    for name in _STREAMS:
        if stream := container.get_named_stream(name):
            return bytes(stream)
    return b""


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and content of each record: two bytes of kind, two of length, the content."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
