"""Registration that starts where a person says the form lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.pose import PageSearch, Pose
from ocr_pipeline.layout.registration import Registration, register


def register_given(
    gray: Gray, loaded: LoadedLayout, given: Pose, *, trust: bool = False
) -> Registration:
    """Lay the layout on a page that a person has found.

    The person's place is tried first, then the best one around it: corners of the sheet say little
    where the form was printed off centre.

    Args:
        gray: (H, W) uint8, the page cut out along the given corners, not turned upright.
        loaded: the layout chosen.
        given: where the page lies on `gray` turned upright.
        trust: take the place as it is given when the print does not confirm it. The registration
            is accepted then and keeps its `reason`: a person must look at all fields of the page.

    """
    result = register(gray, loaded, given.turn, given)
    if result.accepted:
        return result
    [found] = PageSearch(gray).poses(loaded, turns=(given.turn,))
    other = register(gray, loaded, given.turn, found)
    if other.accepted:
        return other
    if not trust:
        return result
    page, measured = loaded.layout.page, result.evidence.measured
    nothing = np.zeros_like(measured.shifts)
    unmeasured = replace(measured, shifts=nothing, weights=nothing)
    return replace(
        result,
        accepted=True,
        mesh=Mesh.straight(given.scale, given.offset, (page.width, page.height)),
        evidence=replace(result.evidence, measured=unmeasured),
    )
