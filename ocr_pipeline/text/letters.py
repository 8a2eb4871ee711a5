"""Letters, digits and signs that a value of a register may hold, and their look-alikes.

One rule for everything that people type, paste or keep in files: the pre-import check, the
inventory of books and the review station ask the same function.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import Text

TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Combining grave, acute, tilde, hook above, dot below."""
_LINE_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
_UNSEEN = frozenset({"Cc", "Cf"})
_UNSEEN_MARKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
)  # letters by name, without ink
_FORMULA_SIGNS = "=@+-"
_SHOWN_SIGNS = 5


class OddKind(StrEnum):
    """In which way a letter is odd."""

    DECOMPOSED = "decomposed"
    LOOK_ALIKE = "look_alike"
    INVISIBLE = "invisible"
    LINE_BREAK = "line_break"
    BLANK = "blank"
    DIGIT = "digit"
    LOST = "lost"
    LETTER = "letter"
    SIGN = "sign"
    APOSTROPHE = "apostrophe"
    FORMULA = "formula"


class LetterFile(Strict):
    """`letters.yaml`.

    Attributes:
        vowels: small letters that take a tone mark.
        other_letters: further small letters of Vietnamese beyond ASCII.
        signs: punctuation that registers hold, the blank among it.
        look_alikes: letter of another alphabet -> the letter meant.
        kinds: what is said of each kind of odd letter.

    """

    vowels: str
    other_letters: str
    signs: str
    look_alikes: dict[str, str]
    kinds: dict[OddKind, Wording]


@dataclass(frozen=True, slots=True)
class OddLetters:
    """All odd letters of one kind in a text.

    Attributes:
        kind: in which way they are odd.
        signs: the signs concerned, each once, in the order of the text; "" where none can be named.

    """

    kind: OddKind
    signs: str

    @property
    def message(self) -> Text:
        """What is odd, to be put into a sentence."""
        shown = " ".join(_shown(sign) for sign in self.signs[:_SHOWN_SIGNS])
        return _letter_file().kinds[self.kind].message.format(shown=shown)


def odd_letters(text: str, *, lines: bool = False) -> list[OddLetters]:
    """What no value of a register may hold; empty when the text is right.

    Args:
        text: a value as it was typed, pasted or read from a file.
        lines: the text may have several lines (a note).

    """
    found: dict[OddKind, str] = {}
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        found[OddKind.DECOMPOSED] = ""
    for kind, sign in _odd_signs(composed, lines):
        signs = found.setdefault(kind, "")
        found[kind] = signs if sign in signs else signs + sign
    return [OddLetters(kind, signs) for kind, signs in found.items()]


def tidied(text: str, *, lines: bool = False) -> str:
    """The text with everything mended that has only one right form; the rest stays as it is.

    Letters are composed (NFC) and take the place of their look-alikes, foreign digits become 0–9,
    invisible characters go, line breaks and unusual blanks become single blanks.

    Args:
        text: any text.
        lines: keep line breaks (a note).

    """
    kept = text.replace("\r\n", "\n").split("\n") if lines else [text]
    return "\n".join(" ".join(nfc_letters(line).split()) for line in kept).strip("\n")


def nfc_letters(text: str) -> str:
    """The text in NFC, with the letters, digits and blanks that are meant; runs of blanks stay."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_meant()))


def _odd_signs(text: str, lines: bool) -> Iterator[tuple[OddKind, str]]:
    right, meant, last = _right_signs(), _meant(), len(text) - 1
    for at, sign in enumerate(text):
        if sign == "?" and 0 < at < last and text[at - 1].isalpha() and text[at + 1].isalpha():
            yield OddKind.LOST, sign
        elif sign == " ":
            if at in (0, last) or text[at - 1] == " ":
                yield OddKind.BLANK, ""
        elif sign not in right:
            if kind := _kind(sign, meant[ord(sign)], lines):
                yield kind, "" if kind in (OddKind.LINE_BREAK, OddKind.BLANK) else sign
    if text[:1] == "'":
        yield OddKind.APOSTROPHE, ""
    if (
        text[:1] in tuple(_FORMULA_SIGNS)
        and len(text) > 1
        and (text[1].isalnum() or text[1] == "(")
    ):
        yield OddKind.FORMULA, text[0]


def _kind(sign: str, meant: int | str | None, lines: bool) -> OddKind | None:
    if sign in _LINE_BREAKS:
        return None if lines and sign in "\r\n" else OddKind.LINE_BREAK
    if sign == "\ufffd":
        return OddKind.LOST
    if meant is None:
        return OddKind.INVISIBLE
    if meant == " ":
        return OddKind.BLANK
    if isinstance(meant, str):
        return OddKind.DIGIT if sign.isdecimal() else OddKind.LOOK_ALIKE
    return OddKind.LETTER if unicodedata.category(sign)[0] in "LM" else OddKind.SIGN


class _Meant(dict[int, int | str | None]):
    """Table for `str.translate`, filled as signs are met: the sign meant, None for nothing."""

    def __init__(self, look_alikes: dict[str, str]) -> None:
        super().__init__({ord(sign): meant for sign, meant in look_alikes.items()})
        self._look_alikes = look_alikes

    def __missing__(self, code: int) -> int | str | None:
        parts = unicodedata.normalize("NFD", chr(code))
        if parts[0] in self._look_alikes:  # it carries a mark, as the Cyrillic Ѐ does
            self[code] = self._look_alikes[parts[0]] + parts[1:]
        else:
            self[code] = _meant_by_unicode(chr(code), code)
        return self[code]


def _meant_by_unicode(sign: str, code: int) -> int | str | None:
    if code < 0x7F and code >= 0x20:
        return code
    category = unicodedata.category(sign)
    if sign in _LINE_BREAKS or category == "Zs":
        return " "
    if category in _UNSEEN or sign in _UNSEEN_MARKS or 0xFE00 <= code <= 0xFE0F:
        return None
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    full_width = unicodedata.normalize("NFKC", sign) if 0xFF00 <= code <= 0xFF5E else sign
    return full_width if full_width != sign else code


@cache
def _meant() -> _Meant:
    return _Meant(_letter_file().look_alikes)


@cache
def _right_signs() -> frozenset[str]:
    file = _letter_file()
    small = {unicodedata.normalize("NFC", v + tone) for v in file.vowels for tone in ("", *TONES)}
    small |= set(file.other_letters)
    ascii_ = {chr(c) for c in range(0x30, 0x7F) if chr(c).isalnum()}
    return frozenset(ascii_ | small | {letter.upper() for letter in small} | set(file.signs))


@cache
def _letter_file() -> LetterFile:
    return load_data(Path(__file__).parent / "data" / "letters.yaml", LetterFile)


def _shown(sign: str) -> str:
    return sign if sign.isprintable() and not unicodedata.combining(sign) else f"U+{ord(sign):04X}"
