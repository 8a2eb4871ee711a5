"""The title of a cover: which register it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from ocr_pipeline.reading.cover_print import PrintedLine
from ocr_pipeline.reading.cover_words import cover_words
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key

_MOST_LINES = 3  # that a title is set in
_LONGEST_SHARE = 1.5  # of a title's letters: longer lines are sentences of a form


@dataclass(frozen=True, slots=True)
class CoverTitle:
    """The title found.

    Attributes:
        type: the register.
        text: as Tesseract read it.
        share: of the letters of the title that were read, 0–1.
        lead: of that share before the best title of another register.
        lines: which lines of the page it takes.

    """

    type: RegisterType
    text: str
    share: float
    lead: float
    lines: range

    @property
    def sure(self) -> bool:
        """Whether it may be taken over without a look."""
        limits = cover_words().limits
        return self.share >= limits.sure_title_share and self.lead >= limits.title_lead


def find_title(lines: Sequence[PrintedLine]) -> CoverTitle | None:
    """The line, or lines that follow each other, that read most like the title of a register."""
    best: CoverTitle | None = None
    for first in range(len(lines)):
        for last in range(first, min(first + _MOST_LINES, len(lines))):
            text = " ".join(line.text for line in lines[first : last + 1])
            found = _title(text, range(first, last + 1))
            if found is not None and (best is None or found.share > best.share):
                best = found
    return best


def _title(text: str, lines: range) -> CoverTitle | None:
    read = key(text, accents=False)
    shares = {
        type: max((_share(title, read) for title in titles), default=0.0)
        for type, titles in _titles().items()
    }
    first, second = sorted(shares, key=lambda type: -shares[type])[:2]
    if shares[first] < cover_words().limits.title_share:
        return None
    return CoverTitle(first, text, shares[first], shares[first] - shares[second], lines)


def _share(title: str, read: str) -> float:
    if not 1 / _LONGEST_SHARE <= len(read) / len(title) <= _LONGEST_SHARE:
        return 0.0
    return fuzz.ratio(title, read) / 100


@cache
def _titles() -> dict[RegisterType, tuple[str, ...]]:
    return {
        type: tuple(key(title, accents=False) for title in titles)
        for type, titles in cover_words().titles.items()
    }
