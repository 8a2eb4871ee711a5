"""A list that came back: its rows with what people filled in, wherever they sorted or copied it."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.reconciling.list_words import return_fault
from ocr_pipeline.exchange.reconciling.listed_person import TYPED, column_by_heading
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.text.normalise import key

_MOST_BYTES = 200_000_000
_MOST_UNPACKED_BYTES = 2_000_000_000
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 200
_HEADER_ROWS = 30  # people put a title or remarks above the headings


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row of a returned list that says anything in the columns that people fill in.

    Attributes:
        file: name of its file.
        digest: SHA-256 of the file.
        sheet: name of the sheet.
        row: its number, from 1.
        cells: by column, the text of every cell that holds any; columns of others are left out.

    """

    file: str
    digest: str
    sheet: str
    row: int
    cells: Mapping[str, str]

    @property
    def shown(self) -> str:
        """For messages: `danh_sach.KS.xlsx (Khác ngày sinh) 12`."""
        return f"{self.file} ({self.sheet}) {self.row}"


def read_returned(path: Path) -> Iterator[ReturnedRow]:
    """The rows of a returned list in which somebody has filled in anything.

    Args:
        path: an `.xlsx`; sheets, rows and columns may stand in any order, and others among them.

    Raises:
        BadInputError: no such file, no Excel file, or no sheet with the headings of a list.

    """
    data = _data(path)
    digest = hashlib.sha256(data).hexdigest()
    found = False
    for sheet, rows in _sheets(path, data):
        columns: dict[int, str] = {}
        for number, cells in enumerate(rows, 1):
            if not columns:
                if number > _HEADER_ROWS:
                    break
                columns = _header(cells)
                found = found or bool(columns)
                continue
            texts = {
                column: text
                for place, column in columns.items()
                if place < len(cells) and (text := _text(cells[place]))
            }
            if any(column in texts for column in TYPED):
                yield ReturnedRow(path.name, digest, sheet, number, texts)
    if not found:
        cause, remedy = return_fault("no_list")
        raise BadInputError(cause, where=str(path), remedy=remedy)


def _data(path: Path) -> bytes:
    try:
        return read_plain(path, _MOST_BYTES)
    except OSError as error:
        reason = os_reason(error)
        raise BadInputError(
            Text(f"Không đọc được tệp: {reason.vi}", f"The file cannot be read: {reason.en}"),
            where=str(path),
        ) from error


def _sheets(path: Path, data: bytes) -> Iterator[tuple[str, Iterator[Sequence[Any]]]]:
    """Sheets with their rows; whatever a foreign file makes the parsers raise is told as one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED_BYTES:
                raise _unreadable(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that are not known
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
        sheets = [(sheet.title, sheet) for sheet in book.worksheets]
    except BadInputError:
        raise
    except Exception as error:
        raise _unreadable(path) from error
    for title, sheet in sheets:
        yield title, _rows(path, sheet)


def _rows(path: Path, sheet: Any) -> Iterator[Sequence[Any]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True)
            yield from rows
    except Exception as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> BadInputError:
    cause, remedy = return_fault("no_file")
    return BadInputError(cause, where=str(path), remedy=remedy)


def _header(cells: Sequence[Any]) -> dict[int, str]:
    """Columns by place, if the row is the header of a list; a heading counts where it is first."""
    known = column_by_heading()
    columns: dict[int, str] = {}
    for place, cell in enumerate(cells):
        column = known.get(key(str(cell))) if cell is not None else None
        if column and column not in columns.values():
            columns[place] = column
    return columns if {"key", "decision"} <= set(columns.values()) else {}


def _text(cell: Any) -> str:
    """The text of a cell; Excel may have made a number or a date of what somebody typed."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if hasattr(cell, "strftime") and hasattr(cell, "year"):
        return str(cell.strftime("%d.%m.%Y"))
    return str(cell).replace("_x000D_", "").replace("\r\n", "\n").strip()
