"""Cells that are right as they stand, told apart without the steps that mend the others.

Most cells of most files are right. What is told here as right gives exactly what `mend_cell` gives
for it; whatever is not sure is left to `mend_cell`. A clean cell takes 1 µs, a mended one 60.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from ocr_pipeline.exchange.keyed_files.cell_mending import (
    MENDED_NAME,
    MendedCell,
    SheetHabits,
    has_all_digits,
    mend_cell,
)
from ocr_pipeline.exchange.keyed_files.cells import cell_of
from ocr_pipeline.exchange.keyed_files.keyed_dates import EventYears
from ocr_pipeline.exchange.keyed_files.row_words import words_of_no_value
from ocr_pipeline.export.xls import MAX_CHARS
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import Column
from ocr_pipeline.registers.values import WORDS_OF_NOTHING
from ocr_pipeline.text.legacy_encodings import is_right_word
from ocr_pipeline.text.normalise import key, strip_marks

_MOST_WORDS = 1 << 17  # that are held: there are 20,000 syllables, the others are slips
_MOST_KNOWN = 1 << 18  # cells of a sheet that are held: 150 MB at most
_NUMBER_YEAR = re.compile(r"(?:(?!00/)\d\d|[1-9]\d{2,5})/[1-9]\d{3}", re.ASCII)
#: What depends on other cells of the row is mended in each row anew.
_BY_YEARS = frozenset({"short_year", "impossible_year"})
ANY_YEAR = EventYears()


class MendedCells:
    """Mends the cells of one sheet; a value that came before is not mended again.

    The cells that it gives are shared by rows and never changed, but for those of personal numbers.

    Args:
        habits: of the sheet.

    """

    def __init__(self, habits: SheetHabits) -> None:
        self._habits = habits
        self._known: dict[tuple[str, str], MendedCell] = {}

    def of_column(
        self, column: Column
    ) -> Callable[[str | Sequence[str], Callable[[], EventYears]], MendedCell]:
        """What mends a cell of a column.

        Args:
            column: the column.

        Returns:
            A function of the cell as it is stored, and of what gives the years that other cells of
            the row allow; it is called only where they count.

        """
        habits, known, name, kind = self._habits, self._known, column.name, column.kind
        told = _TOLD.get(kind)
        repeats = kind not in (FieldKind.ID_NUMBER, FieldKind.PERSON_NAME, FieldKind.NUMBER_YEAR)

        def mend(stored: str | Sequence[str], years: Callable[[], EventYears]) -> MendedCell:
            if not isinstance(stored, str):
                return mend_cell(column, cell_of(stored), habits, years())
            if told is not None and (found := told(stored)) is not None:
                return found
            if not repeats:
                return mend_cell(column, cell_of(stored), habits, years())
            at = name, stored
            if (found := known.get(at)) is None:
                found = mend_cell(column, cell_of(stored), habits, years())
                if kind is not FieldKind.DATE or _stands_alone(found):
                    if len(known) >= _MOST_KNOWN:
                        known.clear()
                    known[at] = found
            return found

        return mend


def _stands_alone(date: MendedCell) -> bool:
    return not date.faults and all(rule not in _BY_YEARS for rule, _, _ in date.steps)


class _TitledWords(dict[str, str]):
    """Words of names with their capital; "" for one that has to be looked at more closely."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()
        titled = word[:1].upper() + word[1:].lower()
        self[word] = titled = titled if _is_plain(word) else ""
        return titled


def _is_plain(word: str) -> bool:
    """Letters only, of no old encoding, and no word by which people say that nothing is known."""
    if not word.isalpha() or not is_right_word(word):
        return False
    return strip_marks(key(word)) not in _words_of_nothing()


@cache
def _words_of_nothing() -> frozenset[str]:
    return WORDS_OF_NOTHING | words_of_no_value()


_titled = _TitledWords()


def clean_name(text: str) -> MendedCell | None:
    """The cell of a name whose words are all plain; None for any other."""
    words = [_titled[word] for word in text.split(" ")]
    if "" in words or len(text) > MAX_CHARS:
        return None
    name = " ".join(words)
    if name == text:
        return MendedCell(text, text)
    return MendedCell(name, name, [(MENDED_NAME, text, name)])


def clean_number(text: str) -> MendedCell | None:
    """The cell of a personal number of twelve digits; None for any other."""
    if has_all_digits(text) and text.isascii() and text.isdigit():
        return MendedCell(text, text)
    return None


def clean_number_year(text: str) -> MendedCell | None:
    """The cell of `01/2018`; None for any other."""
    return MendedCell(text, text) if _NUMBER_YEAR.fullmatch(text) else None


_TOLD: Mapping[FieldKind, Callable[[str], MendedCell | None]] = {
    FieldKind.PERSON_NAME: clean_name,
    FieldKind.ID_NUMBER: clean_number,
    FieldKind.NUMBER_YEAR: clean_number_year,
}
