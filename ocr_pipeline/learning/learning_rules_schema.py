"""Rules of learning: how much is needed, what is held back, when a network takes over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data

Count = Annotated[int, Field(ge=1)]


class LeastSettings(Strict):
    """What is needed at least: books with corrections, lines that teach, fields held back."""

    books: Annotated[int, Field(ge=2)]
    lines: Count
    held_back_fields: Count


class PromotionSettings(Strict):
    """When a new network takes over.

    Attributes:
        fewer_characters_wrong: characters wrong in books held back fall at least by this share.
        most_unseen_changed: highest share, among the fields there that the network before accepts
            and nobody looked at, of those that the new one accepts with another value.

    """

    fewer_characters_wrong: Annotated[float, Field(ge=0, lt=1)]
    most_unseen_changed: Annotated[float, Field(ge=0, le=1)]


class LearningRulesFile(Strict):
    """`learning_rules.yaml`.

    Attributes:
        held_back: share of the books that teach nothing and compare instead.
        minutes: after which a learning is left, to be gone on with; `seed`: of all chance.

    """

    held_back: Annotated[float, Field(gt=0, lt=1)]
    least: LeastSettings
    promotion: PromotionSettings
    most_fields_of_a_book: Count
    minutes: Count
    seed: int


def learning_rules() -> LearningRulesFile:
    """The shipped rules."""
    return load_data(Path(__file__).with_name("learning_rules.yaml"), LearningRulesFile)
