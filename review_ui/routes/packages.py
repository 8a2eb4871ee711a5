"""The packages of a book: export, download, and the sheet that is signed at the hand-over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review import approval
from ocr_pipeline.review.book_packages import PackageForm
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.hand_over import sheet_of
from ocr_pipeline.store.approvals import BookState
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.html_pages import language_of, render
from review_ui.openapi import refusals
from review_ui.package_schemas import PackagesOut
from review_ui.station import At, By, Station
from review_ui.translations import in_language

router = APIRouter(route_class=GuardedRoute)

BookId = Annotated[str, Path(max_length=200)]
FileName = Annotated[str, Path(max_length=255)]


@router.get("/packages/{book}", include_in_schema=False)
def packages(request: Request, book: BookId, at: At, by: By) -> Response:
    """What lies ready of a book, what is in the way, and what can be exported."""
    return _page(request, at, by, book)


@router.post("/packages/{book}", include_in_schema=False)
def export(
    request: Request, book: BookId, form: Annotated[PackageForm, Form()], at: At, by: By
) -> Response:
    """Begin to export a book."""
    try:
        at.packages.start(by, book, form)
    except SohoaError as error:
        return _page(request, at, by, book, error)
    return RedirectResponse(f"/packages/{book}", 303)


@router.get("/packages/{book}/hand-over.pdf", include_in_schema=False)
def hand_over_sheet(book: BookId, at: At, by: By) -> Response:
    """The sheet that is printed and signed."""
    kept = at.packages.state(by, book, PackageForm.OFFICIAL).kept
    return Response(
        sheet_of(at.workspace, by, book, kept),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{book}.BAN-GIAO.pdf"'},
    )


@router.get("/packages/{book}/{form}/{name}", include_in_schema=False)
def download(book: BookId, form: PackageForm, name: FileName, at: At, by: By) -> Response:
    """A file of a package."""
    return FileResponse(
        at.packages.file(by, book, form, name),
        filename=name,
        media_type="application/octet-stream",
    )


@router.get(
    "/api/packages/{book}", response_model=PackagesOut, tags=["books"], responses=refusals(404)
)
def state(book: BookId, at: At, by: By) -> PackagesOut:
    """How it stands with the packages of a book."""
    return PackagesOut.model_validate(
        {form.value: at.packages.state(by, book, form) for form in PackageForm}
    )


def _page(
    request: Request, at: Station, by: By, book: str, error: SohoaError | None = None
) -> Response:
    states = {form: at.packages.state(by, book, form) for form in PackageForm}
    stands = approval.state(at.workspace, book)
    is_open = stands is BookState.OPEN
    values = {
        "book": book,
        "packages": states,
        "state": stands,
        "obstacles": approval.obstacles(at.workspace, book, by, quick=True) if is_open else [],
        "making": any(one.making for one in states.values()),
        "caption": lambda code: in_language(caption(code), language_of(request)),
        "error": error,
    }
    return render(request, "packages.html", values, status_of(error) if error else 200)
