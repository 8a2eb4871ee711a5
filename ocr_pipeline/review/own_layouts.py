"""Layouts that were taught in a workspace: which there are, retired and taken back into use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ocr_pipeline.processing.office_layouts import (
    latest,
    office_layouts,
    restore_office_layout,
    retire_office_layout,
)
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.form_sketches import ACTION
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.browse_queries import pages_by_layout
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SavedLayout:
    """A layout of the workspace.

    Attributes:
        id: of the layout.
        versions: how many different ones were saved.
        is_retired: no further page is read with it.
        pages: how many pages were read with it.

    """

    id: str
    versions: int
    is_retired: bool
    pages: int


def own_layouts(ws: Workspace) -> list[SavedLayout]:
    """All layouts of a workspace, those in use first, then by id."""
    saved = office_layouts(ws.folder)
    used = {one.id for one in latest(saved)}
    digests: dict[str, set[str]] = {}
    for one in saved:
        digests.setdefault(one.id, set()).update({one.digest} - {""})
    with ws.read_session() as session:
        pages = pages_by_layout(session) if saved else {}
    found = [
        SavedLayout(own, len(versions), own not in used, pages.get(own, 0))
        for own, versions in digests.items()
    ]
    return sorted(found, key=lambda one: (one.is_retired, one.id))


def retire_layout(ws: Workspace, user: User, layout: str, now: datetime) -> None:
    """Take a layout out of use: pages that were read with it keep that, no further page gets it.

    Args:
        ws: the workspace.
        user: who does it.
        layout: its id.
        now: the time (UTC).

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: the workspace has no layout of this id in use.
        OSError: the disk is full.

    """
    require(user, ACTION)
    if not retire_office_layout(ws.folder, layout):
        raise no_such("biểu mẫu", "layout", layout)
    _note(ws, user, AuditAction.LAYOUT_RETIRED, layout, now)


def restore_layout(ws: Workspace, user: User, layout: str, now: datetime) -> None:
    """Take a retired layout back into use, as it was.

    Args:
        ws: the workspace.
        user: who does it.
        layout: its id.
        now: the time (UTC).

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: the workspace has no retired layout of this id.
        OSError: the disk is full.

    """
    require(user, ACTION)
    if not restore_office_layout(ws.folder, layout):
        raise no_such("biểu mẫu", "layout", layout)
    _note(ws, user, AuditAction.LAYOUT_RESTORED, layout, now)


def _note(ws: Workspace, user: User, action: AuditAction, layout: str, now: datetime) -> None:
    with ws.transaction() as session:
        audit.append(
            session, user.name, action, subject=f"layout:{layout}", details={"layout": layout},
            now=now,
        )  # fmt: skip
