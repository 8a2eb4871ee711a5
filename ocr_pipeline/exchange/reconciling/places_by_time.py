"""Addresses by the units of different times: are they the same place?

Since July 2025 there are no districts, and three communes out of ten have kept their code. No
public list says which commune went into which. A commune of 2026 keeps the code of one of the
communes that it was made of, and mergers stay inside a district: from that follows what is known of
the others. Two addresses are the same place where nothing that is known speaks against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ocr_pipeline.text.lexicons import rows
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import (
    Gazetteer,
    Level,
    Unit,
    expand_abbreviations,
    separate_units,
    split_address,
    units_above,
)

_THREE_LEVELS, _TWO_LEVELS = 2024, 2026


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """An address by the units of one time.

    Attributes:
        province: names of the provinces of March 2025 that it may mean; empty for not known.
        district: of March 2025; None where none is named or follows from the commune.
        commune: of its own time; None where none is named.
        details: what stands before the units, as a comparison key.
        unknown: parts that ought to be units and are none.

    """

    province: frozenset[str]
    district: Unit | None
    commune: Unit | None
    details: str
    unknown: int

    @property
    def known(self) -> int:
        """How many levels are known."""
        return bool(self.province) + (self.district is not None) + (self.commune is not None)


@lru_cache(maxsize=1 << 16)
def place_readings(address: str) -> tuple[PlaceReading, ...]:
    """What an address may mean, by the units of both times; the best-known readings only."""
    full = separate_units(expand_abbreviations(address))
    found = [_reading(full, year) for year in (_THREE_LEVELS, _TWO_LEVELS)]
    found = [one for one in found if one.province]
    least = min((one.unknown for one in found), default=0)
    found = [one for one in found if one.unknown == least]
    most = max((one.commune is not None for one in found), default=False)
    return tuple(one for one in found if (one.commune is not None) == most)


def _reading(address: str, year: int) -> PlaceReading:
    match = Gazetteer.load().match(address, year=year)
    by_level: dict[Level, Unit] = {unit.level: unit for unit in match.units}
    commune, district = by_level.get("commune"), by_level.get("district")
    if commune is not None and district is None:
        district = _district(commune)
    named = {key(unit.name) for unit in match.units} | {key(unit.short) for unit in match.units}
    rest = [part for part in split_address(address) if key(part) not in named]
    unknown = set(match.unknown)
    details = " ".join(key(part) for part in rest if part not in unknown)
    province = match.province
    provinces = _provinces_until_2025(province) if province else frozenset()
    return PlaceReading(provinces, district, commune, details, len(match.unknown))


def _district(commune: Unit) -> Unit | None:
    """The district that a commune lies in, or lay in before there were two levels."""
    former = commune if commune.parent and commune.parent.level == "district" else _former(commune)
    above = former.parent if former else None
    return above if above is not None and above.level == "district" else None


def _provinces_until_2025(province: Unit) -> frozenset[str]:
    if 2026 in province.seen:
        return _parts_of_2026()[province.name]
    if province.years:
        return frozenset({_seats()[key(province.name)]})
    return frozenset({key(province.short)})


def difference_of_places(a: str, b: str) -> str:
    """The kind of difference between two addresses whose texts are not the same.

    Returns:
        An id of `differences.yaml`.

    """
    pairs = [(one, other) for one in place_readings(a) for other in place_readings(b)]
    if not pairs:
        return "place_other"
    return min((_difference(*pair) for pair in pairs), key=_ORDER.index)


#: From the nearest to the farthest: of the readings of both addresses, the nearest pair counts.
_ORDER = (
    "spelled_otherwise", "unit_renamed", "less_detail", "detail_other", "commune_other",
    "district_other", "place_other", "province_other",
)  # fmt: skip


def _difference(a: PlaceReading, b: PlaceReading) -> str:
    if not a.province & b.province:
        return "province_other"
    if a.unknown or b.unknown:
        return "place_other"
    if a.district and b.district and a.district is not b.district:
        same = a.commune and b.commune and _same_commune(a.commune, b.commune)
        return "unit_renamed" if same else "district_other"
    if a.commune is None or b.commune is None:
        return "less_detail" if _levels(a) != _levels(b) or a.details != b.details else _named(a, b)
    if a.commune is b.commune:
        return _by_details(a, b, "spelled_otherwise")
    if _same_commune(a.commune, b.commune):
        return _by_details(a, b, "unit_renamed")
    return "commune_other"


def _named(a: PlaceReading, b: PlaceReading) -> str:
    return "spelled_otherwise" if a.province == b.province else "unit_renamed"


def _levels(place: PlaceReading) -> tuple[bool, bool]:
    return place.district is not None, place.commune is not None


def _by_details(a: PlaceReading, b: PlaceReading, kind: str) -> str:
    if a.details == b.details:
        return kind
    return "detail_other" if a.details and b.details else "less_detail"


def _same_commune(a: Unit, b: Unit) -> bool:
    """Whether two communes of any time can be the same place."""
    if a is b:
        return True
    later, earlier = (a, b) if 2026 in a.seen else (b, a)
    if 2026 in later.seen:
        if 2026 in earlier.seen:
            return False
        heir = _heirs().get(_number(earlier)) if _is_listed(earlier) else None
        if heir is not None:
            return heir is later
        return _district(later) is _district(earlier)
    # Both of the time of three levels: one of 2019 that is gone went into one of its district.
    gone = not (_is_listed(a) and _is_listed(b))
    return gone and _district(a) is _district(b) and not (a.seen & b.seen - {2025})


def _is_listed(unit: Unit) -> bool:
    return 2025 in unit.seen


def _number(unit: Unit) -> int:
    return int(unit.code) if unit.code else -1


@cache
def _communes_of_2025() -> Mapping[int, Unit]:
    units = Gazetteer.load().units
    return {_number(u): u for u in units if u.level == "commune" and _is_listed(u) and u.code}


@cache
def _heirs() -> Mapping[int, Unit]:
    """The commune of 2026 by the code that it kept."""
    units = Gazetteer.load().units
    return {_number(u): u for u in units if u.level == "commune" and 2026 in u.seen and u.code}


def _former(commune: Unit) -> Unit | None:
    return _communes_of_2025().get(_number(commune))


@cache
def _parts_of_2026() -> Mapping[str, frozenset[str]]:
    """By province of 2026, the provinces of March 2025 that its communes lay in."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for commune in _heirs().values():
        former = _former(commune)
        if former is not None and commune.parent is not None:
            *_, province = units_above(former)
            counts[commune.parent.name][key(province.short)] += 1
    # A code that was given anew to another province is no part of it: real parts have dozens.
    return {
        name: frozenset(part for part, n in found.items() if n >= 5)
        for name, found in counts.items()
    }


@cache
def _seats() -> Mapping[str, str]:
    """By former province, the province of March 2025 that holds its seat."""
    return dict(_seat_pairs())


def _seat_pairs() -> Iterator[tuple[str, str]]:
    for name, _, seat in rows("provinces_former"):
        yield key(f"Tỉnh {name}"), key(seat)
