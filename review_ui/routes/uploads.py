"""Files from browsers: scans, and inventories to be looked over before they count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from ocr_pipeline.review import inventory_uploads
from ocr_pipeline.review.form_sketches import add_scan
from ocr_pipeline.review.scan_replacement import replace_scan
from ocr_pipeline.review.scan_uploads import keep_scan, scan_place
from ocr_pipeline.review.upload_names import safe_place
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.import_json import inventory_json
from review_ui.layout_schemas import KeptOut
from review_ui.office_schemas import InventoryOut, ScanReplacementOut, UploadedScanOut
from review_ui.openapi import refusals
from review_ui.received_files import received
from review_ui.station import At, By

router = APIRouter(
    prefix="/api/uploads",
    route_class=GuardedRoute,
    tags=["imports"],
    responses=refusals(404, 409, 413, 415),
)

BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What OpenAPI says of a body that is a file's bytes as they are."""


@router.put("/scan", response_model=UploadedScanOut, openapi_extra=BODY)
async def scan(
    request: Request,
    at: At,
    by: By,
    place: Annotated[str, Query(max_length=2000, description="path, the book's folder first")],
) -> UploadedScanOut:
    """Take a scan in: looked at, then put among the scans; the same bytes may be sent again."""
    name = str(scan_place(place))
    async with received(request, at, name) as upload:
        found = await run_in_threadpool(keep_scan, upload, by, place, at.clock())
    return UploadedScanOut.model_validate(found)


@router.put("/page/{page}", response_model=ScanReplacementOut, openapi_extra=BODY)
async def page(
    request: Request,
    at: At,
    by: By,
    page: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    name: Annotated[str, Query(max_length=300, description="of the file")] = "",
) -> ScanReplacementOut:
    """Put a new scan in the place of a page's scan; the page waits to be read again."""
    async with received(request, at, safe_place(f"x/{name or 'scan.jpg'}").name) as upload:
        found = await run_in_threadpool(replace_scan, at.workspace, upload, by, page, at.clock())
    return ScanReplacementOut.model_validate(found)


@router.put("/form/{sketch}", response_model=KeptOut, openapi_extra=BODY)
async def form(
    request: Request,
    at: At,
    by: By,
    sketch: Annotated[str, Path(max_length=40)],
    name: Annotated[str, Query(max_length=300, description="of the file")] = "",
) -> KeptOut:
    """Take in a scan of a form that is taught; the machine looks at it when it is asked to."""
    async with received(request, at, safe_place(f"x/{name or 'scan.jpg'}").name) as upload:
        found = await run_in_threadpool(add_scan, at.workspace, by, sketch, upload, at.clock())
    return KeptOut(revision=found.revision)


@router.put("/inventory", response_model=InventoryOut, openapi_extra=BODY)
async def inventory(
    request: Request,
    at: At,
    by: By,
    name: Annotated[str, Query(max_length=300, description="of the file")],
    accept: Annotated[bool, Query(description="make it the inventory of the scans")] = False,
) -> InventoryOut:
    """Look an inventory over, line by line; it counts once it was accepted."""
    async with received(request, at, name[-80:], inventory_uploads.LARGEST_BYTES) as upload:
        shown = await run_in_threadpool(inventory_uploads.preview_inventory, at.uploads, upload, by)
        if accept:
            await run_in_threadpool(
                inventory_uploads.accept_inventory, at.uploads, upload, by, at.clock()
            )
    return inventory_json(shown, at.uploads.scans, accepted=accept)
