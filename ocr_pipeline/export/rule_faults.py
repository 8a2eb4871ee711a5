"""The rules of `checks` applied to Excel rows: findings become faults with place and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import field_validator

from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.findings import Finding, rules
from ocr_pipeline.checks.record_rules import check_record
from ocr_pipeline.data_files import DataValueError, Strict, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import FaultLevel, PackageFault
from ocr_pipeline.registers.fields import Severity
from ocr_pipeline.registers.types import RegisterType

NUMBER, BOOK_NUMBER, PAGE, AGENCY = "so", "quyenSo", "trangSo", "noiDangKy"
REGISTRATION_DATE = "ngayDangKy"

_LEVELS = {Severity.HARD: FaultLevel.ERROR, Severity.SOFT: FaultLevel.WARNING}


class Remedy(Strict):
    """What to do about a finding.

    Attributes:
        do_vi: in Vietnamese; `do_en`: in English. None: the default.
        refused: the import refuses the row, whoever confirmed the value.
        refused_columns: it does so in these columns only; None: in all.

    """

    do_vi: str | None = None
    do_en: str | None = None
    refused: bool = False
    refused_columns: tuple[str, ...] | None = None


class DefaultRemedy(Strict):
    """What to do about findings without a remedy of their own."""

    do_vi: str
    do_en: str


class RemedyFile(Strict):
    """`remedies.yaml`: the default, and remedies by rule of `checks`."""

    default: DefaultRemedy
    rules: dict[str, Remedy]

    @field_validator("rules")
    @classmethod
    def _of_known_rules(cls, remedies: dict[str, Remedy]) -> dict[str, Remedy]:
        known = {rule.id for scope in ("record", "book") for rule in rules(scope)}
        if unknown := sorted(set(remedies) - known):
            names = ", ".join(unknown)
            raise DataValueError(
                f"checks/rules.yaml không có quy tắc {names}",
                f"checks/rules.yaml has no rule {names}",
            )
        return remedies


def record_faults(
    texts: Mapping[str, str], type: RegisterType, file: str, excel_row: int
) -> Iterator[PackageFault]:
    """What the rules find in one row; columns that the row does not have are passed over.

    An empty mandatory cell is an error only where the row could not be told apart without it:
    what is illegible stays empty.
    """
    for finding in check_record(texts, type):
        if any(column in texts for column in finding.columns):
            found = _fault(finding, file, excel_row)
            lenient = finding.rule == "mandatory" and not refused(found)
            yield replace(found, level=FaultLevel.WARNING) if lenient else found


def book_faults(
    rows: Sequence[Mapping[str, str]], excel_rows: Sequence[int], file: str
) -> Iterator[PackageFault]:
    """What the rules find between the rows of a book."""
    for finding in check_book(rows):
        yield _fault(finding, file, excel_rows[finding.row or 0])


def refused(found: PackageFault) -> bool:
    """The import would refuse the row because of this, even if a person confirmed the value."""
    entry = _remedies().rules.get(found.rule, _NO_REMEDY)
    columns = entry.refused_columns
    return entry.refused and (columns is None or found.column in columns)


def _fault(finding: Finding, file: str, excel_row: int) -> PackageFault:
    default = _remedies().default
    own = _remedies().rules.get(finding.rule, _NO_REMEDY)
    return PackageFault(
        rule=finding.rule,
        level=_LEVELS[finding.severity],
        file=file,
        row=excel_row,
        column=finding.columns[0] if finding.columns else "",
        message=finding.message,
        remedy=Text(own.do_vi or default.do_vi, own.do_en or default.do_en),
    )


_NO_REMEDY = Remedy()


@cache
def _remedies() -> RemedyFile:
    return load_data(Path(__file__).with_name("remedies.yaml"), RemedyFile)
