"""A sketch becomes a layout of the workspace: pages that it touches are read with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ocr_pipeline.errors import Text
from ocr_pipeline.layout.form_sketch import is_complete, layout_of, layout_text, new_identity
from ocr_pipeline.layout.loading import layout_of as loaded_layout_of
from ocr_pipeline.processing.office_layouts import FOLDER, keep_office_layout, office_layouts
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.form_sketches import held_sketch, keep_state, note_deed
from ocr_pipeline.review.sketch_files import SketchFolder
from ocr_pipeline.review.sketch_pages import reference_of
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SavedSketch:
    """What a sketch has become.

    Attributes:
        layout: id of the layout.
        version: of it, from 1.
        left_out: how many fields of the sketch are not in it, because they are not complete.

    """

    layout: str
    version: int
    left_out: int


def save_sketch(
    ws: Workspace, user: User, identity: str, revision: int, now: datetime
) -> SavedSketch:
    """Save a sketch as a new version of its layout.

    Args:
        ws: the workspace.
        user: who saves it.
        identity: of the sketch.
        revision: that the person has seen.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, StaleError: as `form_sketches.changed_sketch`.
        NotAllowedYetError: the person has not seen the last change, or there is no picture yet.
        BadInputError, LayoutError: it makes no layout yet; the error says what is missing.
        OSError: the disk is full.

    """
    sketch = held_sketch(ws, user, identity, now)
    folder = SketchFolder(ws.folder, identity)
    if sketch.revision != revision or not folder.picture.is_file():
        raise NotAllowedYetError(
            Text("Bản phác chưa sẵn sàng để lưu", "The sketch is not ready to be saved"),
            where=identity,
            remedy=Text("Tải lại trang, xem rồi lưu", "Load the page again, look, then save"),
        )
    own = sketch.layout or new_identity(sketch.content, _taken(ws))
    version = sketch.version + 1
    made = layout_of(sketch.content, own, version)
    text, reference = layout_text(made), reference_of(folder.picture.read_bytes(), made)
    loaded_layout_of(text.encode(), reference, FOLDER)  # raises where the two do not fit
    saved = keep_office_layout(ws.folder, own, text, reference)
    keep_state(ws, identity, layout=own, version=version, saved_revision=revision)
    note_deed(
        ws, user, AuditAction.LAYOUT_SAVED, sketch, now, layout=own, version=version,
        sha256=saved.digest,
    )  # fmt: skip
    left_out = sum(not is_complete(field) for field in sketch.content.fields)
    return SavedSketch(own, version, left_out)


def _taken(ws: Workspace) -> set[str]:
    known = set(stages_for(current_settings(ws.folder)).layouts)
    return known | {one.id for one in office_layouts(ws.folder)}
