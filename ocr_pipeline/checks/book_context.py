"""What the book as a whole says about its fields: n-best readings are re-ranked, never replaced.

Two writings of one date, the sequence of numbers, dates and pages, values that recur, and what the
inventory knows. Each source multiplies the reading's probabilities by a likelihood from
`context.yaml`; the confidence that comes out is the posterior of the value chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Literal

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.beliefs import DECIDED, Belief, as_found, belief, revised
from ocr_pipeline.checks.chains import State, Step, counted_once, smooth, spans_step
from ocr_pipeline.checks.context_settings import StepSettings, context_settings
from ocr_pipeline.checks.field_support import (
    bound_dates,
    even_dates,
    fit_identity_numbers,
    join_links,
)
from ocr_pipeline.checks.known_units import mend_units
from ocr_pipeline.checks.listed_units import propose_listed
from ocr_pipeline.checks.officials import share_officials
from ocr_pipeline.checks.recurrence import places, recur
from ocr_pipeline.checks.sheet_writing import put_back, set_aside
from ocr_pipeline.registers.fields import Field, Record
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.text.numbers import format_number_year, parse_number_year

_YEAR = 1_000_000  # more than any number within a year
_KEPT = 5  # candidates of a field that take part in a chain

Fields = list[dict[str, Field]]
Source = Literal["numbers", "dates", "pages"]


def rerank(records: Sequence[Record], book: Book) -> list[Record]:
    """The records with their n-best readings re-ranked by the book.

    Args:
        records: all records of a book, in the order of its pages.
        book: the book.

    Returns:
        As many records, in the same order. Fields that people decided stay untouched and count as
        certain for the others.

    """
    settings = context_settings()
    fields = [dict(record.fields) for record in records]
    aside = set_aside(records, fields)
    for own in fields:
        even_dates(own, settings)
        join_links(own, str(book.type), settings)
    _chain(fields, "numbers", partial(_number_of, book.year_opened), _number_text)
    _chain(fields, "dates", _day_of, None)
    _chain(fields, "pages", _page_of, lambda page, _: str(page))
    for own in fields:
        bound_dates(own, settings)
        fit_identity_numbers(own, str(book.type), settings)
    share_officials(fields, settings.officials, settings.ceiling)
    recur(fields, settings)
    places(fields, book.agency.units, settings)
    mend_units(fields, book, settings.known_units)
    propose_listed(fields, records, book, settings.listed_units)
    _constants(fields, book)
    usual = _usual_year(fields)
    for own in fields:
        _add_years(own, book, usual)
        own.update({code: as_found(field, settings.tail) for code, field in own.items()})
    put_back(records, fields, aside)
    return [replace(r, fields=own) for r, own in zip(records, fields, strict=True)]


def _chain(
    fields: Fields,
    source: Source,
    measure: Callable[[str], int | None],
    write: Callable[[int, str], str] | None,
) -> None:
    """Let the values of one code along the book support each other."""
    code = _steps(source).code
    links = [i for i, own in enumerate(fields) if code in own]
    if len(links) < 2:
        return
    beliefs = [belief(fields[i][code]) for i in links]
    chain = [_states(own, measure) for own in beliefs]
    if write:
        chain = counted_once(chain, _lacks_a_figure)
    posteriors = smooth(chain, _step(source))
    sure = [_surest(states, after) for states, after in zip(chain, posteriors, strict=True)]
    for place, i in enumerate(links):
        by_value = dict(zip([v for v, _ in chain[place]], posteriors[place], strict=True))
        weights = _shared_out(beliefs[place], by_value, measure)
        suggestion = ""
        expected = _between(sure, place)
        if write and expected is not None:
            suggestion = write(expected, fields[i][code].value)
        posterior = Belief(weights, max(1.0 - sum(weights.values()), 0.0))
        ceiling = context_settings().ceiling
        fields[i][code] = revised(fields[i][code], posterior, source, ceiling, suggestion)


def _states(own: Belief, measure: Callable[[str], int | None]) -> list[State]:
    """Distinct values of the likeliest candidates, then the unread rest."""
    ranked = sorted(own.values.items(), key=lambda item: -item[1])
    merged: dict[int, float] = {}
    for value, weight in ranked:
        number = measure(value)
        if number is not None and (number in merged or len(merged) < _KEPT):
            merged[number] = merged.get(number, 0.0) + weight
    rest = max(own.total - sum(merged.values()), 1e-6)
    return [*merged.items(), (None, rest)]


def _shared_out(
    own: Belief, posterior: Mapping[int | None, float], measure: Callable[[str], int | None]
) -> dict[str, float]:
    """Posterior of each value: writings of the same number share it as they did before."""
    totals: Counter[int | None] = Counter()
    for value, weight in own.values.items():
        totals[measure(value)] += weight  # type: ignore[assignment]
    shares = {}
    for value, weight in own.values.items():
        number = measure(value)
        if number is not None and number in posterior and totals[number] > 0:
            shares[value] = posterior[number] * weight / totals[number]
    return shares


def _surest(states: Sequence[State], posterior: Sequence[float]) -> int | None:
    best = max(range(len(states)), key=lambda k: posterior[k])
    return states[best][0] if posterior[best] > 0.9 else None


def _between(sure: Sequence[int | None], place: int) -> int | None:
    """The number both neighbours leave room for, when this one is not sure."""
    if sure[place] is not None or not 0 < place < len(sure) - 1:
        return None
    before, after = sure[place - 1], sure[place + 1]
    return before + 1 if before is not None and after == before + 2 else None


def _number_of(opened: int, value: str) -> int | None:
    """Number and year in one; a bare number counts as one of the year the book was opened in."""
    parsed = parse_number_year(value)
    return None if parsed is None else (parsed[1] or opened) * _YEAR + parsed[0]


def _number_text(number: int, like: str) -> str:
    parsed = parse_number_year(like)
    year, own = divmod(number, _YEAR)
    return format_number_year(own, year if parsed is None or parsed[1] else None)


def _page_of(value: str) -> int | None:
    return int(value) if value.isdecimal() else None


def _lacks_a_figure(short: int, long: int) -> bool:
    """Whether a number is another one of the same year with a figure left out: 10 and 110."""
    if short // _YEAR != long // _YEAR:
        return False
    own, whole = str(short % _YEAR), str(long % _YEAR)
    return any(own == whole[:at] + whole[at + 1 :] for at in range(len(whole)))


def _day_of(value: str) -> int | None:
    date = read_as_date(value)
    return date.earliest().toordinal() if date and date.complete else None


def _constants(fields: Fields, book: Book) -> None:
    settings = context_settings()
    holds = settings.constant_holds
    for code, attribute in settings.constants.items():
        expected = parse_number_year(getattr(book, attribute))
        for own in fields:
            if code not in own or own[code].state in DECIDED:
                continue
            b = belief(own[code])
            weights = {
                v: p * (holds if _matches(v, expected) else 1 - holds) for v, p in b.values.items()
            }
            posterior = Belief(weights, b.other * (1 - holds))
            own[code] = revised(own[code], posterior, "inventory", settings.ceiling)


def _matches(value: str, expected: tuple[int, int | None] | None) -> bool:
    parsed = parse_number_year(value)
    if not parsed or not expected:
        return False
    return parsed[0] == expected[0] and parsed[1] in (None, expected[1])


def _years_of(own: dict[str, Field]) -> Counter[int]:
    """Probability of each year of registration."""
    years: Counter[int] = Counter()
    if "ngayDangKy" in own:
        for value, weight in belief(own["ngayDangKy"]).values.items():
            if date := read_as_date(value):
                years[date.year] += weight  # type: ignore[assignment]
    return years


def _usual_year(fields: Fields) -> tuple[int, float] | None:
    """The year most registrations of the book fall into, and its share of those dated."""
    total: Counter[int] = Counter()
    for own in fields:
        total.update(_years_of(own))
    if not total:
        return None
    year, weight = total.most_common(1)[0]
    return year, weight / sum(total.values())


def _add_years(own: dict[str, Field], book: Book, usual: tuple[int, float] | None) -> None:
    """A number written without its year gets it: the book's for quyenSo, else that of the date.

    Where the date cannot be read, it is the usual year of the book.

    The confidence of the whole is no higher than that of the year.
    """
    sources = {"quyenSo": (book.year_opened, 1.0)}
    if years := _years_of(own):
        sources["so"] = years.most_common(1)[0]
    elif usual:
        sources["so"] = usual
    for code, (year, sure) in sources.items():
        if code in own and own[code].state not in DECIDED:
            own[code] = _with_year(own[code], year, sure)


def _with_year(field: Field, year: int, sure: float) -> Field:
    value = _full(field.value, year)
    if value == field.value:
        return field
    n_best = tuple(replace(c, value=_full(c.value, year)) for c in field.n_best)
    confidence = min(field.confidence, sure)
    return replace(field, value=value, confidence=confidence, n_best=n_best)


def _full(value: str, year: int) -> str:
    parsed = parse_number_year(value)
    return format_number_year(parsed[0], year) if parsed and not parsed[1] else value


def _steps(source: Source) -> StepSettings:
    settings: StepSettings = getattr(context_settings(), source)
    return settings


@cache
def _step(source: Source) -> Step:
    steps = _steps(source)
    return spans_step(steps.spans, steps.otherwise, steps.unread)
