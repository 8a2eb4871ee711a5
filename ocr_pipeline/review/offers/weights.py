"""The settings of `offers.yaml`: what each source is called, and what it is worth."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, WordPair, load_data

Probability = Annotated[float, Field(ge=0, le=1)]


class OfferSource(Strict):
    """Who says a value.

    Attributes:
        note: in words, `{field}` for the field it was taken from.
        weight: what it adds to the log-odds of a value.

    """

    note: WordPair
    weight: float


class OfferSettings(Strict):
    """How values are weighed against each other.

    Attributes:
        sources: by code.
        weights: of the other features (`ranking.features`).
        least_shown: an offer below is not shown.
        least_preselected: a value below is not under Enter.
        most: offers that are shown.
        once_per_book: codes whose value belongs to the whole book: asked once.

    """

    sources: dict[str, OfferSource]
    weights: dict[str, float]
    least_shown: Probability
    least_preselected: Probability
    most: Annotated[int, Field(ge=1, le=9)]
    once_per_book: tuple[str, ...]


@cache
def offer_settings() -> OfferSettings:
    """The settings that are shipped."""
    return load_data(Path(__file__).with_name("offers.yaml"), OfferSettings)
