"""Files of keyed rows: what they hold, and how they are divided by agency."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from ocr_pipeline.exchange.keyed_desk import ARCHIVE
from ocr_pipeline.exchange.splitting.split import SplitChoices
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.keyed_schemas import KeyedFilesIn, KeyedFoundOut, KeyedJobOut
from review_ui.openapi import refusals
from review_ui.received_files import received
from review_ui.routes.uploads import BODY
from review_ui.schemas import error_of, remedy_of
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute)

_NUMBER = "^[0-9a-f]{32}$"
BatchQuery = Annotated[str, Query(pattern=_NUMBER, description="of files taken together")]
BatchPath = Annotated[str, Path(pattern=_NUMBER, description="of files taken together")]


@router.get("/keyed", include_in_schema=False)
def keyed_page(request: Request) -> Response:
    """The page on which keyed files are sent."""
    return render(request, "keyed.html")


@router.put(
    "/api/uploads/keyed",
    response_model=None,
    status_code=204,
    tags=["imports"],
    responses=refusals(413, 415),
    openapi_extra=BODY,
)
async def keyed_file(
    request: Request,
    at: At,
    by: By,
    batch: BatchQuery,
    name: Annotated[str, Query(max_length=300, description="of the file")],
) -> Response:
    """Take a keyed file in, to be worked on with the others of its batch."""
    async with received(request, at, name[-80:]) as upload:
        await run_in_threadpool(at.keyed.add, by, upload, batch, name)
    return Response(status_code=204)


@router.post(
    "/api/keyed/start", response_model=KeyedJobOut, tags=["imports"], responses=refusals(404)
)
def start(asked: KeyedFilesIn, at: At, by: By) -> KeyedJobOut:
    """Begin to go through the files of a batch, or to divide them by agency."""
    choices = SplitChoices(asked.province, asked.one_file) if asked.split else None
    at.keyed.start(by, asked.batch, choices)
    return _job(at, by, asked.batch)


@router.get(
    "/api/keyed/{batch}", response_model=KeyedJobOut, tags=["imports"], responses=refusals(404)
)
def state(batch: BatchPath, at: At, by: By) -> KeyedJobOut:
    """How far it is, and what was found."""
    return _job(at, by, batch)


@router.get("/keyed/{batch}/archive", include_in_schema=False)
def archive(batch: BatchPath, at: At, by: By) -> Response:
    """The divided files as one archive."""
    return FileResponse(at.keyed.archive(by, batch), filename=ARCHIVE, media_type="application/zip")


def _job(at: At, by: By, batch: str) -> KeyedJobOut:
    job = at.keyed.job(by, batch)
    error = job.error
    return KeyedJobOut(
        rows=job.rows,
        count=job.count,
        done=job.done,
        error=error_of(error),
        remedy=remedy_of(error),
        found=KeyedFoundOut.model_validate(job.told) if job.done and job.told else None,
    )
