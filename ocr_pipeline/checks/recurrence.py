"""Values that recur through a book make the same value in another record likelier."""

from __future__ import annotations

from collections import Counter

from ocr_pipeline.checks.beliefs import Belief, belief, revised
from ocr_pipeline.checks.context_settings import ContextSettings, PlaceSettings, RecurringSettings
from ocr_pipeline.checks.place_rules import unknown_unit
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.text.normalise import key

Fields = list[dict[str, Field]]


def recur(fields: Fields, settings: ContextSettings) -> None:
    """Signers, offices and the like: values of the book's other records are likelier here too."""
    own = settings.recurring
    for code in _codes(fields):
        if code in own.codes:
            _recur_code(fields, code, own, None)
        elif code.endswith(own.suffixes):
            _recur_code(fields, code, own, settings.ceiling)


def _recur_code(
    fields: Fields, code: str, settings: RecurringSettings, ceiling: float | None
) -> None:
    """Values of the other records of the book make the same value here likelier.

    The unread rest counts as one recurring value too: a hand that is always misread in the same
    way must not look sure because it recurs. Without a ceiling, a value gets no surer than the
    readings that chose it are on average.
    """
    beliefs = {i: belief(own[code]) for i, own in enumerate(fields) if code in own}
    known = {i: own for i, own in beliefs.items() if own.values}
    if len(known) < settings.records:
        return
    mass: Counter[str] = Counter()
    read: Counter[str] = Counter()
    unread = 0.0
    for own in known.values():
        unread += own.other
        read[key(max(own.values, key=lambda value: own.values[value]))] += 1
        for value, weight in own.values.items():
            mass[key(value)] += weight  # type: ignore[assignment]
    share, other, n = settings.share, settings.other, len(known) - 1
    for i, own in known.items():
        weights = {
            value: p * (share * max(mass[key(value)] - p, 0.0) / n + (1 - share) * other)
            for value, p in own.values.items()
        }
        rest = own.other * (share * (unread - own.other) / n + (1 - share) * other)
        best = key(max(weights, key=lambda value: weights[value]))
        limit = mass[best] / max(read[best], 1) if ceiling is None else ceiling
        posterior = Belief(weights, rest)
        fields[i][code] = revised(fields[i][code], posterior, "recurring", min(limit, 1.0))


def places(fields: Fields, all_settings: ContextSettings) -> None:
    """Places: likelier when seen elsewhere in the book, less so when their units do not exist."""
    settings, ceiling = all_settings.places, all_settings.ceiling
    for code in _codes(fields):
        own = {i: f[code] for i, f in enumerate(fields) if code in f}
        some = next(iter(own.values()))
        if some.kind not in settings.kinds or len(own) < settings.records:
            continue
        beliefs = {i: belief(field) for i, field in own.items()}
        mass: Counter[str] = Counter()
        for b in beliefs.values():
            for value, weight in b.values.items():
                mass[key(value)] += weight  # type: ignore[assignment]
        for i, b in beliefs.items():
            weights = {
                v: p * _factor(mass[key(v)] - p, settings) * _exists(v, settings)
                for v, p in b.values.items()
            }
            if weights != b.values:
                posterior = Belief(weights, b.other)
                fields[i][code] = revised(own[i], posterior, "places", ceiling)


def _factor(elsewhere: float, settings: PlaceSettings) -> float:
    return min(1 + settings.per_record * max(elsewhere, 0.0), settings.most)


def _exists(place: str, settings: PlaceSettings) -> float:
    unit, _ = unknown_unit(place, None)
    return settings.unknown if unit else 1.0


def _codes(fields: Fields) -> list[str]:
    return list(dict.fromkeys(code for own in fields for code in own))
