"""What a review costs people: fields confirmed needlessly, fields corrected, keys, seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from ocr_pipeline.json_types import Json
from ocr_pipeline.store.decision_log import LoggedDecision, deeds
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.workspace import Workspace

LONGEST_SECONDS = 300.0  # longer looks are breaks
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def human_effort(done: Sequence[LoggedDecision]) -> list[Json]:
    """Decisions about doubtful fields, by kind; "" for all.

    Returns:
        `[{"kind", "needless", "corrected", "keys", "seconds"}]`: `needless` were right as the
        machine had them, so that a surer machine would have asked nobody; keys and seconds are
        sums, looks of over five minutes left out of the seconds.

    """
    groups: dict[str, list[LoggedDecision]] = defaultdict(list)
    for one in done:
        if one.lane == Lane.DOUBT and one.action != Action.ASK:
            groups[one.kind].append(one)
            groups[""].append(one)
    return [
        {
            "kind": kind,
            "needless": sum(not is_changed(one) for one in own),
            "corrected": sum(is_changed(one) for one in own),
            "keys": sum(one.keys for one in own),
            "seconds": round(sum(one.seconds for one in own if one.seconds <= LONGEST_SECONDS), 1),
        }
        for kind, own in sorted(groups.items())
    ]


def spent_on(ws: Workspace, books: Sequence[str]) -> tuple[int, float] | None:
    """Keys and seconds that doubtful fields of these books took; None when none was decided."""
    with ws.read_session() as session:
        done = [one for book in books for one in deeds(session, _FIRST, _LAST, book)]
    found = human_effort(done)
    return (found[0]["keys"], found[0]["seconds"]) if found else None


def is_changed(one: LoggedDecision) -> bool:
    """The person said something else than the field had."""
    return one.value != one.was or one.action == Action.UNREADABLE
