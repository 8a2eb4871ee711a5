"""Language models at home in one book: most places of a register lie near its own agency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.reading import language
from ocr_pipeline.reading.automaton import Automaton, union
from ocr_pipeline.reading.ngram import adapted
from ocr_pipeline.text.places import Gazetteer, Level, Unit, short_name

AT_HOME = "@home"
"""Suffix of the names of models that know the book's home."""

Share = Annotated[float, Field(ge=0, le=1)]

_MODELS = ("place", "agency")
_SHARE = 0.7  # of the probability that goes to texts from home
_DISTRICTS = ("huyện ", "quận ", "thị xã ", "thành phố ")
_OWN, _NEAR = 12.0, 1.0  # weight of the own commune, and of each other commune of the district


class PlaceForms(Strict):
    """`places.yaml`: how clerks write addresses.

    Attributes:
        manners: share of each way to write a unit.
        separators: share of each text between two units.
        short: what type words become when they are abbreviated.
        offices: words before a unit that make it an agency.
        home: share of words that stand before the address where somebody was born or died.
        sites: share of health stations and hospitals before the unit that has them.

    """

    manners: dict[Literal["small", "capital", "bare", "short"], Share]
    separators: dict[str, Share]
    short: dict[str, str]
    offices: tuple[str, ...]
    home: dict[str, Share]
    sites: dict[Level, dict[str, Share]]


@lru_cache(maxsize=2)
def automaton_at(home: tuple[str, ...]) -> Automaton:
    """All automata of the package, and the models of places and agencies adapted to a book.

    Args:
        home: units of the book's agency with their type words, smallest first, e.g.
            `("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")`; empty for none.

    """
    if not home:
        return language.automaton()
    models = language.models()
    texts = {"place": place_texts(home), "agency": agency_texts(home)}
    parts = [
        adapted(models[name], texts[name], language.ALPHABET, share=_SHARE).automaton(
            name + AT_HOME, language.ALPHABET
        )
        for name in _MODELS
    ]
    return union([language.automaton(), *parts])


def place_texts(home: Sequence[str]) -> Mapping[str, float]:
    """Addresses in and around home, in the ways that clerks write them."""
    out: dict[str, float] = defaultdict(float)
    for units, weight in _around(home):
        for start in range(len(units)):  # a town alone, a district alone
            for text, share in _written(units[start:]):
                out[text] += weight * share * (1.0 if start == 0 else 0.2)
    for words, site, often in _births_and_deaths(home):
        for text, share in _written(site):
            out[words + text] += _OWN * often * share
    return out


def _births_and_deaths(home: Sequence[str]) -> Iterator[tuple[str, Sequence[str], float]]:
    """What stands before an address where somebody was born or died, the units, and its share."""
    forms = _forms()
    for words, often in forms.home.items():
        yield f"{words}, ", home, often
    for start, level in enumerate(_levels(home)):
        for words, often in forms.sites[level].items():
            yield f"{words} ", home[start:], often


def _levels(home: Sequence[str]) -> tuple[Level, ...]:
    """The levels of an agency's units: since July 2025 there are no districts."""
    if len(home) > 2:
        return "commune", "district", "province"
    if len(home) < 2:
        return ("province",)
    of_district = home[0].lower().startswith(_DISTRICTS)
    return "district" if of_district else "commune", "province"


def agency_texts(home: Sequence[str]) -> Mapping[str, float]:
    """Names of the agencies at home."""
    forms = _forms()
    out: dict[str, float] = defaultdict(float)
    for units, weight in _around(home):
        for start in range(len(units)):
            for office in forms.offices:
                for text, share in _written(units[start:]):
                    out[f"{office} {text}"] += weight * share / len(forms.offices)
    return out


def short_forms() -> Mapping[str, str]:
    """What type words of units (small letters) become when clerks abbreviate them."""
    return _forms().short


def _around(home: Sequence[str]) -> list[tuple[tuple[str, ...], float]]:
    """Home, and the other communes of its district (or province, since there are no districts)."""
    above = tuple(home[1:])
    near = [(unit.name, *above) for unit in _children(above)]
    return [(tuple(home), _OWN), *((units, _NEAR) for units in near)]


def _children(above: Sequence[str]) -> list[Unit]:
    gazetteer = Gazetteer.load()
    found: list[Unit] = []
    for name in reversed(above):
        found = gazetteer.find(name, within=found[0] if found else None)
        if not found:
            return []
    return gazetteer.children(found[0])[:60] if found else []


def _written(units: Sequence[str]) -> list[tuple[str, float]]:
    """The units in every manner of `data/places.yaml`, with the manner's share."""
    forms = _forms()
    out = []
    for manner, share in forms.manners.items():
        named = [_manner(unit, manner, forms.short) for unit in units]
        for separator, part in forms.separators.items():
            text = separator.join(named)
            out.append((text, share * part * 0.5))
            out.append((text[:1].upper() + text[1:], share * part * 0.5))
    return out


def _manner(unit: str, manner: str, short: Mapping[str, str]) -> str:
    name = short_name(unit)
    kind = unit[: len(unit) - len(name)].strip()
    if manner == "bare":
        return name
    if manner == "short":
        return f"{short.get(kind.lower(), kind)} {name}".strip()
    return unit[:1].upper() + unit[1:] if manner == "capital" else unit[:1].lower() + unit[1:]


@lru_cache(maxsize=1)
def _forms() -> PlaceForms:
    return load_data(Path(__file__).parent / "data" / "places.yaml", PlaceForms)
