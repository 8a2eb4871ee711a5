"""What goes out without a person: whole records, and boxes taken for empty ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.training.evaluation.field_pairs import ComparedField
from ocr_pipeline.training.evaluation.metrics import Estimate, wilson


@dataclass(frozen=True, slots=True)
class UnattendedRecords:
    """Records that need nobody: every one of their fields was accepted.

    Attributes:
        records: in the truth, those that were not read included, or read without being there.
        unattended: those that need nobody.
        wrong: of them, those with a wrong field.

    """

    records: int
    unattended: int
    wrong: int

    @property
    def share(self) -> Estimate:
        """Share of the records that need nobody, with its 95 % interval."""
        return wilson(self.unattended, self.records)


@dataclass(frozen=True, slots=True)
class EmptyBoxes:
    """Boxes in which nothing is written.

    Attributes:
        empty: in the truth.
        accepted: share of them that went out as empty without a person.
        taken: boxes that went out as empty, rightly or not.
        written: share of these in which something is written.

    """

    empty: int
    accepted: Estimate
    taken: int
    written: Estimate


def unattended_records(items: Sequence[ComparedField]) -> UnattendedRecords:
    """Records by what a person would have to do with them."""
    records: dict[tuple[str, str, int], list[ComparedField]] = {}
    for item in items:
        records.setdefault((item.book, item.page, item.position), []).append(item)
    sure = [own for own in records.values() if all(item.accepted for item in own)]
    wrong = sum(any(not item.right for item in own) for own in sure)
    return UnattendedRecords(len(records), len(sure), wrong)


def empty_boxes(items: Sequence[ComparedField]) -> EmptyBoxes:
    """Empty boxes that were accepted, and written ones among the boxes accepted as empty."""
    empty = [item for item in items if not (item.true_written or item.true_value)]
    taken = [item for item in items if item.accepted and not (item.value or item.written)]
    written = sum(bool(item.true_written or item.true_value) for item in taken)
    right = sum(not (item.true_written or item.true_value) for item in taken)
    return EmptyBoxes(
        len(empty), wilson(right, len(empty)), len(taken), wilson(written, len(taken))
    )
