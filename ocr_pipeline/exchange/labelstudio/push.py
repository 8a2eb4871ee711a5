"""Doubtful fields to Label Studio: each once, and anew when it has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ocr_pipeline.exchange.labelstudio.job import ensure_project, job_of
from ocr_pipeline.exchange.labelstudio.server import Server
from ocr_pipeline.exchange.labelstudio.tasks import identity_of, task_of
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.crop_frame import crop_of, strip_of
from ocr_pipeline.review.field_items import FieldItem, make_items
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.review.pictures import Pictures
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.reading_lines import os_user
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push did.

    Attributes:
        project: id of the project.
        added: tasks made.
        known: fields that had a task already.
        removed: tasks taken back: their fields have been decided or have changed since.

    """

    project: int
    added: int
    known: int
    removed: int


def push(
    ws: Workspace,
    server: Server,
    *,
    books: Sequence[str] = (),
    kinds: Sequence[str] = (),
    limit: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> PushResult:
    """Make a task of every field in doubt; fields in other queues stay in the review station.

    Done twice it changes nothing. Tasks that somebody has annotated are never touched.

    Args:
        ws: the workspace.
        server: where to.
        books: only these; all when empty.
        kinds: only fields of these kinds; all when empty.
        limit: at most so many new tasks; 0 for all.
        progress: called with (tasks made, tasks to make).

    Raises:
        LabelStudioError: the server refuses.
        ScanError: a scan is gone or has changed since it was read.

    """
    job = job_of(ws.folder)
    project = ensure_project(server, job, ws.folder)
    there: dict[int, tuple[int, Json, bool]] = {}
    for task in server.tasks(project):
        data = task["data"]
        if data.get("job") == job:
            touched = bool(task.get("annotations") or task.get("drafts"))
            there[int(data["field"])] = (int(task["id"]), data, touched)
    wanted = _waiting(ws, books, kinds)
    stale = _stale(ws, there)
    server.delete_tasks(there.pop(field)[0] for field in stale)
    new = [field for field in wanted if field not in there]
    known = len(wanted) - len(new)
    new = new[:limit] if limit else new
    made = 0
    for items in _items(ws, new):
        tasks = list(_tasks(ws, items, job))
        server.add_tasks(project, tasks)
        made += len(tasks)
        if progress:
            progress(made, len(new))
    _note(ws, project, made, books)
    return PushResult(project, made, known, len(stale))


def _note(ws: Workspace, project: int, made: int, books: Sequence[str]) -> None:
    """Tell the audit trail that pictures and readings of so many fields went to the server."""
    if not made:
        return
    details = {"project": project, "fields": made, "books": list(books), "os_user": os_user()}
    with ws.transaction() as session:
        append(session, "system", AuditAction.LABEL_STUDIO_PUSH, details=details)


def _waiting(ws: Workspace, books: Sequence[str], kinds: Sequence[str]) -> list[int]:
    """Ids of the fields in doubt, in the order of the books."""
    query = (
        select(FieldRow.id)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(FieldRow.lane == Lane.DOUBT, FieldRow.lane != "")
        .order_by(FieldRow.book, RecordRow.ordinal, FieldRow.place)
    )
    if books:
        query = query.where(FieldRow.book.in_(books))
    if kinds:
        query = query.where(FieldRow.kind.in_(kinds))
    with ws.read_session() as session:
        return list(session.scalars(query))


def _stale(ws: Workspace, there: dict[int, tuple[int, Json, bool]]) -> list[int]:
    """Fields whose untouched task is not about their present state any more."""
    untouched = [field for field, (_, _, touched) in there.items() if not touched]
    now = {item.field: item for items in _items(ws, untouched) for item in items}
    stale = []
    for field in untouched:
        item, (_, data, _) = now.get(field), there[field]
        waits = item is not None and item.lane is Lane.DOUBT
        if item is None or not waits or not (identity_of(item).items() <= data.items()):
            stale.append(field)
    return stale


def _items(ws: Workspace, fields: Sequence[int]) -> Iterator[list[FieldItem]]:
    for start in range(0, len(fields), _AT_ONCE):
        ids = fields[start : start + _AT_ONCE]
        with ws.read_session() as session:
            rows = {
                row.id: row for row in session.scalars(select(FieldRow).where(FieldRow.id.in_(ids)))
            }
            yield make_items(session, [rows[i] for i in ids if i in rows], queue=False)


def _tasks(ws: Workspace, items: Sequence[FieldItem], job: str) -> Iterator[Json]:
    pictures = Pictures(ws.folder)
    try:
        places = page_sources(ws, {item.page for item in items})
        for item in items:
            source = places[item.page].source
            page = pictures.page(source)
            crop = pictures.cut(source, crop_of(item.box, page.size, item.kind))
            yield task_of(item, job, crop, pictures.cut(source, strip_of(item.box, page.size)))
    finally:
        pictures.close()
