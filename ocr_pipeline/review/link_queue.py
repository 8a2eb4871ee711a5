"""Records that wait for their keyed row: accept the proposed one, choose another, or say none.

The machine's links are those that `sohoa link` kept; what is decided here is stronger, stays when
it links again, and is noted in the audit trail. The row is named by the hash of its content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rapidfuzz import fuzz, process

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.book_links import (
    LinkRow,
    LinkState,
    RecordLink,
    SettledLink,
    load_links,
    settled_links,
)
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.open_page import (
    ACTION,
    begin_change,
    locked_page,
    store_decision,
)
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import browse_queries
from ocr_pipeline.store.books import lock_book
from ocr_pipeline.store.link_decisions import link_decisions
from ocr_pipeline.store.page_decisions import DecisionKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import key

_Found = TypeVar("_Found")
_MOST_FOUND = 20
_LEAST_LIKE = 60.0  # of 100: how much a row must look like the words


@dataclass(frozen=True, slots=True)
class WaitingLink:
    """A record before a person: its page, and the rows that come into question.

    Attributes:
        page: id of the page.
        link: as the machine sees it.
        rows: that are offered, the likeliest first, each with its probability; rows that people
            gave to other records are left out.

    """

    page: int
    link: RecordLink
    rows: tuple[tuple[LinkRow, float], ...]


def waiting_links(ws: Workspace, user: User, book: str) -> list[WaitingLink]:
    """The records of a book that wait for a person, in the order of the book.

    Raises:
        ForbiddenError: the role may not decide about pages.
        NotFoundError: the book was never linked.

    """
    require(user, ACTION)
    with ws.read_session() as session:
        links, settled = _known(settled_links(session, book), book)
        ids = {
            one.link.page: browse_queries.page_id(session, book, one.link.page)
            for one in settled.links
            if one.state is LinkState.WAITING
        }
    known = links.by_id
    given = {one.row for one in settled.links if one.state is LinkState.CHOSEN}
    return [
        WaitingLink(ids[one.link.page], one.link, _offered(one, known, given))
        for one in settled.links
        if one.state is LinkState.WAITING
    ]


def _offered(
    one: SettledLink, known: dict[str, LinkRow], given: set[str]
) -> tuple[tuple[LinkRow, float], ...]:
    shares = [(id, share) for id, share in one.link.candidates if id in known and id not in given]
    shares.sort(key=lambda each: each[0] != one.link.row)  # of equal ones, that of the whole book
    return tuple((known[id], share) for id, share in shares)


def choose_row(
    ws: Workspace, user: User, page: int, position: int, row: str, now: datetime
) -> None:
    """Say which row belongs to a record: the one proposed, or any other of its book.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        position: of the record on it.
        row: id of the row.
        now: the time (UTC).

    Raises:
        ForbiddenError, BookClosedError, StaleError: as everywhere.
        NotFoundError: no such page, record or row.
        NotAllowedYetError: a person gave this row to another record.

    """
    _decide(ws, user, page, position, row, now)


def say_no_row(ws: Workspace, user: User, page: int, position: int, now: datetime) -> None:
    """Say that no row belongs to a record; arguments and errors are those of `choose_row`."""
    _decide(ws, user, page, position, "", now)


def take_back(ws: Workspace, user: User, page: int, position: int, now: datetime) -> None:
    """Take back what was said of a record: the machine's link counts again, or it waits.

    Raises:
        ForbiddenError, BookClosedError, StaleError: as everywhere.
        NotFoundError: no such page, or nothing was said of the record.

    """
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        lock_book(session, desk.row.book)
        own = locked_page(session, desk)
        said = link_decisions(session, own.book, own.name).get((own.name, position))
        if said is None:
            raise no_such("quyết định liên kết", "decision on a link", position)
        details = {"position": position, "layout": own.layout, "row": said.row}
        store_decision(session, user, own, DecisionKind.UNLINK, details, now)


def _decide(ws: Workspace, user: User, page: int, position: int, row: str, now: datetime) -> None:
    desk = begin_change(ws, user, page)
    with ws.transaction() as session:
        book = desk.row.book
        lock_book(session, book)
        own = locked_page(session, desk)
        links = _known(load_links(session, book), book)
        place = (own.name, position)
        if not any(one.place == place for one in links.links):
            raise no_such("bản ghi", "record", position)
        if row:
            if row not in links.by_id:
                raise no_such("dòng đã nhập", "keyed row", row)
            said = link_decisions(session, book)
            _require_free(row, [other for other, one in said.items() if one.row == row], place)
        details = {"position": position, "layout": own.layout, "row": row}
        store_decision(session, user, own, DecisionKind.LINK, details, now)


def _require_free(row: str, others: Sequence[tuple[str, int]], place: tuple[str, int]) -> None:
    for page, position in others:
        if (page, position) != place:
            raise NotAllowedYetError(
                Text(
                    f"Dòng này đã được gắn với trang {page} ({position})",
                    f"This row was given to page {page} ({position})",
                ),
                where=row,
                remedy=Text(
                    "Bỏ gắn ở trang đó trước, hoặc chọn dòng khác",
                    "Take it back there first, or choose another row",
                ),
            )


def find_rows(ws: Workspace, user: User, book: str, words: str) -> list[LinkRow]:
    """Rows of a book that look like some words (a name, a number, a date), the likeliest first.

    Of very many rows for one book only those like a record are kept (`BookLinks.unlike` counts the
    others): only they are found.

    Raises:
        ForbiddenError: the role may not decide about pages.
        NotFoundError: the book was never linked.
        UsageError: there are no words.

    """
    require(user, ACTION)
    wanted = key(words, accents=False)
    if not wanted:
        raise UsageError(
            Text("Chưa gõ từ nào để tìm", "There is nothing to look for"),
            remedy=Text("Gõ họ tên, số hoặc ngày", "Type a name, a number or a date"),
        )
    with ws.read_session() as session:
        rows = _known(load_links(session, book), book).rows
    texts = [key(" ".join(row.values.values()), accents=False) for row in rows]
    found = process.extract(
        wanted, texts, scorer=fuzz.partial_ratio, limit=_MOST_FOUND, score_cutoff=_LEAST_LIKE
    )
    return [rows[at] for _, _, at in found]


def _known(found: _Found | None, book: str) -> _Found:
    if found is None:
        raise no_such("liên kết của sổ", "links of the book", book)
    return found
