"""All that an export of a book needs, as plain data: no workspace and no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.scans.pages import PageRef


@dataclass(frozen=True, slots=True)
class BookData:
    """A book as it stands now.

    Attributes:
        book: the book.
        records: in its order, with what people entered.
        pages: where its scans are, by page name.
        turns: degrees clockwise that bring a page upright, by page name; upright ones left out.
        digests: content hashes of the pages when they were read; a changed scan is an obstacle.
        waiting: pages that need a person before the book can go out, and why.
        continuations: further pages of a record by (page, position), as people said.
        dropped: what the machine read where people say there is no record: it goes nowhere.
        unsettled: (page, position, code, lane) of fields keyed once, keyed unlike, or asked about.
        unapproved: why the book does not count as approved; None when it is approved, or when the
            data come from no workspace.
        without_approval: somebody asked for it to go out all the same.

    """

    book: Book
    records: Sequence[Record]
    pages: Mapping[str, PageRef]
    turns: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    waiting: Sequence[tuple[str, Text]] = ()
    continuations: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)
    dropped: Sequence[Record] = ()
    unsettled: Sequence[tuple[str, int, str, str]] = ()
    unapproved: Text | None = None
    without_approval: bool = False
