"""The draft for clerks: everything read so far, doubtful cells coloured and listed with reasons.

It can never pass for a final file: its name begins with `NHAP-DRAFT`, its first sheet says so too,
it has a second sheet, and `sohoa check` refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.agency_folder import agency_folder
from ocr_pipeline.export.cases import ExportCase, columns_of, make_cases
from ocr_pipeline.export.faults import PackageFault
from ocr_pipeline.export.rule_faults import record_faults, refused
from ocr_pipeline.export.xls import CellMark, Sheet, workbook
from ocr_pipeline.registers.fields import Field, Record, Script, Severity, Special, State
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.store.files import write_bytes

DRAFT_PREFIX = "NHAP-DRAFT."
DOUBTS_SHEET = "Nghi van - Doubts"

_HEADER = (
    "dòng / row",
    "cột / column",
    "giá trị / value",
    "nguyên văn / as written",
    "cách đọc khác / alternatives",
    "lý do",
    "reasons",
    "độ tin cậy / confidence",
    "trang quét / scan",
)
_WIDTHS = (10, 26, 30, 30, 40, 50, 50, 12, 24)
_OPEN = frozenset({State.READ, State.IN_REVIEW})
_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class DraftFile:
    """What was written: the file, its records and the number of doubtful fields."""

    path: Path
    records: int
    doubtful: int


def export_draft(
    book: Book,
    records: Iterable[Record],
    template: Template,
    naming: NamingRule,
    out_dir: Path,
    dropped: Sequence[Record] = (),
) -> DraftFile:
    """Write `out_dir/<agency>/NHAP-DRAFT.<stem>.xls`, with whatever has been read so far.

    Doubtful cells are yellow, cells that the import would refuse or with a hard doubt are red; the
    second sheet lists them with alternatives, reasons and confidence. Nothing is written
    of records that were `dropped`.

    Raises:
        BadInputError: the Excel format cannot hold the data.

    """
    cases = make_cases(book, records, template, naming, {}, dropped)
    places = {column.name: index for index, column in enumerate(template.columns)}
    marks: dict[tuple[int, int], CellMark] = {}
    listed: list[list[str]] = []
    doubtful = 0
    for index, case in enumerate(cases):
        for code, field in case.record.fields.items():
            if not _is_doubtful(field):
                continue
            doubtful += 1
            columns = columns_of(code, template, case.record.fields)
            mark = CellMark.WRONG if _is_hard(field) else CellMark.DOUBTFUL
            for name in columns:
                marks[index, places[name]] = mark
            listed.append(_doubt_row(case, columns or (code,), field))
        for found in record_faults(case.row, template.type, "", case.excel_row):
            if refused(found) and (index, places[found.column]) not in marks:
                marks[index, places[found.column]] = CellMark.WRONG
                listed.append(_fault_row(case, found))
    names = [column.name for column in template.columns]
    rows = [[case.row[name] for name in names] for case in cases]
    data = workbook(
        [
            Sheet(f"NHAP {template.sheet}"[:31], template.headers(), rows, marks),
            Sheet(DOUBTS_SHEET, _HEADER, listed, widths=_WIDTHS),
        ]
    )
    path = agency_folder(out_dir, book, naming) / f"{DRAFT_PREFIX}{naming.stem(book)}.xls"
    write_bytes(path, data)
    return DraftFile(path, len(cases), doubtful)


def _is_doubtful(field: Field) -> bool:
    return field.state in _OPEN or (bool(field.doubts) and field.state is State.ACCEPTED)


def _is_hard(field: Field) -> bool:
    return any(doubt.severity is Severity.HARD for doubt in field.doubts)


def _doubt_row(case: ExportCase, columns: tuple[str, ...], field: Field) -> list[str]:
    others = [c.value or c.text for c in field.n_best[1 : 1 + _ALTERNATIVES]]
    vi, en = _reasons(field)
    return [
        str(case.excel_row),
        ", ".join(columns),
        field.value,
        field.as_written,
        " | ".join(dict.fromkeys(others)),
        vi,
        en,
        f"{field.confidence:.2f}",
        case.place,
    ]


def _reasons(field: Field) -> tuple[str, str]:
    messages = [doubt.message for doubt in field.doubts]
    vi, en = [m.vi for m in messages], [m.en for m in messages]
    if field.special is Special.DITTO:
        vi.append("dấu lặp lại dòng trên")
        en.append("ditto mark")
    if field.special is Special.STRUCK_OUT:
        vi.append("có gạch xóa")
        en.append("struck out")
    if not vi:
        blank = field.script is Script.BLANK
        vi.append("ô trống trên giấy" if blank else "máy chưa chắc")
        en.append("blank on the paper" if blank else "the machine is not sure")
    return "; ".join(vi), "; ".join(en)


def _fault_row(case: ExportCase, found: PackageFault) -> list[str]:
    text, message = case.row[found.column], found.message
    row = [str(case.excel_row), found.column, text, "", "", message.vi, message.en]
    return [*row, "", case.place]
