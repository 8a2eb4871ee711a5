"""Year and number of a book as inventories hold them: `2018`, `02/2018`, `Quyển 2`, Excel's dates.

Excel turns `1/2018` into 1 January 2018 (shown as `Jan-18`), and shows the year 2018 in a cell with
a date format as 10 July 1905, the 2018th day of its calendar.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

_FIRST_DAY = datetime.date(1899, 12, 30)
_YEARS = range(1850, 2101)
_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?$")
_SHOWN_MONTH = re.compile(r"(?i)^(?:thg|th|tháng)?\s*([a-z]{3}|\d{1,2})[a-z]*[-\s](\d{4}|\d{2})$")
_DAY_MONTH_YEAR = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_ONE_NUMBER = re.compile(r"^\D*?(?<![^\W\d_])0*(\d{1,9})(?:[.,]0+)?(?![^\W\d_])\D*$")
_VOLUME = re.compile(r"^\D*?(\d{1,4})\s*[/\\]\s*(\d{4})\D*$")


@dataclass(frozen=True, slots=True)
class VolumeCells:
    """What the cells of year and number mean.

    Attributes:
        year: year of opening; None when the cells do not say, or say two.
        number: number of the book in that year; None as above.
        told: whether a date of Excel's was understood as a number or a year.

    """

    year: int | None
    number: int | None
    told: bool = False


def read_volume(year_cell: str, number_cell: str) -> VolumeCells:
    """Year and number from their cells; either may hold both, as `02/2018`."""
    year, year_told = _year(year_cell)
    number, own_year, number_told = _number(number_cell)
    if not number_cell:
        both = _VOLUME.match(year_cell)
        number, own_year = (int(both[1]), int(both[2])) if both else (None, None)
        year = own_year or year
    if own_year is not None:
        if year_cell and year is not None and year != own_year:
            return VolumeCells(None, None)
        year = year if year_cell else own_year
    return VolumeCells(year, number, year_told or number_told)


def _year(cell: str) -> tuple[int | None, bool]:
    if date := _date(cell):
        serial = (date - _FIRST_DAY).days
        return (serial if date.year == 1905 and serial in _YEARS else date.year), True
    found = _ONE_NUMBER.match(cell)
    year = int(found[1]) if found else None
    return (year if year in _YEARS else None), False


def _number(cell: str) -> tuple[int | None, int | None, bool]:
    """Number, the year that stands with it, and whether a date was understood."""
    if volume := _VOLUME.match(cell):
        return int(volume[1]), int(volume[2]), False
    if shown := _SHOWN_MONTH.match(cell):
        month = int(shown[1]) if shown[1].isdecimal() else _MONTHS.get(shown[1].lower(), 0)
        return (month or None), _full_year(int(shown[2])), True
    date = _date(cell) or _first_of_month(cell)
    if date and date.year == 1900 and date.month < 3:  # a small number with a date format
        return (date - _FIRST_DAY).days - 1, None, True
    if date:
        return (date.month, date.year, True) if date.day == 1 else (None, None, False)
    found = _ONE_NUMBER.match(cell)
    return (int(found[1]) if found else None), None, False


def _full_year(year: int) -> int:
    """Excel takes `Jan-29` for 2029 and `Jan-30` for 1930."""
    return year if year > 99 else 2000 + year if year < 30 else 1900 + year


def _date(cell: str) -> datetime.date | None:
    found = _ISO.match(cell)
    try:
        return datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _first_of_month(cell: str) -> datetime.date | None:
    """`01/02/2018` is the first of a month in one order of day and month only."""
    found = _DAY_MONTH_YEAR.match(cell)
    if not found:
        return None
    first, second, year = map(int, found.groups())
    month = second if first == 1 else first if second == 1 else 0
    return datetime.date(year, month, 1) if 1 <= month <= 12 else None
