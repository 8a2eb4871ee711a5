"""Writings of a date that need an event to be understood: years of two digits, and ages."""

from __future__ import annotations

import re
from functools import lru_cache

from ocr_pipeline.text.date_words import words_to_date
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.normalise import clean, strip_marks
from ocr_pipeline.text.numbers import word_tokens, words_to_number

_CENTURIES = (1800, 1900, 2000)
_OLDEST_YEARS = 120
# `32 tuổi`, `32t`, `(32)`; a month or a day of life (`3 tháng tuổi`) is no age in years.
_AGE = re.compile(r"\(?\s*(\d{1,3})\s*(?:tuoi|t)\b[\s.]*\)?|\(\s*(\d{1,3})\s*\)")


@lru_cache(maxsize=4096)
def short_dates(s: str) -> tuple[PartialDate, ...]:
    """The dates that a writing with a year of two digits can mean, one for each century.

    Args:
        s: as written: `12-5-85`, `'85`, `năm 85`, `ngày mười hai tháng năm năm tám lăm`.

    Returns:
        Earliest first; () for a writing with a whole year, or that is no date.

    """
    if parse_date(s) or words_to_date(s):
        return ()
    found = (parse_date(s, century=c) or words_to_date(s, century=c) for c in _CENTURIES)
    return tuple(date for date in found if date is not None)


def age_in(s: str) -> int | None:
    """Years of age (0–120) that a writing states: `32 tuổi`, `32t`, `(32)`; None for others."""
    text = strip_marks(clean(s)).lower()
    match = _AGE.fullmatch(text)
    if match:
        age: int | None = int(match[1] or match[2])
    else:
        *tokens, last = word_tokens(s) or [""]
        age = words_to_number(tokens) if last == "tuoi" and tokens else None
    return age if age is not None and age <= _OLDEST_YEARS else None


def bare_number(s: str) -> int | None:
    """A number of two digits by itself, which may be a year or an age; None for others."""
    text = clean(s).strip(" .")
    return int(text) if re.fullmatch(r"\d{2}", text) else None
