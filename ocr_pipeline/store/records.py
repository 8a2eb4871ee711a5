"""Judged records in the database, and the light table of fields that queues are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import Field, Record, Severity
from ocr_pipeline.store.codec import pack, record_from_json, record_to_json, unpack
from ocr_pipeline.store.entries import apply_entries, latest_entries
from ocr_pipeline.store.models import BookRow, FieldRow, PageRow, RecordRow


def replace_records(
    session: Session, book_id: str, records: Sequence[Record], judged: str = ""
) -> None:
    """Make `records` the records of a book.

    Args:
        session: an open transaction.
        book_id: the book.
        records: in the order of the book, with what people entered already in them.
        judged: hash of what they were judged from (`last_judgement` gives it back).

    """
    session.execute(delete(RecordRow).where(RecordRow.book == book_id))
    rows = [
        RecordRow(
            book=book_id,
            page=record.page,
            position=record.position,
            ordinal=ordinal,
            layout=record.layout,
            payload=pack(record_to_json(record)),
        )
        for ordinal, record in enumerate(records)
    ]
    session.add_all(rows)
    session.flush()
    fields = [
        _field_row(book_id, row.id, field)
        for row, record in zip(rows, records, strict=True)
        for field in record.fields.values()
    ]
    if fields:
        session.execute(insert(FieldRow), fields)
    book = session.get_one(BookRow, book_id)
    book.judged = judged


def last_judgement(session: Session, book_id: str) -> str:
    """The hash given to `replace_records` last; "" when the book has not been judged."""
    return session.get_one(BookRow, book_id).judged


def load_records(session: Session, book_id: str) -> list[Record]:
    """The records of a book in its order, with the newest entry of each field in it."""
    query = select(RecordRow).where(RecordRow.book == book_id).order_by(RecordRow.ordinal)
    records = [record_from_json(unpack(row.payload)) for row in session.scalars(query)]
    return apply_entries(records, latest_entries(session, book_id))


def count_fields(session: Session) -> dict[str, dict[str, int]]:
    """Number of fields by book and state."""
    query = select(FieldRow.book, FieldRow.state, func.count()).group_by(
        FieldRow.book, FieldRow.state
    )
    counts: dict[str, dict[str, int]] = {}
    for book, state, number in session.execute(query):
        counts.setdefault(book, {})[state] = number
    return counts


def count_records(session: Session) -> dict[str, int]:
    """Number of records by book."""
    query = select(RecordRow.book, func.count()).group_by(RecordRow.book)
    return {book: number for book, number in session.execute(query)}


def count_pages(session: Session) -> dict[str, dict[str, int]]:
    """Number of pages by book and kind."""
    query = select(PageRow.book, PageRow.kind, func.count()).group_by(PageRow.book, PageRow.kind)
    counts: dict[str, dict[str, int]] = {}
    for book, kind, number in session.execute(query):
        counts.setdefault(book, {})[kind] = number
    return counts


def _field_row(book_id: str, record_id: int, field: Field) -> dict[str, Any]:
    return {
        "record": record_id,
        "book": book_id,
        "code": field.code,
        "kind": field.kind.value,
        "state": field.state.value,
        "value": field.value,
        "confidence": field.confidence,
        "hard": any(doubt.severity is Severity.HARD for doubt in field.doubts),
    }
