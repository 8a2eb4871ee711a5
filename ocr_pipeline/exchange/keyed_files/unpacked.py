"""A keyed file unpacked into plain rows, in a process with limits on time and memory.

Excel files of half a million rows are read once, row by row, and kept as lines of JSON in a private
folder. Whoever reads the rows afterwards goes through them as often as needed and holds one.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlrd
from openpyxl.styles.numbers import BUILTIN_FORMATS

from ocr_pipeline.books.delimited_text import rows_of_lines
from ocr_pipeline.books.inventory_table import merged_ranges
from ocr_pipeline.books.xlsx_rows import BROKEN, HiddenParts, xlsx_rows
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.keyed_files.cells import (
    NO_CELL,
    KeyedCell,
    KeyedCellKind,
    UnpackedRow,
)
from ocr_pipeline.exchange.keyed_files.text_lines import TextLines
from ocr_pipeline.export.preimport.cells import Cell, CellKind
from ocr_pipeline.export.preimport.sheets import XLS, XLSX, form_of
from ocr_pipeline.export.preimport.xls_sheets import open_xls
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.plain_files import open_plain, read_plain

_to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_MOST_COLUMNS = 16_384  # of the format: a stray value in the last one is a fault, not lost
_LAST_ROW = 1_048_576
#: Unpacked bytes of an `.xlsx`: half a million rows of 61 columns are 1.9 GB.
_MOST_UNPACKED_BYTES = 8 << 30
_COMPOUND_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZEROS = frozenset("0")
_LETTERS_OF = {
    CellKind.TEXT: KeyedCellKind.TEXT,
    CellKind.EMPTY: KeyedCellKind.TEXT,
    CellKind.NUMBER: KeyedCellKind.NUMBER,
    CellKind.DATE: KeyedCellKind.DATE,
    CellKind.FORMULA: KeyedCellKind.FORMULA,
}
_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#?"}
)


@dataclass(frozen=True, slots=True)
class UnpackedSheet:
    """One sheet of a keyed file, its rows in a file of their own.

    Attributes:
        name: what its tab says; "" where the file has just one table.
        rows: file with the rows that are not blank (`read_rows`).
        count: how many there are.
        hidden: nobody sees the sheet in Excel.
        hidden_rows: how many rows nobody sees.
        hidden_columns: numbers of the columns that nobody sees, from 1.
        page: old encoding of the text; None for Unicode.
        old_lines: the first lines in that encoding, where others are in Unicode.
        is_text: a text table: its rows end where the line ends.

    """

    name: str
    rows: Path
    count: int
    hidden: bool = False
    hidden_rows: int = 0
    hidden_columns: tuple[int, ...] = ()
    page: Text | None = None
    old_lines: tuple[int, ...] = ()
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class UnpackedFile:
    """What is asked of the limited process: a file, and the folder for its rows."""

    path: Path
    folder: Path


def unpack(job: UnpackedFile) -> list[UnpackedSheet]:
    """Put the rows of every sheet into the folder; called in a process with limits.

    Raises:
        BadInputError: it is no table that we know, or empty, protected or damaged.
        OSError: the system refuses the file, or the disk is full.

    """
    path = job.path
    form = form_of(path)
    with foreign_file(lambda: unreadable(path, _DAMAGED)):
        if form == XLS:
            sheets = list(_from_xls(path, job.folder))
        elif form == XLSX:
            sheets = list(_from_xlsx(path, job.folder))
        elif form.en == "text or CSV":
            sheets = [_from_text(path, job.folder)]
        else:
            raise unreadable(path, Text(f"đó là {form.vi}", f"it is {form.en}"))
    if not any(sheet.count for sheet in sheets):
        raise BadInputError(
            Text("Tệp không có dòng nào", "The file has no row"),
            where=str(path),
            remedy=Text(
                "Kiểm tra đây có đúng là tệp cần đọc không", "Check that it is the right file"
            ),
        )
    return sheets


def read_rows(sheet: UnpackedSheet) -> Iterator[UnpackedRow]:
    """The rows of an unpacked sheet, in the order of the file."""
    with sheet.rows.open(encoding="utf-8") as lines:
        for line in lines:
            number, width, hidden, broken, cells = json.loads(line)
            yield UnpackedRow(number, cells, width, bool(hidden), bool(broken))


def unreadable(path: Path, reason: Text) -> BadInputError:
    """The error of a file from which no row can be taken."""
    return BadInputError(
        Text(f"Không đọc được tệp: {reason.vi}", f"The file cannot be read: {reason.en}"),
        where=str(path),
        remedy=Text(
            "Mở bằng Excel hoặc LibreOffice và lưu lại dạng .xlsx (không đặt mật khẩu) hoặc “CSV "
            "UTF-8”",
            "Open it in Excel or LibreOffice and save it as .xlsx (without a password) or “CSV "
            "UTF-8”",
        ),
    )


_DAMAGED = Text("tệp hỏng hoặc bị cắt mất một phần", "the file is damaged or cut off")
_PROTECTED = Text("tệp có mật khẩu", "it has a password")


class _RowWriter:
    """Writes the rows of one sheet; blank ones are left out, merged blocks are filled."""

    def __init__(self, folder: Path, number: int, merged: Iterable[Sequence[int]] = ()) -> None:
        self.path = folder / f"{number:03d}.jsonl"
        self.count = self.hidden = 0
        # First row of a block -> its columns with their last rows; blocks under way by column.
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for left, top, _, bottom in merged:
            if bottom > top:
                self._starts.setdefault(top, []).append((left, bottom))
        self._under_way: dict[int, tuple[int, str]] = {}
        self._file = self.path.open("wb")

    def __enter__(self) -> _RowWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(
        self, number: int, cells: list[KeyedCell], *, hidden: bool = False, broken: bool = False
    ) -> None:
        """Write a row, if it holds anything."""
        self._fill(number, cells)
        width = len(cells)
        while cells and not cells[-1].text.strip():
            cells.pop()
        if not cells:
            return
        stored = [c.text if c.kind is KeyedCellKind.TEXT else [c.kind, c.text] for c in cells]
        self._write(number, width, stored, hidden=hidden, broken=broken)

    def put_texts(self, number: int, texts: list[str]) -> None:
        """Write a row of text cells, if it holds anything; for tables without merged blocks."""
        width = len(texts)
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            self._write(number, width, texts)

    def _write(
        self,
        number: int,
        width: int,
        stored: Sequence[str | list[str]],
        *,
        hidden: bool = False,
        broken: bool = False,
    ) -> None:
        row = _to_json([number, width, int(hidden), int(broken), stored])
        self._file.write(row.encode("utf-8", "replace") + b"\n")
        self.count += 1
        self.hidden += hidden

    def _fill(self, number: int, cells: list[KeyedCell]) -> None:
        if not any(cell.text.strip() for cell in cells):
            return  # a blank row within a block stays one
        for column, (bottom, text) in list(self._under_way.items()):
            if number > bottom:
                del self._under_way[column]
                continue
            cells += [NO_CELL] * (column - len(cells))
            if not cells[column - 1].text:
                cells[column - 1] = KeyedCell(KeyedCellKind.MERGED, text)
        for column, bottom in self._starts.pop(number, ()):
            if column <= len(cells) and cells[column - 1].text:
                self._under_way[column] = (bottom, cells[column - 1].text)


# --- .xlsx


def _from_xlsx(path: Path, folder: Path) -> Iterator[UnpackedSheet]:
    _refuse_other_archives(path)
    with open_plain(path) as file, warnings.catch_warnings():  # openpyxl wants a path in .xlsx
        warnings.simplefilter("ignore")  # of a date beyond the calendar, an unknown extension
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            for number, sheet in enumerate(book.worksheets):
                yield _sheet_of_xlsx(path, book, sheet, folder, number)
        finally:
            book.close()


def _sheet_of_xlsx(
    path: Path, book: Any, sheet: Any, folder: Path, number: int
) -> UnpackedSheet:  # fmt: skip
    part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    unseen = HiddenParts()
    with _RowWriter(folder, number, merged_ranges(path, part)) as writer:
        for at, cells in xlsx_rows(sheet, _LAST_ROW, _MOST_COLUMNS, unseen):
            row = [NO_CELL] * max((cell["column"] for cell in cells), default=0)
            for cell in cells:
                row[cell["column"] - 1] = _modern_cell(book, cell)
            writer.put(at, row, hidden=unseen.row == at)
    return UnpackedSheet(
        sheet.title,
        writer.path,
        writer.count,
        sheet.sheet_state != "visible",
        writer.hidden,
        tuple(sorted(column for column in unseen.columns if column <= _MOST_COLUMNS)),
    )


def _modern_cell(book: Any, cell: Mapping[str, Any]) -> KeyedCell:
    value, kind = cell["value"], cell["data_type"]
    if kind == BROKEN:
        return KeyedCell(KeyedCellKind.ERROR, "#?")
    if value is None or value == "":
        return KeyedCell(KeyedCellKind.FORMULA, "") if cell.get("formula") else NO_CELL
    if kind == "e" or value in _ERRORS:
        return KeyedCell(KeyedCellKind.ERROR, str(value))
    text, own = _modern_value(book, cell)
    return KeyedCell(KeyedCellKind.FORMULA if cell.get("formula") else own, text)


def _modern_value(book: Any, cell: Mapping[str, Any]) -> tuple[str, KeyedCellKind]:
    value = cell["value"]
    if isinstance(value, str):
        return value, KeyedCellKind.TEXT
    if isinstance(value, bool):
        return str(value).upper(), KeyedCellKind.TEXT
    if isinstance(value, int | float):
        return _shown_number(value, _format(book, cell["style_id"])), KeyedCellKind.NUMBER
    if hasattr(value, "strftime") and hasattr(value, "year"):
        return value.strftime("%d.%m.%Y"), KeyedCellKind.DATE
    return str(value), KeyedCellKind.TEXT  # a time of day, a span


def _format(book: Any, style: int) -> str:
    number = book._cell_styles[style].numFmtId if style else 0
    if number in BUILTIN_FORMATS or number < 164:
        return str(BUILTIN_FORMATS.get(number, ""))
    return str(book._number_formats[number - 164])


def _shown_number(value: float, form: str) -> str:
    """The number as Excel shows it where the format is nothing but zeros: 12345678 as 012345678."""
    if len(form) > 1 and _ZEROS.issuperset(form) and value >= 0:
        return f"{value:0{len(form)}.0f}"
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"


def _refuse_other_archives(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED_BYTES:
            reason = Text("giải nén ra lớn bất thường", "it unpacks to an abnormal size")
            raise unreadable(path, reason)
    if any(name.endswith("workbook.bin") for name in names):
        raise unreadable(path, Text("tệp dạng .xlsb", "it is an .xlsb"))


# --- .xls


def _from_xls(path: Path, folder: Path) -> Iterator[UnpackedSheet]:
    data = read_plain(path)
    if _COMPOUND_ENCRYPTED in data:
        raise unreadable(path, _PROTECTED)
    try:
        for number, sheet in enumerate(open_xls(data)):
            merged = [(b.left + 1, b.top + 1, b.right, b.bottom) for b in sheet.merged]
            with _RowWriter(folder, number, merged) as writer:
                for row, cells in enumerate(sheet.rows):
                    writer.put(
                        row + 1,
                        [_old_cell(cell) for cell in cells[:_MOST_COLUMNS]],
                        hidden=row in sheet.hidden_rows,
                    )
            columns = tuple(sorted(c + 1 for c in sheet.hidden_columns if c < _MOST_COLUMNS))
            yield UnpackedSheet(
                sheet.name, writer.path, writer.count, sheet.hidden, writer.hidden, columns
            )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise unreadable(path, _PROTECTED) from error
        raise


def _old_cell(cell: Cell) -> KeyedCell:
    if cell.kind is CellKind.EMPTY:
        return NO_CELL
    if cell.kind is CellKind.OTHER:
        error = cell.text in _ERRORS
        return KeyedCell(KeyedCellKind.ERROR if error else KeyedCellKind.NUMBER, cell.text)
    if cell.kind is CellKind.FORMULA and cell.text in _ERRORS:
        return KeyedCell(KeyedCellKind.ERROR, cell.text)
    return KeyedCell(_LETTERS_OF[cell.kind], cell.text)


# --- Text tables


def _from_text(path: Path, folder: Path) -> UnpackedSheet:
    lines = TextLines(path)
    if not lines.look_like_text():
        raise unreadable(path, Text("đó không phải bảng tính", "it is no table"))
    with _RowWriter(folder, 0) as writer:
        for row in rows_of_lines(lines):
            if row.broken is not None:
                writer.put(row.number, [KeyedCell(KeyedCellKind.TEXT, row.text)], broken=True)
            else:
                writer.put_texts(row.number, row.cells)
    old = tuple(lines.old_lines) if lines.unicode_lines else ()
    return UnpackedSheet(
        "", writer.path, writer.count, page=lines.page, old_lines=old, is_text=True
    )
