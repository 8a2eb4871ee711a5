"""How much of the accepted fields is drawn: a share of all, and a few of each kind and book."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.policies import DEFAULT, set_least_sample
from ocr_pipeline.store.sample_evidence import SampleCell, SampleState, accepted_unseen

#: More than one accepted field in ten is never drawn by itself: below 5,980 accepted fields the
#: budget cannot be shown without keying a good part of the books, which is no sample any more.
MOST_DRAWN = 0.1

#: Fields drawn of each kind and of each book, as far as MOST_DRAWN allows. Of ten fields one is
#: found wrong, at 95 %, when one in four of its kind or book is.
FEW = 10


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    """A field that can be drawn next in its stratum."""

    draw: float
    field: int
    book: str
    kind: str


def raise_draw(session: Session, now: datetime | None = None) -> float:
    """Draw more of all books alike where the budget is within reach; returns the new rate.

    The fields with the lowest draws come next, exactly as many as are lacking. Draws are fixed
    numbers of the fields, so a higher rate adds fields and drops none. A policy of people that
    draws more, or nothing at all, goes before. 0 when nothing was changed.
    """
    state = SampleState.load(session)
    lacking, rate = state.lacking(), state.rate()
    if not 0 < lacking <= _room(state):
        return 0.0
    next_ones = _lowest(session, state.cells, lacking, least=rate)
    if len(next_ones) < lacking:
        return 0.0
    raised = math.nextafter(next_ones[-1].draw, 1.0)
    if any(one.rate < raised for one in state.cells if one.rate and not one.is_open):
        return 0.0  # an approved book was drawn less: more of the others would not count for all
    set_least_sample(session, raised, now)
    _draw(session, {one.book for one in state.cells})
    return raised


def draw_of_each(session: Session, now: datetime | None = None) -> int:
    """Draw a few fields of each kind and of each book that has fewer; returns how many.

    One for each kind and book in turn, then the second, to FEW, until one accepted field in ten is
    drawn. What was drawn stays drawn, whatever books come later.
    """
    state = SampleState.load(session)
    room = _room(state)
    strata = [("", kind) for kind in state.kinds] + [(book, "") for book in state.books]
    have: dict[tuple[str, str], int] = defaultdict(int)
    for one in state.drawn:
        have["", one.kind] += 1
        have[one.book, ""] += 1
    waiting = {
        (book, kind): _lowest(session, _within(state.cells, book, kind), FEW, undrawn=True)
        for book, kind in strata
        if have[book, kind] < FEW and room > 0
    }
    taken: set[int] = set()
    rates: dict[tuple[str, str], float] = {}
    for level in range(1, FEW + 1):
        for place, candidates in waiting.items():
            left = [one for one in candidates if one.field not in taken]
            if have[place] >= level or not left or len(taken) >= room:
                continue
            taken.add(left[0].field)
            rates[place] = math.nextafter(left[0].draw, 1.0)
            have["", left[0].kind] += 1
            have[left[0].book, ""] += 1
    for (book, kind), rate in sorted(rates.items()):
        set_least_sample(session, rate, now, book=book, kind=kind)
    if rates:
        _draw(session, {one.book for one in state.cells})
    return len(taken)


def _room(state: SampleState) -> int:
    """Fields that may be drawn still by the software itself; what a policy adds is people's."""
    policies = {(one.book, one.kind): one.policy for one in state.cells}
    own = [
        one
        for one in state.drawn
        if not DEFAULT.sample <= one.draw < policies.get((one.book, one.kind), 0.0)
    ]
    checked = sum(one.wrong is not None for one in state.drawn)
    accepted = sum(one.pool for one in state.cells) + checked
    return math.floor(MOST_DRAWN * accepted) - len(own)


def _within(cells: Iterable[SampleCell], book: str, kind: str) -> list[SampleCell]:
    return [one for one in cells if book in ("", one.book) and kind in ("", one.kind)]


def _lowest(
    session: Session,
    cells: Iterable[SampleCell],
    count: int,
    least: float = 0.0,
    undrawn: bool = False,
) -> list[_Candidate]:
    """The `count` fields of open cells with the lowest draws from `least`, lowest first."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        if cell.is_open:
            kinds[cell.book].append(cell.kind)
    found: list[_Candidate] = []
    for book, own in sorted(kinds.items()):
        query = select(FieldRow.draw, FieldRow.id, FieldRow.book, FieldRow.kind)
        query = query.where(FieldRow.book == book, *accepted_unseen(), FieldRow.kind.in_(own))
        query = query.where(FieldRow.draw >= least)
        query = query.where(FieldRow.lane == "") if undrawn else query
        rows = session.execute(query.order_by(FieldRow.draw, FieldRow.id).limit(count))
        found = nsmallest(count, [*found, *(_Candidate(*row) for row in rows)])
    return found


def _draw(session: Session, books: Iterable[str]) -> None:
    session.flush()
    for book in sorted(books):
        draw_sample(session, book)
