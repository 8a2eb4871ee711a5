"""Reconciling two databases: begun, looked at, lists taken away and taken back in."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.differences import agreement_rules
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind
from ocr_pipeline.exchange.reconciling.reconcile_summary import SIDES, class_caption
from ocr_pipeline.json_types import Json
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.openapi import refusals
from review_ui.received_files import received
from review_ui.reconcile_schemas import (
    ReconcileIn,
    ReconciliationNumberOut,
    ReconciliationOut,
    ReturnedIn,
)
from review_ui.routes.uploads import BODY
from review_ui.schemas import error_of, remedy_of
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, responses=refusals())

Number = Annotated[str, Path(max_length=40)]
FileName = Annotated[str, Path(max_length=255)]


@router.get("/reconcile", include_in_schema=False)
def reconcile_page(request: Request, at: At, by: By) -> Response:
    """Where a reconciliation is begun, and those that were made."""
    values = {
        "missing": at.reconciling.missing(),
        "batches": at.keyed.batches(by),
        "all": at.reconciling.all(by),
    }
    return render(request, "reconcile.html", values)


@router.get("/reconcile/{reconciliation}", include_in_schema=False)
def reconciliation_page(request: Request, reconciliation: Number, at: At, by: By) -> Response:
    """What a reconciliation came to, its lists, and lists that come back."""
    one = at.reconciling.state(by, reconciliation)
    values: dict[str, Any] = {"one": one, "intake": at.reconciling.intake(by, reconciliation)}
    if one.summary is not None:
        values |= {"classes": _classes(one.summary), "differences": _differences(one.summary)}
    return render(request, "reconciliation.html", values)


@router.get("/reconcile/{reconciliation}/files/{name}", include_in_schema=False)
def reconciliation_file(reconciliation: Number, name: FileName, at: At, by: By) -> Response:
    """A file of a reconciliation."""
    path = at.reconciling.file(by, reconciliation, name)
    return FileResponse(path, filename=name, media_type="application/octet-stream")


@router.post("/api/reconcile", response_model=ReconciliationNumberOut, tags=["reconciling"],
             responses=refusals(404))  # fmt: skip
def start(asked: ReconcileIn, at: At, by: By) -> ReconciliationNumberOut:
    """Begin to reconcile two batches of keyed files."""
    return ReconciliationNumberOut(number=at.reconciling.start(by, asked.civil, asked.population))


@router.get("/api/reconcile/{reconciliation}", response_model=ReconciliationOut,
            tags=["reconciling"], responses=refusals(404))  # fmt: skip
def state(reconciliation: Number, at: At, by: By) -> ReconciliationOut:
    """How far a reconciliation is, or the taking in of lists."""
    one = at.reconciling.state(by, reconciliation)
    job, error = one.job, one.job.error if one.job else None
    return ReconciliationOut(
        number=one.number,
        phase=job.phase if job else "",
        steps=job.steps if job else 0,
        count=job.count if job else 0,
        done=job.done if job else True,
        error=error_of(error),
        remedy=remedy_of(error),
        where=error.where if error else "",
        summary=one.summary,
        counts=one.counts,
        intake=at.reconciling.intake(by, reconciliation),
        files=list(one.files),
    )


@router.put("/api/uploads/returned", response_model=None, status_code=204, tags=["reconciling"],
            responses=refusals(413, 415), openapi_extra=BODY)  # fmt: skip
async def returned_list(
    request: Request,
    at: At,
    by: By,
    batch: Annotated[str, Query(pattern="^[0-9a-f]{32}$", description="of files taken together")],
    name: Annotated[str, Query(max_length=300, description="of the file")],
) -> Response:
    """Take in a list that came back; it is looked at with the others of its batch."""
    async with received(request, at, name[-80:]) as upload:
        await run_in_threadpool(at.reconciling.add, by, upload, batch, name)
    return Response(status_code=204)


@router.post("/api/reconcile/{reconciliation}/returned", status_code=204, tags=["reconciling"],
             responses=refusals(404))  # fmt: skip
def take_in(reconciliation: Number, asked: ReturnedIn, at: At, by: By) -> None:
    """Begin to take in the decisions of lists that were sent."""
    at.reconciling.take_in(by, reconciliation, asked.batch, again=asked.again)


def _classes(summary: Json) -> list[Json]:
    """Persons by class and side, in the order of the classes."""
    totals = {side: Counter[str]() for side in SIDES}
    for side in SIDES:
        for classes in summary["sides"][side]["classes"].values():
            totals[side].update(classes)
    return [
        {"caption": class_caption(kind), **{side: totals[side][kind.value] for side in SIDES}}
        for kind in OutcomeKind
    ]


def _differences(summary: Json) -> list[Json]:
    """Fields that differ, by kind of difference, the most frequent first."""
    fields, kinds = compared_fields(), agreement_rules().kinds
    counts = Counter[tuple[str, str]]()
    for one in summary["differences"]:
        counts[one["field"], one["kind"]] += one["count"]
    return [
        {
            "field": fields[field].message,
            "kind": kinds[kind].message if kind in kinds else None,
            "cause": kinds[kind].cause if kind in kinds else None,
            "count": count,
        }
        for (field, kind), count in counts.most_common()
    ]
