"""Texts that lists and rules of `register_texts` seldom or never give, for training alone.

Measuring and the language model keep to `register_texts`: what is rare there would blur both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ocr_pipeline.arrays import Rng
from ocr_pipeline.text.syllables import syllables
from ocr_pipeline.training import register_texts

_ONES = ["01", "1", "10", "11", "11", "12", "13", "14", "15", "17", "19", "21", "31"]
_LIKE_YEARS = [
    "1911",
    "1955",
    "1977",
    "1988",
    "1991",
    "1999",
    "2000",
    "2001",
    "2011",
    "2021",
    "2022",
]
_STRANGE_SYLLABLE = 0.5  # of the parts after the surname of a strange name


def _pick(rng: Rng, items: list[str]) -> str:
    return items[int(rng.integers(len(items)))]


@cache
def _all_syllables() -> list[str]:
    return sorted(syllables())


def strange_name(rng: Rng) -> str:
    """A name with syllables that stand in no list: any that the spelling allows, alike often."""
    surname, *rest = register_texts.person_name(rng).split(" ")
    parts = [
        _pick(rng, _all_syllables()).title() if rng.random() < _STRANGE_SYLLABLE else part
        for part in rest
    ]
    name = " ".join([surname, *parts])
    return name.upper() if surname.isupper() else name


def short_name(rng: Rng) -> str:
    """A name with initials or cut surnames: `Ng. Văn An`, `Ng Thị Hoa`, `N.V. An`, `Ng T Hoa`."""
    parts = register_texts.person_name(rng).title().split(" ")
    dot = "." if rng.random() < 0.7 else ""
    cut = {"Nguyễn": "Ng", "Trần": "Tr", "Phạm": "Ph", "Huỳnh": "H", "Thị": "T"}
    roll = rng.random()
    if roll < 0.5:
        parts[0] = cut.get(parts[0], parts[0][0]) + dot
    elif roll < 0.8:
        parts[1:-1] = [cut.get(p, p[0]) + dot for p in parts[1:-1]]
    else:
        parts[:-1] = [p[0] + dot for p in parts[:-1]]
    return " ".join(parts)


def short_date(rng: Rng) -> str:
    """A date with a year of two digits, or with a year in words before it."""
    day, month, year = (int(rng.integers(1, n)) for n in (32, 13, 100))
    separator = _pick(rng, ["/", "/", "-", ".", " / "])
    forms = [
        separator.join([f"{day:02d}", f"{month:02d}", f"{year:02d}"]),
        separator.join([str(day), str(month), f"{year:02d}"]),
        f"{month}{separator}{year:02d}",
        f"năm {year:02d}",
        f"ngày {day} tháng {month} năm {year:02d}",
    ]
    return _pick(rng, forms[:2] * 2 + forms)


def age(rng: Rng) -> str:
    """An age: `45 tuổi`, `45t`, `(45)`, `3 tháng tuổi`, `1958 (45 tuổi)`."""
    years = int(rng.integers(0, 103))
    born = int(rng.integers(1900, 2010))
    forms = [
        f"{years} tuổi", f"{years} tuổi", f"{years}t", f"{years} T", f"({years})", f"{years:02d}",
        f"{years % 12 + 1} tháng tuổi", f"{years % 28 + 1} ngày tuổi", f"{born} ({years} tuổi)",
        f"{years}tuổi",
    ]  # fmt: skip
    return _pick(rng, forms)


def ditto(rng: Rng) -> str:
    """A mark for "as above", also in rows of several and with a word before it."""
    forms = ['"', '"', '"', '" "', '-"-', '- " -', "nt", "-nt-", "- nt -", "//", "-//-", "n.t",
             "nt.", "Nt", "NT", "như trên", "Như trên", "-như trên-"]  # fmt: skip
    return _pick(rng, forms)


def like_figures(rng: Rng) -> str:
    """A date or number in which figures follow their like, most of them ones: `11/11/1981`.

    A narrow `1` beside another or beside a stroke is the figure that is left out most often.
    """
    day, month = _pick(rng, _ONES), _pick(rng, ["01", "1", "10", "11", "11", "12"])
    year = f"{int(rng.integers(1930, 2025))}" if rng.random() < 0.6 else _pick(rng, _LIKE_YEARS)
    mark = _pick(rng, ["/", "/", "-", ".", " - ", " / "])
    number = str(int(rng.integers(100, 200)) if rng.random() < 0.7 else int(rng.integers(10, 1000)))
    paper = "".join(
        _pick(rng, ["11", "1", "1", "00", "7", "2", "55", "9", "4", "8"]) for _ in "9" * 9
    )
    forms = [
        mark.join([day, month, year]), mark.join([day, month, year]), f"{number}/{year}", number,
        f"số {number}/QĐ-UBND", paper[:9], f"CMND {paper[:9]}", paper[:12].ljust(12, "1"),
    ]  # fmt: skip
    return _pick(rng, forms)


def capitals(rng: Rng) -> str:
    """A place, an agency or a name in capitals."""
    kind = _pick(rng, ["place", "agency", "person_name"])
    return register_texts.field_text(rng, kind)[1].upper()


#: Text, with how often a training field holds it; the rest are fields of `register_texts.KINDS`.
RARE: dict[Callable[[Rng], str], float] = {
    strange_name: 0.07,
    short_name: 0.02,
    short_date: 0.03,
    age: 0.02,
    ditto: 0.02,
    capitals: 0.03,
    like_figures: 0.06,
}

#: Weak kinds are drawn so much more often besides: names, places and agencies.
_MORE = {"person_name": 0.06, "place": 0.08, "agency": 0.06}


def training_text(rng: Rng) -> str:
    """A text for a training field."""
    roll = rng.random()
    for make, share in RARE.items():
        if roll < share:
            return make(rng)
        roll -= share
    for kind, share in _MORE.items():
        if roll < share:
            return register_texts.field_text(rng, kind)[1]
        roll -= share
    return register_texts.field_text(rng)[1]
