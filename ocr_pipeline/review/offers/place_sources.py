"""Places put together: the hamlet as read or as the book has it, before units that exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.offers.field_surroundings import KnownValue, Surroundings
from ocr_pipeline.review.offers.ink import distance, fold, nearest
from ocr_pipeline.text.places import (
    Gazetteer,
    Unit,
    join_address,
    short_name,
    split_address,
    starts_with_type,
)

_TAILS = 4  # rows of units, nearest to the end of the writing
_HEADS = 2  # hamlets of the book, nearest to its beginning
_GIVEN = 3  # whole places


def book_places(at: Surroundings) -> Iterator[KnownValue]:
    """Whole places of the book that look like the writing."""
    if at.own.kind is FieldKind.PLACE:
        total = sum(at.places.values()) or 1.0
        for value in nearest(at.places, at.texts, False, _GIVEN):
            yield KnownValue(value, "book", at.places[value] / total)


def restyled(at: Surroundings) -> Iterator[KnownValue]:
    """The readings with capitals where the book has them: small ones are often misread."""
    if at.own.kind is FieldKind.PLACE:
        capitals = _capitals(at.places)
        for one in at.own.n_best[:_GIVEN]:
            yield KnownValue(_restyle(one.value, capitals), "style")


def composed(at: Surroundings) -> Iterator[KnownValue]:
    """The beginning of the writing before units of the gazetteer or of the book.

    Units are written as the book writes them: with or without their type, its word with a capital
    or without one.
    """
    read = next((text for text in (at.own.value, at.own.as_written) if text.strip()), "")
    if at.own.kind is not FieldKind.PLACE or not read:
        return
    words = read.replace(",", " , ").split()
    splits = [
        (" ".join(words[:cut]), " ".join(words[cut:]))
        for cut in range(len(words))
        if cut == 0 or words[cut - 1] != ","
    ]
    (known, heads), capitals = _parts_of_book(at), _capitals(at.places)
    usual = max(known, key=lambda tail: known[tail]) if known else ""
    tails = [*known, *_gazetteer_tails(at.book.agency.units, at.book.year_opened, _style(at))]
    scored = sorted((_cut(tail, splits), tail) for tail in dict.fromkeys(tails))
    for (cost, head), tail in scored[:_TAILS]:
        source = "book" if tail in known else "gazetteer"
        sure = 1 / (1 + cost)
        for start in _starts(head, heads):
            yield KnownValue(_restyle(join_address([start, tail]), capitals), source, sure)
    if usual and all(tail != usual for _, tail in scored[:_TAILS]):
        head = _cut(usual, splits)[1]
        yield KnownValue(join_address([head.strip(" ,"), usual]), "book", 0.1)


def _cut(tail: str, splits: Sequence[tuple[str, str]]) -> tuple[float, str]:
    """How far the end of the writing is from these units, and what stands before it."""
    wanted = fold(tail, False)[1]
    best = (float("inf"), "")
    for head, end in splits:
        seen = fold(end, False)[1]
        if abs(len(seen) - len(wanted)) <= 6:
            cost = float(Levenshtein.distance(seen, wanted))
            best = min(best, (cost, head.strip(" ,").replace(" ,", ",")))
    return best


def _starts(head: str, heads: Counter[str]) -> list[str]:
    """The beginning as read, and those of the book that are like it."""
    if not head:
        return [""]
    limit = max(2.0, len(head) / 3)
    like = [one for one in nearest(heads, [head], False, _HEADS)
            if distance(one, [head], False) <= limit]  # fmt: skip
    return list(dict.fromkeys([head, *like]))


def _capitals(places: Mapping[str, float]) -> Mapping[tuple[str, bool], float]:
    """By word in small letters and whether it stands first: for capitals above 0, against below."""
    votes: dict[tuple[str, bool], float] = {}
    for value, weight in places.items():
        for about, capital in _first_letters(value):
            votes[about] = votes.get(about, 0.0) + (weight if capital else -weight)
    return votes


@lru_cache(maxsize=20_000)
def _first_letters(value: str) -> tuple[tuple[tuple[str, bool], bool], ...]:
    """Each word as `_capitals` counts it, and whether it has a capital."""
    return tuple(
        ((word.lower().strip(","), place == 0), word[:1].isupper())
        for place, word in enumerate(value.split())
    )


def _restyle(value: str, capitals: Mapping[tuple[str, bool], float]) -> str:
    words = []
    for place, word in enumerate(value.split()):
        vote = capitals.get((word.lower().strip(","), place == 0), 0.0)
        first = word[:1].upper() if vote > 0 else word[:1].lower() if vote < 0 else word[:1]
        words.append(first + word[1:])
    return " ".join(words)


def _parts_of_book(at: Surroundings) -> tuple[Counter[str], Counter[str]]:
    """Rows of units and beginnings that the book's places have, with how often."""
    tails, heads = Counter[str](), Counter[str]()
    for value, weight in at.places.items():
        head, tail = _taken_apart(value)
        if tail:
            tails[tail] += weight  # type: ignore[assignment]
        if head:
            heads[head] += weight  # type: ignore[assignment]
    return tails, heads


@lru_cache(maxsize=20_000)
def _taken_apart(value: str) -> tuple[str, str]:
    """What stands before the administrative units, and these."""
    parts = split_address(value)
    match = Gazetteer.load().match(value)
    at = max(len(parts) - len(match.units), 0)
    return join_address(parts[:at]), join_address(parts[at:])


def _style(at: Surroundings) -> tuple[bool, bool]:
    """Whether the book writes the types of units, and these with a capital."""
    typed, capital, total = 0.0, 0.0, 0.0
    for value, weight in at.places.items():
        last = _last_unit(value)
        if not last:
            continue
        total += weight
        if starts_with_type(last):
            typed += weight
            capital += weight * last[:1].isupper()
    return typed * 2 >= total, capital * 2 >= typed


@lru_cache(maxsize=20_000)
def _last_unit(value: str) -> str:
    """The last part of an address of several; "" of any other."""
    parts = split_address(value)
    return parts[-1] if len(parts) > 1 else ""


@lru_cache(maxsize=256)
def _gazetteer_tails(
    agency: tuple[str, ...], year: int, style: tuple[bool, bool]
) -> tuple[str, ...]:
    """The units of the agency's province in its time, as rows of units, the smallest first."""
    gazetteer = Gazetteer.load()
    provinces = gazetteer.find(agency[-1], level="province", year=year) if agency else []
    rows: list[str] = []
    for province in provinces[:1]:
        below = [unit for unit in gazetteer.children(province) if unit.valid_in(year)]
        for unit in below:
            rows.append(_row([unit, province], style))
            rows += [
                _row([small, unit, province], style)
                for small in gazetteer.children(unit)
                if small.valid_in(year)
            ]
        rows.append(_row([province], style))
    return tuple(dict.fromkeys(rows))


def _row(units: Sequence[Unit], style: tuple[bool, bool]) -> str:
    typed, capital = style
    names = [unit.name if typed else short_name(unit.name) for unit in units]
    return join_address([
        name if capital or not starts_with_type(name) else name[:1].lower() + name[1:]
        for name in names
    ])  # fmt: skip
