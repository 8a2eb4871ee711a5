"""How far linked books are, and what is left over of pages and of rows, as people look at it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ocr_pipeline.exchange.linking.link_report import person_of
from ocr_pipeline.processing.book_links import BookLinks, LinkRow, LinkState, SettledBook


@dataclass(frozen=True, slots=True)
class BookStanding:
    """How far a linked book is.

    Attributes:
        book: its id.
        records: on its pages.
        rows: that come into question.
        accepted: records that the machine linked.
        chosen: records to which people gave a row.
        no_row: records of which people said that no row belongs to them.
        waiting: records that wait for a person.
        free: rows without a page.
        unread: pages of which no record could be read.

    """

    book: str
    records: int
    rows: int
    accepted: int
    chosen: int
    no_row: int
    waiting: int
    free: int
    unread: int


@dataclass(frozen=True, slots=True)
class FreePage:
    """A record or page that no row belongs to; `position` 0: no record could be read of it."""

    page: int
    page_name: str
    position: int
    user: str


@dataclass(frozen=True, slots=True)
class FreeRow:
    """A keyed row to which no record belongs."""

    file: str
    sheet: str
    row: int
    number: str
    date: str
    person: str


def standing_of(links: BookLinks, settled: SettledBook) -> BookStanding:
    """How far a book is, with what people said of it."""
    count = Counter(one.state for one in settled.links)
    return BookStanding(
        links.book, len(settled.links), len(links.rows), count[LinkState.ACCEPTED],
        count[LinkState.CHOSEN], count[LinkState.NO_ROW], count[LinkState.WAITING],
        len(settled.free), len(links.unread),
    )  # fmt: skip


def free_row(row: LinkRow) -> FreeRow:
    """A free row as it is listed."""
    values = row.values
    return FreeRow(
        row.file, row.sheet, row.row, values.get("so", ""), values.get("ngayDangKy", ""),
        person_of(row),
    )  # fmt: skip
