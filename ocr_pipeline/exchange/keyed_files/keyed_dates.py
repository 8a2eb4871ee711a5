"""Dates of keyed files: text in many forms, day numbers of Excel, and what Excel makes of years."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache

from ocr_pipeline.exchange.keyed_files.cells import KeyedCellKind
from ocr_pipeline.exchange.keyed_files.row_words import months
from ocr_pipeline.text.date_words import words_to_date
from ocr_pipeline.text.dates import FIRST_YEAR, LAST_YEAR, PartialDate, make_date, parse_date
from ocr_pipeline.text.short_dates import short_dates

_TIME = re.compile(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp]\.?[Mm]\.?|SA|CH)?\s*Z?$")
_MONTH_FIRST = re.compile(r"^(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})$")
_YEAR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_SERIAL = re.compile(r"^(\d{4,5})(?:\.\d+)?$")
_DECIMAL = re.compile(r"^(\d{1,2})\.(\d{1,4})$")
_ONE_DIGIT_YEAR = re.compile(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d)$")  # the zero of 05 is gone
_MONTH_WORD = re.compile(r"[a-z]+\.?\s?\d{0,2}", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(
    r"^(?:0?1[-/ .])?(?P<month>[a-z]+\.?\s?\d{0,2})[-/ ](?P<year>\d{4}|\d\d)$", re.IGNORECASE
)
_EPOCH = datetime.date(1899, 12, 30)
#: Day numbers of Excel from 1.1.1910 to 31.12.2099. Smaller ones are years: 2005 is 27.6.1905.
_FIRST_SERIAL, _LAST_SERIAL = 3654, 73050
_FIRST_SHORT_YEAR = 30  # Excel takes 29 for 2029 and 30 for 1930
_PLACEHOLDERS = frozenset({"30.12.1899", "31.12.1899", "01.01.1900", "01.01.1970"})
_ZERO_DAYS = frozenset({"30.12.1899", "31.12.1899", "01.01.1900", "00.01.1900"})


@dataclass(frozen=True, slots=True)
class EventYears:
    """Between which years a date of a row lies, as far as other cells tell.

    Attributes:
        first: earliest year.
        last: latest year: nobody is born after the registration.
        sure: the year itself, where another cell states it.

    """

    first: int = FIRST_YEAR
    last: int = LAST_YEAR
    sure: int | None = None

    def fits(self, year: int) -> bool:
        """Whether a date of that year can stand in the row."""
        return year == self.sure if self.sure else self.first <= year <= self.last


@dataclass(frozen=True, slots=True)
class DateFound:
    """What a cell says: a date and the rule that it took; or the rule of its fault.

    Attributes:
        value: `dd.mm.yyyy`, `mm.yyyy` or `yyyy`; "" for none.
        rule: what was done to it; "" when the form alone differs.
        fault: why there is none; "" for none.

    """

    value: str = ""
    rule: str = ""
    fault: str = ""


@lru_cache(maxsize=1 << 16)
def keyed_date(
    text: str, kind: KeyedCellKind, years: EventYears, *, month_first: bool | None
) -> DateFound:
    """The date of a cell.

    Args:
        text: clean text of the cell; not empty.
        kind: what the cell is.
        years: what other cells say of the year.
        month_first: how the other dates of the column are written; None when both ways are.

    """
    if kind is KeyedCellKind.DATE:
        return _of_date_cell(text)
    tidy = _ONE_DIGIT_YEAR.sub(r"\g<1>0\2", _without_month_words(_TIME.sub("", text).strip()))
    if tidy in _PLACEHOLDERS:
        return DateFound(fault="placeholder_date")
    number = _of_number(tidy, typed=kind is KeyedCellKind.NUMBER)
    if number is not None:
        return number
    if found := _of_three_numbers(tidy, month_first):
        return found
    date = parse_date(tidy) or words_to_date(tidy)
    if date:
        return DateFound(fault="placeholder_date") if _is_dummy(date) else DateFound(date.dotted())
    return (
        _of_short_year(tidy, years) or _of_wrong_year(tidy, years) or DateFound(fault="not_a_date")
    )


def month_and_year(text: str, kind: KeyedCellKind) -> tuple[int, int] | None:
    """What Excel made a date of, as number and year: `01/2018` became January 2018.

    Args:
        text: of the cell: a date, its day number, or `Jan-18`.
        kind: what the cell is.

    Returns:
        None when it is not the first day of a month, which such a date always is.

    """
    if match := _MONTH_AND_YEAR.match(text):
        month = months().get(match["month"].casefold())
        year = int(match["year"])
        if month:
            return month, year if year > 99 else year + (
                1900 if year >= _FIRST_SHORT_YEAR else 2000
            )
    if kind is KeyedCellKind.TEXT:
        return None
    if (number := _SERIAL.match(text)) and kind is KeyedCellKind.NUMBER:
        if not _FIRST_SERIAL <= int(number[1]) <= _LAST_SERIAL or len(number[1]) < 5:
            return None
        day = _EPOCH + datetime.timedelta(days=int(number[1]))
        return (day.month, day.year) if day.day == 1 else None
    date = parse_date(text) if kind is KeyedCellKind.DATE else None
    return (date.month, date.year) if date and date.month and date.day == 1 else None


def _without_month_words(text: str) -> str:
    """`15-Mar-2005` -> `15-3-2005`."""
    match = _MONTH_WORD.search(text)
    month = months().get(match[0].casefold()) if match else None
    return text[: match.start()] + str(month) + text[match.end() :] if match and month else text


def _is_dummy(date: PartialDate) -> bool:
    return date.dotted() in _PLACEHOLDERS


def _of_date_cell(text: str) -> DateFound:
    date = parse_date(text)
    if text in _ZERO_DAYS:
        return DateFound(rule="zero_date")
    if date is None:
        return DateFound(fault="not_a_date")
    serial = (date.earliest() - _EPOCH).days
    if 1900 <= serial <= LAST_YEAR:
        return DateFound(str(serial), "year_as_date")
    return DateFound(fault="placeholder_date") if _is_dummy(date) else DateFound(date.dotted())


def _of_number(text: str, *, typed: bool) -> DateFound | None:
    """A date written as one number; None when the text is none."""
    if re.fullmatch(r"\d{4}", text) and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return DateFound(text)
    if match := _SERIAL.match(text):
        days = int(match[1])
        if _FIRST_SERIAL <= days <= _LAST_SERIAL and len(match[1]) == 5:
            day = _EPOCH + datetime.timedelta(days=days)
            return DateFound(day.strftime("%d.%m.%Y"), "excel_serial")
    if typed and text == "0":
        return DateFound(rule="zero_date")
    if typed and (match := _DECIMAL.match(text)):
        month, year = int(match[1]), match[2].ljust(4, "0")
        date = make_date(int(year), month) if len(match[2]) >= 3 else None
        return DateFound(date.dotted(), "decimal_date") if date else DateFound(fault="not_a_date")
    if re.fullmatch(r"\d{7,8}", text):
        return _of_digits(text.zfill(8))
    return None


def _of_digits(digits: str) -> DateFound:
    """`12032005` or `20050312`; both may make sense, then neither is taken."""
    day_first = make_date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    year_first = make_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    found = [date for date in (day_first, year_first) if date]
    if len(found) != 1:
        return DateFound(fault="not_a_date")
    return DateFound(found[0].dotted(), "compact_date")


def _of_three_numbers(text: str, month_first: bool | None) -> DateFound | None:
    """`3/25/2005`, and `3/4/2005` in a column whose dates have the month first."""
    match = _MONTH_FIRST.match(text)
    if not match:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if first <= 12 < second:
        date = make_date(year, first, second)
        return DateFound(date.dotted(), "month_first") if date else None
    if first <= 12 and second <= 12 and first != second and month_first is not False:
        if month_first is None:
            return DateFound(fault="day_or_month")
        date = make_date(year, first, second)
        return DateFound(date.dotted(), "month_first") if date else None
    return None


def order_of(text: str) -> bool | None:
    """Whether a date is written with its month first; None when that cannot be told."""
    match = _MONTH_FIRST.match(_TIME.sub("", text).strip())
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 < second <= 31:
        return True
    return False if second <= 12 < first <= 31 else None


def _of_short_year(text: str, years: EventYears) -> DateFound | None:
    dates = short_dates(text)
    if not dates:
        return None
    fitting = [date for date in dates if years.fits(date.year)]
    if len(fitting) == 1:
        return DateFound(fitting[0].dotted(), "short_year")
    return DateFound(fault="year_of_two_digits")


def _of_wrong_year(text: str, years: EventYears) -> DateFound | None:
    """`12/03/5005`: one digit, or two digits that changed places, make the year possible."""
    match = next(
        (m for m in _YEAR_DIGITS.finditer(text) if not FIRST_YEAR <= int(m[0]) <= LAST_YEAR), None
    )
    if match is None:
        return None
    dates = {}
    for year in _near(match[0]):
        date = parse_date(text[: match.start()] + year + text[match.end() :])
        if date and years.fits(date.year):
            dates[year] = date
    if len(dates) == 1:
        return DateFound(dates.popitem()[1].dotted(), "impossible_year")
    return DateFound(fault="year_impossible")


def _near(year: str) -> set[str]:
    """Years that differ in one digit, or in two neighbours that changed places."""
    found = {year[:at] + digit + year[at + 1 :] for at in range(4) for digit in "0123456789"}
    found |= {year[:at] + year[at + 1] + year[at] + year[at + 2 :] for at in range(3)}
    return {one for one in found if FIRST_YEAR <= int(one) <= LAST_YEAR}
