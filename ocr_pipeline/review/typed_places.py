"""Places while they are typed: units anywhere in the text, as the book itself writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.books.book import Book
from ocr_pipeline.text.normalise import clean, key
from ocr_pipeline.text.places import Gazetteer, Unit, split_address, starts_with_type, units_above
from ocr_pipeline.text.typed_letters import agrees, letters_of

_LEVEL_ORDER = {"province": 0, "district": 1, "commune": 2}
_TYPES = ("thanh pho", "thi tran", "thi xa", "phuong", "huyen", "quan", "tinh", "xa")
#: Where a unit may begin within a part: at its type word, else at its last words.
_TYPE_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(_TYPES)})(?=\s+\w)")


@dataclass(frozen=True, slots=True)
class PlaceSpelling:
    """How a book writes the type words of units.

    Attributes:
        first: with a capital where the address begins: `Xã Lộc Thuận`.
        later: with a capital behind a comma: `…, Huyện Bình Đại`.

    """

    first: bool = False
    later: bool = False

    @classmethod
    def of(cls, known: Iterable[str]) -> PlaceSpelling:
        """The more frequent one among these values; small letters where the book has neither."""
        first, later = list[bool](), list[bool]()
        for value in known:
            for place, part in enumerate(split_address(value)):
                if starts_with_type(part):
                    (later if place else first).append(part[0].isupper())
        later = later or first
        return cls(_most(first or later), _most(later))

    def address(self, unit: Unit, *, begins: bool) -> str:
        """The unit with those above it; `begins`: nothing stands before it."""
        names = [unit.name, *(above.name for above in units_above(unit))]
        return ", ".join(
            _cased(name, self.first if begins and not place else self.later)
            for place, name in enumerate(names)
        )


def places(typed: str, book: Book | None, known: Sequence[str], after: str = "") -> Iterable[str]:
    """Values whose last typed part is completed; what the book has written comes first.

    Units lie in those that stand behind the cursor, else those of the book's own district and
    province come first; units that were none in the book's time come last.

    Args:
        typed: the text up to the cursor, tidied.
        book: the book; None for none.
        known: places that the book has already, most frequent first.
        after: what stands behind the cursor.

    """
    before, comma, last = typed.rpartition(",")
    front, bare = (f"{before}, " if comma else ""), last.strip()
    if not bare:
        return
    yield from _seen(front, bare, known, after)
    spelling = PlaceSpelling.of(known)
    for start in _starts(bare):
        head, name = front + bare[:start], bare[start:]
        found = _ordered(_units(name), book, after)
        for unit in found:
            address = spelling.address(unit, begins=not head)
            yield head + (f"{address.split(', ')[0]}, {after}" if after else address)
        if found:
            return


def _seen(front: str, bare: str, known: Sequence[str], after: str) -> Iterable[str]:
    """Ends of values that the book has, hamlets and institutions among them."""
    for value in known:
        parts = split_address(value)
        for place, part in enumerate(parts):
            if not agrees(bare, part):
                continue
            if not after:
                yield front + ", ".join(parts[place:])
            elif key(", ".join(parts[place + 1 :])).startswith(key(after)):
                yield front + f"{part}, {after}"


def _starts(bare: str) -> list[int]:
    """Where the name of a unit may begin: the part itself, then its last type word."""
    plain = "".join(
        letter for character in bare for letter, _ in letters_of(character) or [(" ", ())]
    )
    words = [match.start() for match in _TYPE_WORD.finditer(plain) if len(plain) == len(bare)]
    return list(dict.fromkeys([0, *reversed(words)]))


def _units(name: str) -> list[Unit]:
    near = _units_by_start().get(_start(name), ())
    return [unit for unit in near if agrees(name, unit.name) or agrees(name, unit.short)]


def _ordered(units: Sequence[Unit], book: Book | None, after: str) -> list[Unit]:
    above = {key(part) for part in split_address(after)}
    shared = {unit: len(above & _names_above(unit)) for unit in units}
    most = max(shared.values(), default=0)
    inside = [unit for unit in units if shared[unit] == most and (most or not above)]
    home = {key(unit) for unit in book.agency.units} if book is not None else set()
    year = book.year_opened if book is not None else 0

    def rank(unit: Unit) -> tuple[bool, int, int]:
        named = _names_above(unit)
        return (
            bool(year) and not unit.existed_in(year),
            -len(home & (named | {key(unit.name)})),
            _LEVEL_ORDER[unit.level],
        )

    return sorted(inside, key=rank)


def _names_above(unit: Unit) -> set[str]:
    found = set[str]()
    for above in units_above(unit):
        found |= {key(above.name), key(above.short)}
    return found


def _cased(name: str, capital: bool) -> str:
    return (name[:1].upper() if capital else name[:1].lower()) + name[1:]


def _most(flags: Sequence[bool]) -> bool:
    return 2 * sum(flags) > len(flags)


@cache
def _units_by_start() -> Mapping[str, Sequence[Unit]]:
    """Units by the first one and the first two bare letters of their name, with and without type.

    Looking through all thirteen thousand at every key would take a tenth of a second.
    """
    found: dict[str, dict[int, Unit]] = {}
    for unit in Gazetteer.load().units:
        for name in (unit.name, unit.short):
            for length in (1, 2):
                found.setdefault(_start(name, length), {})[id(unit)] = unit
    return {start: list(units.values()) for start, units in found.items()}


def _start(text: str, length: int = 2) -> str:
    return "".join(letter for letter, _ in letters_of(clean(text))[:length])
