"""The table of an inventory file as rows of text cells."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl


def read_table(path: Path) -> list[list[str]]:
    """All rows of an inventory file, as they stand there; blank rows are empty or all blank."""
    return _read_xlsx(path) if path.suffix == ".xlsx" else _read_csv(path)


def _read_xlsx(path: Path) -> list[list[str]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        return [[cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _read_csv(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def cell_text(value: object) -> str:
    """A cell as text: whole numbers without a fraction, nothing as ""."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
