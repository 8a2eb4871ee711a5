"""Which year a date with two digits of it means, or a birth that is written as an age.

`12-5-85` says no century, `32 tuổi` no year: both are understood from an event of the record whose
year is known. A book is filled in when it is judged, for people may have put the event right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Value

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.beliefs import DECIDED
from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Special
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import PartialDate, make_date
from ocr_pipeline.text.short_dates import age_in, bare_number, short_dates

Share = Annotated[float, Value(ge=0, le=1)]
Source = Literal["short_year", "age"]
"""What a value was worked out from."""

_DATES = (FieldKind.DATE, FieldKind.DATE_WORDS)


class ShortYearEntry(Strict):
    """How far a date lies before its event.

    Attributes:
        codes: patterns of field codes.
        event: code of the event's date, or `book`.
        least: years before the event at least; below 0 for a date that follows it.
        most: years before the event at most.
        types: registers it holds for; empty: all.
        age: the birth of a person, which may be written as an age.

    """

    codes: tuple[str, ...]
    event: str
    least: int
    most: int
    types: tuple[RegisterType, ...] = ()
    age: bool = False


class ShortYearFile(Strict):
    """`short_years.yaml`.

    Attributes:
        book_years: first and last year of a book's events, counted from its opening.
        ceiling: highest confidence of a proposal by itself.
        event_sure: least confidence of an event whose year is believed.
        dates: in the order in which they are tried.

    """

    book_years: tuple[int, int]
    ceiling: Share
    event_sure: Share
    dates: tuple[ShortYearEntry, ...]


def fill_short_years(
    fields: Mapping[str, Field], type: RegisterType, book: Book
) -> dict[str, Field]:
    """The fields of a record with a proposal for each short year and each age.

    Args:
        fields: of the record, by code.
        type: its register.
        book: gives the years in which its events lie where they were not read surely.

    Returns:
        All fields. A writing that can mean one date has it as its value, at most as sure as
        `ceiling`; one that can mean several has no value, and these as suggestions. Fields that
        people decided stay as they are.

    """
    out = dict(fields)
    for code in sorted(fields, key=lambda code: _depth(code, type)):
        own = fields[code]
        if own.kind in _DATES and own.state not in DECIDED and own.special is not Special.DITTO:
            out[code] = _proposed(own, _entry(code, type), out, book)
    return {code: out[code] for code in fields}


def source_of(field: Field) -> Source | None:
    """What the value was worked out from; None where it was read as it is written."""
    date = read_as_date(field.value) if field.kind in _DATES and field.value else None
    text = next((c.text for c in field.n_best if c.value == field.value), "")
    if date is None or not text:
        return None
    if age_in(text) is not None:
        return "age"
    dates = short_dates(text)
    if dates:
        return "short_year" if date in dates else "age"
    return None


def leaves_out_digits(field: Field) -> bool:
    """Only a year, or month and year, was understood, but more or other digits stand there."""
    date = read_as_date(field.value) if field.kind is FieldKind.DATE and field.value else None
    if date is None or date.complete:
        return False
    written, value = _digits(field.as_written), _digits(field.value)
    others = date.month is not None and written.lstrip("0") != value.lstrip("0")
    return (len(written) > len(value) or others) and source_of(field) is None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def possible_values(field: Field) -> tuple[str, ...]:
    """The values between which a short year without a value leaves the choice."""
    if field.value or field.kind not in _DATES or not field.n_best:
        return ()
    if not _is_short(field.n_best[0].text):
        return ()
    return tuple(c.value for c in field.n_best if c.value and not c.text)


def _is_short(text: str) -> bool:
    return age_in(text) is not None or bool(short_dates(text))


def _proposed(own: Field, entry: ShortYearEntry, fields: Mapping[str, Field], book: Book) -> Field:
    if not any(_is_short(c.text) for c in own.n_best):
        return own
    first = own.n_best[0]
    meant = {c.text: _meant(c.text, own.kind, entry, fields, book) for c in own.n_best}
    n_best: list[Candidate] = []
    for candidate in own.n_best:
        values = meant[candidate.text]
        if not candidate.text or not _is_short(candidate.text):
            suggested = not candidate.text and candidate.value in meant[first.text]
            n_best += [] if suggested else [candidate]
            continue
        value = values[0] if len(values) == 1 else ""
        probability = min(candidate.probability, _data().ceiling)
        n_best.append(replace(candidate, value=value, probability=probability))
    several = meant[first.text] if _is_short(first.text) else ()
    if len(several) > 1:
        share = n_best[0].probability / len(several)
        n_best[1:1] = [Candidate("", value, share) for value in several]
    confidence = min(own.confidence, n_best[0].probability)
    return replace(own, value=n_best[0].value, confidence=confidence, n_best=tuple(n_best))


def _meant(
    text: str, kind: FieldKind, entry: ShortYearEntry, fields: Mapping[str, Field], book: Book
) -> tuple[str, ...]:
    """Values that a writing can have, the latest first."""
    event = fields.get(entry.event)
    happened = _sure_date(event)
    first, last = _event_years(entry, fields, book)
    age = age_in(text)
    dates = list(short_dates(text)) if age is None else []
    if age is None and entry.age:
        age = bare_number(text)
    if age is not None and entry.age and happened is not None:
        born = make_date(happened.year - age)
        dates += [born] if born is not None else []
    fitting = {
        date
        for date in dates
        if first - entry.most <= date.year <= last - entry.least
        and (entry.least < 0 or happened is None or date.earliest() <= happened.latest())
    }
    ranked = sorted(fitting, key=lambda date: date.year, reverse=True)
    words = kind is FieldKind.DATE_WORDS
    return tuple(date_to_words(date) if words else date.dotted() for date in ranked)


def _event_years(entry: ShortYearEntry, fields: Mapping[str, Field], book: Book) -> tuple[int, int]:
    """First and last year in which the event can lie."""
    if entry.event == "book":
        return book.year_opened, book.year_opened
    for code in (entry.event, "ngayDangKy"):
        date = _sure_date(fields.get(code))
        if date is not None:
            return date.year, date.year
    before, after = _data().book_years
    return book.year_opened + before, book.year_opened + after


def _sure_date(event: Field | None) -> PartialDate | None:
    """The date of an event that people decided, that was read surely, or that is a proposal."""
    if event is None or not event.value:
        return None
    data = _data()
    needed = min(data.event_sure, data.ceiling)
    if event.state not in DECIDED and event.confidence < needed:
        return None
    return read_as_date(event.value)


@cache
def _entry(code: str, type: RegisterType) -> ShortYearEntry:
    return next(
        entry
        for entry in _data().dates
        if (not entry.types or type in entry.types)
        and any(fnmatchcase(code, pattern) for pattern in entry.codes)
    )


@cache
def _depth(code: str, type: RegisterType) -> int:
    """How many events stand between a date and the book: an event is understood first."""
    event = _entry(code, type).event
    return 0 if event in ("book", code) else 1 + _depth(event, type)


@cache
def _data() -> ShortYearFile:
    return load_data(Path(__file__).with_name("short_years.yaml"), ShortYearFile)
