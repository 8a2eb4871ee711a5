"""What the import would object to in the text of one cell, by the kind of its column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from ocr_pipeline.export.faults import Fault, fault
from ocr_pipeline.registers.fields import Kind
from ocr_pipeline.registers.templates import Column, code_list
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.lexicons import ethnic_groups

REGISTRATION_DATE = "ngayDangKy"
NUMBER = "so"
BOOK_NUMBER = "quyenSo"
KEY_COLUMNS = frozenset({NUMBER, BOOK_NUMBER, REGISTRATION_DATE})
"""Without these a row cannot be told apart or linked to its scan."""

_DOTTED = re.compile(r"((\d\d\.)?\d\d\.)?\d{4}")
_NUMBER_YEAR = re.compile(r"(\d+)/(\d{4})")


def dotted_date(text: str) -> PartialDate | None:
    """The date of a cell in exactly the official form, else None."""
    return parse_date(text) if _DOTTED.fullmatch(text) else None


def number_and_year(text: str) -> tuple[int, int] | None:
    """`01/2018` -> (1, 2018), else None."""
    match = _NUMBER_YEAR.fullmatch(text.strip())
    return (int(match[1]), int(match[2])) if match else None


def cell_faults(column: Column, text: str, file: str, row: int) -> Iterator[Fault]:
    """Faults of one text cell: form and code only; what contradicts other cells is for `checks`."""

    def found(rule: str, known: str = "") -> Fault:
        shown = text if len(text) <= 60 else text[:59] + "…"
        return fault(rule, file, row=row, column=column.name, text=shown, known=known)

    if not text.strip():
        if column.name in KEY_COLUMNS:
            yield found("mandatory")
        elif column.mandatory:
            yield found("expected")
        return
    if not unicodedata.is_normalized("NFC", text):
        yield found("not_nfc")
    codes = code_list(column.codes) if column.codes else {}
    if codes and text not in codes:
        yield found("code", known=", ".join(codes))
    elif column.name == REGISTRATION_DATE:
        date = dotted_date(text)
        if date is None or not date.complete:
            yield found("date" if date is None else "registration_date")
    elif not codes and column.kind in _FORMS and not _FORMS[column.kind](text):
        yield found(_RULES[column.kind])


def _known_group(text: str) -> bool:
    return text in ethnic_groups().weights


_FORMS: dict[Kind, Callable[[str], bool]] = {
    Kind.DATE: lambda text: dotted_date(text) is not None,
    Kind.NUMBER_YEAR: lambda text: number_and_year(text) is not None,
    Kind.NUMBER: str.isdigit,
    Kind.ETHNIC_GROUP: _known_group,
}
_RULES = {
    Kind.DATE: "date",
    Kind.NUMBER_YEAR: "number_year",
    Kind.NUMBER: "number",
    Kind.ETHNIC_GROUP: "unknown_group",
}
