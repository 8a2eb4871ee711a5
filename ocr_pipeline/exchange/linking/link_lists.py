"""The lists of a linking as an Excel file and as JSON, beside the packages."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.linking.link_report import Line, LinkReport, sheets
from ocr_pipeline.exchange.linking.link_words import link_words
from ocr_pipeline.export.xlsx_archive import without_times
from ocr_pipeline.os_errors import write_fault
from ocr_pipeline.store.files import write_bytes

_WIDEST, _NARROWEST = 48, 9  # characters of a column
_MEASURED = 200  # rows by which a column's width is chosen


def write_lists(report: LinkReport, out: Path) -> tuple[Path, Path]:
    """Write both files in place of those before; returns their paths.

    Raises:
        MachineError: the folder cannot be written to, or the disk is full.

    """
    name = link_words().file
    excel, told = out / f"{name}.xlsx", out / f"{name}.json"
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n"
    try:
        write_bytes(excel, workbook_bytes(report))
        write_bytes(told, text.encode("utf-8"))
    except OSError as error:
        raise write_fault(
            error,
            Text("Không ghi được danh sách", "The lists cannot be written"),
            str(out),
            Text(
                "Đóng tệp đang mở trong Excel; kiểm tra quyền ghi và chỗ trống trên đĩa",
                "Close the file in Excel; check permission and free disk",
            ),
        ) from error
    return excel, told


def workbook_bytes(report: LinkReport) -> bytes:
    """The `.xlsx` with one sheet for each list; the same report gives the same bytes."""
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    for place, (title, headings, lines) in enumerate(sheets(report)):
        sheet = first if not place else book.create_sheet()
        sheet.title = title
        _fill(sheet, headings, lines)
    held = io.BytesIO()
    book.save(held)
    return without_times(held.getvalue())


def _fill(sheet: Worksheet, headings: tuple[str, ...], lines: list[Line]) -> None:
    sheet.append(headings)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in lines:
        sheet.append([_plain(value) for value in line])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for place, heading in enumerate(headings):
        longest = max((len(str(line[place])) for line in lines[:_MEASURED]), default=0)
        width = min(max(longest, len(heading), _NARROWEST), _WIDEST) + 2
        sheet.column_dimensions[get_column_letter(place + 1)].width = width


def _plain(value: object) -> object:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
