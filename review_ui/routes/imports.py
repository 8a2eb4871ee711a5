"""The page on which scans and the inventory are brought in, and what lies there already."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ocr_pipeline.books.inventory_words import column_spellings
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import inventory_uploads
from ocr_pipeline.review.scan_uploads import scan_place
from ocr_pipeline.review.upload_names import safe_folder
from ocr_pipeline.review.uploads import UploadDesk
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.written_paths import written
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.import_json import book_json, faults_json, notices_json, notices_of
from review_ui.office_schemas import (
    FileVerdict,
    InventoryLineIn,
    InventoryLineOut,
    PlanFile,
    PlanIn,
    PlanOut,
    ScanFolderOut,
    ScansOut,
)
from review_ui.openapi import refusals
from review_ui.schemas import message_of, remedy_of
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, tags=["imports"], responses=refusals(409))


@router.get("/import", include_in_schema=False)
def page(request: Request, at: At) -> Response:
    """Where scans and the inventory are brought in."""
    columns = [name for name in column_spellings() if name != "folder"]
    values = {"types": list(RegisterType), "columns": columns, "scans": written(at.uploads.scans)}
    return render(request, "import.html", values)


@router.get("/api/import", response_model=ScansOut)
def folders(at: At) -> ScansOut:
    """The folders among the scans, which books they are, what is wrong with the inventory."""
    found, inventory = inventory_uploads.scan_folders(at.uploads.scans)
    return ScansOut(
        scans=written(at.uploads.scans),
        folders=[
            ScanFolderOut(
                name=written(one.name),
                files=one.files,
                line=one.line,
                own=one.own,
                book=book_json(one.book) if one.book else None,
            )
            for one in found
        ],
        faults=faults_json(inventory),
        notices=notices_json(inventory),
    )


@router.post("/api/import/plan", response_model=PlanOut)
def plan(wanted: PlanIn, at: At, by: By) -> PlanOut:
    """Say of files, before they are sent, which would be refused; asks the disk for room."""
    told = [_verdict(at.uploads, one) for one in wanted.files]
    pairs = zip(wanted.files, told, strict=True)
    at.uploads.require_room(sum(one.size for one, verdict in pairs if verdict.state == "new"))
    return PlanOut(files=told)


@router.post("/api/import/book", response_model=InventoryLineOut)
def describe(wanted: InventoryLineIn, at: At, by: By) -> InventoryLineOut:
    """Say which book the scans of a folder are, as a line of the inventory would."""
    values = wanted.model_dump(exclude={"folder"})
    book, notices = inventory_uploads.describe_book(
        at.uploads, by, wanted.folder, values, at.clock()
    )
    return InventoryLineOut(
        folder=safe_folder(wanted.folder), book=book_json(book), notices=notices_of(notices)
    )


def _verdict(desk: UploadDesk, file: PlanFile) -> FileVerdict:
    try:
        place = scan_place(file.place)
        if not file.size:
            raise fault("empty", str(place))
        if file.size > desk.limits.file_bytes:
            limit = desk.limits.file_bytes / 1e6
            raise fault("too_many_bytes", str(place), size=file.size / 1e6, limit=limit)
    except SohoaError as error:
        return FileVerdict(
            place=error.where,
            state="refused",
            cause=message_of(error.cause),
            remedy=remedy_of(error),
        )
    target = desk.scans / place
    there = target.is_file() and target.stat().st_size == file.size
    return FileVerdict(place=str(place), state="there" if there else "new")
