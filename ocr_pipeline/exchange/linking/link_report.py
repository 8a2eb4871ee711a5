"""What became of linking: counts, and the lists that people work through, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocr_pipeline.books.book import Book
from ocr_pipeline.exchange.linking.keyed_books import KeyedBooks
from ocr_pipeline.exchange.linking.link_package import LinkPackage
from ocr_pipeline.exchange.linking.link_words import link_words
from ocr_pipeline.processing.book_links import (
    BookLinks,
    FieldCheck,
    LinkRow,
    LinkState,
    SettledBook,
    SettledLink,
    Verdict,
)
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.captions import caption

Line = tuple[object, ...]
"""One line of a list."""


@dataclass(slots=True)
class LinkedBook:
    """One book with all that was found.

    Attributes:
        book: the book.
        links: as the machine sees them.
        settled: with what people said.
        kinds: kinds of the fields of its forms, by code.
        package: what goes out.
        refused: why no files were written (Vietnamese); "" where they were, or nothing was asked.

    """

    book: Book
    links: BookLinks
    settled: SettledBook
    kinds: Mapping[str, FieldKind] = field(default_factory=dict)
    package: LinkPackage = field(default_factory=LinkPackage)
    refused: str = ""

    def count(self, state: LinkState) -> int:
        """Records whose link is so far."""
        return sum(one.state is state for one in self.settled.links)

    def checks(self, verdict: Verdict) -> Iterator[tuple[SettledLink, FieldCheck]]:
        """The fields of linked records of which this came."""
        for one in self.settled.links:
            if one.row:
                yield from ((one, check) for check in one.link.checks if check.verdict is verdict)


@dataclass(slots=True)
class LinkReport:
    """What became of all books.

    Attributes:
        books: in the order of their ids.
        keyed: the rows that were given.

    """

    books: list[LinkedBook]
    keyed: KeyedBooks

    @property
    def waiting(self) -> int:
        """Records that wait for a person."""
        return sum(one.count(LinkState.WAITING) for one in self.books)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: counts by book, and all lists by name."""
        lists = self.lists()
        return {
            "rows": self.keyed.tally.rows,
            "records": self.keyed.tally.records,
            "doubles": [{"row": row, "of": first} for row, first in self.keyed.doubles],
            "rows_elsewhere": self.keyed.elsewhere,
            "books": [_counts(one) for one in self.books],
            **{
                name: [dict(zip(_KEYS[name], line, strict=True)) for line in lists[name]]
                for name in _KEYS
            },
        }

    def lists(self) -> dict[str, list[Line]]:
        """The lines of each list."""
        found: dict[str, list[Line]] = {name: [] for name in ("summary", *_KEYS)}
        for one in self.books:
            found["summary"].append(_summary(one))
            found["links"] += _links(one)
            found["differences"] += _checks(one, Verdict.DIFFERS)
            found["unclear"] += _checks(one, Verdict.UNCLEAR)
            found["waiting"] += _waiting(one)
            found["pages"] += _pages(one)
            found["rows"] += _rows(one)
            found["held"] += _held(one)
            found["changes"] += _changes(one)
        return found


#: Keys of the lines in JSON; the headings of the Excel file are in `link_words.yaml`.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "links": (
        "book", "page", "position", "state", "probability", "user", "file", "sheet", "row",
        "number", "person",
    ),
    "differences": (
        "book", "page", "position", "difference", "field", "column", "keyed", "page_says",
        "probability", "file", "sheet", "row",
    ),
    "unclear": (
        "book", "page", "position", "kind", "field", "column", "keyed", "page_says",
        "probability", "file", "sheet", "row",
    ),
    "waiting": ("book", "page", "position", "probability", "why", "proposed"),
    "pages": ("book", "page", "position", "why"),
    "rows": ("book", "file", "sheet", "row", "number", "date", "person"),
    "held": ("book", "file", "sheet", "row", "why"),
    "changes": ("book", "file", "sheet", "row", "column", "before", "after", "why"),
}  # fmt: skip


def _counts(one: LinkedBook) -> dict[str, Any]:
    package = one.package.package
    return {
        "id": one.book.id,
        "records": len(one.settled.links),
        "rows": len(one.links.rows) + one.links.unlike,
        "rows_unlike": one.links.unlike,
        **{state.value: one.count(state) for state in LinkState},
        "rows_without_page": len(one.settled.free),
        "pages_unread": list(one.links.unread),
        "fields": {v.value: sum(1 for _ in one.checks(v)) for v in Verdict},
        "packed": package.records if package else 0,
        "excel": str(package.excel) if package else "",
        "archive": str(package.archive) if package else "",
        "refused": one.refused,
    }


def _summary(one: LinkedBook) -> Line:
    package = one.package.package
    return (
        one.book.id, len(one.settled.links), len(one.links.rows) + one.links.unlike,
        one.count(LinkState.ACCEPTED), one.count(LinkState.CHOSEN), one.count(LinkState.WAITING),
        sum(1 for _ in _pages(one)), len(one.settled.free),
        sum(1 for _ in one.checks(Verdict.DIFFERS)), sum(1 for _ in one.checks(Verdict.UNCLEAR)),
        package.records if package else 0, package.excel.name if package else one.refused,
    )  # fmt: skip


def _place(one: LinkedBook, link: SettledLink) -> Line:
    return one.book.id, link.link.page, link.link.position


def _row_place(row: LinkRow | None) -> Line:
    return (row.file, row.sheet, row.row) if row else ("", "", "")


def person_of(row: LinkRow | None) -> str:
    """The name of the person that a row is about."""
    columns = link_words().persons if row else ()
    return next((row.values[name] for name in columns if row and row.values.get(name)), "")


def _links(one: LinkedBook) -> Iterator[Line]:
    known, words = one.links.by_id, link_words().states
    for link in one.settled.links:
        row = known.get(link.row)
        number = row.values.get("so", "") if row else ""
        share = link.link.probability if link.state is LinkState.ACCEPTED else ""
        yield (
            *_place(one, link), words[link.state.value], share, link.user, *_row_place(row),
            number, person_of(row),
        )  # fmt: skip


def _checks(one: LinkedBook, verdict: Verdict) -> Iterator[Line]:
    known = one.links.by_id
    for link, check in one.checks(verdict):
        share = check.agreement if verdict is Verdict.UNCLEAR else round(1 - check.agreement, 4)
        yield (
            *_place(one, link), difference_kind(check, one.kinds), caption(check.code).vi,
            check.code, check.row, check.page, share, *_row_place(known.get(link.row)),
        )  # fmt: skip


def difference_kind(check: FieldCheck, kinds: Mapping[str, FieldKind]) -> str:
    """What kind of difference it is: one side is empty, or the kind of the field."""
    words = link_words()
    if not check.row:
        return words.one_empty["row"]
    if not check.page:
        return words.one_empty["page"]
    return words.kinds[kinds.get(check.code, FieldKind.FREE_TEXT)]


def _waiting(one: LinkedBook) -> Iterator[Line]:
    known, words = one.links.by_id, link_words().reasons
    for link in one.settled.links:
        if link.state is LinkState.WAITING:
            row = known.get(link.link.row)
            why = words["unsure"] if row else words["none"]
            shown = f"{row.file} {row.row}: {person_of(row)}" if row else ""
            yield (*_place(one, link), link.link.probability, why, shown)


def _pages(one: LinkedBook) -> Iterator[Line]:
    words = link_words().reasons
    for link in one.settled.links:
        if link.state is LinkState.NO_ROW:
            yield (*_place(one, link), words["said"])
        elif link.state is LinkState.WAITING and not link.link.row:
            yield (*_place(one, link), words["none"])
    for page in one.links.unread:
        yield one.book.id, page, "", words["unread"]


def _rows(one: LinkedBook) -> Iterator[Line]:
    known = one.links.by_id
    for row in (known[id] for id in one.settled.free):
        values = row.values
        yield (
            one.book.id, *_row_place(row), values.get("so", ""), values.get("ngayDangKy", ""),
            person_of(row),
        )  # fmt: skip


def _held(one: LinkedBook) -> Iterator[Line]:
    known = one.links.by_id
    for held in one.package.held:
        yield (one.book.id, *_row_place(known[held.row]), held.why)


def _changes(one: LinkedBook) -> Iterator[Line]:
    known = one.links.by_id
    for id, changes in one.package.changes.items():
        for change in changes:
            yield (
                one.book.id, *_row_place(known[id]), change.column, change.before, change.after,
                change.why,
            )  # fmt: skip


def sheets(report: LinkReport) -> Sequence[tuple[str, tuple[str, ...], list[Line]]]:
    """Title, headings and lines of each sheet, in order."""
    words, lists = link_words().sheets, report.lists()
    return [(sheet.title, sheet.columns, lists[name]) for name, sheet in words.items()]
