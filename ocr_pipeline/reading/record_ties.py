"""The fields of a record weighed together.

A record says much twice: the informant is mostly a parent, a child has the father's surname. Each
field by itself has a pool of hypotheses. Here the pools of a record are summed over all their
combinations. What fits together gains; where the ink is clear it stays. What the book and its
inventory say is weighed later, when the book is judged (`checks.beliefs`).

Hypotheses of one field are not lent to another: measured on its ink they decided nothing that the
field's own pool had not (62.9 % of names right with them and without), and took longer than the
search.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from ocr_pipeline.arrays import Floats
from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.reading.decoding import LineScores, Pool, PoolEntry, value_of
from ocr_pipeline.text.lexicons import surnames
from ocr_pipeline.text.names import split_name
from ocr_pipeline.text.normalise import key

_MOST_VALUES = 8  # of a field in the sum: five fields together have 32,768 combinations
_AGREED = 4.0  # natural log of what agreement weighs: 3 and 5 read names alike, 8 costs places
_RARE_SURNAME = 1e-4  # share of one that no list has

Share = Annotated[float, Field(gt=0, lt=1)]
Shares = dict[str, Share]


class TieFile(Strict):
    """`ties.yaml`.

    Attributes:
        same: by code, the codes of the record that it repeats, with the share of each.
        surname: by code, the codes whose surname it has.

    """

    same: dict[str, Shares]
    surname: dict[str, Shares]


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of one record with its scores and the pool of its hypotheses."""

    code: str
    writing: LineScores
    pool: Pool


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a field, likeliest first.

    Attributes:
        names: what they are compared by.
        own: (values,) natural log of the weight that the field itself gives each.

    """

    names: tuple[str, ...]
    own: Floats


@cache
def ties() -> TieFile:
    """How fields hang together."""
    return load_data(Path(__file__).parent / "data" / "ties.yaml", TieFile)


def weigh_together(fields: Sequence[RecordField]) -> list[Pool]:
    """The pools of one record's fields, each weighed with the others.

    Args:
        fields: of the record; those without a pool say nothing and stay without.

    Returns:
        One pool a field, in order. A field that hangs together with nothing keeps its pool.

    """
    known = {field.code: place for place, field in enumerate(fields) if field.pool}
    pools = [field.pool for field in fields]
    for group in _groups(known):
        members = [known[code] for code in group]
        values = [_values(pools[place], str(fields[place].writing.kind)) for place in members]
        gains = _gains(_joint(group, values), values)
        for place, of_field, gain in zip(members, values, gains, strict=True):
            kind = str(fields[place].writing.kind)
            pools[place] = _gained(pools[place], kind, dict(zip(of_field.names, gain, strict=True)))
    return pools


def _groups(known: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Codes of the record that hang together, in groups."""
    file = ties()
    groups: dict[str, frozenset[str]] = {code: frozenset((code,)) for code in known}
    for code, sources in [*file.same.items(), *file.surname.items()]:
        for source in sources:
            if code in known and source in known:
                whole = groups[code] | groups[source]
                groups |= dict.fromkeys(whole, whole)
    found = {group for group in groups.values() if len(group) > 1}
    return sorted(tuple(sorted(group)) for group in found)


def _values(pool: Pool, kind: str) -> _Values:
    own: dict[str, float] = {}
    for entry in pool:
        name = _name(kind, entry.hypothesis.text)
        own[name] = float(np.logaddexp(own.get(name, -np.inf), entry.score))
    names = sorted(own, key=lambda name: -own[name])[:_MOST_VALUES]
    return _Values(tuple(names), np.array([own[name] for name in names]))


def _name(kind: str, text: str) -> str:
    """What two hypotheses are compared by; apart where one has no value."""
    value = value_of(kind, text)
    return key(value) if value else f"\0{text}"


def _joint(group: Sequence[str], values: Sequence[_Values]) -> Floats:
    """Natural logs of all combinations of the group's values, one axis a field."""
    file = ties()
    total = np.zeros([len(one.names) for one in values])
    for axis, one in enumerate(values):
        total = total + _along(one.own, axis, len(values))
    for axis, code in enumerate(group):
        for shares, agreement in ((file.same, _same), (file.surname, _same_surname)):
            known = {source: share for source, share in shares.get(code, {}).items()
                     if source in group}  # fmt: skip
            sources = [(group.index(source), share) for source, share in known.items()]
            if sources:
                gains = np.full([1] * len(values), 1 - sum(share for _, share in sources))
                for other, share in sources:
                    table = share * agreement(values[axis], values[other])
                    gains = gains + _across(table, axis, other, len(values))
                total = total + np.log(gains)
    return total


def _same(one: _Values, other: _Values) -> Floats:
    """(values, values of the other): how much likelier a value is where it is repeated."""
    alike = np.array([[a == b for b in other.names] for a in one.names])
    gains: Floats = alike * math.exp(_AGREED)
    return gains


def _same_surname(one: _Values, other: _Values) -> Floats:
    own, others = _surnames(one), _surnames(other)
    gain = np.array([min(1 / _share(surname), math.exp(_AGREED)) for surname in own])
    alike = np.array([[bool(a) and a == b for b in others] for a in own])
    table: Floats = alike * gain[:, None]
    return table


def _surnames(values: _Values) -> list[str]:
    return ["" if name.startswith("\0") else split_name(name).surname for name in values.names]


def _share(surname: str) -> float:
    return _surname_shares().get(surname, _RARE_SURNAME)


@cache
def _surname_shares() -> Mapping[str, float]:
    counts = surnames()
    total = sum(counts.values())
    return {key(name): count / total for name, count in counts.items()}


def _along(values: Floats, axis: int, axes: int) -> Floats:
    return values.reshape([-1 if place == axis else 1 for place in range(axes)])


def _across(table: Floats, axis: int, other: int, axes: int) -> Floats:
    """A table of two fields laid on their axes."""
    shape = [1] * axes
    shape[axis], shape[other] = table.shape
    return (table if axis < other else table.T).reshape(shape)


def _gains(joint: Floats, values: Sequence[_Values]) -> list[Floats]:
    """For each field, what its values gain or lose by the others (natural logs)."""
    out = []
    for axis, one in enumerate(values):
        others = tuple(place for place in range(len(values)) if place != axis)
        belief = np.logaddexp.reduce(joint, axis=others)
        gain = belief - one.own
        out.append(gain - gain.min())
    return out


def _gained(pool: Pool, kind: str, gains: Mapping[str, float]) -> Pool:
    return [
        PoolEntry(
            entry.score + gains.get(_name(kind, entry.hypothesis.text), 0.0),
            entry.rank,
            entry.hypothesis,
        )
        for entry in pool
    ]
