"""How right each person is, where two people keyed the same field without seeing each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ocr_pipeline.json_types import Json
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.rights import may
from ocr_pipeline.store.decision_log import (
    EntryValue,
    LoggedDecision,
    entered_values,
    is_wrong,
    keyings_of,
    newest_entries,
)
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.text.normalise import place_tones
from ocr_pipeline.training.evaluation import metrics

_BLIND = (Lane.DOUBT, Lane.SECOND, "")  # queues of a first and a second keying


def people_accuracy(
    session: Session, done: Sequence[LoggedDecision], viewer: User | None
) -> list[Json]:
    """Keyings that somebody else has checked, by person.

    A keying of two blind ones is right when it says what the field was settled as. A sampled field
    is right when the person keyed what the machine had accepted; where he keyed something else,
    it counts once another person has decided the field after him.

    Args:
        session: an open one.
        done: the decisions of a time.
        viewer: sees himself alone unless his role may see all; None sees all.

    Returns:
        `[{"user", "checked", "right", "share", "low", "high"}]` (Wilson, 95 %), by name.

    """
    found: dict[str, list[bool]] = defaultdict(list)
    for user, right in [*_double(session, done), *_samples(session, done)]:
        found[user].append(right)
    if viewer is not None and not may(viewer, "accuracy"):
        own = found[viewer.name]
        return [_row(viewer.name, own)] if own else []
    return [_row(user, own) for user, own in sorted(found.items())]


def _double(session: Session, done: Sequence[LoggedDecision]) -> list[tuple[str, bool]]:
    """Keyings of rounds in which two people keyed."""
    twice = sorted({one.field for one in done if one.lane == Lane.SECOND})
    rounds: dict[tuple[int, int], list[LoggedDecision]] = defaultdict(list)
    for one in keyings_of(session, twice):
        if one.lane in _BLIND and one.entry is not None:
            rounds[one.field, one.entry].append(one)
    settled = entered_values(session, [entry for _, entry in rounds])
    return [
        (one.user, _same(one, settled[entry]))
        for (_, entry), own in rounds.items()
        if entry in settled and any(one.lane == Lane.SECOND for one in own)
        for one in own
    ]


def _samples(session: Session, done: Sequence[LoggedDecision]) -> list[tuple[str, bool]]:
    keyed = [one for one in done if one.lane == Lane.SAMPLE and one.action != Action.ASK]
    odd = {one.field for one in keyed if is_wrong(one)}
    newest = newest_entries(session, sorted(odd))
    judged = [(one.user, True) for one in keyed if one.field not in odd]
    for one in keyed:
        last = newest.get(one.field)
        if one.field in odd and last is not None and last.user != one.user:
            judged.append((one.user, _same(one, last)))
    return judged


def _same(one: LoggedDecision, other: EntryValue) -> bool:
    """The same value; where there is none, blank and unreadable are not the same."""
    if one.value or other.value:
        return place_tones(one.value) == place_tones(other.value)
    return one.state == other.state


def _row(user: str, own: Sequence[bool]) -> Json:
    interval = metrics.wilson(sum(own), len(own))
    return {
        "user": user,
        "checked": len(own),
        "right": sum(own),
        "share": round(sum(own) / len(own), 6),
        "low": round(interval.low or 0.0, 6),
        "high": round(1.0 if interval.high is None else interval.high, 6),
    }
