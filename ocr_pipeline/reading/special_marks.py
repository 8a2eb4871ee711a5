"""Writings that stand for something else: ditto marks, dashes for "nothing"."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.ditto_marks import AROUND, bare_writing, ditto_file, reads_as_ditto
from ocr_pipeline.registers.fields import FieldKind, Special

_MISREAD_LETTERS = 2  # of the words for "as above"; Như Xuân and Như Thanh are 3 away
_LONG_WORDS = 7  # letters: shorter ones are within two letters of names


def _bare(text: str) -> str:
    return "".join(text.lower().split())


def _all_bare(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_bare, words))


Writings = Annotated[frozenset[str], AfterValidator(_all_bare)]
"""Writings in small letters without blanks."""

Pattern = re.Pattern[str]
"""A regular expression for whole readings in small letters without blanks."""

InkMm2 = Annotated[float, Field(gt=0)]


class MarkFile(Strict):
    """`marks.yaml`.

    Attributes:
        nothing: writings that say that there is nothing to write.
        ditto_ink_mm2: less ink than this is a ditto mark in the kinds of `registers.ditto_marks`.
        ditto_word_kinds: fields whose values are longer than the words for "as above".
        ditto_word_ink_mm2: less ink than this is one in these if it reads as `ditto_misread`.
        ditto_misread: what the network makes of ditto marks.

    """

    nothing: Writings
    ditto_ink_mm2: InkMm2
    ditto_word_kinds: frozenset[FieldKind]
    ditto_word_ink_mm2: InkMm2
    ditto_misread: Pattern


@cache
def _marks() -> MarkFile:
    return load_data(Path(__file__).parent / "data" / "marks.yaml", MarkFile)


def special_of(text: str, kind: str = "", ink_mm2: float = 99.0) -> Special | None:
    """`DITTO` where the writing says "as above"; None for ordinary text.

    Args:
        text: the network's own reading.
        kind: of the field; some kinds hold nothing as small as two short strokes.
        ink_mm2: ink of the field.

    """
    marks, known = _marks(), ditto_file()
    if reads_as_ditto(text, kind):
        return Special.DITTO
    bare = bare_writing(text)
    if kind in marks.ditto_word_kinds and any(
        Levenshtein.distance(bare, words, score_cutoff=_MISREAD_LETTERS) <= _MISREAD_LETTERS
        for words in known.writings
        if len(words) >= _LONG_WORDS
    ):
        return Special.DITTO
    small = kind in known.kinds and ink_mm2 < marks.ditto_ink_mm2
    short = kind in marks.ditto_word_kinds and ink_mm2 < marks.ditto_word_ink_mm2
    misread = short and marks.ditto_misread.fullmatch(_bare(text).strip(AROUND))
    return Special.DITTO if small or misread else None


def means_nothing(text: str) -> bool:
    """Whether the writing only says that there is nothing to write: a dash, a slash, crosses."""
    return bool(text.strip()) and _bare(text) in _marks().nothing
