"""Rows of a sheet of an `.xlsx`, one by one: a cell that makes no sense costs its own row only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

# It would read a sheet of a million rows to its end (60 s) for a size that nobody here asks for.
ReadOnlyWorksheet._get_size = lambda self: None  # type: ignore[attr-defined]

BROKEN = "broken"
"""`data_type` of a cell that cannot be read: a number of 5,000 digits, a text that is not there."""

_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"  # its first entry, never packed
_TRUE = frozenset({"1", "true"})
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of the format


@dataclass(slots=True)
class HiddenParts:
    """What nobody sees of a sheet in Excel.

    Attributes:
        row: number of the last row told, if that row is hidden; 0 when it is not.
        columns: numbers of the hidden columns, from 1.

    """

    row: int = 0
    columns: set[int] = field(default_factory=set)


def is_open_document(head: bytes) -> bool:
    """Whether a file that begins so was saved by LibreOffice in its own format, as `.ods`."""
    return head.startswith(b"PK") and _OPEN_DOCUMENT in head[:200]


def xlsx_rows(
    sheet: Any, most_rows: int, most_columns: int, hidden: HiddenParts | None = None
) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
    """Rows of an openpyxl sheet that was opened with `read_only`, in the order of the file.

    What the file says of its size is not believed, and rows that it leaves out are not made up: a
    value in XFD1048576 is one cell of one row.

    Args:
        sheet: an `openpyxl` sheet.
        most_rows: rows below it are left out.
        most_columns: columns to the right of it are left out.
        hidden: kept true to the row that is told.

    Returns:
        Number of the row from 1, and its cells with `column` (from 1), `value` and `data_type` as
        openpyxl tells them; `f` is a formula, `BROKEN` a cell that cannot be read. In a book opened
        with `data_only` `formula` says of a cell that its value is the result of one.

    """
    book = sheet.parent
    before = 0
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if hidden is not None:
                hidden.row = number if parser.row_is_hidden else 0
                hidden.columns = parser.hidden_columns
            if number > most_rows:
                return
            if number > before:  # a number that comes again would move the rows below it
                before = number
                yield number, [cell for cell in cells if cell["column"] <= most_columns]


class _Parser(WorkSheetParser):
    """openpyxl's reader of a sheet; it goes on behind a cell that it cannot read."""

    row_is_hidden = False

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.hidden_columns: set[int] = set()

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        self.row_is_hidden = row.get("hidden") in _TRUE
        parsed: tuple[int, list[dict[str, Any]]] = super().parse_row(row)
        self.row_dimensions.clear()  # one entry for each row of half a million
        return parsed

    def parse_column_dimensions(self, col: Any) -> None:
        super().parse_column_dimensions(col)
        if col.get("hidden") in _TRUE:
            last = min(int(col.get("max", col.get("min"))), _LAST_COLUMN)
            self.hidden_columns.update(range(int(col.get("min")), last + 1))

    def parse_cell(self, element: Any) -> dict[str, Any]:
        before = self.col_counter
        try:
            cell: dict[str, Any] = super().parse_cell(element)
            cell["formula"] = element.find(FORMULA_TAG) is not None
            if 0 < cell["row"] <= _LAST_ROW and 0 < cell["column"] <= _LAST_COLUMN:
                return cell
        except MemoryError:
            raise
        except Exception:  # whatever openpyxl makes of a wrong number, text, day or address
            pass
        if not before < self.col_counter <= _LAST_COLUMN:
            self.col_counter = before + 1
        place = {"row": self.row_counter, "column": self.col_counter}
        return {**place, "value": None, "data_type": BROKEN, "style_id": 0}
