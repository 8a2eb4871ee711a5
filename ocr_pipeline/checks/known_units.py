"""Parts of places that a book knows: its own units are misread, and are put right as suggestions.

`huyện Như Văn` in a book of huyện Như Xuân is a misreading. What its agency, people and the other
records say of a part makes it likelier, also in addresses where no reading has it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from rapidfuzz.distance import Levenshtein

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.beliefs import DECIDED, Belief, belief, revised
from ocr_pipeline.checks.context_settings import KnownUnitSettings
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.text.normalise import key, strokes
from ocr_pipeline.text.places import join_address, short_name, split_address

_MOST_STROKES = 5  # between a part and what it is read as: more are another name
_MOST_GAIN = 5.0  # natural log of what all parts of a place gain


Near = Callable[[str], Sequence[tuple[str, int]]]
"""Known parts that a part may be a misreading of, each with the strokes between them."""


def mend_units(fields: Sequence[dict[str, Field]], book: Book, settings: KnownUnitSettings) -> None:
    """Give places readings in which misread parts are those that the book knows.

    Args:
        fields: of the records of a book, by code; what people decided stays, and counts.
        book: whose agency names its own units.
        settings: of `context.yaml`.

    """
    seen, spelt = _known(fields, book, settings)
    known = sorted(part for part, count in seen.items() if count >= settings.least)

    @cache
    def near(name: str) -> list[tuple[str, int]]:
        found = ((other, _strokes_between(name, other)) for other in known if other != name)
        # less than a third of its strokes, so that no other unit is meant
        return [(o, strokes) for o, strokes in found if strokes <= min(_MOST_STROKES, len(o) / 3)]

    for own in fields:
        for code, field in own.items():
            if field.kind in settings.kinds and field.state not in DECIDED:
                own[code] = _mended(field, seen, spelt, near, settings)


def _known(
    fields: Sequence[dict[str, Field]], book: Book, settings: KnownUnitSettings
) -> tuple[Counter[str], dict[str, str]]:
    """How often each part stands in the book, and how it is spelt."""
    seen: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for unit in book.agency.units:
        for name in (unit, short_name(unit)):
            seen[key(name)] += settings.home  # type: ignore[assignment]
            spelt[key(name)] = name
    for own in fields:
        for field in own.values():
            if field.kind in settings.kinds and field.value:
                worth = settings.confirmed if field.state in DECIDED else field.confidence
                for part in split_address(field.value):
                    seen[key(part)] += worth  # type: ignore[assignment]
                    spelt.setdefault(key(part), part)
    return seen, spelt


def _mended(
    field: Field,
    seen: Counter[str],
    spelt: Mapping[str, str],
    near: Near,
    settings: KnownUnitSettings,
) -> Field:
    own = belief(field)
    if not own.values:
        return field
    first = max(own.values, key=lambda value: own.values[value])
    parts, gains = split_address(first), 0.0
    for place, part in enumerate(parts):
        elsewhere = max(seen[key(part)] - own.values[first], settings.fresh)
        odds = [
            (math.log(seen[other] / elsewhere) - settings.stroke * strokes, other)
            for other, strokes in near(key(part))
        ]
        gain, other = max(odds, default=(0.0, ""))
        if gain > 0:
            parts[place], gains = spelt[other], gains + gain
    value = join_address(parts)
    value = value[:1].upper() + value[1:]
    if not gains or value in own.values:
        return field
    weight = own.other * settings.missed * math.exp(min(gains, _MOST_GAIN))
    posterior = Belief({**own.values, value: weight}, own.other)
    return revised(field, posterior, "units", settings.ceiling)


def _strokes_between(one: str, other: str) -> int:
    """Letters and marks that differ."""
    return Levenshtein.distance(strokes(one), strokes(other), score_cutoff=_MOST_STROKES)
