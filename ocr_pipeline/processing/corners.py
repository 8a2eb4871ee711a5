"""Pages that a person has found: cut out along given corners and read with the form chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ocr_pipeline.imaging.corners import CutOut, cut_out
from ocr_pipeline.imaging.flat_page import FlatPage, ScannedPage, flatten

if TYPE_CHECKING:
    from ocr_pipeline.store.page_decisions import PageDecision

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FormCorners:
    """Where a person says that a form lies on a scan; small and picklable.

    Attributes:
        layout: id of the layout.
        corners: x, y in pixels of the scan as stored at full resolution, clockwise from the top
            left corner of the form as it reads.
        size: width and height of the upright form in mm.
        trust: cut along the corners even where the print does not confirm them.

    """

    layout: str
    corners: tuple[Corner, Corner, Corner, Corner]
    size: tuple[float, float]
    trust: bool = False

    def as_details(self) -> dict[str, Any]:
        """The details of the decision, as the store keeps them."""
        return asdict(self)

    @classmethod
    def from_details(cls, details: Mapping[str, Any]) -> FormCorners:
        """What `as_details` gave."""
        first, second, third, fourth = ((float(x), float(y)) for x, y in details["corners"])
        width, height = details["size"]
        corners = (first, second, third, fourth)
        return cls(details["layout"], corners, (width, height), bool(details["trust"]))

    @property
    def identity(self) -> str:
        """A text that differs whenever the reading may differ."""
        return repr((self.layout, self.corners, self.size, self.trust))


def corners_by_hand(decision: PageDecision | None) -> FormCorners | None:
    """The corners behind a decision; None when it is about something else."""
    from ocr_pipeline.store.page_decisions import DecisionKind  # workers start without SQL

    if decision is None or decision.kind is not DecisionKind.REREAD:
        return None
    return FormCorners.from_details(decision.details)


def cut_by_hand(image: ScannedPage, corners: FormCorners) -> CutOut:
    """The page cut out along the given corners.

    Raises:
        ValueError: the corners are not those of a page.

    """
    return cut_out(image, np.array(corners.corners, float), corners.size)


def flat_of(image: ScannedPage, corners: FormCorners | None = None) -> FlatPage:
    """The straight page (not yet turned upright) that a page's result refers to."""
    return flatten(image) if corners is None else cut_by_hand(image, corners).flat
