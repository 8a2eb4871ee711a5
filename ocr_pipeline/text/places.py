"""Addresses and administrative units: split, join, expand abbreviations, look up in the gazetteer.

Units are known as of March 2019, March 2025 (provinces, districts, communes) and since July 2025
(provinces, communes). Registers carry the names of their own time: nothing here rewrites them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from ocr_pipeline.text.lexicons import rows
from ocr_pipeline.text.normalise import clean, key

Level = Literal["province", "district", "commune"]
_LEVELS: dict[str, Level] = {"1": "province", "2": "district", "3": "commune"}
_TYPE_WORDS = (
    "thành phố", "thị trấn", "thị xã", "đặc khu", "phường", "huyện", "quận", "tỉnh", "xã",
)  # fmt: skip
_ABBREVIATED = re.compile(
    r"(?i)^(TPHCM|TP\.?\s*HCM|TPHN|TT|TX|TP|KP|TDP|[PXQHT])(?=[.\s]|$)[.\s]*(.*)$"
)
_LEVEL_OF = {
    **dict.fromkeys(("thôn", "xóm", "ấp", "bản", "buôn", "làng", "khóm", "khu phố", "tổ"), 0),
    **dict.fromkeys(("khu dân cư", "cụm dân cư", "tổ dân phố", "tổ nhân dân"), 0),
    **dict.fromkeys(("xã", "phường", "thị trấn"), 1),
    **dict.fromkeys(("huyện", "quận", "thị xã", "thành phố"), 2),
    "tỉnh": 3,
}
_UNIT_WORD = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(_LEVEL_OF, key=len, reverse=True))})(?=\s+\w)", re.IGNORECASE
)

# The type word of a commune, district or province before its name. A word that stands right behind
# another one belongs to the name: xã Bản Phường.
_ADMINISTRATIVE = re.compile(rf"(?<!\w)({'|'.join(_TYPE_WORDS)})\s+(?=\w)(?!hội\b)", re.IGNORECASE)
_ACRONYMS = frozenset({"UBND", "UBHC", "HĐND", "CA", "CAND", "BV", "TYT"})
_LONGEST_ACRONYM = 4
_LONGEST_NAME = 4  # words of a unit written without its type: Phan Rang-Tháp Chàm has three
_DOTTED_ACRONYM = re.compile(r"(?i)^(U\.?B\.?N\.?D|U\.?B\.?H\.?C|H\.?Đ\.?N\.?D|CA|BV|TYT)\b\.?\s*")
# An abbreviated unit within the name of an office: `UBND TP. Vũng Tàu`, `Công an H. Ba Tri`. One
# letter needs a dot or a number (`P.5`), for `T Phong` may be a name; what follows a type word or
# another dotted letter is a name, too.
_OFFICE = re.compile(
    r"(?i)^(?:UBND|UBHC|HĐND|CA|CAND|BV|TYT|ủy ban|uỷ ban|hội đồng|công an|trạm y tế|bệnh viện|"
    r"sở|phòng|ban|nhà hộ sinh|trung tâm|tòa án|trường)(?!\w)"
)
_UNIT_WITHIN = re.compile(
    rf"(?<=\s)(?<!\. )(?<!{' )(?<!'.join(_TYPE_WORDS)} )"
    r"(TP\.?\s*HCM|TPHCM|TP|TX|TT|[PXQHT](?=[.\d]))(?!\w*[a-z])[.\s]*(?=(\w(?!\.))?)",
    re.IGNORECASE,
)

# ` - ` separates parts, but not in names that have one: those of the lists (Chân Mây - Lăng Cô),
# and former provinces and towns, of which one half stands here.
_BETWEEN_PARTS = re.compile(
    r"[,;]|(?<!Thừa Thiên)(?<!Bà Rịa)(?<!Gia Lai)(?<!Quảng Nam)(?<!Vũng Tàu)(?<!Phan Rang) [-–—] "
    r"| [-–—] (?!Vũng|Kon|Đà N|Côn|Tháp|Huế)",
    re.IGNORECASE,
)


_JOINED = "\ufffc"  # stands for the ` - ` of a name while an address is divided


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One administrative unit.

    Attributes:
        name: full name with its type, e.g. `Huyện Bình Đại`.
        code: statistical code of March 2025, or since July 2025; "" when unknown.
        parent: the unit above; None for a province.
        seen: the lists it stands in: 2019, 2025 (March), 2026 (two levels); empty for
            former provinces.
        years: for former provinces, when they existed, e.g. `1976-1989`.

    """

    level: Level
    name: str
    code: str
    parent: Unit | None
    seen: frozenset[int]
    years: str = ""

    @property
    def short(self) -> str:
        """Name without its type; the type stays before a number (`Phường 5`)."""
        return short_name(self.name)

    @property
    def address(self) -> str:
        """Full address, smallest to largest."""
        return self.name if self.parent is None else f"{self.name}, {self.parent.address}"

    @property
    def official(self) -> str:
        """Name as official texts write it in a sentence: `huyện Bình Đại`, `thị trấn Ái Nghĩa`."""
        word = next((w for w in _TYPE_WORDS if self.name.lower().startswith(f"{w} ")), "")
        return word + self.name[len(word) :]

    def lies_in(self, unit: Unit) -> bool:
        """Whether `unit` is above this one."""
        return unit in units_above(self)

    def valid_in(self, year: int) -> bool:
        """Whether people of that year write it: three levels up to June 2025, afterwards two.

        Units of the lists of 2019 and 2025 count for all years before. A former province may be
        named long after its end, as a birthplace: `existed_in` is stricter.
        """
        if self.years:
            return year <= 2025
        if year > 2025:
            return 2026 in self.seen
        if year == 2025:
            return bool(self.seen & {2025, 2026})
        return bool(self.seen & {2019, 2025})

    def existed_in(self, year: int) -> bool:
        """As `valid_in`; former provinces only in their own years."""
        spans = [span.split("-") for span in self.years.split(", ") if span]
        inside = any(int(first) <= year <= int(last) for first, last in spans)
        return self.valid_in(year) and (inside or not spans)


@lru_cache(maxsize=8192)
def starts_with_type(name: str) -> bool:
    """Whether a name begins with the word for its type: `huyện Bình Đại`."""
    return name.lower().startswith(tuple(f"{word} " for word in _TYPE_WORDS))


@lru_cache(maxsize=32768)
def short_name(name: str) -> str:
    """Unit name without its type: `huyện Bình Đại` -> `Bình Đại`; `Phường 5` stays."""
    lower = name.lower()
    for word in _TYPE_WORDS:
        if lower.startswith(word + " ") and not name[len(word) :].strip().isdecimal():
            return name[len(word) :].strip()
    return name


def split_address(address: str) -> list[str]:
    """Parts of an address, smallest unit first; separated by commas, semicolons or ` - `."""
    text = _names_with_dash().sub(_joined, clean(address))
    tidy = (part.replace(_JOINED, " - ").strip(" .") for part in _BETWEEN_PARTS.split(text))
    return [part for part in tidy if part]


def _joined(name: re.Match[str]) -> str:
    """A name whose ` - ` separates nothing."""
    return re.sub(" [-–—] ", _JOINED, name[0])


@cache
def _names_with_dash() -> re.Pattern[str]:
    """Names of the lists of units that hold ` - `, to be kept whole."""
    names = {short_name(unit.name) for unit in _load_units() if " - " in unit.name}
    either = "|".join(
        rf"(?<!\w){re.escape(left)} [-–—] {re.escape(right)}(?!\w)"
        for left, right in (name.split(" - ", 1) for name in sorted(names))
    )
    return re.compile(either, re.IGNORECASE)


def join_address(parts: Sequence[str]) -> str:
    """Parts, smallest first, as one address."""
    return ", ".join(part for part in parts if part)


def expand_abbreviations(address: str) -> str:
    """Type words in full: `X. Lộc Thuận, H. Bình Đại, T. Bến Tre` -> `xã Lộc Thuận, …`."""
    return join_address([_expand_within(_expand(part)) for part in split_address(address)])


def separate_units(address: str) -> str:
    """Put in commas left out between units: `xã A huyện B tỉnh C` -> `xã A, huyện B, tỉnh C`.

    A comma comes only before a unit of a higher level than the one before it, so that `Trạm y tế xã
    A` and `Bệnh viện tỉnh C` stay whole.
    """
    return join_address([_comma_by_level(part) for part in split_address(address)])


def official_writing(text: str) -> str:
    """An address, or an agency with its units, as official texts write it.

    Small type words (`xã Phước Tuy, huyện Ba Tri`), the first letter of the whole a capital, the
    names of units with theirs, commas between units (also between bare names that lie in each
    other: `Mai Sơn Sơn La`). The names themselves stay as they are: only the place of a tone mark
    follows the gazetteer (`Hoà An` -> `Hòa An`, if the unit there has it so).
    """
    address = separate_units(expand_abbreviations(text))
    parts = split_address(address[:1].upper() + address[1:])
    out: list[str] = []
    above: Unit | None = None
    while parts:
        part = parts.pop()
        found = _units_named(part, above)
        if not found and (split := _bare_units(part, above)):
            parts.extend(split)
            continue
        out.insert(0, _official_part(part, above))
        above = found[0] if found else above
    whole = join_address(out)
    return whole[:1].upper() + whole[1:]


def _units_named(part: str, above: Unit | None) -> list[Unit]:
    """Units of that name under one, or provinces where none is above."""
    gazetteer = Gazetteer.load()
    return gazetteer.find(part, within=above) if above else gazetteer.find(part, level="province")


def _bare_units(part: str, above: Unit | None) -> tuple[str, str] | None:
    """Two units written without the comma between them: the smaller one, and that it lies in."""
    words = part.split()
    if len(words) <= 2 or starts_with_type(part):
        return None
    for at in range(max(1, len(words) - _LONGEST_NAME), len(words)):  # the longest name first
        lower, upper = " ".join(words[:at]), " ".join(words[at:])
        for unit in _units_named(upper, above):
            inside = Gazetteer.load().find(lower, within=unit) or _bare_units(lower, unit)
            hamlet = _UNIT_WORD.match(lower)
            if inside or (hamlet and unit.level == "commune"):
                return lower, upper
    return None


def _official_part(part: str, above: Unit | None) -> str:
    shouted = part.isupper() and len(part) > _LONGEST_ACRONYM
    if shouted:
        part = part.capitalize()
    found = _listed_name(part, above)
    if found:
        return found
    for match in _ADMINISTRATIVE.finditer(part):
        before, word, name = part[: match.start()], match[1].lower(), part[match.end() :]
        if before and not shouted and name[:1].islower():
            continue  # no unit: an tỉnh thành
        first, space, others = before.partition(" ")
        before = (first.upper() if first.upper() in _ACRONYMS else first) + space + others
        listed = _listed_name(f"{word} {name}", above, bare=True)
        listed = listed.removeprefix(f"{word.capitalize()} ")  # a number keeps its type: Phường 5
        return f"{before}{word} {listed or _capitals(name)}"
    hamlet = _UNIT_WORD.match(part)
    if not hamlet:
        return part
    name = part[hamlet.end() :]
    return part[: hamlet.end()].lower() + (_capitals(name) if shouted else name)


def _listed_name(part: str, above: Unit | None, *, bare: bool = False) -> str:
    """The spelling that the gazetteer has for a unit, in the form given; "" if it has none."""
    found = _units_named(part, above) or Gazetteer.load().find(part)
    if not found:
        return ""
    same = [unit for unit in found if part.lower() in (unit.name.lower(), unit.short.lower())]
    unit = (same or found)[0]
    return unit.short if bare or not starts_with_type(part) else unit.official


def _capitals(name: str) -> str:
    """Each word of a unit's name with a capital, up to a remark in brackets."""
    name, bracket, remark = name.partition("(")
    return re.sub(r"(?<![\w'’])[^\W\d_]", lambda m: m.group().upper(), name) + bracket + remark


def _comma_by_level(part: str) -> str:
    out, last, level = "", 0, -1
    for match in _UNIT_WORD.finditer(part):
        own = _LEVEL_OF[match.group().lower()]
        if level >= 0 and own > level:
            out += part[last : match.start()].rstrip() + ", "
            last = match.start()
        level = max(level, own)
    return out + part[last:]


def _expand(part: str) -> str:
    match = _ABBREVIATED.match(part)
    if not match:
        return part
    short, rest = key(match[1], accents=False), match[2].strip()
    word = _abbreviations()[short]
    dotted = part[len(match[1]) : len(match[1]) + 1] == "."
    if not rest or dotted or short != "t" or rest[:1].isupper():
        return f"{word} {rest}".strip()
    return part


def _expand_within(part: str) -> str:
    """The same within the name of an office, whose own acronym loses its dots: `U.B.N.D P.5`."""
    part = _DOTTED_ACRONYM.sub(lambda m: m[1].replace(".", "") + " ", part).rstrip()
    return _UNIT_WITHIN.sub(_word_within, part) if _OFFICE.match(part) else part


def _word_within(match: re.Match[str]) -> str:
    short, follows = key(match[1], accents=False), match[2] or ""
    whole = short.endswith("hcm")
    if whole or follows.isupper() or follows.isdecimal():
        return _abbreviations()[short] + ("" if whole else " ")
    return match[0]


@cache
def _abbreviations() -> dict[str, str]:
    return {key(short, accents=False): word for short, word in rows("address_words")}


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """What the gazetteer makes of an address.

    Attributes:
        units: recognised units, smallest first.
        unknown: parts that ought to be units (they carry a type word, or stand last) but are not.

    """

    units: tuple[Unit, ...]
    unknown: tuple[str, ...] = ()

    @property
    def province(self) -> Unit | None:
        """The province, if any unit was recognised."""
        unit = self.units[-1] if self.units else None
        while unit and unit.parent:
            unit = unit.parent
        return unit


@dataclass(slots=True)
class Gazetteer:
    """Administrative units with look-up by name; `Gazetteer.load()` gives the shipped one."""

    units: list[Unit] = field(default_factory=list)
    _by_key: dict[str, list[Unit]] = field(default_factory=dict)
    _children: dict[int, list[Unit]] = field(default_factory=dict)

    @staticmethod
    @cache
    def load() -> Gazetteer:
        """The shipped gazetteer (loaded once per process)."""
        gazetteer = Gazetteer()
        for unit in _load_units():
            gazetteer.add(unit)
        return gazetteer

    def add(self, unit: Unit) -> None:
        """Put in one unit."""
        self.units.append(unit)
        if unit.parent:
            self._children.setdefault(id(unit.parent), []).append(unit)
        for name in dict.fromkeys((key(unit.name), key(unit.short))):
            self._by_key.setdefault(name, []).append(unit)

    def find(
        self, name: str, *, level: Level | None = None, within: Unit | None = None,
        year: int | None = None,
    ) -> list[Unit]:  # fmt: skip
        """Units of that name (with or without its type word), whatever case and blanks.

        Args:
            name: e.g. `Bình Đại` or `huyện Bình Đại`.
            level: only this level.
            within: only units under this one.
            year: only units valid in that year: up to June 2025 three levels, afterwards two.

        """
        return [
            unit
            for unit in self._by_key.get(key(name), [])
            if (level is None or unit.level == level)
            and (within is None or unit.lies_in(within))
            and (year is None or unit.valid_in(year))
        ]

    def provinces(self, year: int | None = None) -> list[Unit]:
        """Provinces, those of a year only when it is given."""
        return [u for u in self.units if u.level == "province" and (not year or u.valid_in(year))]

    def children(self, unit: Unit) -> list[Unit]:
        """Units directly under one."""
        return self._children.get(id(unit), [])

    def match(self, address: str, *, year: int | None = None) -> UnitMatch:
        """Recognise the units of an address, from the largest down."""
        parts = [_expand(part) for part in split_address(address)]
        found: list[Unit] = []
        unknown: list[str] = []
        for position, part in enumerate(reversed(parts)):
            candidates = self.find(part, within=found[-1] if found else None, year=year)
            if not found:
                candidates = [u for u in candidates if u.level == "province"] or candidates
            if candidates and (not found or candidates[0].level != found[-1].level):
                found.append(candidates[0])
            elif starts_with_type(part) or position == 0:
                unknown.append(part)
        if found and found[0].years:  # the units of former provinces are not known
            unknown.clear()
        return UnitMatch(tuple(reversed(found)), tuple(reversed(unknown)))


def province_of(address: str) -> str:
    """Full name of the province an address ends in, e.g. `Tỉnh Bến Tre`; "" when not recognised."""
    parts = split_address(address)
    for unit in Gazetteer.load().find(_expand(parts[-1]), level="province") if parts else []:
        return unit.name
    return ""


def units_above(unit: Unit) -> Iterator[Unit]:
    """The units that a unit lies in, smallest first."""
    above = unit.parent
    while above is not None:
        yield above
        above = above.parent


def _load_units() -> Iterator[Unit]:
    above: dict[str, Unit] = {}
    for level, name, code, seen in rows("places_until_2025"):
        parent = above.get(str(int(level) - 1))
        lists = frozenset(map(int, seen.split("+")))
        above[level] = Unit(_LEVELS[level], name, code, parent, lists)
        yield above[level]
    province: Unit | None = None
    for level, name, code in rows("places_from_2025"):
        parent = None if level == "1" else province
        unit = Unit(_LEVELS[level], name, code, parent, frozenset({2026}))
        province = unit if level == "1" else province
        yield unit
    for name, years, _ in rows("provinces_former"):
        yield Unit("province", f"Tỉnh {name}", "", None, frozenset(), years)
