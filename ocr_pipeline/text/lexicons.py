"""Frequency lists of what registers hold: names, groups, nations, relations, offices, papers.

The lists lie in `text/data/*.tsv`; the first lines of each, beginning with `#`, name columns,
source and date. Counts are weights, not probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ocr_pipeline.text.normalise import key, nfc

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[list[str]]:
    """Rows of a data file (`surnames` for surnames.tsv), comments left out, NFC."""
    text = nfc((DATA / f"{name}.tsv").read_text(encoding="utf-8"))
    return [line.split("\t") for line in text.split("\n") if line and not line.startswith("#")]


@dataclass(frozen=True)
class Lexicon:
    """Spellings with weights, and what else is written for them.

    Attributes:
        weights: spelling -> weight > 0, most frequent first.
        variants: other writing -> the spelling it stands for.

    """

    weights: Mapping[str, float]
    variants: Mapping[str, str]

    def find(self, text: str) -> str:
        """The spelling for a writing of it, whatever its case, blanks and commas; else "".

        Of spellings that differ in these alone the most frequent one.
        """
        return self._index.get(_tight(text), "")

    @cached_property
    def _index(self) -> Mapping[str, str]:
        index = {_tight(variant): word for variant, word in self.variants.items()}
        index.update({_tight(word): word for word in reversed(list(self.weights))})
        return index


@cache
def surnames() -> Mapping[str, float]:
    """Surnames -> count."""
    return _counts("surnames")


@cache
def middle_names() -> Mapping[str, float]:
    """Middle names (one or two syllables) -> count."""
    return _counts("middle_names")


@cache
def given_names() -> Mapping[str, float]:
    """Given names -> count."""
    return _counts("given_names")


@cache
def ethnic_groups() -> Lexicon:
    """The 54 groups (and `Khác`) in the spelling of Hộ tịch 158."""
    return _lexicon("ethnic_groups", name=0, weight=1, variants=3)


@cache
def nationalities() -> Lexicon:
    """Countries as nationalities."""
    return _lexicon("nationalities", name=0, weight=1, variants=2)


@cache
def relations() -> Lexicon:
    """Relations of an informant; each word stays as written, so variants are spellings too."""
    base = _lexicon("relations", name=0, weight=1, variants=3)
    extra = {variant: base.weights[word] / 10 for variant, word in base.variants.items()}
    return Lexicon({**base.weights, **extra}, {})


@cache
def positions() -> Lexicon:
    """Offices of signers and registrars."""
    return _lexicon("positions", name=0, weight=1)


@cache
def id_types() -> Lexicon:
    """Kinds of identity papers; `id_type_codes` gives their codes."""
    return _lexicon("id_types", name=1, weight=2, variants=3)


@cache
def id_type_codes() -> Mapping[str, str]:
    """Comparison key without marks of a paper's name or abbreviation -> code 1–8."""
    codes = {}
    for code, name, _, others in rows("id_types"):
        for word in [name, *others.split("; ")]:
            codes[key(word, accents=False)] = code
    return codes


def _counts(name: str) -> Mapping[str, float]:
    return {row[0]: float(row[1]) for row in rows(name)}


def _lexicon(file: str, *, name: int, weight: int, variants: int | None = None) -> Lexicon:
    weights: dict[str, float] = {}
    others: dict[str, str] = {}
    for row in rows(file):
        weights[row[name]] = float(row[weight])
        if variants is not None and len(row) > variants and row[variants]:
            others.update(dict.fromkeys(row[variants].split("; "), row[name]))
    return Lexicon(weights, others)


def _tight(text: str) -> str:
    return key(text).replace(" ", "")
