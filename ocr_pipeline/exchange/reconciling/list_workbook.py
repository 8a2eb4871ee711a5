"""The lists of one unit and register type as an Excel file: a sheet for each kind of list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ocr_pipeline.exchange.reconciling.list_cells import ListBook, bar_chart, height_of
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.listed_person import (
    TYPED,
    ListName,
    columns_of_list,
    heading,
)

_WIDTHS = {
    "key": 16.0, "quyen_so": 10.0, "so": 10.0, "registered": 12.0, "name": 26.0, "birth": 12.0,
    "role": 15.0, "cause": 42.0, "candidates": 70.0, "double_of": 60.0, "decision": 24.0,
    "detail": 24.0, "justification": 36.0, "decided_by": 20.0, "personal_id": 16.0, "sex": 9.0,
    "probability": 10.0, "reason": 40.0, "agency": 40.0, "home_town": 36.0,
}  # fmt: skip
_USUAL_WIDTH = 24.0
_FROZEN_BEHIND = "name"
_MISSING = PatternFill("solid", bgColor="F5B7B1")

Cells = Mapping[str, str]


def list_bytes_of(
    title: str, lists: Mapping[ListName, Sequence[Cells]], *, remark: str = ""
) -> bytes:
    """The `.xlsx` with the lists of one unit and register type; the same rows give the same bytes.

    Args:
        title: stands on the first sheet.
        lists: the cells of the rows of each list, by column, in the order of the sheet.
        remark: stands below the title, e.g. that another file goes on.

    """
    book = ListBook()
    names = sorted(lists, key=lambda one: one.order)
    _fill_front(book, title, [(name, len(lists[name])) for name in names], remark)
    for name in names:
        _fill_list(book, name, lists[name])
    return book.bytes()


def _fill_front(
    book: ListBook, title: str, counts: Sequence[tuple[ListName, int]], remark: str
) -> None:
    words = list_words()
    sheet = book.sheet(words.summary.sheets.help, [34, 14, 90])
    sheet.append([book.cell(sheet, title, "title")])
    sheet.append([book.cell(sheet, remark, "remark")])
    for line in words.help:
        sheet.append([book.cell(sheet, f"• {line}", "remark")])
    sheet.append([])
    head = 3 + len(words.help) + 1
    sheet.append(book.cells(sheet, (words.summary.kind, words.summary.count), "heading"))
    for name, count in counts:
        sheet.append([book.cell(sheet, name.sheet), book.cell(sheet, count, "count")])
    total = sum(count for _, count in counts)
    sheet.append([book.cell(sheet, words.summary.total, "total"), book.cell(sheet, total, "total")])
    place = f"A{head + len(counts) + 3}"
    rows = (head + 1, head + len(counts))
    bar_chart(sheet, place, words.summary.by_kind, (head, 2, 2), rows)


def _fill_list(book: ListBook, name: ListName, rows: Sequence[Cells]) -> None:
    columns = columns_of_list(name, {column for row in rows for column in row})
    widths = [_WIDTHS.get(column, _USUAL_WIDTH) for column in columns]
    frozen = f"{get_column_letter(columns.index(_FROZEN_BEHIND) + 2)}2"
    sheet = book.sheet(name.sheet, widths, frozen)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    shown = get_column_letter(columns.index(TYPED[-1]) + 1)  # what is behind is read on the screen
    sheet.print_area = f"A1:{shown}{len(rows) + 1}"
    _offer_decisions(sheet, name, columns, len(rows) + 1)
    sheet.row_dimensions[1].height = 45
    sheet.append(
        [
            book.cell(sheet, heading(one), "typed_heading" if one in TYPED else "heading")
            for one in columns
        ]
    )
    blank = book.cell(sheet, "", "typed")  # the same for all rows: a row is written at once
    for number, cells in enumerate(rows, 2):
        texts = [cells.get(column, "") for column in columns]
        sheet.row_dimensions[number].height = height_of(zip(texts, widths, strict=True))
        sheet.append(
            [
                blank if column in TYPED else book.cell(sheet, text, _look(column, text))
                for column, text in zip(columns, texts, strict=True)
            ]
        )
        del sheet.row_dimensions[number]  # it was written; a long list would hold them all


def _look(column: str, text: str) -> str:
    if column == "key":
        return "key"
    return "differing" if column.startswith("value:") and text else "plain"


def _offer_decisions(sheet: Any, name: ListName, columns: Sequence[str], last: int) -> None:
    """Choices in the cells of decisions; a decision without a justification turns red."""
    words = list_words()
    offered = ",".join(words.decisions[one].vi for one in name.words.decisions)
    column, reason = (
        get_column_letter(columns.index(one) + 1) for one in ("decision", "justification")
    )
    choice = DataValidation("list", formula1=f'"{offered}"', allow_blank=True)
    choice.add(f"{column}2:{column}{last}")
    sheet.data_validations.append(choice)
    sheet.conditional_formatting.add(
        f"{reason}2:{reason}{last}",
        Rule(
            "expression",
            formula=[f'AND(${column}2<>"",TRIM(${reason}2)="")'],
            dxf=DifferentialStyle(fill=_MISSING),
        ),
    )
