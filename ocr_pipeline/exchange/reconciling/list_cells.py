"""Cells and charts of the Excel files of a reconciliation: text stays text, looks are few."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from ocr_pipeline.export.xls import MAX_CHARS
from ocr_pipeline.export.xlsx_archive import without_times

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LINE = Side(style="thin", color="A0A7AF")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_LINE_POINTS = 15.0
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "heading": {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="DDE5EE")},
    "typed_heading": {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="FFE699")},
    "typed": {"fill": PatternFill("solid", fgColor="FFF8D6"), "number_format": "@"},
    "differing": {"fill": PatternFill("solid", fgColor="FADBD8")},
    "key": {"font": Font(color="7A828A")},
    "count": {"number_format": "#,##0"},
    "total": {"font": Font(bold=True), "number_format": "#,##0"},
    "title": {"font": Font(bold=True, size=14), "border": Border(), "alignment": Alignment()},
    "remark": {"border": Border(), "alignment": Alignment()},
}


class ListBook:
    """A workbook that is written row by row and never held as a whole."""

    def __init__(self) -> None:
        self.book = openpyxl.Workbook(write_only=True)
        for name, look in _LOOKS.items():
            usual: dict[str, Any] = {"border": _GRID, "alignment": _WRAPPED}
            self.book.add_named_style(NamedStyle(f"sohoa_{name}", **(usual | look)))

    def sheet(self, title: str, widths: Sequence[float], frozen: str = "") -> Any:
        """A new sheet, printed on landscape A4, as wide as the paper.

        Args:
            title: of its tab; it is shortened to the 31 characters that Excel takes.
            widths: of its columns, in characters.
            frozen: the cell left above of which everything stays in view; "" for none.

        """
        sheet = self.book.create_sheet(title[:31])
        for place, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        if frozen:
            sheet.freeze_panes = frozen
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        return sheet

    def cells(self, sheet: Any, values: Iterable[str | int], look: str = "plain") -> list[Any]:
        """Cells of one look."""
        return [self.cell(sheet, value, look) for value in values]

    def cell(self, sheet: Any, value: str | int, look: str = "plain") -> Any:
        """A cell; what looks like a formula is text, what XML cannot hold is left out."""
        cell = WriteOnlyCell(sheet)
        cell.style = f"sohoa_{look}"
        if isinstance(value, str):
            if text := written_text(value):
                cell.value = text
                cell.data_type = "s"
        else:
            cell.value = value
        return cell

    def bytes(self) -> bytes:
        """The `.xlsx`; the same content gives the same bytes."""
        held = io.BytesIO()
        self.book.save(held)
        return without_times(held.getvalue())


def written_text(text: str) -> str:
    """A text as it stands in a cell: without what XML cannot hold, as long as Excel takes."""
    return _NOT_IN_XML.sub("", text)[:MAX_CHARS]


def height_of(texts: Iterable[tuple[str, float]]) -> float:
    """Points of a row whose cells hold these texts in columns of these widths."""
    lines = 1
    for text, width in texts:
        needed = sum(math.ceil(len(line) / max(width - 1, 1)) or 1 for line in text.split("\n"))
        lines = max(lines, needed)
    return min(lines, 27) * _LINE_POINTS  # Excel takes 409 points at most


def bar_chart(
    sheet: Any, place: str, title: str, header: tuple[int, int, int], rows: tuple[int, int],
    *, stacked: bool = False, lying: bool = True,
) -> None:  # fmt: skip
    """Put a chart that Excel itself draws from cells of the sheet.

    Args:
        sheet: where the figures stand and the chart goes.
        place: the cell of its upper left corner.
        title: above it.
        header: row of the headings, first and last column of the figures; labels stand in column 1.
        rows: first and last row of the figures.
        stacked: several columns make one bar.
        lying: bars go from left to right.

    """
    first, last = rows
    head, left, right = header
    if last < first:
        return
    chart = BarChart()
    chart.type = "bar" if lying else "col"
    chart.title, chart.style = title, 10
    if stacked:
        chart.grouping, chart.overlap = "stacked", 100
    chart.add_data(
        Reference(sheet, min_col=left, max_col=right, min_row=head, max_row=last),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    if left == right:
        chart.legend = None
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.majorGridlines = None
    chart.y_axis.number_format = "#,##0"
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"  # the first row above
    chart.width, chart.height = 24, max(7.0, 0.75 * (last - first + 1) + 4)
    sheet.add_chart(chart, place)
