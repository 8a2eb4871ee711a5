"""How a machine misreads the registers of a side, where nobody has reviewed what it read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.bench.invented_clerk import InventedClerk
from ocr_pipeline.text.lexicons import given_names, middle_names, surnames
from ocr_pipeline.text.normalise import strip_marks
from ocr_pipeline.text.places import Unit

# Counted on three drawn books of hands that the network had not seen (72 pages, 335 names, 305
# dates, 167 places), as `sohoa run` left them: 94 names were wrong, in 77 of them one word; of the
# wrong words 69 were the last, 30 in the middle, 9 the first, 21 had other marks alone. 11 dates
# were wrong: 2 empty, 1 year, the others a day or a month, one digit of which was another.
_NAME_MISREAD, _DATE_MISREAD, _UNIT_MISREAD = 0.28, 0.036, 0.02
_SECOND_WORD, _OTHER_MARKS = 0.17, 0.19
_LAST_WORD, _MIDDLE_WORD = 0.64, 0.28
_DATE_EMPTY, _YEAR_MISREAD = 0.18, 0.09
_MOST_ALIKE = 8  # words that a word is taken for
_LIKE_DIGITS = {"0": "6", "1": "70", "2": "3", "3": "28", "4": "9", "5": "6", "6": "0", "7": "1",
                "8": "3", "9": "48"}  # fmt: skip


class InventedReader(InventedClerk):
    """A machine that reads what careful clerks wrote; one hand is read worse than another.

    Args:
        rng: source of chance.
        communes: where people come from.
        side: as for clerks.
        often: how many times as often as counted it misreads. Where people have reviewed what is
            doubtful, what is left is near 0.02.

    """

    def __init__(
        self, rng: np.random.Generator, communes: Sequence[Unit], side: str, often: float
    ) -> None:
        super().__init__(rng, communes, side, often)
        self._alike = _WordsAlike()

    def _name(self, field: str, name: str, care: float, errors: list[str]) -> str:
        rng, words = self._rng, name.split()
        if rng.random() >= min(_NAME_MISREAD * care, 1.0):
            return name
        kinds = set[str]()
        for _ in range(1 + (rng.random() < _SECOND_WORD)):
            at = self._which(len(words))
            only_marks = rng.random() < _OTHER_MARKS
            if near := self._alike.of(words[at], only_marks=only_marks):
                read = near[int(rng.integers(len(near)))]
                kinds.add("marks" if strip_marks(read) == strip_marks(words[at]) else "letters")
                words[at] = read
        if kinds:
            errors.append(f"{field}:{'letters' if 'letters' in kinds else 'marks'}")
        return " ".join(words)

    def _which(self, count: int) -> int:
        chance = self._rng.random()
        if chance < _LAST_WORD:
            return count - 1
        if chance < _LAST_WORD + _MIDDLE_WORD and count > 2:
            return int(self._rng.integers(1, count - 1))
        return 0

    def _date(self, date: datetime.date, care: float, errors: list[str]) -> str:
        rng, written = self._rng, f"{date:%d.%m.%Y}"
        if rng.random() >= min(_DATE_MISREAD * care, 1.0):
            return written
        chance = rng.random()
        if chance < _DATE_EMPTY:
            errors.append("birth:missing_a")
            return ""
        of_year = chance < _DATE_EMPTY + _YEAR_MISREAD
        places = (8, 9) if of_year else (0, 1, 3, 4)
        read = _misread_digit(rng, written, places)
        if read is None:
            return written  # no other date is like it
        errors.append(f"birth:{_kind(date, read)}")
        return f"{read:%d.%m.%Y}"

    def _place(self, field: str, at: int, rate: float, errors: list[str]) -> tuple[str, str]:
        return super()._place(field, at, min(_UNIT_MISREAD * self._often, 1.0), errors)


class _WordsAlike:
    """Known words of names that a word is taken for, found once a word."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool], list[str]] = {}

    def of(self, word: str, *, only_marks: bool) -> list[str]:
        """The likest known words; those with the same letters, or with others."""
        key = word, only_marks
        if key not in self._found:
            bare = strip_marks(word)
            words, by_letters = _known_words()
            if only_marks:
                self._found[key] = [one for one in by_letters.get(bare, ()) if one != word]
            else:
                scored = process.extract(
                    word, words, scorer=Levenshtein.distance, limit=3 * _MOST_ALIKE
                )
                others = [one for one, _, _ in scored if strip_marks(one) != bare]
                self._found[key] = others[:_MOST_ALIKE]
        return self._found[key]


@lru_cache(maxsize=1)
def _known_words() -> tuple[list[str], Mapping[str, list[str]]]:
    parts = chain.from_iterable(
        name.split() for lists in (surnames(), middle_names(), given_names()) for name in lists
    )
    words = sorted(set(parts))
    by_letters: dict[str, list[str]] = {}
    for word in words:
        by_letters.setdefault(strip_marks(word), []).append(word)
    return words, by_letters


def _misread_digit(
    rng: np.random.Generator, written: str, places: Sequence[int]
) -> datetime.date | None:
    """A date with one digit taken for one that looks like it; None when no such date exists."""
    for place in rng.permutation(places):
        for digit in _LIKE_DIGITS[written[place]]:
            day, month, year = f"{written[:place]}{digit}{written[place + 1 :]}".split(".")
            try:
                return datetime.date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None


def _kind(date: datetime.date, read: datetime.date) -> str:
    """What the reconciliation calls the difference."""
    if (read.day, read.month) == (date.day, date.month):
        return "year_off" if abs(read.year - date.year) == 1 else "year_other"
    same_part = read.day == date.day or read.month == date.month
    return "day_other" if read.year == date.year and same_part else "date_other"
