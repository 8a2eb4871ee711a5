"""A weekly report as an Excel file: printed on A4, typed into, and read by the next report.

A hidden sheet keeps the report as JSON with its checksum. It tells slips of people, not forgery.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_table import (
    comparison_remarks,
    comparison_rows,
    forecast_title,
    head_lines,
    remarks,
    table_rows,
    type_text,
)
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import (
    ReportFigure,
    WeeklyReport,
    report_to_json,
)
from ocr_pipeline.export.xlsx_archive import without_times

SEALED = "_sohoa"
VERSION = 1
HEADER_ROW = 7
INPUT_HEADER_ROW = 4
FIRST_FIGURE = 3

_CHUNK = 30_000  # characters; Excel holds 32,767 in a cell
_SPARE_ROWS = 20
_UNIT_WIDTH, _TYPE_WIDTH = 38, 22  # characters
_LINE_POINTS = 15.5  # of a line of 11 points
_FONT = "Times New Roman"
_THIN = Side(style="thin", color="808080")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADING = PatternFill("solid", fgColor="E8EDF2")
_INPUT = PatternFill("solid", fgColor="FFF8D6")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")
_NUMBER, _LACKING_NUMBER = "#,##0", '#,##0"*"'


def report_bytes(report: WeeklyReport, form: ReportForm) -> bytes:
    """The `.xlsx` of a report; the same report gives the same bytes."""
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    words = report_words().sheets
    first.title = words["report"]
    _fill_report(first, report, form)
    _fill_comparison(book.create_sheet(words["comparison"]), report, form)
    if report.units:
        _fill_units(book.create_sheet(words["units"]), report)
    _fill_outside(book.create_sheet(words["outside"]), report, form)
    _fill_texts(book.create_sheet(words["texts"]), report, form)
    _seal(book.create_sheet(SEALED), report)
    held = io.BytesIO()
    book.save(held)
    return without_times(held.getvalue())


def sealed_text(report: WeeklyReport) -> str:
    """The report as the hidden sheet keeps it."""
    return json.dumps(
        report_to_json(report), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def checksum(text: str) -> str:
    """SHA-256 of what the hidden sheet keeps."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _seal(sheet: Worksheet, report: WeeklyReport) -> None:
    text = sealed_text(report)
    sheet.append([SEALED, VERSION, checksum(text)])
    for start in range(0, len(text), _CHUNK):
        # a chunk never begins like a formula, and blanks at its ends stay
        sheet.append(["|" + text[start : start + _CHUNK] + "|"])
    sheet.sheet_state = "veryHidden"


# --- Sheets


def _fill_report(sheet: Worksheet, report: WeeklyReport, form: ReportForm) -> None:
    words = report_words()
    columns = FIRST_FIGURE - 1 + len(form.measures)
    half = max(columns // 2, 2)
    week, due = head_lines(report, form)
    _across(sheet, 1, 1, half, report.unit.upper(), bold=True)
    _across(sheet, 1, half + 1, columns, words.country, bold=True)
    _across(sheet, 2, half + 1, columns, words.motto, bold=True)
    _across(sheet, 4, 1, columns, form.title.upper(), bold=True, size=14)
    _across(sheet, 5, 1, columns, week)
    _across(sheet, 6, 1, columns, due)
    captions = [measure.caption for measure in form.measures]
    heading = [words.columns["unit"], words.columns["type"], *captions]
    _heading(sheet, HEADER_ROW, heading)
    sheet.row_dimensions[HEADER_ROW].height = 78
    row = HEADER_ROW
    for one in table_rows(report, form):
        row += 1
        bold = one.kind == "sum"
        for place, text in enumerate((one.unit, one.type), 1):
            _cell(sheet, row, place, text, bold=bold)
        for place, figure in enumerate(one.figures, FIRST_FIGURE):
            _figure(sheet, row, place, figure, bold=bold, empty=one.kind == "line")
        _row_height(sheet, row, one.unit, one.type)
    row += 1
    for text in remarks(report, form):
        row += 1
        _across(sheet, row, 1, columns, text, left=True, size=10)
        sheet.row_dimensions[row].height = 13.5 * (1 + len(text) // 150)
    row += 2
    _across(sheet, row, half + 1, columns, words.place_and_date)
    signers = ((1, half, words.preparer), (half + 1, columns, form.level(report.level).signer))
    for start, end, text in signers:
        _across(sheet, row + 1, start, end, text, bold=True)
        _across(sheet, row + 2, start, end, words.sign)
    _widths(sheet, [_UNIT_WIDTH, _TYPE_WIDTH, *[9.5] * len(form.measures)])
    _print_on_a4(sheet, HEADER_ROW)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, FIRST_FIGURE).coordinate
    sheet.protection.sheet = True  # against slips: figures are typed on the other sheet


def _fill_comparison(sheet: Worksheet, report: WeeklyReport, form: ReportForm) -> None:
    words = report_words()
    _across(sheet, 1, 1, 4, words.sheets["comparison"], bold=True, size=14)
    names = [words.columns[name] for name in ("measure", "last", "now", "change")]
    if report.last:
        names[1] += f" ({report.last.week:%d.%m.%Y})"
    _heading(sheet, 3, names)
    row = 3
    for caption, was, now, change in comparison_rows(report, form):
        row += 1
        _cell(sheet, row, 1, caption)
        for place, value in enumerate((was, now, change), 2):
            _figure(sheet, row, place, ReportFigure(value))
        sheet.cell(row, 4).number_format = "+#,##0;-#,##0;0"
    row += 1
    for text in comparison_remarks(report, form):
        row += 1
        _across(sheet, row, 1, 4, text, left=True, bold=text == forecast_title(report))
        sheet.row_dimensions[row].height = 16 * (1 + len(text) // 95)
    _widths(sheet, [55, 20, 20, 20])
    _print_on_a4(sheet, 3)
    sheet.protection.sheet = True


def _fill_units(sheet: Worksheet, report: WeeklyReport) -> None:
    words = report_words()
    _across(sheet, 1, 1, 4, words.sheets["units"], bold=True, size=14)
    _heading(sheet, 3, [words.columns[name] for name in ("unit", "state", "made", "note")])
    for row, one in enumerate(report.units, 4):
        for place, text in enumerate((one.unit, words.states[one.state], one.made, one.note), 1):
            _cell(sheet, row, place, text, bold=one.state in {"missing", "refused"})
    _widths(sheet, [45, 14, 18, 60])
    _print_on_a4(sheet, 3)
    sheet.protection.sheet = True


def _fill_outside(sheet: Worksheet, report: WeeklyReport, form: ReportForm) -> None:
    words = report_words()
    columns = FIRST_FIGURE - 1 + len(form.measures)
    _across(sheet, 1, 1, columns, words.sheets["outside"], bold=True, size=14, left=True)
    _across(sheet, 2, 1, columns, words.outside_help, left=True)
    sheet.row_dimensions[2].height = 32
    captions = [measure.caption for measure in form.measures]
    _heading(sheet, INPUT_HEADER_ROW, [words.columns["unit"], words.columns["type"], *captions])
    sheet.row_dimensions[INPUT_HEADER_ROW].height = 78
    row = INPUT_HEADER_ROW
    for line in report.lines:
        row += 1
        _input(sheet, row, 1, line.unit)
        _input(sheet, row, 2, type_text(line.type))
        _row_height(sheet, row, line.unit, type_text(line.type))
        for place, name in enumerate(form.names, FIRST_FIGURE):
            _input(sheet, row, place, line.outside.get(name))
    for spare in range(row + 1, row + 1 + _SPARE_ROWS):
        for place in range(1, columns + 1):
            _input(sheet, spare, place, None)
    _widths(sheet, [_UNIT_WIDTH, _TYPE_WIDTH, *[9.5] * len(form.measures)])
    _print_on_a4(sheet, INPUT_HEADER_ROW)
    sheet.freeze_panes = sheet.cell(INPUT_HEADER_ROW + 1, FIRST_FIGURE).coordinate


def _fill_texts(sheet: Worksheet, report: WeeklyReport, form: ReportForm) -> None:
    words = report_words()
    _across(sheet, 1, 1, 4, words.sheets["texts"], bold=True, size=14, left=True)
    _across(sheet, 2, 1, 4, words.texts_help, left=True)
    _heading(
        sheet, INPUT_HEADER_ROW, [words.columns[name] for name in ("part", "unit", "text", "fact")]
    )
    row = INPUT_HEADER_ROW
    for part in form.parts:
        own = (report.unit, report.text_of(report.unit, part.name))
        others = [
            (one.unit, one.text)
            for one in report.texts
            if one.part == part.name and one.unit != report.unit
        ]
        for unit, text in (own, *others):
            row += 1
            _cell(sheet, row, 1, part.caption, bold=True)
            _cell(sheet, row, 2, unit)
            if unit == report.unit:
                _input(sheet, row, 3, text or None)
                _cell(sheet, row, 4, report.facts.get(part.name, ""))
                sheet.row_dimensions[row].height = 16 * (2 + len(text) // 70)
            else:
                _cell(sheet, row, 3, text)
                sheet.row_dimensions[row].height = 16 * (1 + len(text) // 70)
    _widths(sheet, [28, 30, 65, 30])
    _print_on_a4(sheet, INPUT_HEADER_ROW)


# --- Cells


def _cell(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False) -> Any:
    cell: Any = sheet.cell(row, column)
    cell.value = text or None
    if text:
        cell.data_type = "s"  # a name that begins like a formula is none
    cell.font, cell.border, cell.alignment = Font(_FONT, 11, bold), _GRID, _WRAPPED
    return cell


def _figure(
    sheet: Worksheet, row: int, column: int, figure: ReportFigure, *,
    bold: bool = False, empty: bool = False,
) -> None:  # fmt: skip
    cell = _cell(sheet, row, column, "", bold=bold)
    cell.value = figure.value
    cell.number_format = _LACKING_NUMBER if figure.lacking else _NUMBER
    cell.alignment = Alignment(vertical="top", horizontal="right")
    if empty and figure.value is None:
        cell.comment = Comment(report_words().empty, "sohoa", height=90, width=260)


def _input(sheet: Worksheet, row: int, column: int, value: str | int | None) -> None:
    cell = _cell(sheet, row, column, "")
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.fill, cell.protection = _INPUT, Protection(locked=False)


def _heading(sheet: Worksheet, row: int, texts: Iterable[str]) -> None:
    for place, text in enumerate(texts, 1):
        cell = _cell(sheet, row, place, text, bold=True)
        cell.fill, cell.alignment = _HEADING, _CENTRED


def _across(
    sheet: Worksheet, row: int, first: int, last: int, text: str, *,
    bold: bool = False, size: int = 11, left: bool = False,
) -> None:  # fmt: skip
    cell: Any = sheet.cell(row, first)
    cell.value, cell.font = text, Font(_FONT, size, bold)
    cell.data_type = "s"
    cell.alignment = _WRAPPED if left else _CENTRED
    if last > first:
        sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)


def _row_height(sheet: Worksheet, row: int, unit: str, type: str) -> None:
    """As high as its texts need: not every program finds the height of wrapped texts by itself."""
    lines = max(len(unit) // (_UNIT_WIDTH - 2), len(type) // (_TYPE_WIDTH - 2)) + 1
    sheet.row_dimensions[row].height = _LINE_POINTS * lines


def _widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width


def _print_on_a4(sheet: Worksheet, header_row: int) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_title_rows = f"{header_row}:{header_row}"
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.7
    margins.footer = 0.3
    sheet.oddFooter.right.text = report_words().page  # type: ignore[union-attr]
