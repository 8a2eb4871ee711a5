"""A finished book as JSON lines: for programs that take records, not Excel."""

from __future__ import annotations

import json
from pathlib import Path

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.agency_folder import agency_folder
from ocr_pipeline.export.approval_note import approval_told
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.exporter import ExportedFiles
from ocr_pipeline.export.readiness import require_ready
from ocr_pipeline.export.results import record_json
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.store.files import write_bytes


class JsonLinesExporter:
    """One file a book, one JSON object a record, refused while the official package would be.

    An object is what `sohoa results` prints of the record, and under `columns` its official Excel
    row: text by column name.
    """

    name = "jsonl"
    suffix = ".jsonl"

    def export(
        self, data: BookData, template: Template, naming: NamingRule, out: Path
    ) -> ExportedFiles:
        """Write `out/<agency>/<stem>.jsonl`.

        Raises:
            UnfinishedBookError: something is still open, or the book is not approved.

        """
        cases = require_ready(data, template, naming)
        lines = [
            json.dumps(
                {**record_json(data.book.id, case.record), "columns": dict(case.row)},
                ensure_ascii=False,
            )
            for case in cases
        ]
        folder, stem = agency_folder(out, data.book, naming), naming.stem(data.book)
        path = folder / (stem + self.suffix)
        with approval_told(folder, stem, data):
            write_bytes(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
        return ExportedFiles((path,), len(cases))
