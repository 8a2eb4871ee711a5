"""What people said about fields: only ever added to, and laid over what the machine read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import func, select
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
        state: one of `ENTERED`; in entries that take an earlier one back `State.READ`.
        user: who said it.
        as_written: what stands on the paper, if it differs from the value; else "".
        base: id of the entry this one answers; None for the machine's reading.
        time: when (UTC); now when None.
        id: of the entry, once it is stored.

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
    id: int | None = None

    @property
    def key(self) -> Key:
        """The field this entry is about."""
        return (self.page, self.position, self.code)


class EntryConflictError(SohoaError):
    """Somebody else changed the field since it was shown."""


def add_entries(session: Session, book_id: str, entries: Sequence[Entry]) -> list[int]:
    """Add entries about fields of a book, and bring the table of fields up to date.

    Returns:
        The ids of the new entries.

    Raises:
        EntryConflictError: an entry answers an older state of its field than the present one.
        ValueError: a state that people cannot give, or a field that does not exist.

    """
    for entry in entries:
        if entry.state not in ENTERED:
            raise ValueError(f"{entry.key}: people cannot set the state {entry.state}")
    return [add_entry(session, find_field(session, book_id, entry.key), entry) for entry in entries]


def find_field(session: Session, book_id: str, key: Key) -> FieldRow:
    """The row of a field, locked for the rest of the transaction.

    Raises:
        ValueError: there is no such field.

    """
    page, position, code = key
    query = (
        select(FieldRow)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(
            RecordRow.book == book_id,
            RecordRow.page == page,
            RecordRow.position == position,
            FieldRow.code == code,
        )
        .with_for_update(of=FieldRow)
    )
    row = session.scalar(query)
    if row is None:
        raise ValueError(f"{book_id} {key}: no such field")
    return row


def add_entry(session: Session, field: FieldRow, entry: Entry) -> int:
    """Add one entry about a field whose row is locked; returns its id.

    Raises:
        EntryConflictError: somebody else has added one since `entry.base`.

    """
    if field.entry != entry.base:
        raise EntryConflictError(
            Text("Người khác vừa sửa trường này", "Somebody else has just changed this field"),
            where=f"{field.book} {entry.page} {entry.position} {entry.code}",
            remedy=Text("Hãy tải lại trang rồi thử lại", "Load the page again, then try again"),
        )
    row = _entry_row(field.book, entry)
    session.add(row)
    session.flush()
    field.entry, field.lane = row.id, ""
    if entry.state in ENTERED:
        field.value, field.state, field.confidence = entry.value, entry.state.value, 1.0
    session.flush()
    return row.id


def latest_entries(
    session: Session, book_id: str, page: str | None = None, position: int | None = None
) -> dict[Key, Entry]:
    """The newest entry of each field that has one: of a book, or of one of its records."""
    newest = select(func.max(EntryRow.id)).where(EntryRow.book == book_id)
    if page is not None:
        newest = newest.where(EntryRow.page == page, EntryRow.position == position)
    newest = newest.group_by(EntryRow.page, EntryRow.position, EntryRow.code)
    query = select(EntryRow).where(EntryRow.id.in_(newest)).order_by(EntryRow.id)
    return {(row.page, row.position, row.code): entry_of(row) for row in session.scalars(query)}


def entry_of(row: EntryRow) -> Entry:
    """An entry as it was stored."""
    return Entry(
        page=row.page,
        position=row.position,
        code=row.code,
        value=row.value,
        state=State(row.state),
        user=row.user,
        as_written=row.as_written,
        base=row.base,
        time=row.time,
        id=row.id,
    )


def apply_entries(records: Sequence[Record], entries: Mapping[Key, Entry]) -> list[Record]:
    """The records with entries laid over what the machine read; doubts stay visible."""
    if not entries:
        return list(records)
    return [
        replace(
            record,
            fields={
                code: enter(field, entries.get((record.page, record.position, code)))
                for code, field in record.fields.items()
            },
        )
        for record in records
    ]


def enter(field: Field, entry: Entry | None) -> Field:
    """A field as the entry about it says; as it is without one, or when it was taken back."""
    if entry is None or entry.state not in ENTERED:
        return field
    written = entry.as_written or (
        field.as_written if entry.state is State.CONFIRMED else entry.value
    )
    entered = replace(
        field, value=entry.value, as_written=written, state=entry.state, confidence=1.0
    )
    # What the machine thought of a blank must not come back by way of the book's context.
    return replace(entered, n_best=(), special=None) if entry.state is State.BLANK else entered


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
