"""An agency as somebody typed it, looked up in the gazetteer of the book's time.

Rows and file names take their words from the agency, so that what is typed must become the official
spelling: `phuoc ngai`, `PHƯỚC NGÃI` and the same in the letters of an old font are all `xã Phước
Ngãi`. One match is taken and told. Several, or none, are a fault of the line: units that existed
before the gazetteer begins cannot be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from ocr_pipeline.books.book import Agency
from ocr_pipeline.text.legacy_encodings import LegacyEncoding, convert, recognise
from ocr_pipeline.text.normalise import clean, key, place_tones, strip_marks
from ocr_pipeline.text.places import (
    Gazetteer,
    Level,
    Unit,
    expand_abbreviations,
    separate_units,
    short_name,
    split_address,
    starts_with_type,
)

COLUMNS: tuple[Level, ...] = ("commune", "district", "province")
_NEAREST = 2
_MOST_NEAR = 4
_LEVELS_OF_TYPE: Mapping[str, tuple[Level, ...]] = {
    "tỉnh": ("province",), "thành phố": ("province", "district"), "huyện": ("district",),
    "quận": ("district",), "thị xã": ("district",), "xã": ("commune",), "phường": ("commune",),
    "thị trấn": ("commune",), "đặc khu": ("commune",),
}  # fmt: skip
_OFFICE = re.compile(
    r"(?i)^(ubnd|u\.b\.n\.d\.?|[uủ]ỷ? ?y? ban nhân dân|(?:sở|phòng) tư pháp)\s+(?=\S)"
)
_TIGHT = re.compile(r"(?i)^([pq])\.?(\d{1,2})$")
_ROMAN = re.compile(r"(?<= )(I{1,3})$")
_ZEROS = re.compile(r"\b0+(?=\d)")


@dataclass(frozen=True, slots=True)
class TypedAgency:
    """The cells of an agency as somebody typed them, in right letters.

    Attributes:
        cells: what stands in the columns commune, district, province; "" where nothing does.
        encodings: old encodings that the cells were in.

    """

    cells: Mapping[Level, str]
    encodings: tuple[LegacyEncoding, ...] = ()

    @property
    def text(self) -> str:
        """All of it, smallest unit first."""
        return ", ".join(cell for level in COLUMNS if (cell := self.cells[level]))


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """What the gazetteer makes of a typed agency.

    Attributes:
        agencies: those that it can be; just one when it is known.
        unknown: the part that no unit of that time fits; "" when every part is known by itself.
        within: the units above that part, which are known.
        nearest: full addresses that look most like it.

    """

    agencies: tuple[Agency, ...]
    unknown: str = ""
    within: str = ""
    nearest: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 14)
def typed_agency(commune: str, district: str, province: str) -> TypedAgency:
    """The cells in right letters, abbreviations in full, each unit in its own column.

    Several units in one cell are put apart: `xã A, huyện B, tỉnh C`, also without commas.
    """
    given = (commune, district, province)
    encodings = tuple(dict.fromkeys(kind for cell in given if (kind := recognise(cell))))
    parts = _without_repeats([_parts(readable(cell)) for cell in given])
    cells: dict[Level, str] = dict.fromkeys(COLUMNS, "")
    for level, part in _in_columns(parts):
        cells[level] = part
    return TypedAgency(cells, encodings)


def choose_units(typed: TypedAgency, year: int) -> UnitChoice:
    """The agencies of that year which the cells can mean.

    Args:
        typed: at least one cell is filled.
        year: year in which the book was opened; the gazetteer knows the units from 2019 on, and
            takes them for all years before.

    """
    search = _Search(typed, year)
    agencies = search.agencies()
    if len(agencies) == 1:
        return UnitChoice(agencies)
    unknown, within = search.first_unknown() if not agencies else ("", "")
    return UnitChoice(agencies, unknown, within, search.nearest())


@lru_cache(maxsize=65536)
def readable(cell: str) -> str:
    """A cell as clean Unicode text, whatever encoding it was in."""
    kind = recognise(cell)
    return clean(convert(cell, kind) if kind else cell)


def same_spelling(typed: str, official: str) -> bool:
    """Whether both are right: first letter's case, place of tone marks, `2` for `II`."""
    return _spelling(clean(typed)) == _spelling(official)


def _spelling(name: str) -> str:
    return place_tones(_arabic(name[:1].lower() + name[1:]), "new")


def _arabic(name: str) -> str:
    """`Hải Châu II` -> `Hải Châu 2`: lists and offices write either."""
    return _ROMAN.sub(lambda match: str(len(match[1])), name)


# --- Cells


def _parts(cell: str) -> list[str]:
    """The units in a cell, smallest first."""
    cell = _OFFICE.sub("", cell).strip(" .,;")
    if not cell:
        return []
    whole = _expand(cell)
    if _known_name(whole):
        return [whole]
    return [_expand(part) for part in split_address(separate_units(cell.replace("/", ",")))]


def _expand(part: str) -> str:
    tight = _TIGHT.match(part)
    if tight:
        return f"{'phường' if tight[1] in 'pP' else 'quận'} {int(tight[2])}"
    return expand_abbreviations(part) or part


def _known_name(text: str) -> bool:
    return bool(Gazetteer.load().find(text)) or _loose(text) in _units_by_loose_name()


def _without_repeats(cells: Sequence[Sequence[str]]) -> list[tuple[str, Level]]:
    """All parts with their columns; what a cell with several parts names already is left out."""
    several = [part for cell in cells if len(cell) > 1 for part in cell]
    return [
        (part, column)
        for cell, column in zip(cells, COLUMNS, strict=True)
        for part in cell
        if len(cell) > 1 or not any(_same(part, other) for other in several)
    ]


def _same(part: str, other: str) -> bool:
    """`huyện Ba Tri` and `Ba Tri` are one; `huyện Ba Tri` and `thị trấn Ba Tri` are two."""
    if _loose(part) == _loose(other):
        return True
    bare = _loose(short_name(part)) == _loose(short_name(other))
    return bare and starts_with_type(part) != starts_with_type(other)


def _in_columns(parts: Sequence[tuple[str, Level]]) -> Iterator[tuple[Level, str]]:
    """Each part with its level: by its type word, else by its place or column."""
    if len(parts) > len(COLUMNS):
        parts = [("; ".join(part for part, _ in parts[:-2]), "commune"), *parts[-2:]]
    columns = [column for _, column in parts]
    alone = len(set(columns)) == len(columns)
    if not alone:  # one cell holds several: they end at the largest unit, smallest first
        several = {2: ("commune", "province"), 3: COLUMNS}[len(parts)]
        columns = list(several)
    levels: list[Level] = []
    for (part, _), column in zip(parts, columns, strict=True):
        allowed = _levels(part) or (column,)
        levels.append(column if column in allowed else allowed[-1])
    if any(COLUMNS.index(a) >= COLUMNS.index(b) for a, b in pairwise(levels)):
        levels = columns
    yield from zip(levels, (part for part, _ in parts), strict=True)


def _levels(part: str) -> tuple[Level, ...]:
    lower = part.lower()
    for word, levels in _LEVELS_OF_TYPE.items():
        if lower.startswith(f"{word} ") or strip_marks(lower).startswith(f"{strip_marks(word)} "):
            return levels
    return ()


# --- Looking up


class _Search:
    """One typed agency among the units of one year."""

    def __init__(self, typed: TypedAgency, year: int) -> None:
        self._cells = {level: cell for level, cell in typed.cells.items() if cell}
        self._year = year
        self._text = typed.text

    def agencies(self) -> tuple[Agency, ...]:
        """Every agency that fits all cells, each spelling once."""
        found: dict[tuple[str, ...], Agency] = {}
        for chain in sorted(self._chains(), key=_newest_last):
            agency = _agency(chain)
            found[tuple(key(unit, merge_iy=True) for unit in agency.units)] = agency
        exact = [a for a in found.values() if len(a.units) == len(self._cells)]
        return tuple(exact if len(exact) == 1 and self._year == 2025 else found.values())

    def first_unknown(self) -> tuple[str, str]:
        """The first part, from the largest down, that nothing fits, and the units above it."""
        above: dict[Level, str] = {}
        for level in reversed(COLUMNS):
            if cell := self._cells.get(level, ""):
                above = {level: cell, **above}
                part = _Search(TypedAgency({**dict.fromkeys(COLUMNS, ""), **above}), self._year)
                if not part.agencies():
                    units = [unit for unit in above.values() if unit != cell]
                    return cell, ", ".join(units)
        return "", ""

    def nearest(self) -> tuple[str, ...]:
        """Full addresses of that year that look most like the cells."""
        smallest = next(level for level in COLUMNS if level in self._cells)
        names = _addresses(smallest, min(max(self._year, 2024), 2026))
        bare = [_loose(short_name(cell)) for cell in self._cells.values()]
        same = {unit: text for unit, text in names.items() if text.partition(", ")[0] == bare[0]}
        query, best = ", ".join(bare), []
        for some in (names, same):  # the same name elsewhere: a wrong province
            best += process.extract(query, some, scorer=fuzz.ratio, limit=_NEAREST)[:_NEAREST]
        best.sort(key=lambda one: -one[1])
        return tuple(dict.fromkeys(_address(unit) for _, _, unit in best))[:_MOST_NEAR]

    def _chains(self) -> Iterator[tuple[Unit, ...]]:
        """Units that fit, each with those above it, smallest first."""
        cells = dict(self._cells)
        provinces = self._units(cells.pop("province", ""), "province", None)
        if self._year > 2025 and "commune" in cells:
            cells.pop("district", None)  # there are none since July 2025
        for province in provinces:
            former = bool(province.years)
            if former and "commune" in cells and "district" not in cells:
                continue  # its communes are known by their districts only
            for chain in self._below(cells, None if former else province):
                top = tuple(unit for unit in chain if unit.level != "province")
                yield (*top, province)

    def _below(self, cells: Mapping[Level, str], within: Unit | None) -> Iterator[tuple[Unit, ...]]:
        if not cells:
            yield ()
            return
        districts: list[Unit | None] = [within]
        if "district" in cells:
            districts = list(self._units(cells["district"], "district", within))
        for district in districts:
            if "commune" not in cells:
                yield (district,) if district else ()
                continue
            for commune in self._units(cells["commune"], "commune", district):
                above = commune.parent
                yield (commune, above) if above and above.level == "district" else (commune,)

    def _units(self, name: str, level: Level, within: Unit | None) -> list[Unit]:
        """Units of that name: spelled so, else with marks, i and y, or zeros left out."""
        if not name:
            return []
        gazetteer = Gazetteer.load()
        found = gazetteer.find(name, level=level, within=within, year=self._year)
        if not found:
            loose = _units_by_loose_name().get(_loose(name), ())
            found = [
                unit
                for unit in loose
                if unit.level == level
                and unit.valid_in(self._year)
                and (within is None or unit.lies_in(within))
                and _fits(name, unit)
            ]
        return [unit for unit in found if unit.existed_in(self._year)]


def _newest_last(chain: Sequence[Unit]) -> tuple[int, ...]:
    return tuple(max(unit.seen, default=0) for unit in chain)


def _agency(chain: Sequence[Unit]) -> Agency:
    names = {unit.level: unit.official for unit in chain}
    return Agency(names.get("commune", ""), names.get("district", ""), names.get("province", ""))


def _address(unit: Unit) -> str:
    chain = [unit]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    return ", ".join(one.official for one in chain)


def _fits(typed: str, unit: Unit) -> bool:
    """Whether marks were left out, word by word, and none is another one."""
    for name in (unit.name, unit.short):
        if _loose(name) == _loose(typed):
            pairs = zip(key(typed).split(), key(_arabic(name)).split(), strict=False)
            return all(
                a.isascii() or key(a, merge_iy=True) == key(b, merge_iy=True) for a, b in pairs
            )
    return _loose(typed).isdecimal()


def _loose(name: str) -> str:
    return _ZEROS.sub("", key(_arabic(name), accents=False, merge_iy=True))


@cache
def _units_by_loose_name() -> Mapping[str, tuple[Unit, ...]]:
    found: dict[str, list[Unit]] = {}
    for unit in Gazetteer.load().units:
        number = unit.name.split()[-1]
        names = {_loose(unit.name), _loose(unit.short)}
        names |= {_loose(number)} if number.isdecimal() else set()
        for name in names:
            found.setdefault(name, []).append(unit)
    return {name: tuple(units) for name, units in found.items()}


@cache
def _addresses(level: Level, year: int) -> Mapping[Unit, str]:
    """Comparison keys of the full addresses of all units of a level."""
    units: Iterable[Unit] = Gazetteer.load().units
    return {u: _key_of(u) for u in units if u.level == level and u.valid_in(year)}


def _key_of(unit: Unit) -> str:
    own = _loose(short_name(unit.name))
    return own if unit.parent is None else f"{own}, {_key_of(unit.parent)}"
