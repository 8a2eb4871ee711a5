"""A person's own newest decisions, to be looked at again and changed where they were wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Box, FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.field_items import make_items
from ocr_pipeline.review.rights import require
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.past_decisions import newest_decisions
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace

MOST = 50
"""So many decisions are shown: about ten minutes of work."""


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision of the person who asks.

    Attributes:
        decision: its id.
        field: id of the field.
        box: the field on its page.
        page: id of the page.
        value: what he said; for a question what he had typed.
        label: what a coded value means; None for free values.
        time: when (UTC).
        lane: where the field waits now; None when nobody needs to look at it.
        counts: his value is the one that stands there now.

    """

    decision: int
    field: int
    record: int
    book: str
    page: int
    page_name: str
    position: int
    code: str
    kind: FieldKind
    caption: Text
    box: Box
    action: Action
    value: str
    label: Text | None
    note: str
    time: datetime
    lane: Lane | None
    counts: bool


def recent(
    ws: Workspace, user: User, count: int = MOST, now: datetime | None = None
) -> list[PastDecision]:
    """The person's newest decisions, newest first; those taken back are left out.

    Args:
        ws: the workspace.
        user: whose; nobody sees those of others here.
        count: at most so many, and at most `MOST`.
        now: the time; the clock when None.

    """
    require(user, "review")
    with ws.read_session() as session:
        found = newest_decisions(session, user.name, min(count, MOST))
        rows = {row.id: row for _, row in found if row is not None}
        made = make_items(session, list(rows.values()), queue=False)
        items = {item.field: item for item in made}
        past = [
            PastDecision(
                decision=said.id,
                field=said.field,
                record=item.record,
                book=item.book,
                page=item.page,
                page_name=item.page_name,
                position=item.position,
                code=said.code,
                kind=FieldKind(said.kind),
                caption=caption(said.code),
                box=item.box,
                action=Action(said.action),
                value=said.value,
                label=next((o.label for o in item.options if o.value == said.value), None),
                note=said.note,
                time=utc(said.time),
                lane=item.lane,
                counts=said.entry is not None and said.entry == rows[said.field].entry,
            )
            for said, _ in found
            if (item := items.get(said.field))
        ]
    if past:
        note_reading(ws, user.name, AuditAction.LOOKED_BACK, now=now)
    return past
