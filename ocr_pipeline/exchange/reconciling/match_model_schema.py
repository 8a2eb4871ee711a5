"""The probabilities of a match as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data


class MatchLevelEntry(Strict):
    """How two values can stand to each other.

    Attributes:
        when: condition in SQL; "" for all other pairs.
        m: share among rows of the same person.
        u: share among rows of two people.
        frequency: column whose frequency in large files stands in for `u`; "" for none.

    """

    when: str
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)
    frequency: str = ""


class MatchComparisonEntry(Strict):
    """One thing that is compared; a pair for which `missing` holds says nothing."""

    missing: str
    levels: tuple[MatchLevelEntry, ...] = Field(min_length=2)


class ChoiceSettings(Strict):
    """From which probability a pair is the same person, and from which somebody has to look."""

    same_person: float
    possible: float


class MatchModelFile(Strict):
    """`match_model.yaml`."""

    blocks: tuple[tuple[str, ...], ...]
    most_pairs: int
    least_probability: float
    frequency_from: int
    comparisons: dict[str, MatchComparisonEntry]
    choice: ChoiceSettings


@cache
def match_model() -> MatchModelFile:
    """The model that ships with the program."""
    return load_data(Path(__file__).parent / "data" / "match_model.yaml", MatchModelFile)
