"""Words that are printed on covers, and how sure a reading of them must be."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.types import RegisterType

Share = Annotated[float, Field(ge=0, le=1)]
CaptionName = Literal[
    "number", "year", "opened", "closed", "month", "agency", "commune", "district", "province"
]


class CoverLimits(Strict):
    """From which confidence on (0–1) something on a cover counts; see `covers.yaml`."""

    title_share: Share
    sure_title_share: Share
    title_lead: Share
    most_words: Annotated[int, Field(gt=0)]
    sure_print: Share
    sure_value: Share
    likely_value: Share
    near_agency: Share


class CoverWords(Strict):
    """`covers.yaml`: titles by register type, captions by what belongs into their blank."""

    titles: dict[RegisterType, tuple[str, ...]]
    captions: dict[CaptionName, tuple[str, ...]]
    headings: tuple[str, ...]
    limits: CoverLimits


@cache
def cover_words() -> CoverWords:
    """Contents of `data/covers.yaml`."""
    return load_data(Path(__file__).parent / "data" / "covers.yaml", CoverWords)
