"""Parts of places that stand in no list of units: the listed unit they look like is proposed.

`huyện Gio Lộc, tỉnh Hải Dương` is a misreading: Hải Dương has a huyện Gia Lộc. What a book knows of
its own units (`known_units`) comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.beliefs import DECIDED, Belief, belief, revised
from ocr_pipeline.checks.context_settings import ListedUnitSettings
from ocr_pipeline.checks.place_rules import unknown_unit
from ocr_pipeline.registers.fields import Field, Record
from ocr_pipeline.text.normalise import key, strokes
from ocr_pipeline.text.places import (
    Gazetteer,
    Unit,
    expand_abbreviations,
    join_address,
    short_name,
    split_address,
    starts_with_type,
)

_MOST_STROKES = 6  # between a part and the unit it is read as
_LEAST_SHARE = 2.0  # letters and marks of a part for each stroke that differs
_TYPES = {
    "province": ("tỉnh", "thành phố"),
    "district": ("huyện", "quận", "thị xã", "thành phố"),
    "commune": ("xã", "phường", "thị trấn", "đặc khu"),
}
"""Words for the type of a unit, by its level: a commune of today may have been another type."""


def propose_listed(
    fields: Sequence[dict[str, Field]],
    read: Sequence[Record],
    book: Book,
    settings: ListedUnitSettings,
) -> None:
    """Give places with a part that stands in no list the listed unit it looks like.

    Args:
        fields: of the records of a book, by code; what people decided stays.
        read: the records as they were read: a sure reading gets a suggestion alone.
        book: tells the time whose provinces count.
        settings: of `context.yaml`.

    """
    for own, record in zip(fields, read, strict=True):
        for code, field in own.items():
            if field.kind in settings.kinds and field.state not in DECIDED and field.value:
                sure = record.fields[code].confidence >= settings.sure
                own[code] = _proposed(field, book.year_opened, settings, sure=sure)


def _proposed(field: Field, year: int, settings: ListedUnitSettings, *, sure: bool) -> Field:
    value = listed_address(field.value, year)
    own = belief(field)
    if value == field.value or not own.values:
        return field
    if sure:
        return revised(field, own, "lists", settings.ceiling, value)
    weight = own.total * settings.right / (1 - settings.right)
    posterior = Belief({**own.values, value: weight}, own.other)
    return revised(field, posterior, "lists", settings.ceiling)


@lru_cache(maxsize=16384)
def listed_address(address: str, year: int) -> str:
    """The address with the parts that stand in no list replaced by the units they look like.

    Args:
        address: smallest to largest unit, comma separated.
        year: whose provinces count.

    Returns:
        The same address where all parts are known, lie abroad, or look like no unit or like two.

    """
    if not unknown_unit(address, None)[0]:
        return address
    gazetteer = Gazetteer.load()
    parts = split_address(address)
    above: Unit | None = None
    for place in reversed(range(len(parts))):
        part = expand_abbreviations(parts[place])
        found = gazetteer.find(part, within=above)
        if above is None:
            found = [unit for unit in found if unit.level == "province"] or found
        elif above.level == "commune":
            break
        if found and (above is None or found[0].level != above.level):
            above = found[0]
            continue
        units = gazetteer.children(above) if above else gazetteer.provinces(year)
        below = expand_abbreviations(parts[place - 1]) if place else ""
        alike = _alike(part, _around(below, above, units) or units)
        if alike is None:
            break
        parts[place], above = _written(part, alike), alike
    whole = join_address(parts)
    return whole[:1].upper() + whole[1:]


def _around(below: str, above: Unit | None, units: Sequence[Unit]) -> list[Unit]:
    """The one of the units that the part of the address below it lies in; none if it is in more."""
    inside = (
        {unit.parent for unit in Gazetteer.load().find(below, within=above)} if below else set()
    )
    found = [unit for unit in units if unit in inside]
    return found if len(found) == 1 else []


def _alike(part: str, units: Sequence[Unit]) -> Unit | None:
    """The unit whose name is fewest strokes from a part; None if none is near, or two are.

    The only one is meant, however it is written.
    """
    if not units:
        return None
    name = strokes(key(short_name(part)))
    nearest = {key(unit.short): unit for unit in units}
    ranked = sorted((Levenshtein.distance(name, strokes(own)), own) for own in nearest)
    if len(units) > 1 and ranked[0][0] > min(_MOST_STROKES, len(name) / _LEAST_SHARE):
        return None
    if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
        return None
    return nearest[ranked[0][1]]


def _written(part: str, unit: Unit) -> str:
    """The unit in the form of the part: with a word for its type, or without."""
    if not starts_with_type(part) or unit.short == unit.name:
        return unit.official if unit.short == unit.name else unit.short
    word = next((w for w in _TYPES[unit.level] if part.lower().startswith(f"{w} ")), "")
    return f"{word} {unit.short}" if word else unit.official
