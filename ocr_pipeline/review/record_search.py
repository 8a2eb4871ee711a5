"""Records by name, number, page or book: without marks, words in any order, numbers in part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, browse_queries
from ocr_pipeline.store.approvals import BookState, states
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import BookSummary, book_lines, book_pages
from ocr_pipeline.store.field_words import is_searched
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.record_finds import Prefixes, find_records, searched_words
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import key

MOST = 50
"""So many records are shown: who sees more types another word."""

_NUMBER = "so"
_PAGE_WORDS = frozenset({"trang", "page", "tr", "to"})  # before the number of a page
_MOST_BOOKS = 20  # whose pages are looked through


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name or number of a record that was found."""

    caption: Text
    value: str


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that was found.

    Attributes:
        page: id of the page.
        number: its number and year; "" where it has none, or it is being keyed blind.
        names: in reading order; those being keyed blind are left out.
        waiting: fields that wait for a person.
        state: of its book.

    """

    record: int
    book: str
    page: int
    page_name: str
    position: int
    number: str
    names: tuple[FoundName, ...]
    waiting: int
    state: BookState


@dataclass(frozen=True, slots=True)
class FoundBook:
    """A book that was found by its id or commune."""

    book: str
    commune: str
    state: BookState


@dataclass(frozen=True, slots=True)
class Finds:
    """What was found; `more` tells that there are further records."""

    records: tuple[FoundRecord, ...] = ()
    books: tuple[FoundBook, ...] = ()
    more: bool = False


def search(
    ws: Workspace, user: User, text: str, book: str = "", now: datetime | None = None
) -> Finds:
    """Records and books with these words; which records were shown is noted in the audit trail.

    Words that a book is called by narrow the search to it: `nguyen an ks 2018`. A page is found by
    `trang 12` and a word of its book, or alone where one book is asked for. Samples are found, but
    their values are not told to who may key them.

    Args:
        ws: the workspace.
        user: who looks.
        text: what he typed.
        book: only in this book; "" for all.
        now: the time; the clock when None.

    """
    require(user, "record")
    words = searched_words(text)
    if not words:
        return Finds()
    with ws.read_session() as session:
        shelf = [one for one in book_lines(session) if book in ("", one.id)]
        steps = states(session)
        found = _records(session, words, {one.id: one for one in shelf}, bool(book))
        records = _shown(session, found[:MOST], steps, hidden_lanes(user))
        books = [
            FoundBook(one.id, one.commune, steps.get(one.id, BookState.OPEN))
            for one in shelf
            if not book and all(_names(one, word) for word in words)
        ]
    if records:
        with ws.transaction() as session:
            audit.append(
                session, user.name, AuditAction.SEARCHED, book=book,
                details={"records": [one.record for one in records]}, now=now,
            )  # fmt: skip
    return Finds(tuple(records), tuple(books[:5]), len(found) > MOST)


def _records(
    session: Session, words: Sequence[Prefixes], shelf: Mapping[str, BookSummary], one_book: bool
) -> list[int]:
    """Ids of records: those that have all words, those of a page, those of a book that is named."""
    found = dict.fromkeys(find_records(session, words, list(shelf) if one_book else None, MOST + 1))
    named = [] if one_book else [w for w in words if any(_names(b, w) for b in shelf.values())]
    books = [id_ for id_, book in shelf.items() if all(_names(book, word) for word in named)]
    rest = [word for word in words if word not in named]
    narrowed = one_book or bool(named and books) or len(shelf) <= _MOST_BOOKS
    if named and books and rest and len(found) <= MOST:
        found |= dict.fromkeys(find_records(session, rest, books, MOST + 1))
    if narrowed and len(found) <= MOST:
        asked = words if one_book or not rest else rest
        found |= dict.fromkeys(_on_pages(session, asked, books[:_MOST_BOOKS]))
    return list(found)


def _on_pages(session: Session, words: Sequence[Prefixes], books: Collection[str]) -> list[int]:
    """Records of pages with such a name, or with this place in their book."""
    asked = [word for word in words if word[0] not in _PAGE_WORDS]
    if len(asked) != 1 or not any(sign.isdigit() for sign in asked[0][0]):
        return []
    found: list[int] = []
    for book in books:
        on_pages = browse_queries.records_by_page(session, book)
        for page in book_pages(session, book):
            if _is_page(page, asked[0]):
                found += on_pages.get(page.name, [])
    return found


def _is_page(page: PageRow, word: Prefixes) -> bool:
    name = key(page.name, accents=False)
    place = word[-1].isdigit() and int(word[-1]) == page.ordinal + 1
    return place or any(part.lstrip("0") in word or part in word for part in name.split())


def _names(book: BookSummary, word: Prefixes) -> bool:
    """Whether a book is called by a word: in its id or by its commune."""
    called = key(f"{book.id} {book.commune}", accents=False).replace("/", " ").split()
    if word[0].isdigit():  # a year or number, whole: `2` is no part of 2017
        return any(part.lstrip("0") == word[-1] for part in called)
    return any(part.startswith(word[0]) for part in called)


def _shown(
    session: Session,
    records: Sequence[int],
    steps: Mapping[str, BookState],
    blind: Collection[str],
) -> list[FoundRecord]:
    rows, fields = browse_queries.records_with_fields(session, records)
    pages = browse_queries.page_ids_of(session, rows.values())
    return [
        _found(rows[number], fields.get(number, ()), pages, steps, blind)
        for number in records
        if number in rows
    ]


def _found(
    row: RecordRow,
    fields: Sequence[FieldRow],
    pages: Mapping[tuple[str, str], int],
    steps: Mapping[str, BookState],
    blind: Collection[str],
) -> FoundRecord:
    told = [one for one in fields if one.lane not in blind and one.value]
    return FoundRecord(
        record=row.id,
        book=row.book,
        page=pages.get((row.book, row.page), 0),
        page_name=row.page,
        position=row.position,
        number=next((one.value for one in told if one.code == _NUMBER), ""),
        names=tuple(
            FoundName(caption(one.code), one.value)
            for one in told
            if one.code != _NUMBER and is_searched(one.kind, one.code)
        ),
        waiting=sum(one.lane not in ("", "sample") for one in fields),
        state=steps.get(row.book, BookState.OPEN),
    )
