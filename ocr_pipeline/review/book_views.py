"""Looking around: books and how far they are, pages, whole records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import book_row, book_rule_codes
from ocr_pipeline.checks.number_sequence import gaps, repeats
from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.judgement import left_out_of
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.shared_fields import shared_places
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.approval import obstacles
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.field_items import make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.page_order import WITHOUT_RECORD
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, browse_queries
from ocr_pipeline.store.approvals import BookState, states
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.dropped_records import dropped_records
from ocr_pipeline.store.keyings import fields_under_rules, values_of
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import PageDecision, decisions_in_force
from ocr_pipeline.store.past_decisions import left_over
from ocr_pipeline.store.records import count_fields, count_pages, count_records, record_of
from ocr_pipeline.store.sent_pages import home_of, received, target_of
from ocr_pipeline.store.states import FAILURES, Lane, PageKind
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.numbers import parse_number_year

_OPEN = (Lane.DOUBT, Lane.SECOND, Lane.ARBITRATION, Lane.SENIOR)


def books(ws: Workspace, user: User | None = None) -> list[Json]:
    """All books and how far they are.

    Returns:
        `[{"id", "type", "agency", "pages", "records", "fields": {state: n}, "waiting": {lane: n},
        "open", "refused", "state"}]`: `open` fields and `refused` pages wait for a person, `state`
        is open, approved or handed_over.

    """
    if user is not None:
        require(user, "books")
    with ws.read_session() as session:
        return _shelf(session, load_books(session))


def book(ws: Workspace, book: str, user: User | None = None) -> Json:
    """One book: what `books` says of it, its numbers, its pages, and what keeps it open.

    Returns:
        besides the keys of `books`: `"dropped"` (positions of forms that hold no record, as people
        said), `"reversed"` (its numbers fall from page to page), `"gaps"` and `"repeats"` of the
        numbers (`["07/2017", "9–12/2017"]`), `"pages_in_order": [{"page", "name", "ordinal",
        "kind", "cause", "remedy", "records", "positions"}]` with record ids and their positions,
        `"obstacles": [{"message", "remedy", "rule", "page", "record", "field"}]`.

    Raises:
        NotFoundError: there is no such book.

    """
    if user is not None:
        require(user, "books")
    with ws.read_session() as session:
        known = load_books(session, [book])
        if not known:
            raise no_such("sổ", "book", book)
        [told] = _shelf(session, known)
        numbers = book_numbers(session, known[0])
        reversed_ = bool(fields_under_rules(session, book, ["scanned_backwards"]))
        records = browse_queries.records_by_page(session, book)
        positions = browse_queries.positions_by_page(session, book)
        pages = [
            {
                **_page(row),
                "records": records.get(row.name, []),
                "positions": positions.get(row.name, []),
            }
            for row in book_pages(session, book)
        ]
        dropped = len(dropped_records(session, book))
    return {
        **told,
        "dropped": dropped,
        "reversed": reversed_,
        "gaps": gaps(numbers),
        "repeats": repeats(numbers),
        "pages_in_order": pages,
        "obstacles": obstacles(ws, book, user, quick=True),
    }


def pages_without_record(ws: Workspace, user: User, book: str) -> list[Json]:
    """Pages of a book that the machine or a person says have no record, in its order.

    Returns:
        `[{"page", "name", "ordinal", "kind", "cause", "remedy"}]`: the remedy of a page that the
        machine took for blank or a cover names the numbers missing there.

    Raises:
        NotFoundError: there is no such book.

    """
    require(user, "record")
    with ws.read_session() as session:
        if not load_books(session, [book]):
            raise no_such("sổ", "book", book)
        return [_page(row) for row in book_pages(session, book) if row.kind in WITHOUT_RECORD]


def page_sheet(ws: Workspace, user: User, book: str) -> Json:
    """All pages of a book at a glance, in its order.

    Returns:
        `{"book", "state", "pages": [{"page", "name", "ordinal", "kind", "cause", "remedy",
        "records", "numbers", "is_sent"}]}`: record ids, the numbers of these records as they stand
        now (`"07/2017"`; hidden ones left out), and whether the page counts for another book.

    Raises:
        NotFoundError: there is no such book.

    """
    require(user, "record")
    with ws.read_session() as session:
        known = load_books(session, [book])
        if not known:
            raise no_such("sổ", "book", book)
        records = browse_queries.records_by_page(session, book)
        values = values_of(session, book, book_rule_codes(known[0].type), hidden_lanes(user))
        rows = book_pages(session, book)
        decided = decisions_in_force(session, book, rows)
        pages = [
            {
                **_page(row),
                "records": records.get(row.name, []),
                "numbers": [
                    number
                    for record in records.get(row.name, [])
                    if (number := book_row(values.get(record, {}), known[0]).get("so", ""))
                ],
                "is_sent": bool(target_of(decided.get(row.name))),
            }
            for row in rows
        ]
        state = states(session).get(book, BookState.OPEN)
    return {"book": book, "state": state.value, "pages": pages}


def record(ws: Workspace, user: User, record: int, now: datetime | None = None) -> Json:
    """A whole record with all its fields in reading order; that it was seen is noted.

    A field that is keyed blind shows nothing of what the machine read (`hidden_values`).

    Returns:
        `{"record", "book", "type", "page", "page_name", "position", "layout", "fields": [Item…],
        "previous", "next", "on_page", "own_boxes"}`; `page` and the neighbours in the book are
        ids, `on_page` is the number of positions on its page, with those that hold no record as
        people said, `own_boxes` are those of its fields
        that it shares with no other record there (all have the number of the sheet).

    Raises:
        NotFoundError: there is no such record.

    """
    require(user, "record")
    with ws.transaction() as session:
        row = browse_queries.find_record(session, record)
        if row is None:
            raise no_such("bản ghi", "record", record)
        [owner] = load_books(session, [row.book])
        rows = browse_queries.fields_of(session, record)
        fields = make_items(session, rows, queue=False, hidden=hidden_lanes(user))
        page = browse_queries.page_id(session, row.book, row.page)
        before, after = browse_queries.neighbours(session, row)
        others = browse_queries.others_on_page(session, row)
        shared = shared_places(record_of(one) for one in (row, *others))
        audit.append(
            session, user.name, AuditAction.VIEWED, book=row.book,
            subject=f"{row.page} {row.position}", details={"record": record}, now=now,
        )  # fmt: skip
        return {
            "record": record,
            "book": row.book,
            "type": owner.type.value,
            "page": page,
            "page_name": row.page,
            "position": row.position,
            "layout": row.layout,
            "fields": fields,
            "previous": before,
            "next": after,
            "on_page": len(others) + 1 + len(dropped_records(session, row.book, row.page)),
            "own_boxes": [
                f.box for f in fields if f.box.width and (row.page, f.code, f.box) not in shared
            ],
        }


def page(ws: Workspace, user: User, page: int) -> Json:
    """A page and its place in the book.

    Returns:
        `{"page", "book", "type", "name", "ordinal", "kind", "cause", "remedy", "layout", "records",
        "positions", "dropped", "left_out", "pages", "sent", "likely"}`: record ids and their
        positions, what people said holds no record (`[{"record", "position", "user", "time"}]`,
        with the id that the record had), what the machine left out, the book's pages in order, for
        a page that counts for another book than that of its folder `{"home", "to", "page"}` (both
        books, and the id of the page in the one that is not `book`; None when it has none), and ids
        of the forms that the page may be, the likeliest first.

    Raises:
        NotFoundError: there is no such page.

    """
    require(user, "record")
    with ws.read_session() as session:
        row = browse_queries.find_page(session, page)
        if row is None:
            raise no_such("trang", "page", page)
        records = browse_queries.records_by_page(session, row.book)
        positions = browse_queries.positions_by_page(session, row.book).get(row.name, [])
        [owner] = load_books(session, [row.book])
        pages = book_pages(session, row.book)
        decided = decisions_in_force(session, row.book, [row]).get(row.name)
        return {
            **_page(row),
            "book": row.book,
            "type": owner.type.value,
            "layout": row.layout,
            "likely": _likely_forms(row, pages, decided, owner),
            "records": records.get(row.name, []),
            "positions": positions,
            "dropped": [
                {
                    "record": one.record,
                    "position": one.position,
                    "user": one.decision.user,
                    "time": one.decision.time,
                }
                for one in dropped_records(session, row.book, row.name).values()
            ],
            "left_out": [
                {"position": at, "part_of": record}
                for at, record in left_out_of(session, row, positions).items()
            ],
            "left_over": [
                {
                    "caption": caption(one.code),
                    "value": one.value,
                    "state": one.state,
                    "user": one.user,
                    "time": utc(one.time),
                }
                for one in left_over(session, row)
            ],
            "pages": [_page(other) for other in pages],
            "sent": _sent(session, row),
        }


def _likely_forms(
    row: PageRow, pages: Sequence[PageRow], decided: PageDecision | None, book: Book
) -> list[str]:
    """What a person said, what detection ranked first, the forms of the pages nearest, the book's.

    Forms of other registers may be among them.
    """
    by_hand = corners_by_hand(decided)
    read = [page for page in pages if page.kind == PageKind.RECORD and page.name != row.name]
    read.sort(key=lambda page: abs(page.ordinal - row.ordinal))
    said = by_hand.layout if by_hand else ""
    forms = [said, row.layout, *(page.layout for page in read), book.layout or ""]
    return list(dict.fromkeys(filter(None, forms)))


def _sent(session: Session, row: PageRow) -> Json | None:
    found = home_of(session, row)
    if found is None:
        return None
    others = received(session, found) if found.row.book == row.book else [found.row]
    page = others[0].id if others else None
    return {"home": found.row.book, "to": found.to, "page": page}


def _shelf(session: Session, wanted: list[Book]) -> list[Json]:
    fields, records, pages = count_fields(session), count_records(session), count_pages(session)
    lanes, steps = browse_queries.count_lanes(session), states(session)
    return [
        _book(
            one,
            fields.get(one.id, {}),
            records.get(one.id, 0),
            pages.get(one.id, {}),
            lanes.get(one.id, {}),
            steps.get(one.id, BookState.OPEN),
        )
        for one in wanted
    ]


def _book(
    book: Book,
    fields: Mapping[str, int],
    records: int,
    pages: Mapping[str, int],
    lanes: Mapping[str, int],
    state: BookState,
) -> Json:
    waiting = FAILURES | {PageKind.PENDING}
    return {
        "id": book.id,
        "type": book.type.value,
        "agency": book.agency.full_name,
        "pages": sum(pages.values()) - pages.get(PageKind.SKIPPED, 0),
        "records": records,
        "fields": {one.value: fields.get(one.value, 0) for one in State},
        "waiting": {lane.value: lanes.get(lane.value, 0) for lane in Lane},
        "open": sum(lanes.get(lane.value, 0) for lane in _OPEN),
        "refused": sum(number for kind, number in pages.items() if kind in waiting),
        "state": state.value,
    }


def book_numbers(session: Session, book: Book) -> Counter[tuple[int, int]]:
    """How often each (year, number) stands in the book."""
    values = values_of(session, book.id, book_rule_codes(book.type))
    rows = (book_row(own, book) for own in values.values())
    parsed = (parse_number_year(row.get("so", "")) for row in rows)
    return Counter((found[1] or 0, found[0]) for found in parsed if found)


def _page(row: PageRow) -> Json:
    return {
        "page": row.id,
        "name": row.name,
        "ordinal": row.ordinal,
        "kind": row.kind,
        "cause": Text(row.cause_vi, row.cause_en) if row.cause_vi else None,
        "remedy": Text(row.remedy_vi, row.remedy_en) if row.remedy_vi else None,
    }
