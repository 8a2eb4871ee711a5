"""Faults of the data rows: cell types, forms, codes, duplicates, years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocr_pipeline.books.naming import StemName
from ocr_pipeline.export.cells import (
    BOOK_NUMBER,
    NUMBER,
    REGISTRATION_DATE,
    cell_faults,
    dotted_date,
    number_and_year,
)
from ocr_pipeline.export.faults import Fault, fault
from ocr_pipeline.export.preimport.header import Match
from ocr_pipeline.export.preimport.sheets import Cell, CellKind
from ocr_pipeline.text.dates import PartialDate

_EMPTY = Cell(CellKind.EMPTY, "")


@dataclass(frozen=True, slots=True)
class DataRow:
    """One registration case: its Excel row, its texts by column, what links it to its scan."""

    excel_row: int
    texts: Mapping[str, str]
    number: tuple[int, int] | None
    date: PartialDate | None


def data_rows(
    match: Match, rows: Sequence[Sequence[Cell]], file: str
) -> tuple[list[DataRow], list[Fault]]:
    """The rows below the header, and the faults of each cell by itself.

    Numbers and dates are read as what a person sees, so that the other checks still work.
    """
    found: list[Fault] = []
    data: list[DataRow] = []
    filled = [index for index, row in enumerate(rows) if any(cell.text.strip() for cell in row)]
    for index in range(match.row + 1, filled[-1] + 1 if filled else 0):
        row, excel_row = rows[index], index + 1
        if not any(cell.text.strip() for cell in row):
            found.append(fault("empty_row", file, row=excel_row))
            continue
        texts = {}
        for name, place in match.columns.items():
            cell = row[place] if place < len(row) else _EMPTY
            if cell.kind not in (CellKind.TEXT, CellKind.EMPTY):
                found.append(
                    fault(cell.kind.value, file, row=excel_row, column=name, text=cell.text)
                )
            texts[name] = cell.text
            column = match.template.by_name[name]
            found += cell_faults(column, cell.text, file, excel_row)
        number = number_and_year(texts.get(NUMBER, ""))
        date = dotted_date(texts.get(REGISTRATION_DATE, ""))
        data.append(DataRow(excel_row, texts, number, date))
    if not data:
        found.append(fault("no_rows", file))
    return data, found


def row_faults(data: Sequence[DataRow], stem: StemName | None, file: str) -> Iterator[Fault]:
    """Faults that show only in the whole row or beside other rows."""
    first: dict[tuple[str, str], int] = {}
    for row in data:
        number, volume = row.texts.get(NUMBER, "").strip(), row.texts.get(BOOK_NUMBER, "").strip()
        if number:
            earlier = first.setdefault((_same(number), _same(volume)), row.excel_row)
            if earlier != row.excel_row:
                yield fault(
                    "duplicate", file, row=row.excel_row, column=NUMBER, text=number, first=earlier
                )
        if row.number and row.date and row.number[1] != row.date.year:
            yield fault(
                "year_mismatch", file, row=row.excel_row, column=NUMBER, text=number,
                expected=row.date.year,
            )  # fmt: skip
        opened = number_and_year(volume)
        if stem and opened and opened != (stem.book, stem.year_opened):
            yield fault(
                "other_book", file, row=row.excel_row, column=BOOK_NUMBER, text=volume,
                expected=f"{stem.book:02d}/{stem.year_opened}",
            )  # fmt: skip


def _same(number: str) -> str:
    known = number_and_year(number)
    return f"{known[0]}/{known[1]}" if known else number
