"""A record of the link queue as a person sees it: its page, and rows compared field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr_pipeline.exchange.linking.link_report import person_of
from ocr_pipeline.exchange.linking.row_values import means_same, row_value
from ocr_pipeline.processing.book_links import FieldCheck, LinkRow, RecordLink, Verdict
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.field_items import FieldItem, make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.link_queue import WaitingLink
from ocr_pipeline.store import browse_queries
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.workspace import Workspace


class Likeness(StrEnum):
    """How a value of a row stands to the page."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"  # the machine cannot tell
    OTHER_READING = "other_reading"  # the machine read something else; the ink was not compared
    HIDDEN = "hidden"  # the field is keyed blind: nothing of the page may be told


@dataclass(frozen=True, slots=True)
class CardField:
    """A field of a record beside the value of a row; `page` is what the machine read."""

    code: str
    row: str
    page: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class CardRow:
    """A keyed row before a person.

    Attributes:
        id: of the row.
        file: name of its file.
        sheet: of the file; "" where it has just one table.
        row: row or line, from 1.
        person: whom it is about.
        probability: that it belongs to the record; None for rows that a person looked for.
        fields: those of its columns that the form has, in reading order.

    """

    id: str
    file: str
    sheet: str
    row: int
    person: str
    probability: float | None
    fields: tuple[CardField, ...]


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A record that waits for its row.

    Attributes:
        page: id of the page.
        page_name: its name.
        position: of the record on it.
        record: id of the record.
        rows: that come into question, the likeliest first.

    """

    page: int
    page_name: str
    position: int
    record: int
    rows: tuple[CardRow, ...]


def link_card(ws: Workspace, user: User, book: str, waiting: WaitingLink) -> LinkCard:
    """What a person sees of a record that waits.

    Raises:
        NotFoundError: the record is gone since the book was linked.

    """
    link = waiting.link
    record, type_, items = _record(ws, user, book, link)
    rows = tuple(
        _card_row(row, share, items, type_, link.checks if row.id == link.row else ())
        for row, share in waiting.rows
    )
    return LinkCard(waiting.page, link.page, link.position, record, rows)


def compared_rows(
    ws: Workspace, user: User, book: str, waiting: WaitingLink, rows: Sequence[LinkRow]
) -> tuple[CardRow, ...]:
    """Rows that a person looked for, compared with the record before him."""
    _, type_, items = _record(ws, user, book, waiting.link)
    return tuple(_card_row(row, None, items, type_, ()) for row in rows)


def _record(
    ws: Workspace, user: User, book: str, link: RecordLink
) -> tuple[int, RegisterType, list[FieldItem]]:
    with ws.read_session() as session:
        numbers = browse_queries.records_by_page(session, book).get(link.page, [])
        places = browse_queries.positions_by_page(session, book).get(link.page, [])
        found = dict(zip(places, numbers, strict=True)).get(link.position)
        if found is None:
            raise no_such("bản ghi", "record", f"{link.page} ({link.position})")
        [owner] = load_books(session, [book])
        fields = browse_queries.fields_of(session, found)
        items = make_items(session, fields, queue=False, hidden=hidden_lanes(user))
    return found, owner.type, items


def _card_row(
    row: LinkRow,
    share: float | None,
    items: Sequence[FieldItem],
    type_: RegisterType,
    checks: Sequence[FieldCheck],
) -> CardRow:
    by_code = {check.code: check for check in checks}
    fields = (
        _card_field(item, value, by_code)
        for item in items
        if (value := row_value(row.values, type_, item.code)) is not None
    )
    return CardRow(
        row.id, row.file, row.sheet, row.row, person_of(row), share,
        tuple(one for one in fields if one.row or one.page),
    )  # fmt: skip


def _card_field(item: FieldItem, value: str, checks: Mapping[str, FieldCheck]) -> CardField:
    if item.blind:
        return CardField(item.code, value, "", Likeness.HIDDEN)
    check, same = checks.get(item.code), means_same(item.kind, item.value, value)
    if item.base is not None:  # what a person entered is stronger than what the machine saw
        return CardField(
            item.code, value, item.value, Likeness.AGREES if same else Likeness.DIFFERS
        )
    if check is None:
        return CardField(
            item.code, value, item.value, Likeness.AGREES if same else Likeness.OTHER_READING
        )
    seen = check.page if check.verdict is Verdict.DIFFERS else item.value or check.page
    return CardField(item.code, value, seen, Likeness(check.verdict.value))
