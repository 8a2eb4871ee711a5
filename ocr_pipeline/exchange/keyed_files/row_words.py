"""Words of rows that are no record, of cells that hold nothing, and of months."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.text.normalise import key, strip_marks


class RowWordFile(Strict):
    """`row_words.yaml`.

    Attributes:
        totals: beginnings of rows of totals.
        closing: beginnings of lines below a table.
        months: words for a month by its number.
        nothing: cells that hold no value.

    """

    totals: tuple[str, ...]
    closing: tuple[str, ...]
    months: dict[int, tuple[str, ...]]
    nothing: tuple[str, ...]


@cache
def row_words() -> RowWordFile:
    """The words, all but those of months as comparison keys."""
    file = load_data(Path(__file__).parent / "data" / "row_words.yaml", RowWordFile)
    return RowWordFile(
        totals=tuple(map(key, file.totals)),
        closing=tuple(map(key, file.closing)),
        months=file.months,
        nothing=(*map(key, filter(str.isalpha, file.nothing)), *map(str.casefold, file.nothing)),
    )


@cache
def months() -> Mapping[str, int]:
    """Number of a month by its words, in small letters."""
    return {word: number for number, words in row_words().months.items() for word in words}


def says_no_value(text: str) -> bool:
    """The cell only says that there is nothing: `NULL`, `N/A`."""
    if len(text) > _longest_nothing():
        return False
    return text.strip().casefold() in row_words().nothing or key(text) in row_words().nothing


@cache
def words_of_no_value() -> frozenset[str]:
    """Words, without marks, that cells consist of which say that there is nothing."""
    texts = (strip_marks(text) for text in row_words().nothing)
    return frozenset(word for text in texts for word in text.split())


@cache
def _longest_nothing() -> int:
    return max(map(len, row_words().nothing))
