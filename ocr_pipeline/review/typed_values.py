"""What people type: short ways of writing dates and times, and completions without accents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.review.messages import message
from ocr_pipeline.review.typed_places import places
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.dates import FIRST_YEAR, LAST_YEAR
from ocr_pipeline.text.legacy_encodings import convert, recognise
from ocr_pipeline.text.letters import OddKind, odd_letters, tidied
from ocr_pipeline.text.normalise import clean, key
from ocr_pipeline.text.typed_letters import agrees

_NEWEST_YEAR = 2029  # of two digits, where no book says when
_AHEAD = 3  # years after its opening in which a book may still have entries
_COMPACT = re.compile(r"\d{4}|\d{6}|\d{8}")
_SHORT_YEAR = re.compile(r"(.*\D)(\d{2})")
_CLOCK = re.compile(r"(\d{1,2}?)(\d{2})")
_NUMBER = re.compile(r"(\d+)\s*/\s*(\d{2})")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that fits what was typed, and how to show it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class YearBounds:
    """Which years a typed date can mean; the browser's preview goes by the same ones.

    Attributes:
        first: earliest year that is one.
        last: latest year that is one.
        newest: two digits are the newest year up to this one that ends in them.

    """

    first: int
    last: int
    newest: int

    def full_year(self, two_digits: str) -> int:
        """The newest year ending in these digits that can be meant."""
        year = self.newest - self.newest % 100 + int(two_digits)
        return year if year <= self.newest else year - 100


def year_bounds(book: Book | None = None) -> YearBounds:
    """The years that can be meant in a book; a book may be kept on for some years."""
    newest = book.year_opened + _AHEAD if book is not None else _NEWEST_YEAR
    return YearBounds(FIRST_YEAR, LAST_YEAR, newest)


def normalise_typed(
    kind: FieldKind, text: str, book: Book | None = None, year: int | None = None
) -> str:
    """The value of the Excel cell for what a person typed; "" when it cannot be understood.

    Dates may be typed as `12051985`, `120585`, `12/5/85`, `051985` or `1985`: two digits are the
    newest year that the book can speak of. Times may be typed as `0830`, numbers as `12/18`.
    A value that has its form already stays as it is.

    Args:
        kind: what the field holds.
        text: as typed.
        book: the book, for years of two digits.
        year: what a number without one gets (`number_years.number_year`).

    """
    tidy = clean(text)
    if kind in (FieldKind.DATE, FieldKind.DATE_WORDS):
        tidy = _full_date(tidy, year_bounds(book))
    elif kind is FieldKind.TIME and (match := _CLOCK.fullmatch(tidy)):
        tidy = f"{match[1]}:{match[2]}"
    elif kind is FieldKind.NUMBER_YEAR and (match := _NUMBER.fullmatch(tidy)):
        tidy = f"{match[1]}/{year_bounds(book).full_year(match[2])}"
    # A capital can look like another letter (µ, Μ), and what is left may mean nothing (0X is X).
    value = clean(normalise_value(kind, tidy, year=year))
    return value if value == tidy else clean(normalise_value(kind, value, year=year))


def unusable(kind: FieldKind, text: str) -> Text | None:
    """Why a typed or pasted text can be no value of a register; None if it can.

    Text in an old encoding, lost letters, and signs that no register has. What has one right form
    only (look-alike letters, invisible characters, line breaks) is mended by `normalise_typed`.

    Args:
        kind: what the field holds; notes may have any sign.
        text: as typed.

    """
    if encoding := recognise(text):
        told, name, right = message("other_encoding"), encoding.named, convert(text, encoding)
        return Text(
            told.vi.format(encoding=name.vi, meant=right),
            told.en.format(encoding=name.en, meant=right),
        )
    refused = {OddKind.LOST} | ({OddKind.SIGN} if kind is not FieldKind.FREE_TEXT else set())
    odd = [one.message for one in odd_letters(tidied(text)) if one.kind in refused]
    return message("odd_letters").format(vi=odd[0].vi, en=odd[0].en) if odd else None


def suggest(
    kind: FieldKind,
    text: str,
    book: Book | None = None,
    count: int = 8,
    known: Sequence[str] = (),
    after: str = "",
) -> list[Suggestion]:
    """Values that begin like what was typed, best first; nothing for nothing typed.

    Letters typed without marks stand for any: `nguyen` finds `Nguyễn`; marks that were typed must
    be there: `nguyê` finds `Nguyên` and `Nguyễn`, `nguyễ` only `Nguyễn`. What has been typed before
    the completed word is kept as it is.

    Args:
        kind: what the field holds.
        text: as typed so far.
        book: the book: where it was kept.
        count: at most so many.
        known: values of this kind that the book has already, most frequent first.
        after: what stands behind the cursor already: it stays, and units lie in those named there.

    """
    after = clean(after).strip(" ,")
    typed = clean(text)
    if not key(typed):
        return []
    found: dict[str, None] = {}
    for value in _candidates(FieldKind(kind), text.lstrip(), typed, book, known, after):
        if value != typed:
            found.setdefault(value)
        if len(found) >= count:
            break
    return [Suggestion(value, value) for value in found]


def _candidates(
    kind: FieldKind, raw: str, typed: str, book: Book | None, known: Sequence[str], after: str
) -> Iterable[str]:
    """Values to propose, best first."""
    rest = key(after)
    yield from (value for value in known if agrees(typed, value) and key(value).endswith(rest))
    if kind is FieldKind.PERSON_NAME:
        yield from (f"{name} {after}".rstrip() for name in _names(raw))
    elif kind is FieldKind.PLACE:
        yield from places(typed, book, known, after)
    elif kind is FieldKind.AGENCY and book is not None:
        yield from filter(lambda name: agrees(typed, name), [book.agency.full_name])
    elif kind in _LEXICONS:
        yield from (word for word in _LEXICONS[kind]() if agrees(typed, word))


def _names(raw: str) -> Iterable[str]:
    """The last word completed: the first one as a surname, others as middle or given names."""
    before, _, last = raw.rpartition(" ")
    if not last:
        return
    front = f"{clean(before)} " if before.strip() else ""
    words = _later_names() if front else lexicons.surnames()
    yield from (front + word for word in words if agrees(last, word))


@cache
def _later_names() -> tuple[str, ...]:
    """Middle and given names, the frequent ones first."""
    weights: dict[str, float] = {}
    for names in (lexicons.middle_names(), lexicons.given_names()):
        for name, weight in names.items():
            weights[name] = weights.get(name, 0.0) + weight
    return tuple(sorted(weights, key=lambda name: -weights[name]))


_LEXICONS: Mapping[FieldKind, Callable[[], Iterable[str]]] = {
    FieldKind.ETHNIC_GROUP: lambda: lexicons.ethnic_groups().weights,
    FieldKind.NATIONALITY: lambda: lexicons.nationalities().weights,
    FieldKind.RELATION: lambda: lexicons.relations().weights,
    FieldKind.POSITION: lambda: lexicons.positions().weights,
}


def _full_date(text: str, years: YearBounds) -> str:
    """A date with its parts apart and a year of four digits."""
    if _COMPACT.fullmatch(text):
        return _taken_apart(text, years)
    match = _SHORT_YEAR.fullmatch(text)
    if match and re.search(r"\d", match[1]) and not re.search(r"\d{4}", match[1]):
        parts = re.findall(r"\d+", match[1])
        if len(parts) == 2:
            return f"{match[1]}{years.full_year(match[2])}"
    return text


def _taken_apart(digits: str, years: YearBounds) -> str:
    """`12051985`, `120585`, `051985` with dots between their parts; years stay."""
    if len(digits) == 4:
        return digits
    if len(digits) == 8:
        return f"{digits[:2]}.{digits[2:4]}.{digits[4:]}"
    month, year = int(digits[:2]), int(digits[2:])
    if 1 <= month <= 12 and years.first <= year <= years.last:
        return f"{digits[:2]}.{digits[2:]}"  # as day.month.year the month would be 18 to 20
    return f"{digits[:2]}.{digits[2:4]}.{years.full_year(digits[4:])}"
