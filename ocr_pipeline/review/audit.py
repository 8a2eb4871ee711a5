"""The audit trail of a workspace: who did or saw what; verified and exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from ocr_pipeline.data_files import WordPair, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.store.audit import append, has_hash, lines
from ocr_pipeline.store.audit import head as newest_line
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.audit_check import verify as _verify
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.trail_fault import TrailFault
from ocr_pipeline.store.workspace import Workspace

__all__ = [
    "TrailFault",
    "action_name",
    "action_names",
    "append",
    "export",
    "faults",
    "head",
    "knows",
    "recent",
    "verify",
]


AuditActionFile = dict[AuditAction, WordPair]
"""`audit_actions.yaml`: what each action is called."""


@cache
def action_names() -> dict[AuditAction, Text]:
    """What people call each action of the trail."""
    return load_data(Path(__file__).with_name("audit_actions.yaml"), AuditActionFile)


def action_name(action: str) -> Text:
    """What people call an action; one that this version does not know stays as it is."""
    try:
        return action_names()[AuditAction(action)]
    except ValueError:
        return Text(action, action)


def verify(workspace: Workspace) -> TrailFault | None:
    """The first of `faults`; None when the trail holds."""
    with workspace.read_session() as session:
        return _verify(session)


def faults(workspace: Workspace, most: int) -> list[TrailFault]:
    """Where the trail does not hold, and what the database says that no line tells of.

    Lines cut off at the end leave a trail that holds: compare its `head` with one noted before.

    Args:
        workspace: the workspace.
        most: stop after so many.

    """
    with workspace.read_session() as session:
        return list(islice(trail_faults(session), most))


def head(workspace: Workspace) -> Json:
    """Number and hash of the newest line, to be noted down elsewhere: `{"id", "hash"}`."""
    with workspace.read_session() as session:
        number, hash_ = newest_line(session)
        return {"id": number, "hash": hash_}


def knows(workspace: Workspace, noted: str) -> bool:
    """Whether a hash that was noted before is still in the trail."""
    with workspace.read_session() as session:
        return has_hash(session, noted)


def export(workspace: Workspace, *, book: str = "", person: str = "") -> Iterator[Json]:
    """The trail of a book or of a person (of everything when neither is given), oldest first.

    Yields:
        `{"id", "time", "user", "action", "book", "subject", "details", "previous", "hash"}`.

    """
    with workspace.read_session() as session:
        for row in lines(session, book=book, person=person):
            yield _line(row)


def recent(
    workspace: Workspace,
    *,
    book: str = "",
    person: str = "",
    before: int | None = None,
    count: int = 100,
) -> list[Json]:
    """The newest lines, newest first; `before` goes on from a number."""
    with workspace.read_session() as session:
        rows = lines(session, book=book, person=person, before=before, count=count)
        return [_line(row) for row in rows]


def _line(row: AuditRow) -> Json:
    return {
        "id": row.id,
        "time": row.time,
        "user": row.user,
        "action": row.action,
        "book": row.book,
        "subject": row.subject,
        "details": json.loads(row.details),
        "previous": row.previous,
        "hash": row.hash,
    }
