"""What has been read of a book, one JSON object a record (part of the command-line contract)."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.registers.fields import Field, Record
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace


def results(workspace: Workspace, book_id: str) -> Iterator[Json]:
    """The records of a book in its order, with what people entered.

    Yields:
        `{"book", "page", "record", "layout", "fields": {code: {"value", "as_written", "confidence",
        "state", "kind", "n_best", "box", "doubts", "script", "special"}}}`; `record` is the 1-based
        position on the page, `box` is `[x, y, width, height]` in pixels of the upright page,
        `n_best` a list of `{"text", "value", "probability"}`, `doubts` of `{"rule", "severity",
        "message": {"vi", "en"}}`.

    Raises:
        BadInputError: the workspace has no such book.

    """
    with workspace.read_session() as session:
        if not load_books(session, [book_id]):
            raise unknown_book(book_id)
        records = load_records(session, book_id)
    for record in records:
        yield record_json(book_id, record)


def record_json(book_id: str, record: Record) -> Json:
    """A record of a book as `results` yields it."""
    return {
        "book": book_id,
        "page": record.page,
        "record": record.position,
        "layout": record.layout,
        "fields": {code: _field(field) for code, field in record.fields.items()},
    }


def page_outcomes(workspace: Workspace) -> dict[tuple[str, str], str]:
    """What became of each page: kind by (book id, page name)."""
    with workspace.read_session() as session:
        return {
            (book.id, row.name): row.kind
            for book in load_books(session)
            for row in book_pages(session, book.id)
        }


def unknown_book(book_id: str) -> BadInputError:
    """The error for a book that the workspace does not have."""
    return BadInputError(
        Text("Không gian làm việc không có sổ này", "The workspace has no such book"),
        where=book_id,
        remedy=Text("Xem mã sổ bằng `sohoa status`", "`sohoa status` lists the books"),
    )


def _field(field: Field) -> Json:
    return {
        "value": field.value,
        "as_written": field.as_written,
        "confidence": round(field.confidence, 6),
        "state": field.state.value,
        "kind": field.kind.value,
        "n_best": [
            {"text": c.text, "value": c.value, "probability": round(c.probability, 6)}
            for c in field.n_best
        ],
        "box": [field.box.x, field.box.y, field.box.width, field.box.height],
        "doubts": [
            {
                "rule": doubt.rule,
                "severity": doubt.severity.value,
                "message": {"vi": doubt.message.vi, "en": doubt.message.en},
            }
            for doubt in field.doubts
        ],
        "script": field.script.value,
        "special": field.special.value if field.special else None,
    }
