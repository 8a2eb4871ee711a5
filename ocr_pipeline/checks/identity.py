"""Personal numbers and papers: what a 12-digit number says, and which shapes papers have.

A personal number (căn cước) is province (3 digits), century and sex (1), year (2), serial (6); it
has no check digit. The province part is "0" and the code valid before July 2025.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ocr_pipeline.text.places import Gazetteer

PERSONAL = "4"
"""Code of the paper whose number is the personal number."""

_SHAPES = {"1": r"\d{9}|\d{12}", PERSONAL: r"\d{12}"}
_OWN = ("SoDinhDanh", "SoDinhDanhCaNhan")


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A 12-digit personal number taken apart."""

    digits: str

    @property
    def sex(self) -> str:
        """`1` male, `2` female."""
        return "2" if int(self.digits[3]) % 2 else "1"

    @property
    def birth_year(self) -> int:
        """0 and 1 stand for 19xx, 2 and 3 for 20xx, and so on."""
        return 1900 + 100 * (int(self.digits[3]) // 2) + int(self.digits[4:6])

    @property
    def province_exists(self) -> bool:
        """Its province is one of the 63. (Born abroad one has a country's code: a question too.)"""
        return self.digits[0] == "0" and self.digits[1:3] in _provinces()


def is_shaped(paper: str) -> bool:
    """Whether the numbers of this kind of paper (code of LoaiGiayToTuyThan) have a shape."""
    return paper in _SHAPES


def has_shape(paper: str, number: str) -> bool:
    """Whether a number has the shape of its kind of paper (code of LoaiGiayToTuyThan).

    True for kinds whose numbers have any shape.
    """
    shape = _SHAPES.get(paper)
    return shape is None or re.fullmatch(shape, number) is not None


def personal_numbers(
    values: Mapping[str, str], person: str
) -> Iterator[tuple[str, PersonalNumber]]:
    """Columns and personal numbers of a person (12 digits, whatever column holds them)."""
    for suffix in (*_OWN, "SoGiayToTuyThan"):
        text = values.get(person + suffix, "").strip()
        if re.fullmatch(r"\d{12}", text):
            yield person + suffix, PersonalNumber(text)


def misshapen(values: Mapping[str, str], person: str) -> Iterator[tuple[str, str]]:
    """Columns and numbers that do not have the shape of their kind of paper."""
    for suffix in _OWN:
        text = values.get(person + suffix, "").strip()
        if text and not has_shape(PERSONAL, text):
            yield person + suffix, text
    text = values.get(f"{person}SoGiayToTuyThan", "").strip()
    if text and not has_shape(values.get(f"{person}LoaiGiayToTuyThan", "").strip(), text):
        yield f"{person}SoGiayToTuyThan", text


@cache
def _provinces() -> frozenset[str]:
    return frozenset(unit.code for unit in Gazetteer.load().provinces(2025) if 2025 in unit.seen)
