"""Rows of the Excel file linked to PDFs of the zip by file name, as the import does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr_pipeline.books.naming import RecordName, StemName, parse_record_pdf
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.preimport.archive import PdfEntry
from ocr_pipeline.export.preimport.rows import DataRow
from ocr_pipeline.export.rule_faults import NUMBER, PAGE


@dataclass(frozen=True, slots=True)
class _Named:
    entry: PdfEntry
    name: RecordName


def link_faults(
    rows: Sequence[DataRow], entries: Sequence[PdfEntry], stem: StemName | None, excel: str
) -> Iterator[PackageFault]:
    """Rows without a scan, PDFs without a row, and names that contradict their row or book."""
    named: list[_Named] = []
    for entry in entries:
        name = _parsed(entry.name)
        if name is None:
            yield fault("pdf_name", entry.place)
            continue
        named.append(_Named(entry, name))
        if name.date is None:
            yield fault("pdf_name_old", entry.place)
        if stem and (name.type, name.year_opened, name.book) != _book(stem):
            yield fault(
                "pdf_book", entry.place, found=_label(*_book(name)), expected=_label(*_book(stem))
            )
    taken: dict[int, _Named] = {}
    left = list(_exact(rows, named, taken))
    by_number: dict[int | None, list[DataRow]] = {}
    for row in rows:
        by_number.setdefault(row.number, []).append(row)
    for pdf in left:
        same_number = by_number.get(pdf.name.number, [])
        free = [row for row in same_number if row.excel_row not in taken]
        if free:
            row = free[0]
            taken[row.excel_row] = pdf
            if pdf.name.date and row.date and pdf.name.date != row.date:
                yield fault(
                    "pdf_date", pdf.entry.place, row=row.excel_row, column="ngayDangKy",
                    expected=row.date.dotted(),
                )  # fmt: skip
        elif same_number and (pdf.name.date in (None, same_number[0].date)):
            other = taken[same_number[0].excel_row].entry.name
            yield fault("pdf_twice", pdf.entry.place, row=same_number[0].excel_row, other=other)
        else:
            yield fault("surplus_pdf", pdf.entry.place)
    yield from _shared_scans(rows, taken)
    for row in rows:
        if row.excel_row not in taken:
            yield fault(
                "no_scan", excel, row=row.excel_row, column=NUMBER,
                text=row.texts.get(NUMBER, ""), expected=_expected(row, stem),
            )  # fmt: skip


def _shared_scans(rows: Sequence[DataRow], taken: dict[int, _Named]) -> Iterator[PackageFault]:
    """One scan for records on different pages of the book; records of one sheet may share it."""
    first: dict[bytes, tuple[_Named, str]] = {}
    for row in rows:
        pdf = taken.get(row.excel_row)
        page = row.texts.get(PAGE, "")
        if pdf is None or not pdf.entry.digest or not page:
            continue
        other, other_page = first.setdefault(pdf.entry.digest, (pdf, page))
        if other_page != page:
            yield fault("pdf_same_scan", pdf.entry.place, row=row.excel_row, other=other.entry.name)


def _exact(
    rows: Sequence[DataRow], named: Sequence[_Named], taken: dict[int, _Named]
) -> Iterator[_Named]:
    """Take the PDFs whose number and date fit a row; yield the others."""
    waiting: dict[tuple[int, object], list[DataRow]] = {}
    for row in rows:
        if row.number is not None:
            waiting.setdefault((row.number, row.date), []).append(row)
    for pdf in named:
        fitting = waiting.get((pdf.name.number, pdf.name.date), [])
        if fitting:
            taken[fitting.pop(0).excel_row] = pdf
        else:
            yield pdf


def _parsed(name: str) -> RecordName | None:
    stem, _, _ = name.rpartition(".")
    return parse_record_pdf(f"{stem}.pdf") or parse_record_pdf(f"{stem.upper()}.pdf")


def _book(name: RecordName | StemName) -> tuple[str, int, int]:
    return name.type, name.year_opened, name.book


def _label(type_: str, year: int, book: int) -> str:
    return f"{type_}.{year}.{book:02d}"


def _expected(row: DataRow, stem: StemName | None) -> str:
    book = _label(*_book(stem)) if stem else "<LOẠI>.<năm>.<quyển>"
    date = row.date.iso() if row.date and row.date.complete else "<yyyy-mm-dd>"
    number = f"{row.number:03d}" if row.number is not None else "<số>"
    return f"{book}.{date}.{number}.pdf"
