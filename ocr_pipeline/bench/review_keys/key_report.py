"""What a whole review costs in keys: per field, per record, by kind and by column."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ocr_pipeline.bench.review_keys.key_sequence import Way
from ocr_pipeline.bench.review_keys.truth_reviewer import FieldKeys, Standing


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Keys of a group of fields.

    Attributes:
        fields: doubtful fields.
        keys: presses in all, with Telex.
        per_field: presses a field, with Telex; in `plain` a letter with its marks is one press.
        retyped_per_field: the same with Telex when a wrong value is never edited with the caret
            but typed anew, completions taken.
        shares: share of the fields by the way they were decided.
        typed_keys: share of all presses that typed fields take.

    """

    fields: int
    keys: int
    per_field: float
    plain_per_field: float
    retyped_per_field: float
    shares: Mapping[str, float]
    typed_keys: float


@dataclass(frozen=True, slots=True)
class ReviewKeys:
    """The key presses of a review by a person who knows the truth.

    Attributes:
        order: how the fields were taken.
        records: records with a doubtful field.
        keys_per_record: presses a record, with Telex.
        retyped_per_record: as `KeyFigures.retyped_per_field`.
        preselected: share of the fields whose value stood under Enter.
        overall: all fields.
        by_kind: by kind of field; `by_column` by column or code on paper, the dearest first.
        standing: typed fields by where else their value stood (`nowhere` for nowhere).

    """

    order: str
    records: int
    keys_per_record: float
    retyped_per_record: float
    preselected: float
    overall: KeyFigures
    by_kind: Mapping[str, KeyFigures]
    by_column: Mapping[str, KeyFigures]
    standing: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def key_report(order: str, done: Sequence[FieldKeys]) -> ReviewKeys:
    """Figures of a review; all zero when nothing was doubtful."""
    records = len({one.record for one in done})
    typed = [one for one in done if one.sequence.way is Way.TYPED]
    standing = Counter(one.standing.value or "nowhere" for one in typed)
    overall = _figures(done)
    return ReviewKeys(
        order=order,
        records=records,
        keys_per_record=_share(overall.keys, records),
        retyped_per_record=_share(sum(one.retyped.telex for one in done), records),
        preselected=overall.shares[Way.CONFIRMED],
        overall=overall,
        by_kind=_grouped(done, lambda one: one.kind.value),
        by_column=_grouped(done, lambda one: one.place[3]),
        standing={
            name: standing[name] for name in (place.value or "nowhere" for place in Standing)
        },
    )


def _grouped(done: Sequence[FieldKeys], name: Callable[[FieldKeys], str]) -> dict[str, KeyFigures]:
    groups: dict[str, list[FieldKeys]] = defaultdict(list)
    for one in done:
        groups[name(one)].append(one)
    figures = {group: _figures(own) for group, own in groups.items()}
    return dict(sorted(figures.items(), key=lambda pair: (-pair[1].keys, pair[0])))


def _figures(own: Sequence[FieldKeys]) -> KeyFigures:
    ways = Counter(one.sequence.way for one in own)
    keys = sum(one.sequence.telex for one in own)
    typed = sum(one.sequence.telex for one in own if one.sequence.way is Way.TYPED)
    return KeyFigures(
        fields=len(own),
        keys=keys,
        per_field=_share(keys, len(own)),
        plain_per_field=_share(sum(one.sequence.plain for one in own), len(own)),
        retyped_per_field=_share(sum(one.retyped.telex for one in own), len(own)),
        shares={way.value: _share(ways[way], len(own)) for way in Way},
        typed_keys=_share(typed, keys),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
