"""What keyed samples show of the error of accepted fields: of all, of a book, of a kind of field.

Books and kinds are drawn at different rates, so a bound of binomial counts holds only for fields
that were drawn at one rate: those whose draw is below the lowest rate within what is spoken of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.approvals import BookState, states
from ocr_pipeline.store.decision_log import is_wrong, sampled
from ocr_pipeline.store.error_bound import ERROR_BUDGET, needed_sample, upper_bound
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.policies import policies_of

_CHUNK = 500  # databases limit the number of parameters


@dataclass(frozen=True, slots=True)
class SampleEvidence:
    """What the samples show, and what they lack.

    Attributes:
        book: id of the book; "" for all.
        kind: kind of field; "" for all.
        checked: sampled fields that were keyed.
        wrong: of these, not as the machine had them.
        counted: of `checked`, those drawn at the one rate that the bound needs.
        unfinished: fields drawn at that one rate that wait still.
        at_most: share of wrong ones that is not exceeded, at 95 % (exact, from `counted`), even if
            all that are unfinished were wrong.
        budget: the share that shall not be exceeded.
        needed: sampled fields that have to be keyed still; 0 when the budget is shown.
        waiting: sampled fields that wait.
        pool: accepted fields that nobody has looked at, those that wait included.

    """

    book: str
    kind: str
    checked: int
    wrong: int
    counted: int
    unfinished: int
    at_most: float
    budget: float
    needed: int
    waiting: int
    pool: int

    @property
    def reachable(self) -> bool:
        """There are as many accepted fields as have to be keyed still."""
        return self.needed <= self.pool


@dataclass(frozen=True, slots=True)
class SampleCell:
    """The accepted fields of one kind in one book that nobody has looked at.

    Attributes:
        book: id of the book.
        kind: kind of field.
        pool: how many there are, those that wait as samples included.
        policy: the sample rate that people want; what the software draws comes on top.
        rate: every one whose draw (0–1) is below was drawn; 0 where people want no sample.
        is_open: more of them can be drawn.

    """

    book: str
    kind: str
    pool: int
    policy: float
    rate: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class SampledField:
    """A field of the sample.

    Attributes:
        field: its id.
        book: id of the book.
        kind: kind of field.
        draw: its fixed number (0–1).
        wrong: whether the machine had it wrong; None while it waits.
        confidence: of the value that the machine had accepted.

    """

    field: int
    book: str
    kind: str
    draw: float
    wrong: bool | None
    confidence: float


_Placed = TypeVar("_Placed", SampleCell, SampledField)


class SampleState:
    """How the draw stands, of a book or of all: counted once, told by book and by kind."""

    def __init__(self, cells: Sequence[SampleCell], drawn: Sequence[SampledField]) -> None:
        """State of these cells, of which these fields were drawn."""
        self.cells, self.drawn = cells, drawn
        self.books = sorted({one.book for one in cells} | {one.book for one in drawn})
        self.kinds = sorted({one.kind for one in cells} | {one.kind for one in drawn})

    @classmethod
    def load(cls, session: Session, book: str = "") -> SampleState:
        """Count: one look at the rows of fields of a book ("": of all), one at the decisions."""
        return cls(_cells(session, book), [*_keyed(session, book), *_waiting(session, book)])

    def rate(self, book: str = "", kind: str = "") -> float:
        """The draw (0–1) below which all fields were drawn, wherever a sample is wanted."""
        return min((one.rate for one in self._of(self.cells, book, kind) if one.rate), default=1.0)

    def lacking(self, book: str = "", kind: str = "") -> int:
        """Fields that have to be drawn still, so that what waits then could show the budget."""
        counted = self._counted(book, kind)
        return needed_sample(sum(one.wrong is True for one in counted)) - len(counted)

    def evidence(self, book: str = "", kind: str = "") -> SampleEvidence:
        """What is shown of a book, of a kind, of both, or of all."""
        drawn = self._of(self.drawn, book, kind)
        counted = self._counted(book, kind)
        keyed = [one for one in counted if one.wrong is not None]
        wrong = sum(one.wrong is True for one in keyed)
        # Queues come kind by kind: what was keyed while others wait is no sample of all kinds.
        unfinished = len(counted) - len(keyed)
        return SampleEvidence(
            book=book,
            kind=kind,
            checked=sum(one.wrong is not None for one in drawn),
            wrong=sum(one.wrong is True for one in drawn),
            counted=len(keyed),
            unfinished=unfinished,
            at_most=upper_bound(wrong + unfinished, len(counted)),
            budget=ERROR_BUDGET,
            needed=max(0, needed_sample(wrong) - len(keyed), unfinished),
            waiting=sum(one.wrong is None for one in drawn),
            pool=sum(one.pool for one in self._of(self.cells, book, kind)),
        )

    def strata(self) -> list[SampleEvidence]:
        """What is shown of each kind in all books, then of each book."""
        kinds = [self.evidence(kind=kind) for kind in self.kinds]
        return kinds + [self.evidence(book) for book in self.books]

    def _counted(self, book: str, kind: str) -> list[SampledField]:
        rate = self.rate(book, kind)
        return [one for one in self._of(self.drawn, book, kind) if one.draw < rate]

    @staticmethod
    def _of(ones: Sequence[_Placed], book: str, kind: str) -> list[_Placed]:
        return [one for one in ones if book in ("", one.book) and kind in ("", one.kind)]


def sample_evidence(session: Session, book: str = "") -> SampleEvidence:
    """What the samples of all time show, of one book or of all (`book` is "")."""
    return SampleState.load(session, book).evidence(book)


def accepted_unseen() -> tuple[ColumnElement[bool], ...]:
    """Conditions of fields that the machine accepted, nobody looked at, and a draw can choose."""
    return FieldRow.state.in_(("accepted", "blank")), FieldRow.entry.is_(None), FieldRow.draw < 1


def _cells(session: Session, book: str) -> list[SampleCell]:
    undrawn = case((FieldRow.lane == "", FieldRow.draw))
    query = select(FieldRow.book, FieldRow.kind, func.count(), func.min(undrawn))
    query = query.where(*accepted_unseen()).group_by(FieldRow.book, FieldRow.kind)
    query = query.where(FieldRow.book == book) if book else query
    rows = session.execute(query.order_by(FieldRow.book, FieldRow.kind)).all()
    policies = {name: policies_of(session, name) for name in {row[0] for row in rows}}
    now = states(session)
    found = []
    for name, kind, pool, first in rows:
        wanted = policies[name].effective(kind).sample
        policy = policies[name].said(kind).sample
        # A book approved earlier keeps the sample of that time: the rate of today is not its own.
        rate = min(wanted, 1.0 if first is None else first)
        is_open = now.get(name, BookState.OPEN) is BookState.OPEN
        found.append(SampleCell(name, kind, pool, policy, rate, is_open and wanted > 0))
    return found


def _keyed(session: Session, book: str) -> Iterable[SampledField]:
    done = sampled(session, book)
    draws: dict[int, float] = {}
    ids = sorted({deed.field for deed in done})
    for start in range(0, len(ids), _CHUNK):
        query = select(FieldRow.id, FieldRow.draw)
        some = query.where(FieldRow.id.in_(ids[start : start + _CHUNK]))
        draws |= {field: draw for field, draw in session.execute(some)}
    # A field that is gone, with a page read anew or a record dropped, stays known as keyed, but
    # is not among the fields that a bound speaks of.
    return [
        SampledField(
            deed.field,
            deed.book,
            deed.kind,
            draws.get(deed.field, 1.0),
            is_wrong(deed),
            deed.confidence,
        )
        for deed in done
    ]


def _waiting(session: Session, book: str) -> Iterable[SampledField]:
    """Samples that wait, be it for a second keying or for the answer of a senior."""
    query = select(FieldRow.id, FieldRow.book, FieldRow.kind, FieldRow.draw, FieldRow.confidence)
    query = query.where(*accepted_unseen(), FieldRow.lane != "")
    query = query.where(FieldRow.book == book) if book else query
    return [
        SampledField(field, of_book, kind, draw, None, confidence)
        for field, of_book, kind, draw, confidence in session.execute(query)
    ]
