"""What people said about fields: only ever added to, and laid over what the machine read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.registers.fields import Field, Record, State
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow

#: States a person can give a field.
ENTERED = frozenset({State.CONFIRMED, State.CORRECTED, State.UNREADABLE, State.BLANK})

Key = tuple[str, int, str]
"""Page name, position on the page, field code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person said about one field.

    Attributes:
        page: name of the page in its book.
        position: 1-based position of the record on the page.
        code: field code.
        value: value in the form of the Excel cell; "" for blank and unreadable.
        state: one of `ENTERED`.
        user: who said it.
        as_written: what stands on the paper, if it differs from the value; else "".
        base: id of the entry this one answers; None for the machine's reading.
        time: when (UTC); now when None.

    """

    page: str
    position: int
    code: str
    value: str
    state: State
    user: str
    as_written: str = ""
    base: int | None = None
    time: datetime | None = None

    @property
    def key(self) -> Key:
        """The field this entry is about."""
        return (self.page, self.position, self.code)


class EntryConflict(SohoaError):
    """Somebody else changed the field since it was shown."""


def add_entries(session: Session, book_id: str, entries: Sequence[Entry]) -> None:
    """Add entries about fields of a book, and bring the table of fields up to date.

    Raises:
        EntryConflict: an entry answers an older state of its field than the present one.
        ValueError: a state that people cannot give, or a field that does not exist.

    """
    newest = {key: row.id for key, row in _newest_rows(session, book_id).items()}
    records = {
        (row.page, row.position): row.id
        for row in session.execute(
            select(RecordRow.id, RecordRow.page, RecordRow.position).where(
                RecordRow.book == book_id
            )
        )
    }
    for entry in entries:
        if entry.state not in ENTERED:
            raise ValueError(f"{entry.key}: people cannot set the state {entry.state}")
        if newest.get(entry.key) != entry.base:
            raise EntryConflict(
                Text("Người khác vừa sửa trường này", "Somebody else has just changed this field"),
                where=f"{book_id} {entry.page} {entry.position} {entry.code}",
                remedy=Text("Tải lại rồi thử lại", "Load it again and repeat"),
            )
        row = _entry_row(book_id, entry)
        session.add(row)
        session.flush()
        newest[entry.key] = row.id
        changed = session.execute(
            update(FieldRow)
            .where(
                FieldRow.record == records.get((entry.page, entry.position), 0),
                FieldRow.code == entry.code,
            )
            .values(value=entry.value, state=entry.state.value, confidence=1.0)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise ValueError(f"{book_id} {entry.key}: no such field")


def latest_entries(session: Session, book_id: str) -> dict[Key, Entry]:
    """The newest entry of each field of a book that has one."""
    return {
        key: Entry(
            page=row.page,
            position=row.position,
            code=row.code,
            value=row.value,
            state=State(row.state),
            user=row.user,
            as_written=row.as_written,
            base=row.base,
            time=row.time,
        )
        for key, row in _newest_rows(session, book_id).items()
    }


def apply_entries(records: Sequence[Record], entries: Mapping[Key, Entry]) -> list[Record]:
    """The records with entries laid over what the machine read; doubts stay visible."""
    if not entries:
        return list(records)
    return [
        replace(
            record,
            fields={
                code: _enter(field, entries.get((record.page, record.position, code)))
                for code, field in record.fields.items()
            },
        )
        for record in records
    ]


def _enter(field: Field, entry: Entry | None) -> Field:
    if entry is None:
        return field
    written = entry.as_written or (
        field.as_written if entry.state is State.CONFIRMED else entry.value
    )
    return replace(field, value=entry.value, as_written=written, state=entry.state, confidence=1.0)


def _newest_rows(session: Session, book_id: str) -> dict[Key, EntryRow]:
    query = select(EntryRow).where(EntryRow.book == book_id).order_by(EntryRow.id)
    return {(row.page, row.position, row.code): row for row in session.scalars(query)}


def _entry_row(book_id: str, entry: Entry) -> EntryRow:
    return EntryRow(
        book=book_id,
        page=entry.page,
        position=entry.position,
        code=entry.code,
        value=entry.value,
        as_written=entry.as_written,
        state=entry.state.value,
        user=entry.user,
        time=entry.time or datetime.now(UTC),
        base=entry.base,
    )
