"""Judges of books for runs that need no rules; each can be sent to another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import Field, Record, State

SURE = 0.9


def accept_sure(book: Book, records: list[Record]) -> list[Record]:
    """Accept what is surer than `SURE`, leave the rest to people; keep what people said."""
    return _judged(records, lambda f: State.ACCEPTED if f.confidence > SURE else State.IN_REVIEW)


def accept_all(book: Book, records: list[Record]) -> list[Record]:
    """Believe everything that was read."""
    return _judged(records, lambda field: State.ACCEPTED)


def leave_all_to_people(book: Book, records: list[Record]) -> list[Record]:
    """All that nobody has looked at waits for a person."""
    return _judged(records, lambda field: State.IN_REVIEW)


def fail_at_the_first_book(book: Book, records: list[Record]) -> list[Record]:
    """Have a bug that only the book numbered 1 shows; its message holds a name."""
    if book.number == 1:
        raise IndexError("Nguyễn")
    return accept_sure(book, records)


def _judged(records: list[Record], state_of: Callable[[Field], State]) -> list[Record]:
    def judged(field: Field) -> Field:
        return replace(field, state=state_of(field)) if field.state is State.READ else field

    return [
        replace(record, fields={code: judged(field) for code, field in record.fields.items()})
        for record in records
    ]
