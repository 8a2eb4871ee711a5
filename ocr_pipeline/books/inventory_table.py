"""The table of an inventory file as rows of text cells, whatever program wrote it.

Excel, WPS and LibreOffice write names, sizes and code pages that differ from what the file is
called or says of itself: the content decides, and what cannot be read is named with a remedy.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import xlrd
from openpyxl.utils import get_column_letter, range_boundaries

from ocr_pipeline.books.delimited_text import delimited_rows
from ocr_pipeline.books.inventory_faults import fault
from ocr_pipeline.books.xlsx_rows import BROKEN, is_open_document, xlsx_rows
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain

_MOST_COLUMNS = 64  # an inventory has a dozen; a stray value may stand in column 16,384
_BLANK_ROWS_AT_THE_END = 2000  # formats of a whole column reach down to row 1,048,576
_LAST_ROW = 1_048_576
#: Books of one job: 300,000 pages a month are 2,000. Each line takes 0.1 ms to be looked up.
_MOST_LINES = 20_000
_NOTHING = b',;|\t "\0'  # lines of these alone are blank ones
_MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
_CHUNK_BYTES = 1 << 20
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(slots=True)
class InventoryTable:
    """One sheet of an inventory file.

    Attributes:
        rows: text cells by row; the first is row or line 1, blank ones are there.
        broken: lines that cannot be read, with the reason.
        sheet: its name; "" where the file has just one table.
        notices: what people should know of how it was read.

    """

    rows: list[list[str]]
    broken: dict[int, Text] = field(default_factory=dict)
    sheet: str = ""
    notices: list[Text] = field(default_factory=list)


def read_tables(path: Path) -> list[InventoryTable]:
    """The sheets of an inventory file that are not empty, in their order.

    Raises:
        InventoryError: it is none of the kinds of table we know, or protected, or damaged.

    """
    where = path.name
    try:
        data = read_plain(path)
    except OSError as error:
        raise _unreadable(where, os_reason(error)) from error
    tables = [table for table in _tables(path, data) if any(map(any, table.rows))]
    if not tables:
        raise _unreadable(where, Text("tệp trống", "the file is empty"))
    return tables


def _tables(path: Path, data: bytes) -> list[InventoryTable]:
    if data.startswith(b"PK"):
        if is_open_document(data):
            raise _unreadable(path.name, Text("tệp là bảng tính .ods", "it is an .ods spreadsheet"))
        return _excel(path, _workbook_tables)
    if data.startswith(_COMPOUND):
        if _ENCRYPTED in data:
            raise _protected(path.name)
        return _excel(path, _old_workbook_tables)
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        raise fault(
            Text(
                "Tệp có dạng HTML hoặc XML, không phải bảng tính",
                "The file is a web page or XML, not a spreadsheet",
            ),
            path.name,
            _SAVE_AGAIN,
        )
    _require_few(sum(bool(line.strip(_NOTHING)) for line in data.splitlines()), path.name)
    read = delimited_rows(data)
    return [InventoryTable(read.rows, read.broken, "", read.notices)]


def _excel(path: Path, reader: Any) -> list[InventoryTable]:
    reason = Text(
        "tệp có mật khẩu, hỏng, hoặc không phải bảng tính",
        "it has a password, is damaged, or is no spreadsheet",
    )
    try:
        with foreign_file(lambda: _unreadable(path.name, reason)):
            return list(reader(path))
    except InventoryError as error:
        said = str(error.__cause__).lower()
        if "encrypt" in said or "password" in said:
            raise _protected(path.name) from error
        raise


def _require_few(lines: int, where: str) -> None:
    """Make sure that the table is one that people have made.

    Raises:
        InventoryError: it has more lines than any inventory.

    """
    if lines > _MOST_LINES:
        raise fault(
            Text(
                f"Danh mục sổ có hơn {_MOST_LINES} dòng",
                f"The inventory has more than {_MOST_LINES} lines",
            ),
            where,
            Text(
                "Kiểm tra đây có phải danh mục sổ không; nếu đúng, chia thư mục ảnh quét thành "
                "nhiều thư mục, mỗi thư mục một danh mục sổ",
                "Look whether this is the inventory; if so, divide the scans into several folders "
                "with an inventory each",
            ),
        )


_SAVE_AGAIN = Text(
    "Mở bằng Excel hoặc LibreOffice và lưu lại thành “books.xlsx” (không đặt mật khẩu) hoặc “CSV "
    "UTF-8”",
    "Open it in Excel or LibreOffice and save it as “books.xlsx” (without a password) or as “CSV "
    "UTF-8”",
)


def _unreadable(where: str, reason: Text) -> InventoryError:
    return fault(
        Text(
            f"Không đọc được danh mục sổ: {reason.vi}",
            f"The inventory cannot be read: {reason.en}",
        ),
        where,
        _SAVE_AGAIN,
    )


def _protected(where: str) -> InventoryError:
    return _unreadable(where, Text("tệp có mật khẩu", "it has a password"))


# --- .xlsx


def _workbook_tables(path: Path) -> Iterator[InventoryTable]:
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for sheet in book.worksheets:
            table = InventoryTable([], sheet=sheet.title)
            _take_rows(sheet, table, path.name)
            if any(cell.startswith("=") for row in table.rows for cell in row):
                _take_results(path, table)
            part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
            fill_merged(table.rows, merged_ranges(path, part))
            yield table
    finally:
        book.close()


def _take_rows(sheet: Any, table: InventoryTable, where: str) -> None:
    """Put the rows of a sheet into the table, up to its last value."""
    filled = lines = 0
    for number, cells in xlsx_rows(sheet, _LAST_ROW, _MOST_COLUMNS):
        if number - filled > _BLANK_ROWS_AT_THE_END:
            table.notices.append(
                Text(
                    f"Sau dòng {filled} có hơn {_BLANK_ROWS_AT_THE_END} dòng trống; "
                    "không đọc tiếp phần sau",
                    f"More than {_BLANK_ROWS_AT_THE_END} blank lines follow line {filled}; "
                    "what comes after them is not read",
                )
            )
            break
        if not any(cell["data_type"] == BROKEN or cell_text(cell["value"]) for cell in cells):
            continue
        lines += 1
        _require_few(lines, where)
        table.rows += [[] for _ in range(number - 1 - len(table.rows))]
        table.rows.append(_texts(cells))
        filled = number
        if broken := [cell for cell in cells if cell["data_type"] == BROKEN]:
            place = f"{get_column_letter(broken[0]['column'])}{number}"
            table.broken[number] = Text(
                f"Không đọc được ô {place}", f"The cell {place} cannot be read"
            )


def _texts(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    row = [""] * max(cell["column"] for cell in cells)
    for cell in cells:
        row[cell["column"] - 1] = cell_text(cell["value"])
    return row


def _take_results(path: Path, table: InventoryTable) -> None:
    """Put the results that Excel kept in the place of formulas; a formula without one stays."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    results = InventoryTable([])
    try:
        _take_rows(book[table.sheet], results, path.name)
    finally:
        book.close()
    for row, kept in zip(table.rows, results.rows, strict=False):
        for column, cell in enumerate(row):
            if cell.startswith("=") and column < len(kept) and kept[column]:
                row[column] = kept[column]


def merged_ranges(path: Path, part: str) -> list[tuple[int, int, int, int]]:
    """Merged ranges of a sheet: first column, first row, last column, last row; from 1."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return []
        with archive.open(part) as stream:
            tail = b""
            while chunk := stream.read(_CHUNK_BYTES):
                text = tail + chunk
                matches = list(_MERGED.finditer(text))
                found += [match[1].decode() for match in matches]
                tail = text[max(matches[-1].end() if matches else 0, len(text) - 200) :]
    return [_bounds(reference) for reference in found]


def _bounds(reference: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def fill_merged(rows: list[list[str]], ranges: Iterable[Sequence[int]]) -> None:
    """Give all rows of a merged range what stands in its first cell; columns stay apart."""
    for left, top, _, bottom in ranges:
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top : min(bottom, len(rows))]:
            row += [""] * (left - len(row))
            row[left - 1] = row[left - 1] or value


# --- .xls


def _old_workbook_tables(path: Path) -> Iterator[InventoryTable]:
    book = xlrd.open_workbook(str(path), formatting_info=True)
    for sheet in book.sheets():
        rows = [
            [_old_cell(cell, book.datemode) for cell in sheet.row(r)[:_MOST_COLUMNS]]
            for r in range(sheet.nrows)
        ]
        _require_few(sum(any(row) for row in rows), path.name)
        ranges = [(c1 + 1, r1 + 1, c2, r2) for r1, r2, c1, c2 in sheet.merged_cells]
        fill_merged(rows, ranges)
        yield InventoryTable(rows, sheet=sheet.name)


def _old_cell(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE and cell.value >= 61:  # earlier days are ambiguous
        return cell_text(xlrd.xldate_as_datetime(cell.value, datemode))
    return cell_text(cell.value if cell.ctype != xlrd.XL_CELL_ERROR else "")


def cell_text(value: object) -> str:
    """A cell as text: whole numbers without a fraction, dates as 2018-01-31, nothing as ""."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime.datetime):
        value = value.date()
    return "" if value is None else str(value).strip()
