"""A record as the checks see it: texts by column, dates read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.dates import PartialDate


@dataclass(frozen=True)
class Row:
    """A record as its Excel columns (and paper-only codes), with dates read once."""

    type: RegisterType
    values: Mapping[str, str]
    book: Book | None = None

    def text(self, column: str) -> str:
        """Text of a column; "" when it is empty or absent."""
        return self.values.get(column, "").strip()

    def date(self, column: str) -> PartialDate | None:
        """Date of a column, if there is a valid one."""
        text = self.text(column)
        return read_as_date(text) if text else None

    @cached_property
    def registered(self) -> PartialDate | None:
        """Registration date."""
        return self.date("ngayDangKy")
