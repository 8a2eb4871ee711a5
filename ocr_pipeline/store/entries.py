"""What people said about fields: only ever added to, and laid over what the machine read.

An entry belongs to the scan it was made on (its content hash), to a position of the form the scan
was read with, and to a field code. It counts on whatever page shows that scan now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.registers.fields import Field, Record, State
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.field_words import is_searched, rewrite_words
from ocr_pipeline.store.models import EntryRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.scans import ScanPlace, ScanPlaces, places_of_page, scan_places

#: States a person can give a field.
ENTERED = frozenset({State.CONFIRMED, State.CORRECTED, State.UNREADABLE, State.BLANK})

_AT_ONCE = 500  # databases limit the number of parameters

Key = tuple[str, int, str]
"""Page name, position on the page, field code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person said about one field.

    Attributes:
        page: name of the page in its book that shows the scan now.
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
    """Add entries about fields of a book, bring the table of fields up to date, tell the trail.

    Returns:
        The ids of the new entries.

    Raises:
        EntryConflictError: an entry answers an older state of its field than the present one.
        ValueError: a state that people cannot give, or a field that does not exist.

    """
    for entry in entries:
        if entry.state not in ENTERED:
            raise ValueError(f"{entry.key}: people cannot set the state {entry.state}")
    return [_add_and_tell(session, find_field(session, book_id, one.key), one) for one in entries]


def _add_and_tell(session: Session, field: FieldRow, entry: Entry) -> int:
    """Add an entry that came by another door than the review station, and tell the trail."""
    id_ = add_entry(session, field, entry)
    row = session.get_one(EntryRow, id_)
    audit.append(
        session, entry.user, AuditAction.DECIDED, book=row.book,
        subject=f"{row.page} {row.position} {row.code}",
        details={"field": field.id, **audit.about_entry(row)}, rows=[row], now=entry.time,
    )  # fmt: skip
    return id_


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

    Whoever calls this tells the audit trail of it, together with what else was done.

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
    row.digest, row.layout = scan_and_form(session, field.book, entry.page)
    session.add(row)
    session.flush()
    field.entry, field.lane = row.id, ""
    if entry.state in ENTERED:
        is_new = field.value != entry.value
        field.value, field.state, field.confidence = entry.value, entry.state.value, 1.0
        if is_new and is_searched(field.kind, field.code):
            rewrite_words(session, [field.record])
    session.flush()
    return row.id


def latest_entries(
    session: Session, book_id: str, page: str | None = None, position: int | None = None
) -> dict[Key, Entry]:
    """The newest entry of each field that has one: of a book, a page, or a record (its position).

    Entries about scans that were replaced since, or read with another form since, are left out.
    """
    return entries_by_worth(session, book_id, page, position).counting


@dataclass(frozen=True, slots=True)
class FieldEntries:
    """The newest entry of each field, by what it is worth on the page as it is now.

    Attributes:
        counting: made on the very scan, under the form it is read with.
        other_scan: made on the scan that the page had before, of fields nobody decided since.
        other_form: made on the scan as it was read with another form, likewise.
        other_cut: made on the scan as it was cut before a person moved its corners, of fields
            whose boxes lay elsewhere, likewise.

    """

    counting: dict[Key, Entry]
    other_scan: dict[Key, Entry]
    other_form: dict[Key, Entry]
    other_cut: dict[Key, Entry]


def entries_by_worth(
    session: Session, book_id: str, page: str | None = None, position: int | None = None
) -> FieldEntries:
    """The newest entries of a book, a page or a record, told apart by what they are worth."""
    if page is None:
        places = scan_places(session, book_id)
    else:
        places = places_of_page(session, book_id, page)
    counting: dict[Key, Entry] = {}
    other_scan: dict[Key, Entry] = {}
    other_form: dict[Key, Entry] = {}
    other_cut: dict[Key, Entry] = {}
    for row in session.scalars(_newest(book_id, places, page, position)):
        place = _place_of(row, places)
        if place is None:
            continue
        entry = entry_of(row, place.page)
        form = places.layouts.get(place.page, "")
        if not place.same:
            other_scan[entry.key] = entry
        elif row.layout and form and row.layout != form:
            other_form[entry.key] = entry
        else:
            counting[entry.key] = entry
    for entry, kept in _of_cut_pages(session, book_id, places, position):
        (counting if kept else other_cut)[entry.key] = entry
    decided = {key for key, entry in counting.items() if entry.state in ENTERED}
    return FieldEntries(
        counting,
        {key: one for key, one in other_scan.items() if _offered(one, decided)},
        {key: one for key, one in other_form.items() if _offered(one, decided)},
        {key: one for key, one in other_cut.items() if _offered(one, decided)},
    )


def _of_cut_pages(
    session: Session, book_id: str, places: ScanPlaces, position: int | None
) -> Iterator[tuple[Entry, bool]]:
    """All entries about pages that people cut, oldest first, and whether they count.

    Each stands at the position that its field has on the page as it is cut now.
    """
    scans = places.cut_scans
    for start in range(0, len(scans), _AT_ONCE):
        query = select(EntryRow).where(
            EntryRow.book == book_id, EntryRow.digest.in_(scans[start : start + _AT_ONCE])
        )
        for row in session.scalars(query.order_by(EntryRow.id)):
            page = places.page_of(row.digest) or row.page
            moved = places.moved(page, row.layout, row.position, row.code)
            if moved is not None and position in (None, moved.position):
                yield replace(entry_of(row, page), position=moved.position), moved.kept


def _offered(entry: Entry, decided: set[Key]) -> bool:
    return entry.state in ENTERED and entry.key not in decided


def count_decided(session: Session, book_id: str, digest: str) -> int:
    """Fields of a scan of which what people entered was not taken back, whatever its page is."""
    newest = (
        select(func.max(EntryRow.id))
        .where(EntryRow.book == book_id, EntryRow.digest == digest)
        .group_by(EntryRow.layout, EntryRow.position, EntryRow.code)
    )
    standing = EntryRow.id.in_(newest), EntryRow.state != State.READ.value
    return session.scalar(select(func.count()).select_from(EntryRow).where(*standing)) or 0


def _newest(
    book_id: str, places: ScanPlaces, page: str | None, position: int | None
) -> Select[EntryRow]:
    """The newest entry of each field of each scan, oldest first."""
    newest = select(func.max(EntryRow.id)).where(EntryRow.book == book_id)
    if page is not None:
        shown = EntryRow.digest.in_({*places.here, *places.followers})
        by_name = and_(EntryRow.digest == "", EntryRow.page == page)
        newest = newest.where(or_(shown, by_name))
    if position is not None:
        newest = newest.where(EntryRow.position == position)
    if cut := places.cut_scans:
        newest = newest.where(EntryRow.digest.not_in(cut))
    newest = newest.group_by(
        EntryRow.digest, EntryRow.layout, EntryRow.page, EntryRow.position, EntryRow.code
    )
    return select(EntryRow).where(EntryRow.id.in_(newest)).order_by(EntryRow.id)


def _place_of(row: EntryRow, places: ScanPlaces) -> ScanPlace | None:
    """The page that an entry is about; one made on no scan at all is about the page it names."""
    return places.find(row.digest) if row.digest else ScanPlace(row.page, True)


def entry_of(row: EntryRow, page: str | None = None) -> Entry:
    """An entry as it was stored; on the page that shows its scan now, if that is given."""
    return Entry(
        page=row.page if page is None else page,
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


def scan_and_form(session: Session, book_id: str, page: str) -> tuple[str, str]:
    """Content hash of the scan that a page shows, and the form it is read with; "" for none."""
    query = select(PageRow.digest, PageRow.layout).where(
        PageRow.book == book_id, PageRow.name == page
    )
    found = session.execute(query).first()
    if found is None:
        return "", ""
    form = places_of_page(session, book_id, page).form_of(page)  # a duplicate has none
    return found.digest, form or found.layout


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
