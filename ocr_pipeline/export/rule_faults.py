"""The rules of `checks` applied to Excel rows: findings become faults with place and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.findings import Finding
from ocr_pipeline.checks.record_rules import check_record
from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import FaultLevel, PackageFault
from ocr_pipeline.registers.fields import Severity
from ocr_pipeline.registers.types import RegisterType

NUMBER, BOOK_NUMBER, REGISTRATION_DATE, AGENCY = "so", "quyenSo", "ngayDangKy", "noiDangKy"

_LEVELS = {Severity.HARD: FaultLevel.ERROR, Severity.SOFT: FaultLevel.WARNING}


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
    entry = _remedies()["rules"].get(found.rule, {})
    columns = entry.get("refused_columns")
    return bool(entry.get("refused")) and (columns is None or found.column in columns)


def _fault(finding: Finding, file: str, excel_row: int) -> PackageFault:
    remedies = _remedies()
    remedy = {**remedies["default"], **remedies["rules"].get(finding.rule, {})}
    return PackageFault(
        rule=finding.rule,
        level=_LEVELS[finding.severity],
        file=file,
        row=excel_row,
        column=finding.columns[0] if finding.columns else "",
        message=finding.message,
        remedy=Text(remedy["do_vi"], remedy["do_en"]),
    )


@cache
def _remedies() -> dict[str, Any]:
    path = Path(__file__).with_name("remedies.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
