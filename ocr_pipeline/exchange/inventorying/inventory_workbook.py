"""The first inventory as `.xlsx`: the sheet that a run reads, and the sheet of its doubts."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ocr_pipeline.books.inventory_words import titles
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.inventorying.inventory_line import (
    SOURCES,
    BookLine,
    CellDoubt,
    type_label,
)

SHEET, DOUBTS_SHEET = "Danh mục sổ", "Nghi ngờ"
_COLUMNS = (
    "folder", "type", "commune", "district", "province", "year_opened", "number", "layout",
    "condition",
)  # fmt: skip
_FURTHER = (
    ("nhóm ưu tiên", 12), ("số lượng trang", 12), ("trang xem thử", 12),
    ("tỉ lệ không nhận biểu mẫu", 14), ("độ tin cậy trung bình", 14), ("ngày mở (bìa)", 14),
    ("ngày khóa (bìa)", 14), ("ảnh bìa", 30),
)  # fmt: skip
_WIDTHS = (40, 10, 24, 24, 24, 12, 10, 16, 14)
_DOUBTS = (
    "dòng", "thư mục / folder", "cột", "đã ghi / taken", "bìa / cover", "tên / name",
    "các trang / pages", "lệnh / command", "lý do", "reason", "ảnh quét / scan to look at",
)  # fmt: skip
_DOUBT_WIDTHS = (7, 40, 22, 24, 30, 16, 16, 30, 44, 44, 30)
_DOUBTFUL = PatternFill("solid", fgColor="FFF2B3")
_MISSING = PatternFill("solid", fgColor="F8C8C0")
_HEADING = PatternFill("solid", fgColor="E8EDF2")
_AGENCY = ("commune", "district", "province")


def inventory_bytes(lines: Sequence[BookLine]) -> bytes:
    """The `.xlsx`: doubtful cells are yellow, missing ones red.

    Args:
        lines: in the order in which they are to stand.

    """
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = SHEET
    _fill_books(first, lines)
    _fill_doubts(book.create_sheet(DOUBTS_SHEET), lines)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def column_title(name: str) -> Text:
    """What a column is called."""
    if name == "agency":
        vi, en = titles(list(_AGENCY))
    else:
        vi, en = titles([name])
    return Text(vi, en)


def _fill_books(sheet: Worksheet, lines: Sequence[BookLine]) -> None:
    headers = [column_title(name).vi for name in _COLUMNS] + [title for title, _ in _FURTHER]
    _put_row(sheet, 1, headers)
    for row, line in enumerate(lines, start=2):
        seen = line.survey
        cover = seen.cover
        further = [
            str(line.order), str(seen.pages), str(seen.sampled), f"{seen.refused:.0%}",
            f"{seen.confidence:.0%}",
            cover.value("opened") if cover else "", cover.value("closed") if cover else "",
            seen.cover_page if seen.cover_seen else "",
        ]  # fmt: skip
        _put_row(sheet, row, [*(line.cells.get(name, "") for name in _COLUMNS), *further])
        for doubt in line.doubts:
            for name in _AGENCY if doubt.column == "agency" else (doubt.column,):
                cell = sheet.cell(row, _COLUMNS.index(name) + 1)
                cell.fill = _DOUBTFUL if cell.value else _MISSING
    _shape(sheet, (*_WIDTHS, *(width for _, width in _FURTHER)), len(lines))


def _fill_doubts(sheet: Worksheet, lines: Sequence[BookLine]) -> None:
    _put_row(sheet, 1, list(_DOUBTS))
    row = 1
    for number, line in enumerate(lines, start=2):
        for doubt in line.doubts:
            row += 1
            _put_row(sheet, row, _doubt_cells(number, line, doubt))
    _shape(sheet, _DOUBT_WIDTHS, row - 1)


def _doubt_cells(number: int, line: BookLine, doubt: CellDoubt) -> list[str]:
    said = [doubt.said.get(source, "") for source in ("cover", "name", "pages", "option")]
    taken = doubt.taken
    if doubt.column == "type":
        taken, said = type_label(taken), [type_label(one) for one in said]
    return [
        str(number), line.folder, column_title(doubt.column).vi, taken, *said,
        doubt.why.vi, doubt.why.en, line.survey.cover_page,
    ]  # fmt: skip


def said_in_words(doubt: CellDoubt) -> Text:
    """What each source says: `bìa: 2; tên thư mục, tệp: 1`."""
    vi = "; ".join(f"{SOURCES[one].vi}: {value}" for one, value in doubt.said.items())
    en = "; ".join(f"{SOURCES[one].en}: {value}" for one, value in doubt.said.items())
    return Text(vi, en)


def _put_row(sheet: Worksheet, row: int, cells: Sequence[str]) -> None:
    """Write texts; none of them is a formula or a number for Excel."""
    for column, text in enumerate(cells, start=1):
        cell = sheet.cell(row, column)
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) or None
        cell.data_type = "s" if cell.value else "n"
        cell.number_format = "@"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if row == 1:
            cell.font, cell.fill = Font(bold=True), _HEADING


def _shape(sheet: Worksheet, widths: Sequence[int], rows: int) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B2"
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{rows + 1}"
