"""Figures: throughput, time per field, error measured in samples, agreement of double keying."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import combinations

from ocr_pipeline.json_types import Json
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.book_views import books
from ocr_pipeline.review.human_effort import LONGEST_SECONDS, human_effort, is_changed
from ocr_pipeline.review.people_accuracy import people_accuracy
from ocr_pipeline.store.decision_log import LoggedDecision, deeds, is_wrong, keyings_of
from ocr_pipeline.store.sample_evidence import SampleEvidence, SampleState, sample_evidence
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.unattended import count_unattended, summed_unattended
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.training.evaluation import metrics


def dashboard(ws: Workspace, since: datetime, until: datetime, viewer: User | None = None) -> Json:
    """Figures of the decisions from `since` (included) to `until`, both UTC.

    Decisions that were taken back do not count. Whose accuracy is
    told depends on `viewer`. Shares come with their 95 % interval (Wilson).

    Returns:
        `"books"`: as `browse.books`; `"throughput": [{"day", "hour", "user", "decisions"}]` (UTC);
        `"people": [{"user", "decisions", "seconds_median", "per_hour"}]`, `per_hour` at work;
        `"seconds": [{"kind", "action", "count", "median", "p90", "keys_median"}]`;
        `"samples": [{"book", "kind", "checked", "wrong", "error", "low", "high"}]`, with "" for all
        books or all kinds; `"corrections": [{"kind", "checked", "changed", "share", "low",
        "high"}]`: how often a doubtful value was indeed wrong; `"agreement": [{"users", "both",
        "alike", "share", "low", "high"}]`, with `["", ""]` for all pairs; `"accuracy"`: see
        `people_accuracy`; `"effort"`: see `human_effort`; `"evidence"`: see `evidence`, of all
        books and of all time; `"strata"`: the same of each kind (`"book"` is "") and of each book
        (`"kind"` is ""); `"unattended": [{"book", "records", "unattended", "fields",
        "accepted", "record_share", "field_share"}]` as they stand now, of all books (`"book"` is
        ""), then of each that has records.

    """
    with ws.read_session() as session:
        unattended = count_unattended(session)
        done = deeds(session, since, until)
        twice = sorted({deed.field for deed in done if deed.lane == Lane.SECOND})
        keyed = keyings_of(session, twice)
        accuracy = people_accuracy(session, done, viewer)
        shown = SampleState.load(session)
    return {
        "books": books(ws),
        "throughput": _throughput(done),
        "people": _people(done),
        "seconds": _seconds(done),
        "samples": sampled_errors(done),
        "corrections": _corrections(done),
        "agreement": _agreement(keyed),
        "accuracy": accuracy,
        "effort": human_effort(done),
        "evidence": _evidence(shown.evidence()),
        "strata": [_evidence(one) for one in shown.strata()],
        "unattended": [
            {
                "book": book,
                **asdict(one),
                "record_share": one.record_share,
                "field_share": one.field_share,
            }
            for book, one in (("", summed_unattended(unattended.values())), *unattended.items())
            if one.records
        ],
    }


def evidence(ws: Workspace, book: str = "") -> Json:
    """What the samples show of the error of accepted fields, in all books or one.

    Returns:
        The attributes of `SampleEvidence`, and `"reachable"`.

    """
    with ws.read_session() as session:
        return _evidence(sample_evidence(session, book))


def _evidence(found: SampleEvidence) -> Json:
    return {**asdict(found), "reachable": found.reachable}


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson, 1927); (0, 1) when nothing was counted."""
    found = metrics.wilson(hits, count)
    return (0.0, 1.0) if found.low is None or found.high is None else (found.low, found.high)


def _throughput(done: Sequence[LoggedDecision]) -> list[Json]:
    counts: dict[tuple[str, int, str], int] = defaultdict(int)
    for deed in done:
        counts[deed.time.date().isoformat(), deed.time.hour, deed.user] += 1
    return [
        {"day": day, "hour": hour, "user": user, "decisions": number}
        for (day, hour, user), number in sorted(counts.items())
    ]


def _people(done: Sequence[LoggedDecision]) -> list[Json]:
    by_user: dict[str, list[LoggedDecision]] = defaultdict(list)
    for deed in done:
        by_user[deed.user].append(deed)
    return [
        {
            "user": user,
            "decisions": len(own),
            "seconds_median": _median([deed.seconds for deed in own if deed.seconds > 0]),
            "per_hour": _per_hour(own),
        }
        for user, own in sorted(by_user.items())
    ]


def _per_hour(own: Sequence[LoggedDecision]) -> float:
    """Decisions per hour of looking; 0 when no times are known."""
    timed = [deed for deed in own if 0 < deed.seconds <= LONGEST_SECONDS]
    spent = sum(deed.seconds for deed in timed)
    return round(len(timed) * 3600 / spent, 1) if spent else 0.0


def _seconds(done: Sequence[LoggedDecision]) -> list[Json]:
    groups: dict[tuple[str, str], list[LoggedDecision]] = defaultdict(list)
    for deed in done:
        if 0 < deed.seconds <= LONGEST_SECONDS:
            groups[deed.kind, deed.action].append(deed)
    return [
        {
            "kind": kind,
            "action": action,
            "count": len(own),
            "median": _median([deed.seconds for deed in own]),
            "p90": _quantile([deed.seconds for deed in own], 0.9),
            "keys_median": _median([float(deed.keys) for deed in own]),
        }
        for (kind, action), own in sorted(groups.items())
    ]


def sampled_errors(done: Sequence[LoggedDecision]) -> list[Json]:
    """The error of accepted fields, as measured on those that nobody chose: see `dashboard`."""
    checked = [d for d in done if d.lane == Lane.SAMPLE and d.action != Action.ASK and d.entry]
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for deed in checked:
        wrong = is_wrong(deed)
        for key in ((deed.book, deed.kind), (deed.book, ""), ("", deed.kind), ("", "")):
            groups[key].append(wrong)
    return [
        {"book": book, "kind": kind, "checked": len(own), "wrong": sum(own), "error": share,
         "low": low, "high": high}
        for (book, kind), own in sorted(groups.items())
        for share, low, high in [_share(own)]
    ]  # fmt: skip


def _corrections(done: Sequence[LoggedDecision]) -> list[Json]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for deed in done:
        if deed.lane == Lane.DOUBT and deed.action != Action.ASK:
            groups[deed.kind].append(is_changed(deed))
            groups[""].append(groups[deed.kind][-1])
    return [
        {"kind": kind, "checked": len(own), "changed": sum(own), "share": share,
         "low": low, "high": high}
        for kind, own in sorted(groups.items())
        for share, low, high in [_share(own)]
    ]  # fmt: skip


def _agreement(keyed: Iterable[LoggedDecision]) -> list[Json]:
    """How often two people who did not see each other keyed the same."""
    rounds: dict[tuple[int, int | None], list[LoggedDecision]] = defaultdict(list)
    for deed in keyed:
        if deed.lane in (Lane.DOUBT, Lane.SECOND, ""):
            rounds[deed.field, deed.entry].append(deed)
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for own in rounds.values():
        for one, other in combinations(own, 2):
            if other.lane == Lane.SECOND and one.user != other.user:
                pair = (min(one.user, other.user), max(one.user, other.user))
                alike = (one.value, _empty(one)) == (other.value, _empty(other))
                groups[pair].append(alike)
                groups["", ""].append(alike)
    return [
        {"users": list(pair), "both": len(own), "alike": sum(own), "share": share,
         "low": low, "high": high}
        for pair, own in sorted(groups.items())
        for share, low, high in [_share(own)]
    ]  # fmt: skip


def _empty(deed: LoggedDecision) -> str:
    """Blank and unreadable have no value but are not the same."""
    return "" if deed.value else deed.state


def _share(hits: Sequence[bool]) -> tuple[float, float, float]:
    low, high = wilson(sum(hits), len(hits))
    return round(sum(hits) / len(hits), 6), round(low, 6), round(high, 6)


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2) if values else 0.0


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)], 2)
