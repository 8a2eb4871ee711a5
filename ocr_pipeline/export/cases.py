"""Registration cases on their way out: a record with its Excel row and the name of its PDF."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.export.rule_faults import NUMBER, REGISTRATION_DATE
from ocr_pipeline.registers.fields import Record, State
from ocr_pipeline.registers.rows import column_hints, column_sources, compose_row
from ocr_pipeline.registers.shared_fields import shared_places
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.text.normalise import nfc

ORDINAL = "STT"
_TELLING = frozenset({State.READ, State.IN_REVIEW, State.UNREADABLE})


@dataclass(frozen=True, slots=True)
class ExportCase:
    """One row of the Excel file.

    Attributes:
        record: what it comes from.
        row: text by column name, every column of the template.
        excel_row: 1-based row in the sheet.
        pdf: file name of its scan; "" where number or full registration date are missing.
        pages: names of the pages it stands on.

    """

    record: Record
    row: Mapping[str, str]
    excel_row: int
    pdf: str
    pages: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where a person finds it: page and, on a sheet of several records, position."""
        return f"{self.record.page} ({self.record.position})"


def make_cases(
    book: Book,
    records: Iterable[Record],
    template: Template,
    naming: NamingRule,
    continuations: Mapping[tuple[str, int], Sequence[str]],
    dropped: Sequence[Record] = (),
) -> list[ExportCase]:
    """Rows and file names of the records, in the order given; empty places of a sheet are left out.

    Args:
        book: the book they are from.
        records: after judgement and review.
        template: the Excel template.
        naming: how files are named.
        continuations: further pages of a record by (page, position).
        dropped: records of the same sheets that people said are none.

    """
    cases: list[ExportCase] = []
    for index, record in enumerate(without_empty_places(list(records), dropped)):
        values = {code: field.value for code, field in record.fields.items()}
        unreadable = [c for c, f in record.fields.items() if f.state is State.UNREADABLE]
        composed = compose_row(template, values, book, unreadable=unreadable)
        row = {column.name: nfc(composed.get(column.name, "")) for column in template.columns}
        if ORDINAL in row:
            row[ORDINAL] = str(index + 1)
        further = continuations.get((record.page, record.position), ())
        pages = (record.page, *further)
        cases.append(ExportCase(record, row, index + 2, _pdf_name(book, row, naming), pages))
    return cases


def without_empty_places(records: Sequence[Record], dropped: Sequence[Record] = ()) -> list[Record]:
    """Drop places of a table on which nothing is written and no field waits for a person.

    Fields that all records of a sheet share (its page number) stand in the same box and say nothing
    about the place itself, also where all other records of the sheet were dropped.
    """
    shared = shared_places([*records, *dropped])
    return [
        record
        for record in records
        if any(
            (f.value or f.as_written or f.state in _TELLING)
            and (record.page, code, f.box) not in shared
            for code, f in record.fields.items()
        )
    ]


def columns_of(code: str, template: Template, on_page: Container[str]) -> tuple[str, ...]:
    """Columns of the template whose text comes from a layout field, or depends on it.

    Args:
        code: of the field.
        template: the Excel template.
        on_page: codes of all fields of the record.

    """
    return tuple(
        name
        for name in template.by_name
        if code in column_sources(template.type, name)
        or (name not in on_page and code in column_hints(template.type, name))
    )


def _pdf_name(book: Book, row: Mapping[str, str], naming: NamingRule) -> str:
    try:
        return naming.record_pdf(book, row[REGISTRATION_DATE], row[NUMBER])
    except BadInputError:
        return ""
