"""A weekly report read back from its Excel file, with what people have typed into it."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from ocr_pipeline.books.typed_agency import choose_units, typed_agency
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_table import table_rows, type_text
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.report_workbook import (
    FIRST_FIGURE,
    HEADER_ROW,
    INPUT_HEADER_ROW,
    SEALED,
    VERSION,
    checksum,
)
from ocr_pipeline.exchange.reporting.weekly_report import (
    ReportLine,
    UnitText,
    WeeklyReport,
    ordered,
    report_from_json,
)
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.strict_data import read_json
from ocr_pipeline.text.normalise import clean, key

_MOST_BYTES = 20_000_000
_MOST_UNPACKED_BYTES = 200_000_000
_MOST_ROWS = 20_000
_MOST_COLUMNS = 100
_LARGEST = 10**9
_GROUPED = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})+|\d{1,10}")
_OLE = b"\xd0\xcf\x11\xe0"
_YEARS = (2026, 2024)  # units of two levels, and those of three levels before July 2025
_ASK_AGAIN = Text(
    "Làm lại báo cáo bằng sohoa report, hoặc xin đơn vị gửi lại tệp gốc",
    "Make the report again with sohoa report, or ask the unit for the original file",
)

_Grid = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class TypedFault:
    """A cell that people typed and that cannot be taken.

    Attributes:
        place: sheet and cell, e.g. `Làm ngoài phần mềm!D7`.
        cause: what is wrong.
        remedy: what to do.

    """

    place: str
    cause: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as its file tells it.

    Attributes:
        path: the file.
        report: with the typed figures and texts that stand in the file now.
        sealed: checksum of the report as it was written.
        altered: cells that only the program writes and that somebody has changed.
        faults: typed cells that cannot be taken; they are not in the report.

    """

    path: Path
    report: WeeklyReport
    sealed: str
    altered: tuple[str, ...] = ()
    faults: tuple[TypedFault, ...] = ()


@dataclass(slots=True)
class _Typed:
    sheet: str
    faults: list[TypedFault] = field(default_factory=list)

    def fault(self, row: int, column: int, cause: Text, remedy: Text) -> None:
        place = f"{self.sheet}!{get_column_letter(column)}{row}"
        self.faults.append(TypedFault(place, cause, remedy))


def read_report(path: Path, form: ReportForm) -> ReportFile:
    """A report and what was typed into it.

    Args:
        path: an `.xlsx` that `sohoa report` has written.
        form: the form that it has to follow.

    Raises:
        BadInputError: no such file, no Excel file, not one of ours, of another form, or its
            hidden sheet was changed.

    """
    sheets = _sheets(path)
    report, sealed = _sealed(path, sheets.get(SEALED, ()))
    if report.form != form.id or report.measures != form.names:
        raise BadInputError(
            Text(
                f"Báo cáo theo biểu khác (“{report.form}”), không phải “{form.id}”",
                f"The report follows another form (“{report.form}”), not “{form.id}”",
            ),
            where=str(path),
            remedy=Text("Dùng cùng tệp biểu (--form)", "Use the same form (--form)"),
        )
    form.level(report.level)
    words = report_words()
    altered = tuple(_altered(sheets.get(words.sheets["report"], ()), report, form))
    lines, faults = _typed_lines(sheets.get(words.sheets["outside"], ()), report, form)
    texts = _typed_texts(sheets.get(words.sheets["texts"], ()), report, form)
    return ReportFile(
        path, replace(report, lines=lines, texts=texts), sealed, altered, tuple(faults)
    )


# --- The file


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    try:
        data = read_plain(path, _MOST_BYTES)
    except OSError as error:
        reason = os_reason(error)
        raise BadInputError(
            Text(f"Không đọc được tệp: {reason.vi}", f"The file cannot be read: {reason.en}"),
            where=str(path),
            remedy=_ASK_AGAIN,
        ) from error
    if not data:
        raise _refused(path, Text("Tệp rỗng", "The file is empty"))
    if data.startswith(_OLE):
        raise _refused(
            path,
            Text("Tệp .xls cũ hoặc có mật khẩu", "An old .xls, or protected by a password"),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED_BYTES:
                raise _refused(path, Text("Tệp lớn bất thường", "The file is abnormally large"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that are not known
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
            return {
                sheet.title: [
                    list(row)
                    for row in sheet.iter_rows(
                        max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True
                    )
                ]
                for sheet in book.worksheets
            }
    except BadInputError:
        raise
    except Exception as error:  # whatever a foreign file makes the parsers raise
        raise _refused(
            path, Text("Không phải tệp Excel .xlsx đọc được", "This is no readable .xlsx")
        ) from error


def _sealed(path: Path, rows: _Grid) -> tuple[WeeklyReport, str]:
    if not rows or not rows[0] or rows[0][0] != SEALED or len(rows[0]) < 3:
        raise _refused(
            path,
            Text(
                "Không phải báo cáo do sohoa report lập", "This is no report made by sohoa report"
            ),
        )
    _, version, sealed = rows[0][:3]
    if version != VERSION:
        raise BadInputError(
            Text("Báo cáo do phiên bản sohoa khác lập", "Made by another version of sohoa"),
            where=str(path),
            remedy=Text("Dùng phiên bản sohoa mới nhất", "Use the newest version of sohoa"),
        )
    text = "".join(str(row[0])[1:-1] for row in rows[1:] if row and row[0])
    if checksum(text) != sealed:
        raise _refused(
            path,
            Text(
                "Phần máy đọc của báo cáo (trang ẩn) đã bị sửa hoặc hỏng",
                "The hidden sheet of the report was changed or is damaged",
            ),
        )
    try:
        return report_from_json(read_json(text)), str(sealed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(
            path,
            Text("Phần máy đọc của báo cáo không hiểu được", "The hidden sheet is not understood"),
        ) from error


def _refused(path: Path, cause: Text) -> BadInputError:
    return BadInputError(cause, where=str(path), remedy=_ASK_AGAIN)


# --- What the program has written


def _altered(rows: _Grid, report: WeeklyReport, form: ReportForm) -> Iterable[str]:
    """Cells of the printed table that are not what the program wrote there."""
    words = report_words()
    captions = [measure.caption for measure in form.measures]
    written: list[list[Any]] = [[words.columns["unit"], words.columns["type"], *captions]]
    for one in table_rows(report, form):
        figures = [figure.value for figure in one.figures]
        written.append([one.unit, one.type or None, *figures])
    for number, expected in enumerate(written, HEADER_ROW):
        found = rows[number - 1] if number <= len(rows) else ()
        for place, value in enumerate(expected):
            if _at(found, place) != value:
                yield f"{words.sheets['report']}!{get_column_letter(place + 1)}{number}"


def _at(row: Sequence[Any], place: int) -> Any:
    value = row[place] if place < len(row) else None
    return None if value == "" else value


# --- What people have typed


def _typed_lines(
    rows: _Grid, report: WeeklyReport, form: ReportForm
) -> tuple[tuple[ReportLine, ...], list[TypedFault]]:
    words = report_words()
    typed = _Typed(words.sheets["outside"])
    columns = _columns(rows, form, typed)
    own = {key(unit): unit for unit in (report.unit, *(line.unit for line in report.lines))}
    found: dict[tuple[str, RegisterType], dict[str, int]] = {}
    for number, row in enumerate(rows[INPUT_HEADER_ROW:], INPUT_HEADER_ROW + 1):
        cells = {
            place: row[place - 1]
            for place in columns
            if place <= len(row) and row[place - 1] not in (None, "")
        }
        unit_cell, type_cell = clean(str(_at(row, 0) or "")), clean(str(_at(row, 1) or ""))
        if not cells:
            continue
        unit, type = _unit(typed, number, unit_cell, own), _type(typed, number, type_cell, form)
        figures = {
            columns[place]: value
            for place, cell in cells.items()
            if (value := _count(typed, number, place, cell)) is not None
        }
        if unit is None or type is None:
            continue
        if (unit, type) in found:
            typed.fault(
                number,
                1,
                Text(
                    f"Đơn vị và loại sổ này có hai dòng: {unit}, {type_text(type)}",
                    f"This unit and type stand in two rows: {unit}, {type.value}",
                ),
                Text("Cộng hai dòng thành một dòng", "Make one row of them"),
            )
            continue
        found[unit, type] = figures
    lines = {(line.unit, line.type): replace(line, outside={}) for line in report.lines}
    for (unit, type), figures in found.items():
        line = lines.get((unit, type), ReportLine(unit, type))
        lines[unit, type] = replace(line, outside=figures)
    kept = (line for line in lines.values() if line.program or line.outside or line.lacking)
    return ordered(kept, form), typed.faults


def _columns(rows: _Grid, form: ReportForm, typed: _Typed) -> dict[int, str]:
    """Names of the figures by column, from 1."""
    names = {key(measure.caption): measure.name for measure in form.measures}
    heading = rows[INPUT_HEADER_ROW - 1] if len(rows) >= INPUT_HEADER_ROW else ()
    columns: dict[int, str] = {}
    for place, cell in enumerate(heading[FIRST_FIGURE - 1 :], FIRST_FIGURE):
        name = names.get(key(str(cell))) if cell else None
        if name and name not in columns.values():
            columns[place] = name
        elif cell or any(_at(row, place - 1) is not None for row in rows[INPUT_HEADER_ROW:]):
            typed.fault(
                INPUT_HEADER_ROW,
                place,
                Text(f"Tiêu đề cột lạ: “{cell or ''}”", f"Unknown heading: “{cell or ''}”"),
                Text("Giữ nguyên dòng tiêu đề của trang", "Leave the row of headings as it was"),
            )
    if missing := [names[one] for one in names if names[one] not in columns.values()]:
        captions = {measure.name: measure.caption for measure in form.measures}
        typed.fault(
            INPUT_HEADER_ROW,
            FIRST_FIGURE,
            Text(f"Thiếu cột “{captions[missing[0]]}”", f"Missing column “{captions[missing[0]]}”"),
            Text("Giữ nguyên dòng tiêu đề của trang", "Leave the row of headings as it was"),
        )
    return columns


def _unit(typed: _Typed, row: int, text: str, own: dict[str, str]) -> str | None:
    if key(text) in own:
        return own[key(text)]
    nearest: tuple[str, ...] = ()
    if text:
        agency = typed_agency(text, "", "")
        for year in _YEARS:
            choice = choose_units(agency, year)
            if len(choice.agencies) == 1:
                return ", ".join(choice.agencies[0].units)
            several = tuple(", ".join(one.units) for one in choice.agencies)
            nearest = nearest or several or choice.nearest
    typed.fault(
        row,
        1,
        Text(f"Không có đơn vị “{text}”", f"There is no unit “{text}”"),
        Text(
            "Ghi đủ xã, huyện (nếu có), tỉnh"
            + (f"; gần giống: {'; '.join(nearest)}" if nearest else ""),
            "Write commune, district (if any) and province"
            + (f"; nearest: {'; '.join(nearest)}" if nearest else ""),
        ),
    )
    return None


def _type(typed: _Typed, row: int, text: str, form: ReportForm) -> RegisterType | None:
    for type in form.types:
        if key(text) in {key(type.value), key(type.label.vi), key(type_text(type))}:
            return type
    known = ", ".join(map(type_text, form.types))
    typed.fault(
        row,
        2,
        Text(f"Không có loại sổ “{text}”", f"There is no register type “{text}”"),
        Text(f"Ghi một trong: {known}", f"Write one of: {', '.join(form.types)}"),
    )
    return None


def _count(typed: _Typed, row: int, column: int, cell: Any) -> int | None:
    number: int | None = None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1:
        number = int(cell)
    elif isinstance(cell, str) and _GROUPED.fullmatch(cell.strip()):
        number = int(re.sub(r"\D", "", cell))
    if number is not None and 0 <= number <= _LARGEST:
        return number
    negative = number is not None and number < 0
    typed.fault(
        row,
        column,
        Text(f"Số âm: “{cell}”", f"A negative number: “{cell}”")
        if negative
        else Text(f"Không phải số đếm: “{cell}”", f"This is no count: “{cell}”"),
        Text("Gõ số nguyên từ 0 trở lên, hoặc để trống", "Type a whole number, or leave it empty"),
    )
    return None


def _typed_texts(rows: _Grid, report: WeeklyReport, form: ReportForm) -> tuple[UnitText, ...]:
    """The unit's own texts as they stand there now; those of others as they were."""
    names = {key(part.caption): part.name for part in form.parts}
    own = []
    for row in rows[INPUT_HEADER_ROW:]:
        part, unit, text = (clean(str(_at(row, 0) or "")), _at(row, 1), _at(row, 2))
        if text and key(part) in names and key(str(unit or "")) == key(report.unit):
            own.append(UnitText(report.unit, names[key(part)], str(text).strip()))
    return (*own, *(one for one in report.texts if one.unit != report.unit))
