"""What of a record a person may not see: the one place that says whose value is hidden from whom.

A sample measures the machine only where its value has not been seen by whoever keys it. So every
screen and route asks here; who may not key samples sees their values, as he sees all accepted ones.
"""

from __future__ import annotations

from ocr_pipeline.review.rights import WithRole, may
from ocr_pipeline.store.lanes import BLIND, UNDECIDED
from ocr_pipeline.store.masking import MASK, hidden_values, masked, masked_doubts

__all__ = ["MASK", "hidden_lanes", "hidden_values", "masked", "masked_doubts"]


def hidden_lanes(user: WithRole | None) -> frozenset[str]:
    """Queues whose values this person may not see anywhere; of nobody in particular: of all.

    What is keyed twice is hidden from everybody until it is decided, a sample from those who may
    key it.
    """
    return UNDECIDED if user is not None and not may(user, "sample") else BLIND
