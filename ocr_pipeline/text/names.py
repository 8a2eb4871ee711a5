"""Names of people: capitals, surname/middle/given, and what a name says about sex."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.text.lexicons import rows
from ocr_pipeline.text.normalise import clean, key

_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_IN_NAMES = re.compile(r"[^\w\s'’\-.()]|_|\d")
_SEX_SMOOTHING = 2.0


@dataclass(frozen=True, slots=True)
class NameParts:
    """Surname, middle names (may be empty), given name."""

    surname: str
    middle: str
    given: str


def title_case_name(name: str) -> str:
    """`NGUYỄN  văn an` -> `Nguyễn Văn An`; `H'MAI` -> `H'Mai`. Spelling of marks is kept."""
    tidy = " ".join(_NOT_IN_NAMES.sub(" ", clean(name)).split()).strip(" .-'’")
    return _LETTERS.sub(lambda m: _capital(m.group()[0]) + m.group()[1:].lower(), tidy)


def _capital(letter: str) -> str:
    """The capital of a letter; a letter whose capital is two (`ß`) stays, as a clerk writes it."""
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


def split_name(name: str) -> NameParts:
    """First word is the surname, last the given name; a single word is a given name."""
    words = name.split()
    if len(words) < 2:
        return NameParts("", "", words[0] if words else "")
    return NameParts(words[0], " ".join(words[1:-1]), words[-1])


def same_person_name(a: str, b: str) -> bool:
    """The names are the same but for case, blanks and placement of tone marks."""
    return bool(a) and key(a) == key(b)


def female_log_odds(name: str) -> float:
    """Natural log of the odds that the bearer is a woman, from the name alone; 0 = unknown.

    `Thị` and `Văn` as a middle name nearly decide; given names count as often as they stand in
    lists of girls' and boys' names.
    """
    parts = split_name(key(name))
    middle = parts.middle.split()
    odds = (4.0 if "thị" in middle else 0.0) - (4.0 if "văn" in middle else 0.0)
    boys, girls = _by_sex().get(parts.given, (0.0, 0.0))
    total_boys, total_girls = _by_sex()[""]
    scale = total_boys / total_girls
    return odds + math.log((girls * scale + _SEX_SMOOTHING) / (boys + _SEX_SMOOTHING))


@cache
def _by_sex() -> Mapping[str, tuple[float, float]]:
    table = {key(name): (float(boys), float(girls)) for name, _, boys, girls in rows("given_names")}
    table[""] = (sum(b for b, _ in table.values()), sum(g for _, g in table.values()))
    return table
