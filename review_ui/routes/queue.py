"""Queues and groups: take work, keep hold of it, give it back, see how much waits."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import queue
from ocr_pipeline.review.queue import Group, Lane, QueueFilter
from ocr_pipeline.review.written_fields import written_fields
from review_ui.access import GuardedRoute, HeldUntil
from review_ui.field_json import FieldJson, shower
from review_ui.openapi import refusals
from review_ui.schemas import (
    FieldsIn,
    FilterIn,
    GroupsOut,
    ItemsOut,
    Name,
    TakeGroupIn,
    TakeIn,
    WaitingOut,
)
from review_ui.station import At, By

router = APIRouter(prefix="/api", route_class=GuardedRoute, tags=["work"], responses=refusals())

Showing = Annotated[FieldJson, Depends(shower)]


def as_filter(wanted: FilterIn) -> QueueFilter:
    """The filter of the rules."""
    return QueueFilter(
        book=wanted.book,
        type=wanted.type,
        kind=str(wanted.kind),
        rule=wanted.rule,
        lane=wanted.lane,
    )


def queried(
    book: Annotated[Name, Query()] = "",
    type: Annotated[Name, Query()] = "",
    kind: FieldKind | Literal[""] = "",
    rule: Annotated[Name, Query()] = "",
    lane: Lane = Lane.DOUBT,
) -> QueueFilter:
    """The filter in an address."""
    return QueueFilter(book=book, type=type, kind=str(kind), rule=rule, lane=lane)


Queried = Annotated[QueueFilter, Depends(queried)]


@router.post("/queue/take", response_model=ItemsOut)
def take(wanted: TakeIn, at: At, by: By, showing: Showing, until: HeldUntil) -> ItemsOut:
    """Take the next doubtful fields, those held already first; held until the lease ends."""
    taken = queue.take(
        at.workspace,
        by,
        as_filter(wanted.filter),
        order=wanted.order,
        count=wanted.count,
        now=at.clock(),
        until=until,
    )
    if at.settings.prepare:
        written_fields().prepare(at.workspace, [item.field for item in taken])
    return ItemsOut(items=showing.items(taken))


@router.post("/queue/renew", status_code=204)
def renew(held: FieldsIn, at: At, by: By, until: HeldUntil) -> Response:
    """Hold fields longer; a page whose person is away holds none 15 minutes after he was there."""
    queue.renew(at.workspace, by, held.fields, at.clock(), until)
    return Response(status_code=204)


@router.post("/queue/release", status_code=204)
def release(held: FieldsIn, at: At, by: By) -> Response:
    """Give fields back, undecided."""
    queue.release(at.workspace, by, held.fields)
    return Response(status_code=204)


@router.get("/queue/waiting", response_model=WaitingOut)
def waiting(wanted: Queried, at: At, by: By) -> WaitingOut:
    """How much waits for this person."""
    return WaitingOut.model_validate(queue.waiting(at.workspace, wanted, by, at.clock()))


@router.get("/groups", response_model=GroupsOut)
def groups(wanted: Queried, at: At, by: By) -> GroupsOut:
    """Fields to decide together: read as empty, of one column, or read as the same value."""
    return GroupsOut.model_validate({"groups": queue.groups(at.workspace, by, wanted)})


@router.post("/groups/take", response_model=ItemsOut)
def take_group(wanted: TakeGroupIn, at: At, by: By, showing: Showing, until: HeldUntil) -> ItemsOut:
    """Take the fields of one group."""
    taken = queue.take_group(
        at.workspace,
        by,
        as_filter(wanted.filter),
        Group(
            wanted.sort,
            str(wanted.kind),
            value=wanted.value,
            book=wanted.book,
            code=wanted.code,
        ),
        count=wanted.count,
        now=at.clock(),
        until=until,
    )
    return ItemsOut(items=showing.items(taken))
