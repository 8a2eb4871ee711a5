"""How far a value is from the writing: the edit distance to what was read of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.normalise import strip_marks

#: A wrong mark costs this share of a wrong letter: marks are misread three times as often.
_MARK = 0.4
_NUMERIC = frozenset(
    {FieldKind.DATE, FieldKind.NUMBER_YEAR, FieldKind.NUMBER, FieldKind.TIME, FieldKind.ID_NUMBER,
     FieldKind.ID_DOCUMENT}
)  # fmt: skip
_SIGNS = re.compile(r"[^\w/ ]+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_APART = re.compile(r"\D+")
Folded = tuple[str, str]
"""A text in small letters, and the same without marks."""


@lru_cache(maxsize=20_000)
def fold(text: str, numeric: bool) -> Folded:
    """Letters or digits alone: case, signs and zeros in front say nothing."""
    if numeric:
        tidy = _ZEROS.sub("", _APART.sub("/", text)).strip("/")
        return tidy, tidy
    tidy = " ".join(_SIGNS.sub(" ", text.lower()).split())
    return tidy, strip_marks(tidy)


def is_numeric(kind: FieldKind) -> bool:
    """Digits are compared, not letters."""
    return kind in _NUMERIC


def distance(value: str, texts: Sequence[str], numeric: bool) -> float:
    """Letters that differ between a value and the nearest of the texts; a mark counts `_MARK`."""
    own = fold(value, numeric)
    return min((_between(own, fold(text, numeric)) for text in texts), default=float(len(own[0])))


def nearest(values: Iterable[str], texts: Sequence[str], numeric: bool, count: int) -> list[str]:
    """The values that are nearest to the texts, nearest first."""
    known = list(values)
    if not known or not texts:
        return []
    bare = [fold(value, numeric)[1] for value in known]
    seen = list(dict.fromkeys(fold(text, numeric)[1] for text in texts[:4]))
    least = cdist(bare, seen, scorer=Levenshtein.distance).min(axis=1)
    few = least.argsort(kind="stable")[: count * 3]
    return sorted((known[i] for i in few), key=lambda v: distance(v, texts, numeric))[:count]


def _between(one: Folded, other: Folded) -> float:
    with_marks = Levenshtein.distance(one[0], other[0])
    bare = Levenshtein.distance(one[1], other[1])
    return _MARK * with_marks + (1 - _MARK) * bare
