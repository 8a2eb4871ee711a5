"""The print of a cover: its lines of words, and the blanks behind its captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from ocr_pipeline.arrays import Gray
from ocr_pipeline.reading.cover_words import CaptionName, cover_words
from ocr_pipeline.reading.tesseract import find_words
from ocr_pipeline.registers.fields import Box
from ocr_pipeline.text.normalise import key

_SECONDS = 30.0  # that Tesseract may take; a cover takes one
_WHITE = 255
_INK_LEVELS = 45
_DOT_MM = 0.9  # dots and dashes of a leader are smaller
_DOT_STEP_MM = 3.0  # the next one is nearer
_DOT_PITCH_MM = 1.2  # dots that have run together count as so many
_DOT_ROW_MM = 0.35  # and on the same row
_FEWEST_DOTS = 6
_RULE_MM = 12.0  # longer straight strokes are rules or frames
_THICK_MM = 1.2
_SAME_LINE_SHARE = 0.6  # of a word's height that its neighbour's middle may be off
_ABOVE, _BELOW = 0.9, 0.6  # of the captions' height: writing stands higher and hangs lower
_LEAST_BLANK_MM = 4.0
_MOST_BLANK_MM = 150.0
_LONG_WORD = 5  # letters, of which one may be misread
_HANGING = re.compile(r"[gpqy,;ạặậẹệịọộợụựỵQẠẶẬẸỆỊỌỘỢỤỰỴ]")
_DESCENT = 0.2  # of a word's height that such letters hang lower
_LETTERS = re.compile(r"^\W*([^\W\d_]+)")
_UNITS: tuple[CaptionName, ...] = ("commune", "district", "province")
_DAYS: tuple[CaptionName, ...] = ("opened", "closed")

#: What may follow a caption on its line; a value may hold the words of other captions.
_FOLLOWERS: dict[str, tuple[CaptionName, ...]] = {
    "": ("number", "year", "agency", *_DAYS, *_UNITS),
    "number": ("year", *_DAYS),
    "year": ("number", *_DAYS),
    "opened": ("month", "closed"),
    "closed": ("month",),
    "month": ("year",),
    "day's year": _DAYS,
    "commune": ("district", "province"),
    "district": ("commune", "province"),
    "province": ("commune", "district"),
    "agency": (),
}


@dataclass(frozen=True, slots=True)
class CoverWord:
    """A word of a cover that Tesseract has found.

    Attributes:
        text: as read (NFC), signs included.
        confidence: Tesseract's own, 0–1 (not calibrated).
        box: where it stands, in pixels of the page.

    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class CoverBlank:
    """The room behind a caption.

    Attributes:
        name: what belongs there; the day of `opened` and `closed`, and their `… month`, `… year`.
        box: in pixels of the page.
        foot: row of pixels on which the caption stands, and its leader runs.
        words: what Tesseract reads in it.

    """

    name: str
    box: Box
    foot: int
    words: tuple[CoverWord, ...]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """Words on one level, from left to right."""

    words: tuple[CoverWord, ...]

    @property
    def text(self) -> str:
        """All of them."""
        return " ".join(word.text for word in self.words)

    @property
    def top(self) -> int:
        """Of its highest word."""
        return min(word.box.y for word in self.words)


def without_leaders(gray: Gray, scale: float) -> Gray:
    """The page without leaders, rules and frames: they run into the words beside them.

    Args:
        gray: (H, W) uint8, ink on white paper.
        scale: pixels per mm.

    """
    ink = np.where(gray < _WHITE - _INK_LEVELS, np.uint8(1), np.uint8(0))
    rules = _rules(ink, scale)
    rest = ink & (1 - rules)
    _, found, measured, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    labels, stats = np.asarray(found, np.int32), np.asarray(measured, np.int32)
    leaders = _leaders(labels, stats, scale)[labels] | rules
    others = rest & (1 - leaders)
    away = cv2.dilate(leaders, np.ones((3, 3), np.uint8)) & (1 - others)
    out = gray.copy()
    out[away > 0] = _WHITE
    return out


def _leaders(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], scale: float) -> Gray:
    """1 for each piece of ink that is a dot in a row of six or more, or a dash of one."""
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    low = (height <= _DOT_MM * scale).astype(np.uint8)
    low[0] = 0
    reach = np.ones((max(round(_DOT_ROW_MM * scale), 1), round(_DOT_STEP_MM * scale)), np.uint8)
    _, rows = cv2.connectedComponents(cv2.dilate(low[labels], reach), connectivity=8)
    places = np.flatnonzero(low)
    lefts, tops = stats[places, cv2.CC_STAT_LEFT], stats[places, cv2.CC_STAT_TOP]
    ends = lefts + width[places] - 1
    middle = tops + height[places] // 2
    inside = [rows[y, x : e + 1].max() for x, e, y in zip(lefts, ends, middle, strict=True)]
    row_of = np.array(inside, np.int64)
    amount = np.maximum(width[places] // max(round(_DOT_PITCH_MM * scale), 1), 1)
    found = np.zeros(len(stats), np.uint8)
    if len(places):
        found[places] = np.bincount(row_of, amount)[row_of] >= _FEWEST_DOTS
    return found


def _rules(ink: Gray, scale: float) -> Gray:
    """1 where a long thin straight stroke is."""
    out = np.zeros_like(ink)
    long, thick = max(round(_RULE_MM * scale), 3), max(round(_THICK_MM * scale), 3)
    for level in (True, False):
        size, across = ((1, long), (thick, 1)) if level else ((long, 1), (1, thick))
        runs = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)), np.uint8)
        bars = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones(across, np.uint8))
        out |= runs & (1 - np.asarray(bars, np.uint8))
    return out


def words_of(page: Gray) -> list[CoverWord]:
    """All words with a letter or digit in them.

    Raises:
        MachineError: Tesseract or its Vietnamese data are missing, or it was not done in time.
        TransientError: Tesseract was killed.

    """
    return [
        CoverWord(word.text, word.confidence, Box(*word.box))
        for word in find_words(page, seconds=_SECONDS)
        if any(character.isalnum() for character in word.text)
    ]


def lines_of(words: Sequence[CoverWord]) -> list[PrintedLine]:
    """Words on one level as lines, from above; words of a line from left to right."""
    lines: list[list[CoverWord]] = []
    for word in sorted(words, key=lambda one: one.box.y + one.box.height / 2):
        line = next((line for line in reversed(lines[-3:]) if _beside(line[-1], word)), None)
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    return [PrintedLine(tuple(sorted(line, key=lambda one: one.box.x))) for line in lines]


def _beside(one: CoverWord, other: CoverWord) -> bool:
    height = max(min(one.box.height, other.box.height), max(one.box.height, other.box.height) / 2)
    middles = (word.box.y + word.box.height / 2 for word in (one, other))
    return abs(next(middles) - next(middles)) <= _SAME_LINE_SHARE * height


def blanks_of(
    lines: Sequence[PrintedLine], size: tuple[int, int], scale: float
) -> list[CoverBlank]:
    """The blanks behind all captions, from above.

    Args:
        lines: of the page.
        size: width and height of the page, in pixels.
        scale: pixels per mm.

    """
    return [
        blank
        for line in lines
        if not _is_heading(line)
        for blank in _blanks_of_line(line, lines, size, scale)
    ]


def _is_heading(line: PrintedLine) -> bool:
    """Whether it is the name of the state or its motto: `XÃ HỘI` is no commune."""
    text = key(line.text, accents=False)
    return any(fuzz.ratio(text, key(one, accents=False)) >= 80 for one in cover_words().headings)


@dataclass(frozen=True, slots=True)
class _Caption:
    """A caption on a line: its words `first` … `last` (inside), and where its blank begins."""

    name: str
    first: int
    last: int
    end: int


def _blanks_of_line(
    line: PrintedLine, lines: Sequence[PrintedLine], size: tuple[int, int], scale: float
) -> Iterator[CoverBlank]:
    captions = list(_captions_of(line))
    for at, caption in enumerate(captions):
        words = line.words[caption.first : caption.last + 1]
        right = size[0] - round(2 * scale)
        if at + 1 < len(captions):
            right = line.words[captions[at + 1].first].box.x
        right = min(right, caption.end + round(_MOST_BLANK_MM * scale))
        if right - caption.end < _LEAST_BLANK_MM * scale:
            continue
        top, bottom = _rows_of(words, line, lines, size[1])
        inside = tuple(
            word
            for word in line.words[caption.last :]
            if caption.end - scale <= word.box.x < right and word not in words
        )
        box = Box(caption.end, top, right - caption.end, bottom - top)
        yield CoverBlank(caption.name, box, _foot_of(words), inside)


def _foot_of(caption: Sequence[CoverWord]) -> int:
    """The row on which a caption stands: its letters that hang lower do not count."""
    feet = [
        word.box.y
        + word.box.height
        - (_DESCENT * word.box.height if _HANGING.search(word.text) else 0)
        for word in caption
    ]
    return round(float(np.median(feet)))


def _rows_of(
    caption: Sequence[CoverWord], line: PrintedLine, lines: Sequence[PrintedLine], height: int
) -> tuple[int, int]:
    """First and last row of the writing beside a caption; not those of the lines around it."""
    tall = max(word.box.height for word in caption)
    top = min(word.box.y for word in caption)
    bottom = max(word.box.y + word.box.height for word in caption)
    above = [
        word.box.y + word.box.height
        for other in lines
        if other is not line
        for word in other.words
        if word.confidence > 0.6 and word.box.y + word.box.height <= top
    ]
    first = max([0, top - round(_ABOVE * tall), *above])
    return first, min(bottom + round(_BELOW * tall), height)


def _captions_of(line: PrintedLine) -> Iterator[_Caption]:
    before, day, at = "", "", 0
    keys = [_key_of(word) for word in line.words]
    while at < len(keys):
        found = _caption_at(keys, at, _FOLLOWERS[before]) if before or at <= 2 else None
        if found is None:
            at += 1
            continue
        caption, length = found
        last = at + length - 1
        end = _end_of(line.words[last], keys[last])
        name: str = caption
        if caption in _DAYS:
            day, before = caption, caption
        elif caption == "month":
            name, before = f"{day} month", caption
        elif before == "month":
            name, before = f"{day} year", "day's year"
        else:
            before = caption
        yield _Caption(name, at, last, end)
        at = last + 1


def _key_of(word: CoverWord) -> str:
    """The letters that a word begins with: `tháng_01` has `thang`."""
    found = _LETTERS.match(word.text)
    return key(found[1], accents=False) if found else ""


def _end_of(word: CoverWord, own: str) -> int:
    """Where the blank behind a caption begins; what is glued to its last word is in it."""
    letters = len(word.text.strip())
    behind = word.text.rstrip(":.…_ -–—,;")
    share = 1.0
    if own and len(key(behind, accents=False)) > len(own):
        share = min((len(own) + 1) / letters, 1.0)
    return word.box.x + round(word.box.width * share) + 1


def _caption_at(
    keys: Sequence[str], at: int, allowed: Sequence[CaptionName]
) -> tuple[CaptionName, int] | None:
    """The longest caption that begins with word `at`, and of how many words it is."""
    best: tuple[CaptionName, int] | None = None
    longest = 0
    for name in allowed:
        for words in _spellings(name):
            letters = sum(map(len, words))
            for length in range(1, min(len(words), len(keys) - at) + 1):
                if letters > longest and _alike(words, keys[at : at + length]):
                    best, longest = (name, length), letters
    return best


def _alike(words: Sequence[str], read: Sequence[str]) -> bool:
    """Whether a caption is read; blanks between words are easily lost, a letter of a long word too.

    The first letter must be right: `quyen` is not `huyen`.
    """
    if "".join(words) == "".join(read):
        return bool(read[-1])
    return len(words) == len(read) and all(
        one == other
        or (len(one) >= _LONG_WORD and one[0] == other[:1] and fuzz.ratio(one, other) >= 80)
        for one, other in zip(words, read, strict=True)
    )


@cache
def _spellings(name: CaptionName) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(key(spelling, accents=False).split()) for spelling in cover_words().captions[name]
    )
