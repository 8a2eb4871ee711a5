"""Packages from elsewhere: would the import take them?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.openapi import refusals
from review_ui.package_schemas import PackageCheckIn, PackageCheckOut
from review_ui.received_files import received
from review_ui.routes.uploads import BODY
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute)

Batch = Annotated[str, Query(pattern="^[0-9a-f]{32}$", description="of files checked together")]


@router.get("/check", include_in_schema=False)
def check_page(request: Request) -> Response:
    """The page on which packages are sent to be checked."""
    return render(request, "check.html")


@router.put(
    "/api/uploads/package",
    response_model=None,
    status_code=204,
    tags=["books"],
    responses=refusals(413, 415),
    openapi_extra=BODY,
)
async def package(
    request: Request,
    at: At,
    by: By,
    batch: Batch,
    name: Annotated[str, Query(max_length=300, description="of the file")],
) -> Response:
    """Take a file of a package in, to be checked with the others of its batch."""
    async with received(request, at, name[-80:]) as upload:
        await run_in_threadpool(at.checks.add, by, upload, batch, name)
    return Response(status_code=204)


@router.post(
    "/api/check-packages", response_model=PackageCheckOut, tags=["books"], responses=refusals(404)
)
def check(asked: PackageCheckIn, at: At, by: By) -> PackageCheckOut:
    """Check the files of a batch; they are deleted then."""
    return PackageCheckOut.model_validate({"packages": at.checks.check(by, asked.batch)})
