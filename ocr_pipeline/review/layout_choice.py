"""The layouts that a person may choose for a page that the machine refused."""

from __future__ import annotations

import cv2

from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.store.workspace import Workspace


def layouts(ws: Workspace, type: str = "") -> list[Json]:
    """The forms to choose from: `{"id", "title", "type", "era", "page": {"width", "height"}}`.

    Args:
        ws: the workspace; the layouts are those of its last run.
        type: only those of this register type.

    """
    found = (loaded.layout for loaded in stages_for(current_settings(ws.folder)).layouts.values())
    return [
        {
            "id": layout.id,
            "title": {"vi": layout.title, "en": layout.title},
            "type": layout.type,
            "era": layout.era,
            "page": {"width": layout.page.width, "height": layout.page.height},
        }
        for layout in found
        if type in ("", layout.type)
    ]


def empty_form(ws: Workspace, layout_id: str) -> bytes:
    """The empty form of a layout as PNG, to be laid over a page: does it fit?

    Raises:
        NotFoundError: there is no such layout.

    """
    loaded = stages_for(current_settings(ws.folder)).layouts.get(layout_id)
    if loaded is None:
        raise no_such("biểu mẫu", "layout", layout_id)
    done, data = cv2.imencode(".png", loaded.reference)
    if not done:
        raise ValueError("OpenCV cannot write this picture as PNG")
    return data.tobytes()
