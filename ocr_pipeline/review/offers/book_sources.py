"""What book and inventory say of a field. Every source: `Surroundings` -> values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from ocr_pipeline.checks.context_settings import context_settings
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import read_as_date
from ocr_pipeline.review.offers.field_surroundings import KnownValue, Surroundings
from ocr_pipeline.review.offers.ink import is_numeric, nearest
from ocr_pipeline.text.numbers import format_number_year, parse_number_year

_REGISTERED = ("noiDangKy", "noiCap")
_FEW = 3  # values of a column, nearest to the writing
_DAYS = 70  # between two records whose dates bound one
_OPEN_DAYS = 35  # after the last date, where nothing bounds it from above
#: Kinds that belong to one person or record: the same value elsewhere says nothing.
_OF_ONE = frozenset(
    {FieldKind.PERSON_NAME, FieldKind.DATE, FieldKind.DATE_WORDS, FieldKind.TIME, FieldKind.SEX,
     FieldKind.NUMBER, FieldKind.NUMBER_YEAR, FieldKind.ID_NUMBER, FieldKind.ID_DOCUMENT}
)  # fmt: skip
_OFTEN = 1.5  # a value that stands in the book less often says nothing of another record


def inventory(at: Surroundings) -> Iterator[KnownValue]:
    """The number of the volume and the agency, as the inventory has them."""
    if at.own.code in context_settings().constants:
        yield KnownValue(getattr(at.book, context_settings().constants[at.own.code]), "inventory")
    elif at.own.kind is FieldKind.AGENCY and at.own.code in _REGISTERED:
        yield KnownValue(at.book.agency.full_name, "inventory")


def sequence(at: Surroundings) -> Iterator[KnownValue]:
    """The number that the records before and after leave for this one."""
    settings = context_settings()
    if at.own.code not in (settings.numbers.code, settings.pages.code):
        return
    votes: Counter[int] = Counter()
    for step, fields in at.around.items():
        other = fields.get(at.own.code)
        parsed = parse_number_year(other.value) if other else None
        if other is not None and parsed is not None and parsed[0] > step:
            votes[parsed[0] - step] += other.sure / abs(step)  # type: ignore[assignment]
    total = sum(votes.values())
    for number, weight in votes.most_common(2):
        sure = min(weight, 1.0) * weight / total
        if at.own.kind is FieldKind.NUMBER:
            yield KnownValue(str(number), "sequence", sure)
            continue
        for year in _years(at):
            yield KnownValue(format_number_year(number, year), "sequence", sure)


def years(at: Surroundings) -> Iterator[KnownValue]:
    """A number or registration date as read, in the year of its record or of the book."""
    settings = context_settings()
    if at.own.code == settings.numbers.code:
        for text in at.texts:
            parsed = parse_number_year(text)
            if parsed is not None:
                for year in _years(at):
                    yield KnownValue(format_number_year(parsed[0], year), "year")
    elif at.own.code == settings.dates.code:
        for text in at.texts:
            read = read_as_date(text)
            if read is None or not read.complete:
                continue
            for year in _years(at):
                try:
                    day = date(year, read.month or 1, read.day or 1)
                except ValueError:
                    continue  # 29 February
                yield KnownValue(f"{day:%d.%m.%Y}", "year")


def days(at: Surroundings) -> Iterator[KnownValue]:
    """Days between the registrations before and after that look most like the writing."""
    code = context_settings().dates.code
    if at.own.code != code:
        return
    first, sure_first = _day(at, range(-1, -4, -1))
    last, sure_last = _day(at, range(1, 4))
    if first is None and last is None:
        return
    if first is not None and (last is None or not 0 <= (last - first).days <= _DAYS):
        last, sure_last = first + timedelta(days=_OPEN_DAYS), sure_first
    elif first is None and last is not None:
        first, sure_first = last - timedelta(days=_OPEN_DAYS), sure_last
    assert first is not None and last is not None
    between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    values = [f"{day:%d.%m.%Y}" for day in between]
    for value in nearest(values, at.texts, True, _FEW):
        yield KnownValue(value, "sequence", min(sure_first, sure_last))


def column(at: Surroundings) -> Iterator[KnownValue]:
    """Values that stand more than once in the column: those like the writing, and the usual one."""
    if not _recurs(at):
        return
    often = {value: n for value, n in at.column.items() if n >= _OFTEN}
    total = sum(at.column.values())
    usual = max(often, key=lambda value: often[value], default="")
    like = nearest(often, at.texts, is_numeric(at.own.kind), _FEW)
    for value in dict.fromkeys([*like, usual] if usual else like):
        yield KnownValue(value, "book", often[value] / total)


def previous(at: Surroundings) -> Iterator[KnownValue]:
    """What the record before has in the same column."""
    other = at.around.get(-1, {}).get(at.own.code)
    if other is not None and not other.doubted and _recurs(at):
        yield KnownValue(other.value, "previous", other.sure)


def _recurs(at: Surroundings) -> bool:
    """Whether values of the column come again in other records, as those of officials do."""
    settings = context_settings()
    return (
        at.own.kind not in _OF_ONE
        or at.own.code in (*settings.officials.codes, settings.dates.code)
        or at.own.code in settings.constants
    )


def _years(at: Surroundings) -> list[int]:
    """Years that registrations around have: of its own date, of the records around, of the book."""
    settings, votes = context_settings(), Counter[int]()
    for fields in (at.record, *at.around.values()):
        for code in (settings.dates.code, settings.numbers.code):
            other = fields.get(code)
            year = _year(code, other.value) if other and code != at.own.code else None
            if other is not None and year is not None:
                votes[year] += other.sure  # type: ignore[assignment]
    votes[at.book.year_opened] += 0.5  # type: ignore[assignment]
    return [year for year, _ in votes.most_common(2)]


def _year(code: str, value: str) -> int | None:
    if code == context_settings().numbers.code:
        parsed = parse_number_year(value)
        return parsed[1] if parsed else None
    read = read_as_date(value)
    return read.year if read else None


def _day(at: Surroundings, steps: range) -> tuple[date | None, float]:
    for step in steps:
        other = at.around.get(step, {}).get(at.own.code)
        read = read_as_date(other.value) if other else None
        if other is not None and read is not None and read.complete:
            return read.earliest(), other.sure
    return None, 0.0
