"""Sheets of text cells as `.xls` bytes: nothing becomes a number, a date or a formula."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import xlwt

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.text.normalise import nfc

MAX_ROWS = 65_536
"""Rows of a BIFF8 sheet, header included (Microsoft [MS-XLS], 2.5.143)."""

MAX_CHARS = 32_767
"""Characters of a cell, in UTF-16 units (Excel specifications and limits)."""

#: Rows that xlwt holds as objects before it packs them: 65,535 of 70 cells would take 950 MB.
_ROWS_HELD = 1000
_FORBIDDEN = frozenset(map(chr, range(32))) - {"\n", "\t"}


class CellMark(StrEnum):
    """How a cell looks; the final Excel has no marks."""

    PLAIN = ""
    DOUBTFUL = "doubtful"
    WRONG = "wrong"
    HEADING = "heading"


_STYLES = {
    CellMark.PLAIN: "",
    CellMark.DOUBTFUL: "pattern: pattern solid, fore_colour light_yellow; align: vertical top",
    CellMark.WRONG: "pattern: pattern solid, fore_colour rose; align: vertical top",
    CellMark.HEADING: "font: bold on; align: vertical top, wrap on",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: header in row 1, data from row 2.

    Attributes:
        name: name on the tab, at most 31 characters.
        header: literal header texts, blanks and line breaks included.
        rows: each as long as the header.
        marks: look of a data cell by (row, column), both 0-based, row 0 = first data row.
        widths: column widths in characters; the last one holds for the columns after it.

    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    marks: Mapping[tuple[int, int], CellMark] = field(default_factory=dict)
    widths: Sequence[int] = (18,)


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as one `.xls` file: the same bytes for the same sheets, no dates, no author.

    Raises:
        BadInputError: too many rows for the format, or a cell too long or with control characters.

    """
    book = xlwt.Workbook(encoding="utf-8", style_compression=2)
    styles = {mark: xlwt.easyxf(rules, num_format_str="@") for mark, rules in _STYLES.items()}
    for sheet in sheets:
        _add(book, sheet, styles)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add(book: xlwt.Workbook, sheet: Sheet, styles: Mapping[CellMark, xlwt.XFStyle]) -> None:
    if len(sheet.rows) + 1 > MAX_ROWS:
        raise BadInputError(
            Text(
                f"{len(sheet.rows)} dòng, tệp .xls chỉ chứa được {MAX_ROWS - 1} dòng dữ liệu",
                f"{len(sheet.rows)} rows, an .xls holds {MAX_ROWS - 1} rows of data at most",
            ),
            where=sheet.name,
            remedy=Text(
                "Tách sổ thành nhiều quyển trong danh mục sổ",
                "Split the book into several in the inventory",
            ),
        )
    tab = book.add_sheet(sheet.name, cell_overwrite_ok=False)
    tab.set_panes_frozen(True)
    tab.set_horz_split_pos(1)
    for column, title in enumerate(sheet.header):
        tab.write(0, column, title, styles[CellMark.PLAIN])
        tab.col(column).width = 256 * sheet.widths[min(column, len(sheet.widths) - 1)]
    for index, row in enumerate(sheet.rows):
        for column, (title, text) in enumerate(zip(sheet.header, row, strict=True)):
            cell = _checked(text, f"{sheet.name}, {index + 2}, {title.strip()}")
            mark = sheet.marks.get((index, column), CellMark.PLAIN)
            tab.write(index + 1, column, cell, styles[mark])
        if index % _ROWS_HELD == _ROWS_HELD - 1:
            tab.flush_row_data()


def _checked(text: str, where: str) -> str:
    text = nfc(text)
    length = len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
    if length > MAX_CHARS:
        raise BadInputError(
            Text(
                f"ô dài {length} ký tự, Excel chỉ chứa được {MAX_CHARS}",
                f"a cell of {length} characters, Excel holds {MAX_CHARS} at most",
            ),
            where=where,
            remedy=Text("Rút ngắn nội dung ô này", "Shorten the text of this cell"),
        )
    if not _FORBIDDEN.isdisjoint(text) or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInputError(
            Text("ô chứa ký tự điều khiển", "a cell holds control characters"),
            where=where,
            remedy=Text("Nhập lại nội dung ô này", "Type the text of this cell again"),
        )
    return text
