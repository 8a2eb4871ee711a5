"""Officials and office of a book: one signer is read in twelve ways over the records, and is one.

The n-best lists of a column are weighed together. A value that people confirmed, or that other
records read, is likelier in each record, also where it is in no list but a few strokes from one.
As in a Chinese restaurant there is always room for a new guest: a reading far from all that is
known keeps its own weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from ocr_pipeline.arrays import Floats
from ocr_pipeline.checks.beliefs import DECIDED, Belief, belief, revised
from ocr_pipeline.checks.context_settings import OfficialSettings
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.text.normalise import key, strokes

_SUREST = 0.999  # of a reading: a correction weighs at most 1,000 times as much as none
_MISREAD_AND_RIGHT = 0.1  # chance that a name misread every time is some other record's name
_ROUNDS = 8  # of weighing: the shares move by less than 0.001 after five


@dataclass(frozen=True, slots=True)
class _Column:
    """What is believed of the fields of one column.

    Attributes:
        places: of the records whose field nobody has decided.
        firsts: of those fields, the likeliest value as read, and its probability.
        beliefs: of those fields, less what people found wrong of such readings.
        names: what the known values are compared by, the confirmed first; any record may take them.
        spelt: the value of each name.
        weights: (fields, names) of each name in each field: its probability in the field's own
            list, or how likely it is to be missing there.
        alone: (fields,) probability of the listed values that are no known name.
        rest: (fields,) of what is no known name.
        worth: (fields, names) probability of each name's likeliest spelling in the list.
        confirmed: (names,) in how many records people decided so.
        misread: by name as read, the one name that people put in its place, wherever they decided.
        put: by name, in how many records people put it in the place of another reading.

    """

    places: list[int]
    firsts: list[tuple[str, float]]
    beliefs: list[Belief]
    names: list[str]
    spelt: list[str]
    weights: Floats
    alone: Floats
    rest: Floats
    worth: Floats
    confirmed: Floats
    misread: Mapping[str, str]
    put: Mapping[str, int]


def share_officials(
    fields: Sequence[dict[str, Field]], settings: OfficialSettings, ceiling: float
) -> None:
    """Weigh the records' n-best lists of each official together.

    Args:
        fields: of the records of a book, by code; what people decided stays, and counts.
        settings: of `context.yaml`.
        ceiling: no confidence above it by context alone.

    """
    for code in settings.codes:
        column = _column([record.get(code) for record in fields], settings)
        if column is None:
            continue
        after, new, own = _weighed(column, settings)
        limits = _limits(column, after, ceiling)
        for row, place in enumerate(column.places):
            weights = _by_value(column, row, after[row], float(own[row]))
            posterior = Belief(weights, float(column.beliefs[row].other * new[row]))
            limit = _limit(column, row, weights, limits, settings)
            read = fields[place][code]
            fields[place][code] = revised(read, posterior, "officials", limit)


def _column(fields: Sequence[Field | None], settings: OfficialSettings) -> _Column | None:
    """The column; None where too few records have it."""
    decided = [f for f in fields if f and f.state in DECIDED and f.value]
    trust = _trust(decided, settings)
    read = {
        place: own
        for place, field in enumerate(fields)
        if field and field.state not in DECIDED and (own := belief(field)).values
    }
    if not read or (not decided and len(read) < settings.records):
        return None
    beliefs = [_trusted(own, trust) for own in read.values()]
    values: Counter[str] = Counter()
    for own in beliefs:
        values.update(own.values)
    names, spelt = _known(values, Counter(f.value for f in decided), settings.known)
    listed: Floats = np.zeros((len(read), len(names)))
    at = {name: place for place, name in enumerate(names)}
    worth = np.zeros_like(listed)
    for row, own in enumerate(beliefs):
        for value, weight in own.values.items():
            if (place := at.get(key(value))) is not None:
                listed[row, place] += weight
                worth[row, place] = max(worth[row, place], weight)
    whole = np.array([sum(own.values.values()) for own in beliefs])
    alone = np.maximum(whole - listed.sum(axis=1), 0.0)
    other = np.array([own.other for own in beliefs])
    missed = other[:, None] * _missed(beliefs, _looks(names, decided), settings)
    weights = listed + missed
    confirmed = Counter(key(f.value) for f in decided)
    counts = np.array([float(confirmed[name]) for name in names])
    firsts = [max(own.values.items(), key=lambda item: item[1]) for own in read.values()]
    return _Column(
        [*read], firsts, beliefs, names, spelt, weights, alone, other, worth, counts,
        _misread(decided),
        Counter(key(f.value) for f in decided if _first_reading(f) != key(f.value)),
    )  # fmt: skip


def _trust(decided: Sequence[Field], settings: OfficialSettings) -> dict[str, float]:
    """By name as read: the probability that this book does not misread it every time.

    A correction of a reading that was unsure says little, one of a sure reading much; a reading
    that people confirmed speaks against it.
    """
    odds: dict[str, float] = {}
    for field in decided:
        if name := _first_reading(field):
            sure = min(field.n_best[0].probability, _SUREST)
            seen = _MISREAD_AND_RIGHT / sure if name == key(field.value) else 1 / (1 - sure)
            odds[name] = odds.get(name, settings.misread / (1 - settings.misread)) * seen
    return {name: 1 / (1 + odds[name]) for name in odds}


def _misread(decided: Sequence[Field]) -> dict[str, str]:
    """By name as read, what people put in its place; not where they did not always do the same."""
    meant: dict[str, set[str]] = {}
    for field in decided:
        if name := _first_reading(field):
            meant.setdefault(name, set()).add(key(field.value))
    one = {name: min(values) for name, values in meant.items() if len(values) == 1}
    return {name: value for name, value in one.items() if name != value}


def _first_reading(field: Field) -> str:
    return key(field.n_best[0].value) if field.n_best else ""


def _trusted(own: Belief, trust: Mapping[str, float]) -> Belief:
    """The belief less what people have found wrong of such readings."""
    values = {value: p * trust.get(key(value), 1.0) for value, p in own.values.items()}
    return Belief(values, own.other + sum(own.values.values()) - sum(values.values()))


def _looks(names: Sequence[str], decided: Sequence[Field]) -> list[list[str]]:
    """What each name may be read as: itself, and what it was read as where people decided."""
    read: dict[str, dict[str, None]] = {}
    for field in decided:
        if name := _first_reading(field):
            read.setdefault(key(field.value), {})[name] = None
    return [list({name: None, **read.get(name, {})}) for name in names]


def _known(values: Counter[str], decided: Counter[str], most: int) -> tuple[list[str], list[str]]:
    """Names that any record may take: the confirmed, then the likeliest; and how each is spelt."""
    mass: Counter[str] = Counter()
    for value, weight in values.items():
        mass[key(value)] += weight
    sure = sorted({key(value) for value in decided})
    ranked = sorted(mass.keys() - set(sure), key=lambda name: (-round(mass[name], 9), name))
    names = [*sure, *ranked[:most]]
    spelt: dict[str, str] = {}
    for counts in (decided, values):
        for value in sorted(counts, key=lambda value: (-round(counts[value], 9), value)):
            spelt.setdefault(key(value), value)
    return names, [spelt[name] for name in names]


def _missed(
    beliefs: Sequence[Belief], looks: Sequence[Sequence[str]], settings: OfficialSettings
) -> Floats:
    """(fields, names) how likely each name is, where the truth is missing in the field's list."""
    read = list(dict.fromkeys(value for own in beliefs for value in own.values))
    at = {value: place for place, value in enumerate(read)}
    distances = cdist(
        [strokes(key(value)) for value in read],
        [strokes(look) for own in looks for look in own],
        scorer=Levenshtein.distance,
        dtype=np.int32,
    )
    begins = np.cumsum([0, *(len(own) for own in looks[:-1])])
    nearest = np.minimum.reduceat(distances, begins, axis=1)
    likeness = settings.missed * np.exp(-settings.stroke * nearest)
    shares = [np.array([*own.values.values()]) for own in beliefs]
    rows = [[at[value] for value in own.values] for own in beliefs]
    return np.array([s @ likeness[own] / s.sum() for s, own in zip(shares, rows, strict=True)])


def _weighed(column: _Column, settings: OfficialSettings) -> tuple[Floats, Floats, Floats]:
    """What all other records say.

    Returns:
        (fields, names) weight of each known name, (fields,) gain of no name, (fields,) gain of what
        one field alone reads.

    """
    own = np.full_like(column.rest, 1 - settings.share)
    gain, new = np.full_like(column.weights, 1 - settings.share), own.copy()
    counted = settings.confirmed * column.confirmed
    size = counted.sum() + len(column.places) - 1 + settings.fresh
    for _ in range(_ROUNDS):
        after, rest = column.weights * gain, column.rest * new
        total = after.sum(axis=1) + rest + own * column.alone
        after, rest = after / total[:, None], rest / total
        own = 1 - _share(column, after, settings)
        elsewhere = counted + after.sum(axis=0) - after
        gain = own[:, None] + (1 - own)[:, None] * elsewhere / (size * settings.usual)
        unread = settings.unread * (rest.sum() - rest)
        new = own + (1 - own) * unread / (size * settings.usual)
    return column.weights * gain, new, own


def _share(column: _Column, after: Floats, settings: OfficialSettings) -> Floats:
    """(fields,) share of the records that take one of the book's own values, by all other records.

    Where people confirmed who signs, and the others read the same, hardly anybody else does.
    """
    sure = after[:, column.confirmed > 0].sum(axis=1)
    taken = column.confirmed.sum() + sure.sum() - sure
    records = column.confirmed.sum() + len(column.places) - 1
    seen: Floats = (settings.trials * settings.share + taken) / (settings.trials + records)
    return np.maximum(seen, settings.share)


def _limits(column: _Column, after: Floats, ceiling: float) -> Floats:
    """(names,) highest confidence: a hand misread alike every time gets no surer by recurring.

    A name that nobody confirmed is worth what the surer half of the readings that chose it are on
    average: one reading that was hard to make out does not speak against the others.
    """
    chosen = after.argmax(axis=1)
    limits = np.full(len(column.names), ceiling)
    for name in np.flatnonzero(column.confirmed == 0):
        own = np.sort(column.worth[chosen == name, name])[::-1]
        surer = own[: -(-len(own) // 2)]
        limits[name] = min(float(surer.mean()), ceiling) if len(surer) else 0.0
    return limits


def _limit(
    column: _Column,
    row: int,
    weights: Mapping[str, float],
    limits: Floats,
    settings: OfficialSettings,
) -> float:
    """Highest confidence of the value that a field takes.

    Against what the field itself says it is lower, unless people have put the value in the place of
    just this reading.
    """
    best = key(max(weights, key=lambda value: weights[value]))
    limit = float(limits[column.names.index(best)]) if best in column.names else 1.0
    first, sure = column.firsts[row]
    if best in (key(first), column.misread.get(key(first))):
        return limit
    return min(limit, 1 - settings.against * sure / max(column.put.get(best, 0), 1))


def _by_value(column: _Column, row: int, after: Floats, alone: float) -> dict[str, float]:
    """The weight of each value: as people spelt it, else shared by the field's own spellings."""
    own = column.beliefs[row].values
    spelt: dict[str, dict[str, float]] = {}
    for value, p in own.items():
        spelt.setdefault(key(value), {})[value] = p
    weights: dict[str, float] = {}
    for at, name in enumerate(column.names):
        ways = {} if column.confirmed[at] else spelt.get(name, {})
        total = sum(ways.values())
        shares = {way: p / total for way, p in ways.items()} if total else {column.spelt[at]: 1.0}
        weights |= {way: float(after[at]) * share for way, share in shares.items()}
    known = set(column.names)
    others = {value: p * alone for value, p in own.items() if key(value) not in known}
    return {**weights, **others}
