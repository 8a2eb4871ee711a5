"""Sheets of an `.xls` or `.xlsx` made by anyone, cell by cell, with what each cell really is."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineError, CalamineWorkbook

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.export.xls import MAX_ROWS

MAX_COLUMNS = 256
MAX_BYTES = 200 << 20
_MAX_UNPACKED_BYTES = 600 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


class CellKind(StrEnum):
    """What a cell holds; only text is right."""

    TEXT = "text"
    EMPTY = "empty"
    NUMBER = "number_cell"
    DATE = "date_cell"
    OTHER = "other_cell"
    FORMULA = "formula_cell"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its kind, and what a person sees in it."""

    kind: CellKind
    text: str


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet; rows start at Excel row 1 and may differ in length."""

    name: str
    rows: list[list[Cell]]


def form_of(path: Path) -> str:
    """What the bytes say: `xls`, `xlsx`, `html`, `csv` …, whatever the file is called."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(_OLE):
        return "xls"
    if head.startswith(_ZIP):
        return "xlsx"
    if not head:
        return "0 byte"
    return "html" if b"<" in head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] else "csv?"


def read_sheets(path: Path) -> list[RawSheet]:
    """All sheets of a workbook, at most 65,536 rows and 256 columns of each.

    Raises:
        BadInputError: no workbook, damaged, protected by a password, or abnormally large.

    """
    form = form_of(path)
    try:
        if form == "xls":
            return list(_xls(path.read_bytes()))
        if form == "xlsx":
            _refuse_bomb(path)
            return list(_xlsx(path))
    except BadInputError:
        raise
    except Exception as error:  # both readers raise whatever their parsers stumble over
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    raise _unreadable(path, form)


def _xls(data: bytes) -> Iterator[RawSheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except CalamineError:  # a chart or macro sheet
            continue
        yield RawSheet(name, [_cells(row) for row in rows])


def _xlsx(path: Path) -> Iterator[RawSheet]:
    book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
            yield RawSheet(sheet.title, [_modern_cells(row) for row in rows])
    finally:
        book.close()


def _cells(values: Iterable[object]) -> list[Cell]:
    return [_cell(value) for value in values]


def _modern_cells(cells: Iterable[Any]) -> list[Cell]:
    return [
        Cell(CellKind.FORMULA, str(cell.value)) if cell.data_type == "f" else _cell(cell.value)
        for cell in cells
    ]


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return Cell(CellKind.EMPTY, "")
    if isinstance(value, str):
        return Cell(CellKind.TEXT, value)
    if isinstance(value, bool):
        return Cell(CellKind.OTHER, str(value).upper())
    if isinstance(value, int | float):
        return Cell(CellKind.NUMBER, f"{value:.15g}")
    if isinstance(value, datetime.date):
        return Cell(CellKind.DATE, value.strftime("%d.%m.%Y"))
    return Cell(CellKind.OTHER, str(value))


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED_BYTES:
            raise _unreadable(path, "zip bomb")


def _unreadable(path: Path, reason: str) -> BadInputError:
    return BadInputError(
        Text(f"Không đọc được tệp Excel: {reason}", f"The Excel file cannot be read: {reason}"),
        where=str(path),
        remedy=Text("Lưu lại dạng Excel 97–2003 (.xls)", "Save it as Excel 97–2003 (.xls)"),
    )
