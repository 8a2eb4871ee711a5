"""Faults of the data rows: types of cells, the rules of `checks`, the book they belong to."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocr_pipeline.books.naming import StemName
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.preimport.cells import EMPTY, Cell, CellKind, RawSheet
from ocr_pipeline.export.preimport.header import HeaderMatch
from ocr_pipeline.export.rule_faults import (
    AGENCY,
    BOOK_NUMBER,
    NUMBER,
    REGISTRATION_DATE,
    book_faults,
    record_faults,
)
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

_PLAIN = frozenset({CellKind.TEXT, CellKind.EMPTY})


@dataclass(frozen=True, slots=True)
class DataRow:
    """One registration case.

    Attributes:
        excel_row: its row in Excel, from 1.
        texts: what a person sees, NFC, by column.
        typed: text cells exactly as they are, by column.
        number: of the record; None when it cannot be told.
        date: of registration; None when it cannot be told.

    """

    excel_row: int
    texts: Mapping[str, str]
    typed: Mapping[str, str]
    number: int | None
    date: PartialDate | None


def data_rows(
    match: HeaderMatch, rows: Sequence[Sequence[Cell]], file: str
) -> tuple[list[DataRow], list[PackageFault]]:
    """The rows below the header, and the faults of cells that are not plain text.

    Numbers and dates are read as what a person sees, so that the other checks still work.
    """
    found: list[PackageFault] = []
    data: list[DataRow] = []
    filled = [index for index, row in enumerate(rows) if any(cell.text.strip() for cell in row)]
    for index in range(match.row + 1, filled[-1] + 1 if filled else 0):
        row, excel_row = rows[index], index + 1
        if not any(cell.text.strip() for cell in row):
            found.append(fault("empty_row", file, row=excel_row))
            continue
        texts, typed = {}, {}
        for name, place in match.columns.items():
            cell = row[place] if place < len(row) else EMPTY
            texts[name] = unicodedata.normalize("NFC", cell.text)
            if cell.kind is CellKind.TEXT:
                typed[name] = cell.text
            rule = cell.kind.value if cell.kind not in _PLAIN else "not_nfc"
            if cell.kind not in _PLAIN or texts[name] != cell.text:
                found.append(fault(rule, file, row=excel_row, column=name, text=cell.text))
        number = parse_number_year(texts.get(NUMBER, ""))
        date = parse_date(texts.get(REGISTRATION_DATE, ""))
        data.append(DataRow(excel_row, texts, typed, number[0] if number else None, date))
    if not data:
        found.append(fault("no_rows", file))
    return data, found


def unseen_faults(match: HeaderMatch, sheet: RawSheet, file: str) -> Iterator[PackageFault]:
    """Merged cells, whose later rows are empty for the import, and data that nobody sees."""
    names = {place: name for name, place in match.columns.items()}
    for block in sheet.merged:
        first = max(block.top, match.row + 1)
        name = names.get(block.left)
        if name and block.bottom - block.top > 1 and block.bottom > first:
            yield fault(
                "merged_cells", file, row=block.top + 1, column=name, last=block.bottom,
                below=block.bottom - block.top - 1,
            )  # fmt: skip
    for index in sorted(sheet.hidden_rows):
        in_data = match.row < index < len(sheet.rows)
        if in_data and any(cell.text.strip() for cell in sheet.rows[index]):
            yield fault("hidden_row", file, row=index + 1)
    for place in sorted(sheet.hidden_columns & names.keys()):
        yield fault("hidden_column", file, column=names[place])


def row_faults(
    match: HeaderMatch, data: Sequence[DataRow], stem: StemName | None, file: str
) -> Iterator[PackageFault]:
    """What the rules find in rows and between them, and rows that belong to another book."""
    for row in data:
        yield from record_faults(row.texts, match.template.type, file, row.excel_row)
        volume = row.texts.get(BOOK_NUMBER, "")
        opened = parse_number_year(volume)
        if stem and opened and opened != (stem.book, stem.year_opened):
            yield fault(
                "other_book",
                file,
                row=row.excel_row,
                column=BOOK_NUMBER,
                text=volume,
                expected=f"{stem.book:02d}/{stem.year_opened}",
            )
    yield from _other_agencies(data, file)
    yield from book_faults([row.texts for row in data], [row.excel_row for row in data], file)


def _other_agencies(data: Sequence[DataRow], file: str) -> Iterator[PackageFault]:
    agencies = [key(row.texts.get(AGENCY, "")) for row in data]
    if not any(agencies):
        return
    usual, count = Counter(filter(None, agencies)).most_common(1)[0]
    shown = next(row.texts[AGENCY] for row, own in zip(data, agencies, strict=True) if own == usual)
    for row, own in zip(data, agencies, strict=True):
        if own and own != usual:
            yield fault(
                "other_agency",
                file,
                row=row.excel_row,
                column=AGENCY,
                count=count,
                expected=shown,
            )
