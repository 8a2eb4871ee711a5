"""One spelling for every text: NFC, clean blanks, comparison keys, placement of tone marks.

Output keeps the spelling of the paper. Comparison is another matter: `key` treats case, blanks,
punctuation and old/new tone placement (hòa/hoà, thúy/thuý) as equal. i and y are different names
(Quý/Quí, Vi/Vy) and stay different unless `merge_iy` is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from ocr_pipeline.text.letters import TONES, nfc_letters, tidied

_VOWELS = frozenset("aăâeêioôơuưy")
_JOINERS = re.compile(r"['’ʼ`´]")
_PUNCTUATION = re.compile(r"[^\w\s/]|_")
_WORD = re.compile(r"[^\W\d_]+")


def nfc(s: str) -> str:
    """The text in Unicode NFC."""
    return unicodedata.normalize("NFC", s)


@lru_cache(maxsize=8192)
def clean(s: str) -> str:
    """NFC, look-alike letters as those meant (Ð as Đ), runs of blanks as one, none at the ends."""
    return tidied(s)


@lru_cache(maxsize=65536)
def key(s: str, *, accents: bool = True, merge_iy: bool = False) -> str:
    """Comparison key: two writings of the same text have the same key. Idempotent.

    Args:
        s: any text.
        accents: keep marks; False compares without any mark (đ as d).
        merge_iy: take a final y after a consonant as i (Lý = Lí, Quý = Quí, Mỹ = Mĩ).

    """
    small = nfc_letters(clean(s).casefold())  # folding makes common letters of rare ones
    joined = _JOINERS.sub("", small)  # before tones are placed: it makes one word of two
    plain = _PUNCTUATION.sub(" ", place_tones(joined, "new"))
    if not accents:
        plain = strip_marks(plain)
    if merge_iy:
        plain = " ".join(map(_y_to_i, plain.split()))
    return nfc(" ".join(plain.split()))


@lru_cache(maxsize=65536)
def strokes(name: str) -> str:
    """Letters and their marks one by one: a mark that is misread is one stroke."""
    return unicodedata.normalize("NFD", name)


def strip_marks(s: str) -> str:
    """Without any mark: `Đặng Thị Hòa` -> `Dang Thi Hoa`."""
    bare = unicodedata.normalize("NFD", s.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


def place_tones(s: str, style: Literal["old", "new"] = "old") -> str:
    """Move tone marks to where one style puts them: old `hòa, thúy`, new `hoà, thuý`.

    Words that are not Vietnamese syllables stay as they are.
    """
    return _WORD.sub(lambda match: _place(match.group(), style), nfc(s))


@lru_cache(maxsize=16384)
def _place(word: str, style: str) -> str:
    letters, tone = _split_tone(word)
    if not tone:
        return word
    at = _tone_position(letters.lower(), style)
    if at is None:
        return word
    return nfc(letters[: at + 1] + tone + letters[at + 1 :])


def _split_tone(word: str) -> tuple[str, str]:
    """Letters without tone (one character each), and the tone; (word, "") unless just one."""
    letters, tones = [], []
    for character in word:
        parts = unicodedata.normalize("NFD", character)
        tones += [p for p in parts if p in TONES]
        letters.append(nfc("".join(p for p in parts if p not in TONES)))
    if len(tones) != 1 or any(len(letter) != 1 for letter in letters):
        return word, ""
    return "".join(letters), tones[0]


def _tone_position(letters: str, style: str) -> int | None:
    start = 0
    if letters.startswith(("qu", "gi")) and letters[2:3] and letters[2] in _VOWELS:
        start = 2
    while start < len(letters) and letters[start] not in _VOWELS:
        start += 1
    end = start
    while end < len(letters) and letters[end] in _VOWELS:
        end += 1
    vowels, coda = letters[start:end], letters[end:]
    if not 1 <= len(vowels) <= 3 or any(c in _VOWELS for c in coda):
        return None
    marked = [i for i, vowel in enumerate(vowels) if vowel in "ăâêôơư"]
    if marked:
        return start + marked[-1]
    if len(vowels) == 1:
        return start
    if len(vowels) == 3 or coda:
        return start + 1
    return start + (1 if style == "new" and vowels in ("oa", "oe", "uy") else 0)


def _y_to_i(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(p for p in parts if p not in TONES)
    consonant = len(bare) > 1 and (bare[-2] not in "aăâeêioôơuưy" or bare.startswith("qu"))
    if bare.endswith("y") and consonant and len(nfc(bare)) > 1:
        at = parts.rindex("y")
        return nfc(parts[:at] + "i" + parts[at + 1 :])
    return word
