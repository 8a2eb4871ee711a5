"""The links of a book's records to keyed rows, as the workspace keeps them: rows, links, checks.

The machine's proposal is kept whole, with the rows that it chose from, so that people can decide
without the keyed files. What people decide is kept apart (`store.link_decisions`) and is stronger.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from ocr_pipeline.store.dropped_records import Position
from ocr_pipeline.store.ledger import LedgerKey, inputs_of_stage, record_outcome, result
from ocr_pipeline.store.link_decisions import LinkDecision, link_decisions

LINKS_STAGE = "links"
"""The stage of the ledger."""


class Verdict(StrEnum):
    """What became of comparing a field of a page with its row."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"  # the machine cannot tell


class LinkState(StrEnum):
    """How far the link of a record is."""

    ACCEPTED = "accepted"  # the machine is sure
    CHOSEN = "chosen"  # a person said which row
    NO_ROW = "no_row"  # a person said that none belongs to it
    WAITING = "waiting"  # waits for a person


@dataclass(frozen=True, slots=True)
class RowChange:
    """One change between what a keyed file says and what goes out: column, texts, reason."""

    column: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One keyed row.

    Attributes:
        id: hash of its content.
        file: name of its file.
        sheet: of the file; "" where it has just one table.
        row: row or line, from 1.
        generation: of the template that its columns belong to.
        variant: of the template.
        values: by column, those of its file alone; what is not understood as it is written.
        changes: between the file and `values`.
        faults: what is not understood of it: column, message.

    """

    id: str
    file: str
    sheet: str
    row: int
    generation: str
    variant: str
    values: dict[str, str]
    changes: tuple[RowChange, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """A field of a page compared with its row.

    Attributes:
        code: of the field.
        verdict: what came of it.
        row: value of the row.
        page: value of the page, as far as the machine knows; of a difference the likeliest other.
        agreement: probability (0–1) that the page says what the row says.

    """

    code: str
    verdict: Verdict
    row: str
    page: str
    agreement: float


@dataclass(frozen=True, slots=True)
class RecordLink:
    """The link of one record, as the machine sees it.

    Attributes:
        page: name of the page.
        position: of the record on it.
        layout: id of the form.
        row: id of the likeliest row in the assignment of the whole book; "" for none.
        probability: calibrated, that this is right.
        accepted: sure enough without a person.
        candidates: rows that come into question, best first, with their probabilities.
        checks: the fields compared with `row`, or with the row that a person chose.

    """

    page: str
    position: int
    layout: str
    row: str
    probability: float
    accepted: bool
    candidates: tuple[tuple[str, float], ...] = ()
    checks: tuple[FieldCheck, ...] = ()

    @property
    def place(self) -> Position:
        """Page and position."""
        return self.page, self.position


@dataclass(frozen=True, slots=True)
class BookLinks:
    """The links of one book.

    Attributes:
        book: id of the book.
        rows: keyed rows that come into question.
        links: one for each record, in the order of the book.
        unread: pages of which no record could be read.
        unlike: number of further rows that could belong to the book and look like none of its
            records; they are not kept.

    """

    book: str
    rows: tuple[LinkRow, ...]
    links: tuple[RecordLink, ...]
    unread: tuple[str, ...] = ()
    unlike: int = 0

    @property
    def by_id(self) -> dict[str, LinkRow]:
        """The rows by id."""
        return {row.id: row for row in self.rows}


@dataclass(frozen=True, slots=True)
class SettledLink:
    """A link with what people said of it.

    Attributes:
        link: as the machine sees it.
        state: how far it is.
        row: id of the row that belongs to the record; "" for none, or none yet.
        user: who decided; "" for the machine.

    """

    link: RecordLink
    state: LinkState
    row: str
    user: str = ""


@dataclass(slots=True)
class SettledBook:
    """A book with all links settled as far as they are.

    Attributes:
        links: in the order of the book.
        free: ids of rows that belong to no record.

    """

    links: list[SettledLink] = field(default_factory=list)
    free: list[str] = field(default_factory=list)


def settle(links: BookLinks, said: Mapping[Position, LinkDecision]) -> SettledBook:
    """Put what people said above what the machine proposes; each row belongs to one record.

    A row that a person gave to one record is taken from the machine's link of another, which waits
    then. A row that people gave to two records is in both: `doubles` of the queue tells it.
    """
    known = links.by_id
    decided = {place: one for place, one in said.items() if not one.row or one.row in known}
    taken = {one.row for one in decided.values() if one.row}
    settled = SettledBook()
    for link in links.links:
        decision = decided.get(link.place)
        if decision is not None:
            state = LinkState.CHOSEN if decision.row else LinkState.NO_ROW
            settled.links.append(SettledLink(link, state, decision.row, decision.user))
        elif link.accepted and link.row not in taken:
            settled.links.append(SettledLink(link, LinkState.ACCEPTED, link.row))
        else:
            settled.links.append(SettledLink(link, LinkState.WAITING, ""))
    used = Counter(one.row for one in settled.links)
    settled.free = [row.id for row in links.rows if not used[row.id]]
    return settled


def save_links(session: Session, links: BookLinks) -> None:
    """Keep the links of a book in the place of those before."""
    record_outcome(session, _key(links.book), "linked", 0.0, asdict(links))


def load_links(session: Session, book_id: str) -> BookLinks | None:
    """The links of a book; None when it was never linked, or the disk has spoilt them."""
    data: Any = result(session, _key(book_id))
    return None if data is None else _LINKS.validate_python(data)


def settled_links(session: Session, book_id: str) -> tuple[BookLinks, SettledBook] | None:
    """The links of a book with what people said above them; None as of `load_links`."""
    links = load_links(session, book_id)
    return None if links is None else (links, settle(links, link_decisions(session, book_id)))


def linked_books(session: Session, book_ids: Iterable[str]) -> list[str]:
    """Those of the books that were linked, in their order."""
    known = inputs_of_stage(session, LINKS_STAGE)
    return [book_id for book_id in book_ids if _key(book_id).input in known]


_LINKS = TypeAdapter(BookLinks)


def _key(book_id: str) -> LedgerKey:
    return LedgerKey(LINKS_STAGE, hashlib.sha256(book_id.encode()).hexdigest(), "present")
