"""Finds the captions of a form among the words that Tesseract reads on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.layout.schema import BoxMm
from ocr_pipeline.proposing.caption_words import KnownCaption, known_captions, letters_of
from ocr_pipeline.proposing.printed_lines import PER_MM, LevelLine
from ocr_pipeline.reading.tesseract import PrintedWord

_WORD_GAP_MM = 3.6  # wider gaps part two captions
_MOST_WORDS = 18
_LEAST_CONFIDENCE = 0.2
_SURE_PRINT = 0.7  # Tesseract is seldom this sure of handwriting
_HEIGHT_MM = (1.0, 9.0)
_SHORT, _MIDDLE = 4, 8  # letters: to match whole, with one slip in seven, one in five
_ALIKE_MIDDLE, _ALIKE_LONG = 0.83, 0.8
_SPAN_COST = 1.5  # letters that a caption must bring: one long caption beats two short ones
_MISS_COST = 2.0  # a wrong letter weighs as two right ones: writing behind a caption is none of it
_DESCENDING = set("gpqyạặậẹệịọộợụựỵ,;()[]/jQ")


@dataclass(frozen=True, slots=True)
class FoundCaption:
    """Printed words at one place.

    Attributes:
        text: as Tesseract reads them, or as the list has them where it is the same.
        box: x, y, width, height in mm, tight.
        baseline: in mm.
        known: what they are; None when the list does not have them.
        alike: 0–1, how like the list's wording.
        confidence: 0–1, Tesseract's.
        row: number of the row of words, from the top.

    """

    text: str
    box: BoxMm
    baseline: float
    known: KnownCaption | None
    alike: float
    confidence: float
    row: int

    @property
    def x2(self) -> float:
        """Right end in mm."""
        return self.box[0] + self.box[2]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    confidence: float
    x1: float
    x2: float
    top: float
    bottom: float


def find_captions(
    words: Sequence[PrintedWord], dotted: Sequence[LevelLine], type: str
) -> list[FoundCaption]:
    """Group words into captions, by rows from top to bottom.

    Args:
        words: of the sheet, in its pixels.
        dotted: lines to write on; they part captions.
        type: register type code.

    """
    usable = [w for word in words if _is_usable(w := _in_mm(word))]
    found = []
    for number, row in enumerate(_rows(usable)):
        baseline = _baseline(row)
        for chunk in _chunks(row, dotted, baseline):
            found += _captions(chunk, type, baseline, number)
    return found


def text_of(words: Sequence[PrintedWord]) -> str:
    """The words of one block of print, row by row; in pixels of the sheet."""
    read = [_in_mm(word) for word in words if word.confidence >= _LEAST_CONFIDENCE]
    return " ".join(word.text for row in _rows(read) for word in row)


def _in_mm(word: PrintedWord) -> _Word:
    x, y, width, height = (value / PER_MM for value in word.box)
    return _Word(word.text, word.confidence, x, x + width, y, y + height)


def _is_usable(word: _Word) -> bool:
    seen = any(character.isalnum() for character in word.text)
    high = _HEIGHT_MM[0] <= word.bottom - word.top <= _HEIGHT_MM[1]
    return seen and high and word.confidence >= _LEAST_CONFIDENCE


def _rows(words: Sequence[_Word]) -> list[list[_Word]]:
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.top + word.bottom):
        middle = (word.top + word.bottom) / 2
        for row in reversed(rows[-3:]):
            top = float(np.median([other.top for other in row]))
            bottom = float(np.median([other.bottom for other in row]))
            if top < middle < bottom and abs(middle - (top + bottom) / 2) < 1.6:
                row.append(word)
                break
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.x1) for row in rows]


def _baseline(row: Sequence[_Word]) -> float:
    level = [word.bottom for word in row if not _DESCENDING & set(word.text)]
    if level:
        return float(np.median(level))
    return float(np.median([word.bottom for word in row])) - 0.8


def _chunks(
    row: Sequence[_Word], dotted: Sequence[LevelLine], baseline: float
) -> list[list[_Word]]:
    chunks: list[list[_Word]] = []
    for word in row:
        if chunks and not _parted(chunks[-1][-1], word, dotted, baseline):
            chunks[-1].append(word)
        else:
            chunks.append([word])
    return chunks


def _parted(left: _Word, right: _Word, dotted: Sequence[LevelLine], baseline: float) -> bool:
    if right.x1 - left.x2 > _WORD_GAP_MM:
        return True
    return any(
        abs(line.y - baseline) < 2.0 and line.x1 < right.x1 and line.x2 > left.x2
        and min(line.x2, right.x1) - max(line.x1, left.x2) > 0.5
        for line in dotted
    )  # fmt: skip


def _captions(chunk: Sequence[_Word], type: str, baseline: float, row: int) -> list[FoundCaption]:
    """The best division of words into captions of the list, and what is left between them."""
    spans = _spans(chunk, type)
    count = len(chunk)
    best: list[tuple[float, int, tuple[KnownCaption, float] | None]] = [(0.0, 0, None)]
    for end in range(1, count + 1):
        options = [(best[end - 1][0], end - 1, None)]
        for start in range(max(0, end - _MOST_WORDS), end):
            if (start, end) in spans:
                known, alike = spans[start, end]
                letters = sum(len(letters_of(word.text)) for word in chunk[start:end])
                gain = (1 - _MISS_COST * (1 - alike)) * letters - _SPAN_COST
                options.append((best[start][0] + gain, start, (known, alike)))  # type: ignore[arg-type]
        best.append(max(options, key=lambda option: option[0]))
    pieces: list[tuple[int, int, tuple[KnownCaption, float] | None]] = []
    end = count
    while end:
        _, start, what = best[end]
        if what is None and pieces and pieces[-1][2] is None:
            pieces[-1] = (start, pieces[-1][1], None)
        else:
            pieces.append((start, end, what))
        end = start
    found = [_caption(chunk[a:b], what, baseline, row) for a, b, what in reversed(pieces)]
    return [caption for caption in found if caption is not None]


def _caption(
    words: Sequence[_Word], what: tuple[KnownCaption, float] | None, baseline: float, row: int
) -> FoundCaption | None:
    sure = float(np.mean([word.confidence for word in words]))
    text = " ".join(word.text for word in words)
    if what is None and (sure < _SURE_PRINT or len(letters_of(text)) < 2):
        return None
    x, top = words[0].x1, min(word.top for word in words)
    bottom = max(word.bottom for word in words)
    box = (x, top, words[-1].x2 - x, bottom - top)
    known, alike = what or (None, 0.0)
    return FoundCaption(text, box, baseline, known, alike, sure, row)


def _spans(chunk: Sequence[_Word], type: str) -> dict[tuple[int, int], tuple[KnownCaption, float]]:
    found = {}
    for start in range(len(chunk)):
        for end in range(start + 1, min(len(chunk), start + _MOST_WORDS) + 1):
            if end > start + 1 and chunk[end - 2].text.endswith(":"):
                break  # a colon ends a caption
            text = " ".join(word.text for word in chunk[start:end])
            if match := match_caption(text, type):
                found[start, end] = match
    return found


@cache
def match_caption(text: str, type: str) -> tuple[KnownCaption, float] | None:
    """The wording of the list that a text is, and how like it is (0–1); None when none is."""
    letters = letters_of(text)
    best: tuple[float, KnownCaption] | None = None
    for length in range(max(1, int(len(letters) * 0.75)), int(len(letters) * 1.3) + 2):
        for known, wording in _by_length(type).get(length, ()):
            alike = Levenshtein.normalized_similarity(wording, letters)
            if alike < _least_alike(min(len(wording), len(letters))):
                continue
            marks = fuzz.ratio(known.wording.lower(), text.lower().strip(" :.,-")) / 100
            score = 0.9 * alike + 0.1 * marks
            if best is None or score > best[0]:
                best = (score, known)
    return None if best is None else (best[1], best[0])


def _least_alike(length: int) -> float:
    if length <= _SHORT:
        return 1.0
    return _ALIKE_MIDDLE if length <= _MIDDLE else _ALIKE_LONG


@cache
def _by_length(type: str) -> dict[int, list[tuple[KnownCaption, str]]]:
    table: dict[int, list[tuple[KnownCaption, str]]] = {}
    for known in known_captions(type):
        letters = letters_of(known.wording)
        table.setdefault(len(letters), []).append((known, letters))
    return table
