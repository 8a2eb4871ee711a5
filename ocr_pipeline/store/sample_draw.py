"""How much of the accepted fields is drawn, so that the samples show the error budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.decision_log import is_wrong, sampled
from ocr_pipeline.store.error_bound import ERROR_BUDGET, needed_sample, upper_bound
from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.models import BookRow, FieldRow
from ocr_pipeline.store.policies import DEFAULT, least_sample, set_least_sample
from ocr_pipeline.store.states import Lane

#: More than one accepted field in ten is never drawn by itself: below 5,980 accepted fields the
#: budget cannot be shown without keying a good part of the books, which is no sample any more.
MOST_DRAWN = 0.1


@dataclass(frozen=True, slots=True)
class SampleEvidence:
    """What the samples show, and what they lack; of a book or, with "", of all books.

    Attributes:
        book: id of the book; "" for all.
        checked: sampled fields that were keyed.
        wrong: of these, not as the machine had them.
        at_most: share of wrong ones that is not exceeded, at 95 % (exact).
        budget: the share that shall not be exceeded.
        needed: sampled fields that have to be keyed still; 0 when the budget is shown.
        waiting: sampled fields that wait.
        pool: accepted fields that nobody has looked at, those that wait included.

    """

    book: str
    checked: int
    wrong: int
    at_most: float
    budget: float
    needed: int
    waiting: int
    pool: int

    @property
    def reachable(self) -> bool:
        """There are as many accepted fields as have to be keyed still."""
        return self.needed <= self.pool


def sample_evidence(session: Session, book: str = "") -> SampleEvidence:
    """What the samples of all time show, of one book or of all (`book` is "")."""
    checked, wrong = _checked(session, book)
    of_book = (FieldRow.book == book,) if book else ()
    pool = session.scalar(select(func.count()).select_from(FieldRow).where(*_pool(), *of_book))
    waiting = _waiting(session, book)
    return SampleEvidence(
        book=book,
        checked=checked,
        wrong=wrong,
        at_most=upper_bound(wrong, checked),
        budget=ERROR_BUDGET,
        needed=max(0, needed_sample(wrong) - checked),
        waiting=waiting,
        pool=pool or 0,
    )


def raise_draw(session: Session, now: datetime | None = None) -> float:
    """Draw more where what waits and what was keyed cannot show the budget; returns the new rate.

    Draws are fixed numbers of the fields, so a higher rate adds fields and drops none. A policy of
    people that draws more, or nothing at all, goes before. 0 when nothing was changed.
    """
    checked, wrong = _checked(session, "")
    lacking = needed_sample(wrong) - checked - _waiting(session, "")
    if lacking <= 0:
        return 0.0
    pool = session.scalar(select(func.count()).select_from(FieldRow).where(*_pool())) or 0
    wanted = needed_sample(wrong) - checked
    rate = wanted / pool if pool else 1.0
    if not max(DEFAULT.sample, least_sample(session)) < rate <= MOST_DRAWN:
        return 0.0
    set_least_sample(session, rate, now)
    session.flush()
    for book in session.scalars(select(BookRow.id).order_by(BookRow.id)).all():
        draw_sample(session, book)
    return rate


def _checked(session: Session, book: str) -> tuple[int, int]:
    done = sampled(session, book)
    return len(done), sum(map(is_wrong, done))


def _waiting(session: Session, book: str) -> int:
    query = select(func.count()).select_from(FieldRow).where(FieldRow.lane == Lane.SAMPLE.value)
    # A partial index is used only where its own condition is said in so many words.
    query = query.where(FieldRow.lane != "")
    return session.scalar(query.where(FieldRow.book == book) if book else query) or 0


def _pool() -> tuple[ColumnElement[bool], ...]:
    return FieldRow.state.in_(("accepted", "blank")), FieldRow.entry.is_(None), FieldRow.draw < 1
