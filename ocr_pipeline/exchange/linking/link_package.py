"""Linked rows on their way out: the import `.xls` and the zip of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.checks.record_rules import check_record
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.exchange.linking.row_values import means_same
from ocr_pipeline.export.agency_folder import agency_folder
from ocr_pipeline.export.cases import ORDINAL, ExportCase
from ocr_pipeline.export.package import Package, publish_cases
from ocr_pipeline.export.rule_faults import NUMBER, REGISTRATION_DATE, record_faults, refused
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.processing.book_links import (
    BookLinks,
    LinkRow,
    RowChange,
    SettledBook,
    SettledLink,
    Verdict,
)
from ocr_pipeline.registers.fields import FieldKind, Record, Severity
from ocr_pipeline.registers.layout_codes import column_rules
from ocr_pipeline.registers.rows import compose_row
from ocr_pipeline.registers.templates import Template, load_template
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import nfc

_OF_BOOK = "theo danh mục sổ"
_DERIVED = "cột còn thiếu trong tệp đã nhập: suy ra từ cột khác hoặc lấy giá trị mặc định"
_OTHER = "đổi theo mẫu Excel"
_OF_EMPTY = frozenset({"mandatory"})  # what is illegible stays empty


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A linked row that cannot go out yet, and why (Vietnamese)."""

    row: str
    why: str


@dataclass(slots=True)
class LinkPackage:
    """What goes out of a book.

    Attributes:
        cases: rows with the names of their PDFs.
        rows: ids of the rows of `cases`, in their order.
        changes: between the keyed files and the cells, by id of the row.
        held: linked rows that the import would refuse.
        package: the files; None while none are written.

    """

    cases: list[ExportCase] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    changes: dict[str, list[RowChange]] = field(default_factory=dict)
    held: list[HeldRow] = field(default_factory=list)
    package: Package | None = None


def converted(
    row: LinkRow, book: Book, template: Template
) -> tuple[dict[str, str], list[RowChange]]:
    """The cells of a row in the import template, and every change that led to them.

    Args:
        row: as it was keyed, mended on the way in.
        book: that its page lies in: its number and agency are those of the inventory.
        template: of the import.

    """
    values = {name: text for name, text in row.values.items() if name in template.by_name}
    composed = compose_row(template, values, book)
    cells = {column.name: nfc(composed.get(column.name, "")) for column in template.columns}
    changes = list(row.changes)
    constants = column_rules().book_constants
    for name, after in cells.items():
        before = values.get(name, "")
        if name == ORDINAL or after == before:
            continue
        why = _OF_BOOK if name in constants else _OTHER if before else _DERIVED
        changes.append(RowChange(name, before, after, why))
    return cells, changes


def link_package(
    ws: Workspace, book: Book, links: BookLinks, settled: SettledBook, naming: NamingRule
) -> LinkPackage:
    """The linked rows of a book as they go out, in the order of its pages."""
    data, known = load_book_data(ws, book.id), links.by_id
    made = LinkPackage()
    names: set[str] = set()
    for one in settled.links:
        row = known.get(one.row)
        if row is None:
            continue
        template = load_template(book.type, row.generation, row.variant)
        cells, changes = converted(row, book, template)
        excel_row = len(made.cases) + 2
        place = (one.link.page, one.link.position)
        pages = (one.link.page, *data.continuations.get(place, ()))
        pdf = _pdf(book, cells, naming)
        numbers = [case.row.get(NUMBER, "") for case in made.cases]
        why = _refusal(cells, book, pdf, names, excel_row)
        why = why or _contradiction(cells, book, one) or _double(cells, numbers)
        if why:
            made.held.append(HeldRow(row.id, why))
            continue
        names.add(pdf.casefold())
        if ORDINAL in cells:
            cells[ORDINAL] = str(len(made.cases) + 1)
        record = Record(one.link.page, one.link.position, one.link.layout, {})
        made.cases.append(ExportCase(record, cells, excel_row, pdf, pages))
        made.rows.append(row.id)
        made.changes[row.id] = changes
    return made


def write_link_package(
    ws: Workspace, book: Book, links: BookLinks, made: LinkPackage, out: Path, naming: NamingRule
) -> None:
    """Write the pair of files of a book; nothing where no row goes out.

    Raises:
        ScanError: a scan cannot be read any more; nothing has been written.
        MachineError: the folder cannot be written to, or the disk is full.

    """
    if not made.cases:
        return
    data, known = load_book_data(ws, book.id), links.by_id
    first = known[made.rows[0]]
    template = load_template(book.type, first.generation, first.variant)
    folder = agency_folder(out, book, naming)
    made.package = publish_cases(
        _of_template(made.cases, template), template, folder, naming.stem(book),
        data.pages, data.turns,
    )  # fmt: skip


def _of_template(cases: Sequence[ExportCase], template: Template) -> list[ExportCase]:
    """Rows of several files of one book may follow two templates: the first one counts."""
    names = [column.name for column in template.columns]
    return [
        ExportCase(c.record, {n: c.row.get(n, "") for n in names}, c.excel_row, c.pdf, c.pages)
        for c in cases
    ]


def _contradiction(cells: dict[str, str], book: Book, link: SettledLink) -> str:
    """Why a row cannot be right (Vietnamese); "" where its page is known to say the same.

    What the original says goes out as it is, even if it cannot be right; a slip of whoever keyed
    the row waits until it is mended in its file.
    """
    agreed = {one.code for one in link.link.checks if one.verdict is Verdict.AGREES}
    found = [
        f"{one.columns[0]}: {one.message.vi}"
        for one in check_record(cells, book.type)
        if one.severity is Severity.HARD
        and one.rule not in _OF_EMPTY
        and not agreed.issuperset(one.columns)
    ]
    return "; ".join(found)


def _double(cells: dict[str, str], numbers: Sequence[str]) -> str:
    """Why a number cannot be right (Vietnamese): an earlier row of the book has it."""
    same = any(means_same(FieldKind.NUMBER_YEAR, cells[NUMBER], other) for other in numbers)
    return f"{NUMBER}: số {cells[NUMBER]} đã có ở dòng khác của sổ" if same else ""


def _pdf(book: Book, cells: dict[str, str], naming: NamingRule) -> str:
    try:
        return naming.record_pdf(book, cells[REGISTRATION_DATE], cells[NUMBER])
    except BadInputError:
        return ""


def _refusal(cells: dict[str, str], book: Book, pdf: str, names: set[str], excel_row: int) -> str:
    """Why the import would refuse a row (Vietnamese); "" where it would not."""
    faults = record_faults(cells, book.type, book.id, excel_row)
    found = [f"{one.column}: {one.message.vi}" for one in faults if refused(one)]
    if not found and not pdf:
        found = ["thiếu số hoặc ngày đăng ký đầy đủ: không đặt tên được cho tệp PDF"]
    if not found and pdf.casefold() in names:
        found = [f"trùng tên tệp {pdf} với dòng khác: số và ngày đăng ký giống nhau"]
    return "; ".join(found)
