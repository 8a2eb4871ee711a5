"""Vietnamese text in an old encoding, or read with a wrong one: recognised and converted.

Office tables of the 1990s and 2000s are written for TCVN3 (ABC) or VNI fonts: the letters that the
file holds are not Vietnamese (`x· Ph­íc Ng·i`, `xaõ Phöôùc Ngaõi`). Programs also read bytes with a
wrong code page (`xÃ£ PhÆ°á»›c`). Right Vietnamese is never taken for any of these: the text as it
stands must hold a word that no spelling allows, and every word must be Vietnamese afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import model_validator

from ocr_pipeline.data_files import DataValueError, Strict, WordPair, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.text.letters import TONES
from ocr_pipeline.text.lexicons import rows
from ocr_pipeline.text.normalise import nfc
from ocr_pipeline.text.syllables import syllables

_BETWEEN_WORDS = re.compile(r"[\s!-/:-@\[-`{-~0-9“”‘’–—…]+")
_LOST_BLANK = re.compile(r"(?<=[ÃĂ]) ?(?=[ A-Za-z]|$)")
_SMALL_LETTERS = re.compile("[a-z]+")


class LegacyEncoding(StrEnum):
    """How Vietnamese text comes to be unreadable."""

    TCVN3 = "tcvn3"
    VNI = "vni"
    UTF8_AS_CP1252 = "utf8-as-cp1252"
    UTF8_AS_CP1258 = "utf8-as-cp1258"
    CP1258_AS_CP1252 = "cp1258-as-cp1252"

    @property
    def named(self) -> Text:
        """What people call it, for messages."""
        return _data().names[self]


class LegacyFile(Strict):
    """`legacy_encodings.yaml`: names, and rows of letters with what stands for them."""

    names: dict[LegacyEncoding, WordPair]
    windows: WordPair
    tcvn3: tuple[tuple[str, str], ...]
    vni: tuple[tuple[str, str], ...]

    @model_validator(mode="after")
    def _rows_match(self) -> LegacyFile:
        for letters, written in (*self.tcvn3, *self.vni):
            if len(letters.split()) != len(written.split(" ")):
                raise DataValueError(
                    f"hai vế của dòng “{letters}” không dài bằng nhau",
                    f"the two sides of the line “{letters}” differ in length",
                )
        return self


def recognise(text: str, likely: LegacyEncoding | None = None) -> LegacyEncoding | None:
    """The old or wrong encoding that a text is in; None for right Vietnamese and for any doubt.

    Args:
        text: one cell: a name, a place, a sentence. Text without letters beyond ASCII is right.
        likely: the encoding of its neighbours; it counts where several make sense.

    """
    text = nfc(text)
    if text.isascii():
        return None
    for kind, page in _MISREAD.items():
        right = _reread(text, page)
        if right and (_only_vietnamese(right) or recognise(right) in _MISREAD):
            return kind
    found = [kind for kind in _CONVERTERS if _makes_sense(text, kind)]
    if likely in found:
        return likely
    return found[0] if len(found) == 1 else None


def convert(text: str, kind: LegacyEncoding) -> str:
    """The text in Unicode (NFC); what has no meaning in that encoding stays as it is."""
    text = nfc(text)
    if page := _MISREAD.get(kind):
        right = _reread(text, page) or text
        again = recognise(right)  # read with the wrong page twice
        return convert(right, again) if again and again in _MISREAD else right
    return nfc(_CONVERTERS[kind](text))


def decode_old(raw: bytes) -> tuple[str, Text]:
    """Text from bytes in one of the old encodings, and what that encoding is called."""
    page = old_page(raw)
    return decode_page(raw, page), page_name(page)


def page_name(page: LegacyEncoding | None) -> Text:
    """What people call an old encoding; None is code page 1258."""
    return _data().windows if page is None else page.named


def old_page(raw: bytes) -> LegacyEncoding | None:
    """The old encoding that bytes are in; None for code page 1258 (Windows).

    Code page 1258, TCVN3 and VNI use the same bytes: the reading with most Vietnamese words counts.
    """

    def sense(page: LegacyEncoding | None) -> int:
        words = [word for word in _words(decode_page(raw, page)) if not word.isascii()]
        return sum(1 if _is_word(word) else -1 for word in words)

    return max((None, LegacyEncoding.TCVN3, LegacyEncoding.VNI), key=sense)


def decode_page(raw: bytes, page: LegacyEncoding | None) -> str:
    """Bytes as text (NFC) in TCVN3 or VNI, or in code page 1258 for None."""
    text = raw.decode("latin-1").translate(_code_page("cp1258" if page is None else "cp1252"))
    return nfc(text) if page is None else nfc(_CONVERTERS[page](text))


@cache
def _code_page(name: str) -> Mapping[int, str]:
    """What each byte means; those that the page leaves open stand for themselves."""
    return {code: bytes([code]).decode(name, "ignore") or chr(code) for code in range(0x100)}


def _makes_sense(text: str, kind: LegacyEncoding) -> bool:
    """Whether words that cannot be Vietnamese all become so, and none is spoilt."""
    if not _letters(kind).issuperset(c for c in text if not c.isascii() and not _is_mark(c)):
        return False
    before, after = _words(text), _words(convert(text, kind))
    if len(before) != len(after):
        return False
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if not a.isascii()]
    strange = [a for a, b in pairs if a != b and not (_is_word(a) or _is_slip(a))]
    return bool(strange) and all(_is_word(b) for _, b in pairs)


def _is_mark(character: str) -> bool:
    return _BETWEEN_WORDS.fullmatch(character) is not None


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if word]


def is_right_word(word: str) -> bool:
    """Whether no text with this word is taken for one in an old encoding because of it.

    Args:
        word: letters only.

    """
    return word.isascii() or (_alphabet().issuperset(word) and _is_word(word))


def _is_word(word: str) -> bool:
    """Whether a word is spelled as Vietnamese, or stands in a name of a place (`Đắk`, `Krông`)."""
    small = word.replace("Ð", "Đ").lower()
    return small in syllables() or small in _words_of_places()


@cache
def _words_of_places() -> frozenset[str]:
    names = (row[1] for row in rows("places_until_2025"))
    return frozenset(word.lower() for name in names for word in _words(name))


def _is_slip(word: str) -> bool:
    """Whether another tone makes a word a syllable: `Phùc` is a slip of a hand, no encoding."""
    parts = unicodedata.normalize("NFD", word)
    at = next((k for k, c in enumerate(parts) if c in TONES), len(parts))
    return any(_is_word(nfc(parts[:at] + tone + parts[at + 1 :])) for tone in TONES)


def _only_vietnamese(text: str) -> bool:
    return all(c.isascii() or not c.isalpha() or c in _alphabet() for c in text)


@cache
def _alphabet() -> frozenset[str]:
    """All letters of Vietnamese, small and capital."""
    marked = {c for word in syllables() for c in word}
    return frozenset(marked | {c.upper() for c in marked})


# --- UTF-8 that was read as something else


_MISREAD: Mapping[LegacyEncoding, str] = {
    LegacyEncoding.UTF8_AS_CP1252: "cp1252",
    LegacyEncoding.UTF8_AS_CP1258: "cp1258",
}


def _reread(text: str, page: str) -> str:
    """The text that the bytes give as UTF-8; "" when they are not UTF-8.

    The letter à is C3 A0, and A0 is a blank that programs replace or drop. It is put back, but only
    where another letter shows what happened: `XÃ BA TRI` is right as it stands.
    """
    for candidate in (text, _with_lost_blanks(text), unicodedata.normalize("NFD", text)):
        raw = _bytes(candidate, page)
        if raw is None or raw.isascii() or _is_right_but_for(candidate, text):
            continue
        try:
            return nfc(raw.decode("utf-8"))
        except UnicodeDecodeError:
            continue
    return ""


def _is_right_but_for(restored: str, text: str) -> bool:
    rest = _LOST_BLANK.sub("", text).translate({ord("Ã"): None, ord("Ă"): None})
    return restored != text and rest.isascii()


def _with_lost_blanks(text: str) -> str:
    """`TÃ i` and `HÃ Ná»™i` with the blank A0 where à needs it."""

    def restored(match: re.Match[str]) -> str:
        before = text[: match.start() - 1].split(" ")[-1]
        after = _SMALL_LETTERS.match(text, match.end())
        inside = f"{before}à{after.group()}" if after else ""
        return "\u00a0" if inside.lower() in syllables() else "\u00a0" + match.group()

    return _LOST_BLANK.sub(restored, text)


def _bytes(text: str, page: str) -> bytes | None:
    """The bytes of a text in a code page; those that the page leaves open stand for themselves."""
    if not _in_page(page).issuperset(text):
        return None
    made = bytearray()
    for character in text:
        try:
            made += character.encode(page)
        except UnicodeEncodeError:
            made.append(ord(character))
    return bytes(made)


@cache
def _in_page(page: str) -> frozenset[str]:
    """The characters that have a byte in a code page: its own, and those that it leaves open."""
    own = bytes(range(0x100)).decode(page, errors="ignore")
    return frozenset(own) | frozenset(map(chr, range(0x100)))


# --- Encodings that have letters of their own for Vietnamese


def _from_tcvn3(text: str) -> str:
    table, made = _tables()[LegacyEncoding.TCVN3], []
    for part in re.split(f"({_BETWEEN_WORDS.pattern})", text):
        word = "".join(table.get(c, c) for c in part)
        made.append(word.upper() if _in_capitals(part, text) else word)
    return "".join(made)


def _in_capitals(word: str, text: str) -> bool:
    """Whether a word is set in the capitals' font, whose marked letters have the small codes."""
    plain = _ascii_letters(word)
    around = any(len(_ascii_letters(w)) > 1 for w in _words(text))
    enough = len(plain) > 1 or (around and _ascii_letters(text).isupper())
    return plain.isupper() and enough


def _ascii_letters(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalpha())


def _from_vni(text: str) -> str:
    table = _tables()[LegacyEncoding.VNI]
    return _vni_signs().sub(lambda match: table[match.group()], text)


@cache
def _vni_signs() -> re.Pattern[str]:
    table = _tables()[LegacyEncoding.VNI]
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))


def _from_cp1258(text: str) -> str:
    raw = _bytes(text, "cp1252")
    return text if raw is None else nfc(raw.decode("cp1258", errors="replace"))


_CONVERTERS = {
    LegacyEncoding.TCVN3: _from_tcvn3,
    LegacyEncoding.VNI: _from_vni,
    LegacyEncoding.CP1258_AS_CP1252: _from_cp1258,
}


@cache
def _letters(kind: LegacyEncoding) -> frozenset[str]:
    """Letters beyond ASCII that text in this encoding is made of."""
    if kind in _tables():
        return frozenset("".join(_tables()[kind]))
    return frozenset(bytes(range(0x80, 0x100)).decode("cp1252", errors="ignore"))


@cache
def _tables() -> Mapping[LegacyEncoding, Mapping[str, str]]:
    """What stands there -> Vietnamese letter, for the encodings with letters of their own."""
    data, vni = _data(), {}
    for letter, sign in _pairs(data.vni):
        vni[sign] = letter
        vni[sign.upper()] = vni[sign[0].upper() + sign[1:]] = letter.upper()
    return {LegacyEncoding.TCVN3: {s: c for c, s in _pairs(data.tcvn3)}, LegacyEncoding.VNI: vni}


def _pairs(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for letters, written in lines:
        yield from zip(letters.split(), written.split(" "), strict=True)


@cache
def _data() -> LegacyFile:
    path = Path(__file__).parent / "data" / "legacy_encodings.yaml"
    return load_data(path, LegacyFile)
