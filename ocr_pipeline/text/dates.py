"""Dates in digits, whole or partial, as registers write them."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from ocr_pipeline.text.normalise import clean, strip_marks

FIRST_YEAR, LAST_YEAR = 1800, 2099
"""Years a register can speak of; others are slips of the pen or of the reader (e.g. 5005)."""

_ROMAN = {r: i for i, r in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), start=1)}
_WORDS = re.compile(r"\b(ngay|thang|nam|mong|mung|sinh|cap|luc)\b|[()]")
_AGE_BEHIND = re.compile(r"(?<=\d{4})\s*[(,]?\s*\d{1,3}\s*(?:tuoi|t)\b[\s.]*\)?$")  # 1958 (45 tuổi)
_SHORT_YEAR = re.compile(r"\bnam\W*\d\d\W*$|['’‘`´]\s*\d\d\W*$")  # năm 85, '85: no day, no month
_UNKNOWN = re.compile(r"^(0{1,2}|[.…_?*x×-]+|ko|khong)$")
# Dots in a row, or a dash where a number should stand: at the start or after a stroke or dot.
_LEFT_OUT = re.compile(r"…+|[._…]{2,}|(?:(?<=^)|(?<=[/.\\]))\s*[-–—]+(?=\s*[/.\\])")
_SEPARATORS = re.compile(r"[\s./\\,;:|–—-]+")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date of which the day, or day and month, may be unknown.

    Raises:
        ValueError: no such date in the Gregorian calendar, a year outside 1800–2099, or a day
            without a month.

    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse what the calendar does not know."""
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"year {self.year}")
        if self.month is None:
            if self.day is not None:
                raise ValueError("a day without a month")
        elif not 1 <= self.month <= 12:
            raise ValueError(f"month {self.month}")
        elif self.day is not None and not (
            1 <= self.day <= calendar.monthrange(self.year, self.month)[1]
        ):
            raise ValueError(f"day {self.day}")

    @property
    def complete(self) -> bool:
        """Day, month and year are known."""
        return self.day is not None

    def dotted(self) -> str:
        """`dd.mm.yyyy`, `mm.yyyy` or `yyyy`: the form of the Excel cell."""
        return ".".join(f"{n:02d}" for n in (self.day, self.month, self.year) if n is not None)

    def iso(self) -> str:
        """`yyyy-mm-dd`, `yyyy-mm` or `yyyy`."""
        return "-".join(f"{n:02d}" for n in (self.year, self.month, self.day) if n is not None)

    def earliest(self) -> datetime.date:
        """First day it can mean."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> datetime.date:
        """Last day it can mean."""
        month = self.month or 12
        return datetime.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def agrees(self, other: PartialDate) -> bool:
        """The known parts of both are the same."""
        return (
            self.year == other.year
            and (self.month is None or other.month is None or self.month == other.month)
            and (self.day is None or other.day is None or self.day == other.day)
        )


def make_date(year: int, month: int | None = None, day: int | None = None) -> PartialDate | None:
    """The date, or None where there is no such date."""
    try:
        return PartialDate(year, month, day)
    except ValueError:
        return None


def parse_date(s: str, *, century: int | None = None) -> PartialDate | None:
    """Read a date in digits: `16.7.2008`, `ngày 16 tháng 7 năm 2008`, `7-2008`, `2008`.

    Unknown parts may be written as dots, dashes, `00` or left out. Year-first (ISO) and Roman
    months are understood.

    Args:
        s: the writing.
        century: what a two-digit year belongs to, e.g. 1900; None refuses two-digit years, because
            `12-5-85` does not say which. A month stands before such a year only where the year
            cannot be a month: `12-5` may be a day.

    Returns:
        None when it is not one certain date: impossible, ambiguous, lunar, or with two-digit year.

    """
    text = strip_marks(clean(s)).lower()
    if "am lich" in text or re.search(r"\bal\b", text):
        return None
    text = _AGE_BEHIND.sub("", text)
    says_year = bool(_SHORT_YEAR.search(text))
    text = re.sub(r"['’‘`´](?=\s*\d\d\W*$)", " ", _WORDS.sub(" ", text))
    parts = _parts(text, keep_last=century is not None)
    if parts is None:
        return None
    if len(parts) == 3 and parts[0].isdecimal() and len(parts[0]) == 4:
        parts.reverse()
    if not 1 <= len(parts) <= 3 or not parts[-1].isdecimal():
        return None
    if len(parts) == 2 and not says_year and int(parts[-1]) <= 12:
        century = None
    year = _year(parts[-1], century)
    before = [_number(part) for part in parts[:-1]]
    if year is None or -1 in before:
        return None
    numbers = [None, None, *before][-2:]
    return make_date(year, numbers[1], numbers[0])


def _parts(text: str, *, keep_last: bool) -> list[str] | None:
    """The numbers of a date; what is left out at its end goes, or is the year `00` of three."""
    text = _LEFT_OUT.sub(" 00 ", text)
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) == 1 and re.fullmatch(r"\d{8}", parts[0]):
        digits = parts[0]
        parts = [digits[:2], digits[2:4], digits[4:]]
    year_00 = keep_last and len(parts) == 3 and len(parts[0]) <= 2
    while len(parts) > 1 and parts[-1] == "00" and not year_00:
        parts.pop()
    return parts if all(re.fullmatch(r"\d{1,4}|[ivx]+|[?*×xko]+|khong", p) for p in parts) else None


def _year(part: str, century: int | None) -> int | None:
    if len(part) == 4:
        return int(part)
    if len(part) == 2 and century is not None:
        return century + int(part)
    return None


def _number(part: str) -> int | None:
    """Day or month; None when unknown, -1 when it is neither."""
    if part in _ROMAN and part != "x":
        return _ROMAN[part]
    if _UNKNOWN.match(part):
        return None
    return int(part) if part.isdecimal() and len(part) <= 2 else -1
