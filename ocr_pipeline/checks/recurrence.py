"""Values that recur through a book make the same value in another record likelier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ocr_pipeline.checks.beliefs import Belief, belief, revised
from ocr_pipeline.checks.context_settings import ContextSettings, PlaceSettings, RecurringSettings
from ocr_pipeline.checks.place_rules import unknown_unit
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import short_name, split_address

Fields = list[dict[str, Field]]


def recur(fields: Fields, settings: ContextSettings) -> None:
    """Ethnic groups, nationalities: values of the book's other records are likelier here too."""
    for code in _codes(fields):
        if code.endswith(settings.recurring.suffixes):
            _recur_code(fields, code, settings.recurring, settings.ceiling)


def _recur_code(fields: Fields, code: str, settings: RecurringSettings, ceiling: float) -> None:
    """Values of the other records make the same value here likelier.

    The unread rest counts as one recurring value too: a hand that is always misread in the same
    way must not look sure because it recurs.
    """
    beliefs = {i: belief(own[code]) for i, own in enumerate(fields) if code in own}
    known = {i: own for i, own in beliefs.items() if own.values}
    if len(known) < settings.records:
        return
    mass: Counter[str] = Counter()
    unread = 0.0
    for own in known.values():
        unread += own.other
        for value, weight in own.values.items():
            mass[key(value)] += weight  # type: ignore[assignment]
    share, other, n = settings.share, settings.other, len(known) - 1
    for i, own in known.items():
        weights = {
            value: p * (share * max(mass[key(value)] - p, 0.0) / n + (1 - share) * other)
            for value, p in own.values.items()
        }
        rest = own.other * (share * (unread - own.other) / n + (1 - share) * other)
        fields[i][code] = revised(fields[i][code], Belief(weights, rest), "recurring", ceiling)


def places(fields: Fields, home: Sequence[str], all_settings: ContextSettings) -> None:
    """Places: likelier at home and when seen elsewhere, less so when their units do not exist.

    Args:
        fields: of the records of a book, by code.
        home: units of the book's agency, smallest first.
        all_settings: of `context.yaml`.

    """
    settings, ceiling = all_settings.places, all_settings.ceiling
    own_address = _short_parts(home)
    for code in _codes(fields):
        own = {i: f[code] for i, f in enumerate(fields) if code in f}
        kind = next(iter(own.values())).kind
        if kind not in settings.kinds:
            continue
        beliefs = {i: belief(field) for i, field in own.items()}
        mass: Counter[str] = Counter()
        for b in beliefs.values() if len(own) >= settings.records else ():
            for value, weight in b.values.items():
                mass[key(value)] += weight  # type: ignore[assignment]
        for i, b in beliefs.items():
            weights = {
                v: p
                * _factor(mass[key(v)] - p, settings)
                * _exists(v, settings)
                * (settings.home if _short_parts(split_address(v)) == own_address else 1.0)
                for v, p in b.values.items()
            }
            other = b.other * settings.pass_anyway.get(kind, 1.0)
            if weights != b.values or other != b.other:
                fields[i][code] = revised(own[i], Belief(weights, other), "places", ceiling)


def _factor(elsewhere: float, settings: PlaceSettings) -> float:
    return min(1 + settings.per_record * max(elsewhere, 0.0), settings.most)


def _short_parts(address: Sequence[str]) -> list[str]:
    """What two ways to write one address have in common: names without the words for their kind."""
    return [key(short_name(part)) for part in address]


def _exists(place: str, settings: PlaceSettings) -> float:
    unit, _ = unknown_unit(place, None)
    return settings.unknown if unit else 1.0


def _codes(fields: Fields) -> list[str]:
    return list(dict.fromkeys(code for own in fields for code in own))
