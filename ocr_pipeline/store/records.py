"""Judged records in the database, and the light table of fields that queues are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import Field, Record, Severity
from ocr_pipeline.store.codec import pack, record_from_json, record_to_json, unpack
from ocr_pipeline.store.entries import ENTERED, Entry, apply_entries, enter, latest_entries
from ocr_pipeline.store.field_words import is_searched, rewrite_words
from ocr_pipeline.store.lanes import (
    NOTHING_OPEN,
    Key,
    OpenState,
    draw_of,
    lane_of,
    open_decisions,
    open_of,
    order_on_page,
    rules_text,
)
from ocr_pipeline.store.models import BookRow, EntryRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.policies import BookPolicies, policies_of
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.scans import ScanPlaces, scan_places
from ocr_pipeline.store.sealed_rows import Seals


def replace_records(
    session: Session, book_id: str, records: Sequence[Record], judged: str = ""
) -> None:
    """Make `records` the records of a book; what stands at the same place keeps its ids.

    Args:
        session: an open transaction.
        book_id: the book.
        records: in the order of the book, as judged, without what people entered.
        judged: hash of what they were judged from (`last_judgement` gives it back).

    """
    query = select(RecordRow).where(RecordRow.book == book_id)
    known = {(row.page, row.position): row for row in session.scalars(query)}
    here = {(record.page, record.position) for record in records}
    gone = [row.id for place, row in known.items() if place not in here]
    for start in range(0, len(gone), 500):  # databases limit the number of parameters
        ids = gone[start : start + 500]
        session.execute(delete(RecordRow).where(RecordRow.id.in_(ids)))
    rows = [
        _record_row(known.get((record.page, record.position)), book_id, ordinal, record)
        for ordinal, record in enumerate(records)
    ]
    seals = Seals(session)
    for row in rows:
        row.seal = seals.of(row)
    session.add_all(rows)
    session.flush()
    by_id = {row.id: record for row, record in zip(rows, records, strict=True)}
    fields = list(session.scalars(select(FieldRow).where(FieldRow.book == book_id)))
    _bring_up_to_date(session, PresentFields(session, book_id), by_id, fields)
    _find_fields_again(session, book_id)
    mark_judged(session, book_id, judged)


def _find_fields_again(session: Session, book_id: str) -> None:
    """Decisions about fields that were gone and are back under another id are about these."""
    gone = ~exists(select(FieldRow.id).where(FieldRow.id == DecisionRow.field))
    lost = list(session.scalars(select(DecisionRow).where(DecisionRow.book == book_id, gone)))
    if not lost:
        return
    query = select(RecordRow.page, RecordRow.position, FieldRow.code, FieldRow.id).join(
        RecordRow, RecordRow.id == FieldRow.record
    )
    fields = {
        tuple(key): id_ for *key, id_ in session.execute(query.where(FieldRow.book == book_id))
    }
    places = scan_places(session, book_id)
    for row in lost:
        page = places.page_of(row.digest) if row.digest else row.page
        position: int | None = row.position
        if page is not None and page in places.cuts:  # its position may be another record's by now
            position = _moved_position(session, places, page, row)
        row.field = fields.get((page, position, row.code), row.field)
    session.flush()


def _moved_position(
    session: Session, places: ScanPlaces, page: str, row: DecisionRow
) -> int | None:
    """Where the field of a decision is on its page as a person cut it; None when not known."""
    if row.entry is None:  # what is open stays where it is: a cut that would move it is refused
        return None if row.withdrawn else row.position
    entry = session.get(EntryRow, row.entry)
    if entry is None:
        return None
    moved = places.moved(page, entry.layout, entry.position, entry.code)
    return moved.position if moved is not None and moved.kept else None


def rewrite_record(session: Session, row: RecordRow, record: Record) -> None:
    """Give one record of the book other doubts and states, without what people entered."""
    row.payload = pack(record_to_json(record))
    row.seal = Seals(session).of(row)
    fields = list(session.scalars(select(FieldRow).where(FieldRow.record == row.id)))
    view = PresentFields(session, row.book, row.page, row.position)
    _bring_up_to_date(session, view, {row.id: record}, fields)


def record_of(row: RecordRow) -> Record:
    """The record as judged, without what people entered, on the page that shows it now."""
    return record_from_json(unpack(row.payload), page=row.page)


def record_below(session: Session, row: RecordRow) -> RecordRow | None:
    """The record that follows one in its book; None after the last one."""
    query = select(RecordRow).where(RecordRow.book == row.book, RecordRow.ordinal > row.ordinal)
    return session.scalars(query.order_by(RecordRow.ordinal).limit(1)).first()


def records_beside(session: Session, row: RecordRow) -> list[RecordRow]:
    """The other records of a record's page, in their order."""
    query = select(RecordRow).where(RecordRow.book == row.book, RecordRow.page == row.page)
    return list(session.scalars(query.where(RecordRow.id != row.id).order_by(RecordRow.ordinal)))


class PresentFields:
    """What else decides about the rows of fields: entries, open decisions, policies.

    Args:
        session: an open session.
        book_id: the book.
        page: only of the record on this page, at this position.
        position: see `page`.

    """

    def __init__(
        self, session: Session, book_id: str, page: str | None = None, position: int | None = None
    ) -> None:
        self.book = book_id
        self.entries: Mapping[Key, Entry] = latest_entries(session, book_id, page, position)
        opened = open_decisions(session, book_id, page, position)
        self.open: Mapping[Key, OpenState] = {key: open_of(rows) for key, rows in opened.items()}
        self.policies: BookPolicies = policies_of(session, book_id)

    def rows_of(self, record: Record) -> dict[str, dict[str, Any]]:
        """The columns of the rows of all fields of a record, by code."""
        return {
            code: self.columns((record.page, record.position, code), record.fields[code], place)
            for place, code in enumerate(order_on_page(record))
        }

    def columns(self, key: Key, field: Field, place: int) -> dict[str, Any]:
        """The columns of a field's row."""
        entry = self.entries.get(key)
        entered = entry is not None and entry.state in ENTERED
        shown = enter(field, entry)
        draw = draw_of(self.book, key) if field.box.width else 1.0
        drawn = draw < self.policies.effective(field.kind).sample
        lane = lane_of(shown.state, entered, self.open.get(key, NOTHING_OPEN), drawn)
        return {
            "book": self.book,
            "code": field.code,
            "kind": field.kind.value,
            "state": shown.state.value,
            "value": shown.value,
            "confidence": shown.confidence,
            "hard": any(doubt.severity is Severity.HARD for doubt in field.doubts),
            "place": place,
            "lane": lane.value if lane else "",
            "rules": rules_text([doubt.rule for doubt in field.doubts]),
            "draw": draw,
            "entry": entry.id if entry else None,
        }


def _bring_up_to_date(
    session: Session, view: PresentFields, records: Mapping[int, Record], rows: Sequence[FieldRow]
) -> None:
    """Make the field rows of these records (by id) say what they ought to say now."""
    left = {(row.record, row.code): row for row in rows}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    worded: set[int] = set()  # records whose words change
    for record_id, record in records.items():
        for code, columns in view.rows_of(record).items():
            row = left.pop((record_id, code), None)
            is_new = row is None or row.value != columns["value"]
            if is_new and is_searched(columns["kind"], code):
                worded.add(record_id)
            if row is None:
                new.append({"record": record_id, **columns})
            else:
                other = {name: v for name, v in columns.items() if getattr(row, name) != v}
                if other:
                    changed.append({"id": row.id, **columns})
    for row in left.values():
        worded.add(row.record)
        session.delete(row)
    session.flush()
    if new:
        session.execute(insert(FieldRow), new)
    if changed:
        session.execute(update(FieldRow), changed)
    rewrite_words(session, worded)


def _record_row(row: RecordRow | None, book_id: str, ordinal: int, record: Record) -> RecordRow:
    row = row or RecordRow(book=book_id, page=record.page, position=record.position)
    row.ordinal, row.layout = ordinal, record.layout
    row.payload = pack(record_to_json(record))
    return row


def mark_judged(session: Session, book_id: str, judged: str) -> None:
    """Keep the hash of what a book's records were judged from."""
    row = session.get_one(BookRow, book_id)
    row.judged = judged
    row.seal = Seals(session).of(row)


def last_judgement(session: Session, book_id: str) -> str:
    """The hash given to `mark_judged` last; "" when the book has not been judged."""
    return session.get_one(BookRow, book_id).judged


def load_records(session: Session, book_id: str) -> list[Record]:
    """The records of a book in its order, with the newest entry of each field in it."""
    query = select(RecordRow).where(RecordRow.book == book_id).order_by(RecordRow.ordinal)
    records = [record_of(row) for row in session.scalars(query)]
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
