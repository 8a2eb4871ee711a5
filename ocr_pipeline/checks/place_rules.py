"""Whether the units of an address exist in the gazetteer, and what was probably meant."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz, process

from ocr_pipeline.text.lexicons import nationalities
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import Gazetteer, Unit, UnitMatch, short_name, split_address

_ALIKE = 75.0  # rapidfuzz ratio (0–100) from which on a unit is suggested


@lru_cache(maxsize=65536)
def unknown_unit(address: str, year: int | None) -> tuple[str, str]:
    """First unit of an address that does not exist, and the unit it most resembles.

    Args:
        address: smallest to largest unit, comma separated.
        year: year of writing; decides whether two or three levels are expected.

    Returns:
        ("", "") when all is known, or when the address lies abroad or names no unit at all.

    """
    parts = split_address(address)
    if len(parts) < 2 or nationalities().find(parts[-1]):
        return "", ""
    match = Gazetteer.load().match(address, year=year)
    if not match.unknown:
        return "", ""
    unit = match.unknown[-1]
    return unit, _resembling(unit, match, year)


def _resembling(name: str, match: UnitMatch, year: int | None) -> str:
    above = match.units[0] if match.units else None
    gazetteer = Gazetteer.load()
    candidates = gazetteer.children(above) if above else gazetteer.provinces(year)
    choices: dict[str, Unit] = {key(unit.short): unit for unit in candidates}
    wanted = key(short_name(name))
    best = process.extractOne(wanted, choices.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return choices[best[0]].name if best else ""
