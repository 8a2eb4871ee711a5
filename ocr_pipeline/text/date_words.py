"""Dates in words, both ways: one form is written, every clerk's form is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ocr_pipeline.text.dates import PartialDate, make_date
from ocr_pipeline.text.normalise import nfc
from ocr_pipeline.text.numbers import WordStyle, number_to_words, word_tokens, words_to_number


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How one clerk writes dates in words; the default is the one form we write.

    Attributes:
        numbers: the words for numbers.
        first_days: word before days 1–10 (`mồng`, `mùng`), or "".
        april: the fourth month (tư, bốn).
        say_day: begin with `ngày`.
        say_year: put `năm` before the year.
        comma: what separates day, month, year besides a blank.
        capitals: `title` Ngày Mười Sáu, `sentence` Ngày mười sáu, `lower` ngày mười sáu.
        elide_one: `nghìn chín trăm` for 19xx.

    """

    numbers: WordStyle = field(default_factory=WordStyle)
    first_days: str = ""
    april: str = "tư"
    say_day: bool = True
    say_year: bool = True
    comma: str = ""
    capitals: Literal["title", "sentence", "lower"] = "title"
    elide_one: bool = False


CANONICAL = DateStyle()


def date_to_words(date: PartialDate, style: DateStyle = CANONICAL) -> str:
    """`Ngày Mười Sáu Tháng Bảy Năm Hai Nghìn Không Trăm Linh Tám`; partial dates begin later."""
    year = number_to_words(date.year, style.numbers)
    if style.elide_one and 1000 <= date.year < 2000:
        year = year.removeprefix("một ")
    parts = [f"năm {year}" if style.say_year or date.month is None else year]
    if date.month is not None:
        month = style.april if date.month == 4 else number_to_words(date.month, style.numbers)
        parts.insert(0, f"tháng {month}")
    if date.day is not None:
        day = number_to_words(date.day, style.numbers)
        if style.first_days and date.day <= 10:
            day = f"{style.first_days} {day}"
        parts.insert(0, f"ngày {day}" if style.say_day else day)
    text = f"{style.comma} ".join(parts)
    if style.capitals == "title":
        return nfc(" ".join(word[:1].upper() + word[1:] for word in text.split(" ")))
    return nfc(text[:1].upper() + text[1:] if style.capitals == "sentence" else text)


def words_to_date(s: str, *, century: int | None = None) -> PartialDate | None:
    """Read a date in words (or words mixed with digits), whatever the clerk's habit.

    Marks are not needed. Two-digit years are refused unless `century` is given.

    Returns:
        None when it is not one certain date.

    """
    tokens = [t for t in word_tokens(s) if t not in ("mong", "mung", "la")]
    if "thang" not in tokens:
        rest = tokens[1:] if tokens[:1] == ["nam"] and len(tokens) > 1 else tokens
        year = _year(rest, century)
        return None if year is None else make_date(year)
    at = tokens.index("thang")
    day_tokens = [t for t in tokens[:at] if t != "ngay"]
    day = words_to_number(day_tokens) if day_tokens else None
    if day_tokens and day is None:
        return None
    found = {date for date in _month_years(tokens[at + 1 :], day, century) if date is not None}
    return found.pop() if len(found) == 1 else None


def _month_years(
    tokens: list[str], day: int | None, century: int | None
) -> set[PartialDate | None]:
    """Dates of every way to cut the words after `tháng`; the cut at `năm` comes before others."""
    said = [i for i, t in enumerate(tokens) if t == "nam" and i > 0]
    dates = {_date(tokens[:i], tokens[i + 1 :], day, century) for i in said} - {None}
    if dates:
        return dates
    return {_date(tokens[:i], tokens[i:], day, century) for i in range(1, len(tokens))}


def _date(
    month_tokens: list[str], year_tokens: list[str], day: int | None, century: int | None
) -> PartialDate | None:
    month = words_to_number(month_tokens) if month_tokens else None
    year = _year(year_tokens, century)
    return None if month is None or year is None else make_date(year, month, day)


def _year(tokens: list[str], century: int | None) -> int | None:
    year = words_to_number(tokens) if tokens else None
    if year is not None and year < 100:
        return None if century is None else century + year
    return year
