"""The interface of every exporter: a book in, finished files out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.registers.templates import Template


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """What was written for a book.

    Attributes:
        files: the files, the most important one first.
        records: records in it.
        doubtful: fields marked as doubtful; None for formats that take finished books only.

    """

    files: tuple[Path, ...]
    records: int
    doubtful: int | None = None


class Exporter(Protocol):
    """Writes books in one format."""

    name: str
    """How people ask for it: `sohoa export --format NAME`."""

    suffix: str
    """How the names of its first files end, e.g. `.xls`."""

    def export(
        self, data: BookData, template: Template, naming: NamingRule, out: Path
    ) -> ExportedFiles:
        """Write a book below the folder `out`, all of its files or none.

        Args:
            data: the book as it stands.
            template: the Excel template of its type: names and order of the official columns.
            naming: how files are named.
            out: receives one folder per agency (`export.agency_folder`).

        Raises:
            UnfinishedBookError: the format takes finished books only, and something is open
                (`export.readiness.require_ready`).
            SohoaError: the book cannot be written; the other books go on.
            MachineError: no book can be written.

        """
        ...
