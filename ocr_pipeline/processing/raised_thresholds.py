"""Thresholds that the samples of a job raise: where too many accepted fields were wrong.

A calibration is fitted on other books; the hand of this one may be read worse than it says. Blind
samples measure it. Only they count: what people correct beside them was chosen, by a doubt or by
their eye, and says nothing of all accepted fields.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.processing.office_policy import office_policy
from ocr_pipeline.store.approvals import BookState, states
from ocr_pipeline.store.error_bound import lower_bound
from ocr_pipeline.store.policies import (
    policies_of,
    raised_thresholds,
    set_raised_threshold,
)
from ocr_pipeline.store.sample_evidence import SampledField, SampleState

#: Keyed samples from which on they can raise a threshold, and wrong ones among them. One wrong of
#: ten alone is over the budget at 95 %, and one cell in twenty has it where all is as it should be.
LEAST_CHECKED, LEAST_WRONG = 10, 2

_STEPS = 1000  # thresholds are whole thousandths


@dataclass(frozen=True, slots=True)
class RaisedThreshold:
    """What the keyed samples of a kind say against its threshold.

    Attributes:
        book: id of the book; "" for all books whose own samples do not say enough.
        kind: kind of field.
        threshold: least confidence (0–1) from which on the samples are no more over the budget.
        checked: sampled fields that were keyed.
        wrong: of them, those that the machine had wrong.
        counts: books are judged by it; else it is only told, for the book is approved.

    """

    book: str
    kind: str
    threshold: float
    checked: int
    wrong: int
    counts: bool = True


def raise_thresholds(session: Session, now: datetime | None = None) -> None:
    """Keep the thresholds that the samples ask for; books are judged anew by them.

    A threshold only rises: what is drawn later is surer than what was drawn before, and says
    nothing of the fields below. It goes when no wrong sample is left, as all were taken back. The
    audit trail tells each change. Without new samples nothing changes.
    """
    kept = raised_thresholds(session)
    state = SampleState.load(session)
    for one in asked_for(session, state):
        before = kept.get((one.book, one.kind), 0.0)
        if one.counts and one.threshold > max(before, _usual(session, one.book, one.kind)):
            set_raised_threshold(session, one.book, one.kind, one.threshold, now)
    wrong = [one for one in state.drawn if one.wrong]
    for book, kind in kept:
        if not any(book in ("", one.book) and kind == one.kind for one in wrong):
            set_raised_threshold(session, book, kind, None, now)


def told_thresholds(session: Session) -> list[RaisedThreshold]:
    """The raised thresholds with their samples as they are now, and those only told of."""
    state, closed = SampleState.load(session), _closed(session)
    told = {(one.book, one.kind): one for one in asked_for(session, state) if not one.counts}
    for (book, kind), threshold in raised_thresholds(session).items():
        shown = state.evidence(book, kind)
        told[book, kind] = RaisedThreshold(
            book, kind, threshold, shown.checked, shown.wrong, book not in closed
        )
    return [told[place] for place in sorted(told)]


def asked_for(session: Session, state: SampleState) -> list[RaisedThreshold]:
    """Thresholds that samples ask for: of each kind in a book, then of the kind in the others."""
    budget = AcceptancePolicy.of(office_policy(session.info["folder"]), {}).error_budget
    closed = _closed(session)
    found: list[RaisedThreshold] = []
    for kind in state.kinds:
        keyed = [one for one in state.drawn if one.kind == kind and one.wrong is not None]
        alone = set()
        for book in sorted({one.book for one in keyed}):
            asked = _asked(book, kind, [one for one in keyed if one.book == book], budget)
            if asked:
                alone.add(book)
                found.append(_counting(asked, book not in closed))
        # Books are drawn at different rates: of all together only the draws below the lowest count.
        rate = state.rate(kind=kind)
        others = [one for one in keyed if one.book not in alone and one.draw < rate]
        asked = _asked("", kind, others, budget)
        found += [asked] if asked else []
    return found


def threshold_within(samples: Sequence[SampledField], budget: float) -> float:
    """The least threshold above which the samples are not over the budget, 0 where none is needed.

    Wrong samples go one after the other, the least sure first, until the lower end of the exact
    interval (95 %, one-sided) of the others is within the budget; 1 lets nothing go out unseen.
    """
    threshold = 0.0
    for wrong in sorted(one.confidence for one in samples if one.wrong):
        if wrong < threshold:
            continue
        over = [one for one in samples if one.confidence >= threshold]
        if lower_bound(sum(one.wrong is True for one in over), len(over)) <= budget:
            break
        threshold = min((math.floor(wrong * _STEPS) + 1) / _STEPS, 1.0)
    return threshold


def _asked(
    book: str, kind: str, keyed: Sequence[SampledField], budget: float
) -> RaisedThreshold | None:
    wrong = sum(one.wrong is True for one in keyed)
    if len(keyed) < LEAST_CHECKED or wrong < LEAST_WRONG:
        return None
    threshold = threshold_within(keyed, budget)
    return RaisedThreshold(book, kind, threshold, len(keyed), wrong) if threshold else None


def _counting(asked: RaisedThreshold, counts: bool) -> RaisedThreshold:
    return RaisedThreshold(
        asked.book, asked.kind, asked.threshold, asked.checked, asked.wrong, counts
    )


def _closed(session: Session) -> set[str]:
    return {book for book, state in states(session).items() if state is not BookState.OPEN}


def _usual(session: Session, book: str, kind: str) -> float:
    """What counts without samples."""
    own = policies_of(session, book).thresholds()
    policy = AcceptancePolicy.of(office_policy(session.info["folder"]), own)
    return policy.thresholds.get(kind, policy.threshold)
