"""Whether what stands on a page is only the back of its sheet, seen through the paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.ink import deepened, ink_depth
from ocr_pipeline.layout.detection import Detection, detect
from ocr_pipeline.layout.loading import LoadedLayout

# Print of the front lies 140 levels and more under the paper, what shines through at two fifths
# of that at most 85.
_FRONT_LEVELS = 100
_LEAST_WORDS = 0.2  # share of a form's words found mirrored; 0.12 is reached by chance
_CLEARLY = 2.0  # times as many words as on the page as it lies


def shines_through(
    gray: Gray, found: Detection, layouts: Sequence[LoadedLayout], prior: str = ""
) -> bool:
    """Whether a page on which no form lies shows, pale and mirrored, the form on its back.

    Costs as much as `detect` where the page is pale, nearly nothing elsewhere.

    Args:
        gray: (H, W) uint8, ink on light paper.
        found: what `detect` says of it: no layout.
        layouts: the installed layouts.
        prior: id of the layout the book is known to have.

    """
    if ink_depth(gray) > _FRONT_LEVELS:
        return False
    mirrored = detect(np.ascontiguousarray(deepened(gray)[:, ::-1]), layouts, prior)
    return mirrored.score >= max(_LEAST_WORDS, _CLEARLY * found.score)
