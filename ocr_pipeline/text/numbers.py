"""Numbers: in Vietnamese words both ways, and the register's `number/year`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.text.normalise import clean, key

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


@dataclass(frozen=True, slots=True)
class WordStyle:
    """How one clerk writes numbers in words; the default is the one form we write.

    Attributes:
        zero_ten: word before a single digit after hundreds (linh, lẻ).
        thousand: nghìn or ngàn.
        four: 4 after tens (bốn, tư).
        five: 5 after tens (lăm, nhăm, năm).
        seven: bảy or bẩy.
        elide_tens: leave out `mươi`: `tám lăm`.
        elide_zero_hundred: leave out `không trăm`: `hai nghìn linh tám`.

    """

    zero_ten: str = "linh"
    thousand: str = "nghìn"
    four: str = "bốn"
    five: str = "lăm"
    seven: str = "bảy"
    elide_tens: bool = False
    elide_zero_hundred: bool = False


def number_to_words(n: int, style: WordStyle = WordStyle()) -> str:  # noqa: B008
    """Words for 0–9999, lower case: 2008 -> `hai nghìn không trăm linh tám`."""
    if not 0 <= n <= 9999:
        raise ValueError(f"{n} is not within 0–9999")
    thousands, hundreds, rest = n // 1000, n // 100 % 10, n % 100
    words: list[str] = []
    if thousands:
        words += [_digit(thousands, style), style.thousand]
    if hundreds or (thousands and rest and not (style.elide_zero_hundred)):
        words += [_digit(hundreds, style), "trăm"]
    if rest or not words:
        words += _below_hundred(rest, style, after=bool(words))
    return " ".join(words)


def _digit(n: int, style: WordStyle) -> str:
    return style.seven if n == 7 else _DIGITS[n]


def _below_hundred(n: int, style: WordStyle, *, after: bool) -> list[str]:
    tens, unit = divmod(n, 10)
    if tens == 0:
        return [style.zero_ten, _digit(unit, style)] if after else [_digit(unit, style)]
    words = ["mười"] if tens == 1 else [_digit(tens, style)]
    if tens > 1 and not (style.elide_tens and unit):
        words.append("mươi")
    special = {0: [], 5: [style.five]}
    if tens > 1:
        special |= {1: ["mốt"], 4: [style.four]}
    return words + special.get(unit, [_digit(unit, style)])


_SPELLINGS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
    "ram": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip


def word_tokens(s: str) -> list[str]:
    """Words without marks, lower case; digits stay. The marks carry nothing a number needs."""
    return key(s, accents=False).replace("/", " ").split()


def words_to_number(tokens: Sequence[str]) -> int | None:
    """Read a number 0–9999 from `word_tokens`; None when it is not one certain number."""
    tokens = tuple(tokens)
    if len(tokens) == 1 and tokens[0].isdecimal():
        return int(tokens[0])
    for word in ("nghin", "ngan"):
        if word in tokens:
            at = tokens.index(word)
            head = 1 if at == 0 else _forms().get(tokens[:at])
            rest = _after_thousand(head, tokens[at + 1 :])
            return None if head is None or rest is None or head > 9 else head * 1000 + rest
    if len(tokens) == 4 and all(t in _SPELLINGS for t in tokens):  # một chín tám lăm
        return int("".join(str(_SPELLINGS[t]) for t in tokens))
    return _hundreds(tokens)


def _after_thousand(thousands: int | None, tokens: tuple[str, ...]) -> int | None:
    if not tokens or tokens == ("chan",):
        return 0
    if len(tokens) == 1 and tokens[0] in _SPELLINGS:
        # "hai nghìn tám": as a year it can only be 2008; after other thousands it stays unclear.
        return _SPELLINGS[tokens[0]] if thousands == 2 else None
    return _hundreds(tokens)


def _hundreds(tokens: tuple[str, ...]) -> int | None:
    if "tram" not in tokens:
        if tokens[:1] in (("linh",), ("le",)):
            return _SPELLINGS.get(tokens[1]) if len(tokens) == 2 else None
        return _forms().get(tokens)
    at = tokens.index("tram")
    head = _SPELLINGS.get(tokens[0]) if at == 1 else None
    rest = tokens[at + 1 :]
    if head is None:
        return None
    if not rest or rest == ("chan",):
        return head * 100
    if rest[0] in ("linh", "le"):
        unit = _SPELLINGS.get(rest[1]) if len(rest) == 2 else None
        return None if unit is None else head * 100 + unit
    if len(rest) == 1 and rest[0] in _SPELLINGS:
        return None  # "chín trăm năm": 905 or 950
    below = _forms().get(rest)
    return None if below is None else head * 100 + below


@cache
def _forms() -> dict[tuple[str, ...], int]:
    """Every writing of 0–99, without marks."""
    forms: dict[tuple[str, ...], int] = {(w,): n for w, n in _SPELLINGS.items() if n != 5}
    forms[("nam",)] = 5
    for word, unit in _SPELLINGS.items():
        if unit:
            forms[("muoi", word)] = 10 + unit
    forms[("muoi",)] = 10
    for word, tens in _SPELLINGS.items():
        if tens < 2 or word in ("lam", "nham", "ram", "tu"):
            continue
        forms[(word, "muoi")] = forms[(word, "chuc")] = tens * 10
        for last, unit in _SPELLINGS.items():
            if unit:
                forms[(word, "muoi", last)] = forms[(word, last)] = tens * 10 + unit
    for last, unit in _SPELLINGS.items():
        if unit:
            forms[("ham", last)] = 20 + unit
    return forms


_NUMBER_YEAR = re.compile(
    r"^\D{0,12}?(\d{1,6})\s*[a-zđ]?\s*(?:[/\\|-]\s*(\d{4}))?\W*$", re.IGNORECASE
)


_FIRST_YEAR = 1000


def parse_number_year(s: str) -> tuple[int, int | None] | None:
    """`62/2018` -> (62, 2018); `Số: 062` -> (62, None); None when it is neither.

    A year of two digits is not taken, and `0000` or `0019` is none.
    """
    match = _NUMBER_YEAR.match(clean(s))
    if not match or int(match[1]) == 0:
        return None
    year = int(match[2] or 0)
    return int(match[1]), year if year >= _FIRST_YEAR else None


def format_number_year(number: int, year: int | None) -> str:
    """`01/2018`; without a year only the number, `01`."""
    return f"{number:02d}/{year}" if year else f"{number:02d}"
