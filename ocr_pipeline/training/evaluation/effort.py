"""What the doubts of a machine cost people: fields looked at for nothing, fields put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.training.evaluation.field_pairs import ComparedField


@dataclass(frozen=True, slots=True)
class ReviewEffort:
    """Fields that were not accepted, and so are put before a person.

    Attributes:
        needless: right as the machine had them: confirmed, and nothing was gained.
        corrected: wrong: a person puts them right.
        per_record: both, by record that was read.
        keys: presses of people who have decided fields of these books; None where it is not known.
        seconds: time they looked at them; None where it is not known.

    """

    needless: int
    corrected: int
    per_record: float
    keys: int | None = None
    seconds: float | None = None


def review_effort(
    items: Sequence[ComparedField],
    records: int,
    keys: int | None = None,
    seconds: float | None = None,
) -> ReviewEffort:
    """The effort that a person who knows the truth would have with these readings.

    Args:
        items: all compared fields; those without a reading are no work of a review.
        records: records that were read.
        keys: see `ReviewEffort`.
        seconds: see `ReviewEffort`.

    """
    doubtful = [item for item in items if item.confidence is not None and not item.accepted]
    right = sum(item.right for item in doubtful)
    return ReviewEffort(
        needless=right,
        corrected=len(doubtful) - right,
        per_record=round(len(doubtful) / records, 2) if records else 0.0,
        keys=keys,
        seconds=seconds,
    )
