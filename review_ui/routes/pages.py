"""Pages the machine refused or put in the wrong place: what people decide about them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review import (
    book_views,
    layout_choice,
    page_order,
    page_rereading,
    record_dropping,
    shared_cut,
)
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.store.states import LARGEST_ID, PageKind
from review_ui.access import GuardedRoute
from review_ui.field_json import FieldJson, shower
from review_ui.openapi import refusals
from review_ui.page_schemas import (
    ArrivalOut,
    AsideIn,
    CutPreviewIn,
    CutPreviewOut,
    HeldRecordIn,
    LayoutsOut,
    OrderIn,
    PageDecisionOut,
    PageOut,
    PageOutcomeOut,
    PagesAsideIn,
    PagesPlaceIn,
    PlaceIn,
    RecordPositionOut,
    RereadIn,
    RestoreIn,
    SendIn,
    SharedCutIn,
    SharedCutOut,
)
from review_ui.schemas import Name, message_of
from review_ui.station import At, By

router = APIRouter(prefix="/api", route_class=GuardedRoute, tags=["pages"], responses=refusals(404))

BookId = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Showing = Annotated[FieldJson, Depends(shower)]


@router.get("/pages/{page}", response_model=PageOut)
def page(
    page: Number,
    at: At,
    by: By,
    showing: Showing,
    open: Annotated[
        bool, Query(description="also the picture of a page that stopped its workers")
    ] = False,
) -> PageOut:
    """A page with its pictures, its neighbours and what people decided about it."""
    return _page(page, at, by, showing, is_asked_for=open)


@router.post("/pages/{page}/read", response_model=PageOutcomeOut)
def read(page: Number, at: At, by: By) -> Any:
    """Read a page that waits to be read now, not in the next run (takes seconds)."""
    return page_rereading.read_page(at.workspace, by, page, at.clock())


@router.post("/pages/{page}/reread", response_model=PageOutcomeOut)
def reread(page: Number, wanted: RereadIn, at: At, by: By) -> Any:
    """Read a page again with this layout between these corners (takes seconds)."""
    return page_rereading.reread(
        at.workspace, by, page, wanted.layout, wanted.corners, at.clock(),
        trust=wanted.trust, accepted=wanted.accepted,
    )  # fmt: skip


@router.get("/pages/{page}/shared-cut", response_model=SharedCutOut)
def pages_for_shared_cut(page: Number, at: At, by: By) -> Any:
    """Pages of the book on which the cut of this page can be tried, or was."""
    return shared_cut.shared_cut_of(at.workspace, by, page)


@router.post("/pages/{page}/read-like", response_model=PageOutcomeOut)
def read_like(page: Number, wanted: SharedCutIn, at: At, by: By) -> Any:
    """Read a page between the corners of another one, where that helps it (takes seconds)."""
    return shared_cut.read_like(at.workspace, by, page, wanted.like, at.clock())


@router.post("/pages/{page}/cut-preview", response_model=CutPreviewOut)
def cut_preview(page: Number, wanted: CutPreviewIn, at: At, by: By) -> CutPreviewOut:
    """What another cut would make of a page and of what was decided on it (takes seconds)."""
    outcome, effect = page_rereading.preview(
        at.workspace, by, page, wanted.layout, wanted.corners, trust=wanted.trust
    )
    read = PageOutcomeOut.model_validate(outcome)
    return CutPreviewOut(**read.model_dump(), **asdict(effect))


@router.post("/pages/{page}/aside", response_model=PageOut)
def aside(page: Number, wanted: AsideIn, at: At, by: By, showing: Showing) -> PageOut:
    """Put a page aside: it has no record."""
    page_rereading.put_aside(at.workspace, by, page, wanted.reason, at.clock(), note=wanted.note)
    return _page(page, at, by, showing)


@router.post("/pages/aside", status_code=204)
def aside_together(wanted: PagesAsideIn, at: At, by: By) -> None:
    """Put several pages of a book aside in one deed."""
    page_order.put_aside_together(at.workspace, by, wanted.pages, wanted.reason, at.clock())


@router.post("/pages/place", status_code=204)
def place_together(wanted: PagesPlaceIn, at: At, by: By) -> None:
    """Put several pages of a book, in the order given, behind another one."""
    page_order.place_together(at.workspace, by, wanted.pages, wanted.after, at.clock())


@router.post("/books/{book}/order", status_code=204)
def order(book: BookId, wanted: OrderIn, at: At, by: By) -> None:
    """Put all pages of a book in another order."""
    page_order.order_book(at.workspace, by, book, wanted.order, at.clock())


@router.post("/pages/{page}/call-back", response_model=PageOut)
def call_back(page: Number, at: At, by: By, showing: Showing) -> PageOut:
    """Say that a page has a record though the machine saw none: it waits as a refused page does."""
    page_rereading.call_back(at.workspace, by, page, at.clock())
    return _page(page, at, by, showing)


@router.post("/pages/{page}/place", response_model=PageOut)
def place(page: Number, wanted: PlaceIn, at: At, by: By, showing: Showing) -> PageOut:
    """Put a page behind another one, or make it the continuation of another one's last record."""
    page_rereading.move_page(
        at.workspace,
        by,
        page,
        at.clock(),
        after=wanted.after,
        continuation_of=wanted.continuation_of,
        position=wanted.position,
    )
    return _page(page, at, by, showing)


@router.post("/pages/{page}/send", response_model=ArrivalOut)
def send(page: Number, wanted: SendIn, at: At, by: By) -> ArrivalOut:
    """Have a page count for the book it belongs to, of whatever type, and read it there."""
    arrival, outcome = page_rereading.send_and_read(at.workspace, by, page, wanted.to, at.clock())
    read = PageOutcomeOut.model_validate(outcome)
    return ArrivalOut(**read.model_dump(), book=arrival.book, page=arrival.page)


@router.post("/pages/{page}/restore", response_model=PageOut)
def restore(
    page: Number, at: At, by: By, showing: Showing, wanted: RestoreIn | None = None
) -> PageOut:
    """Go back to what the machine found."""
    accepted = wanted.accepted if wanted else 0
    page_rereading.restore(at.workspace, by, page, at.clock(), accepted=accepted)
    return _page(page, at, by, showing)


@router.post("/pages/{page}/records", response_model=RecordPositionOut, responses=refusals(409))
def hold(page: Number, wanted: HeldRecordIn, at: At, by: By) -> Any:
    """Say that there is a record at a position that the machine left out."""
    return record_dropping.hold_record(at.workspace, by, page, wanted.position, at.clock())


@router.get("/layouts", response_model=LayoutsOut)
def layouts(
    at: At, type: Annotated[Name, Query(description="register type; all when empty")] = ""
) -> Any:
    """Forms a page can be read with, and the reasons for putting a page aside."""
    forms = [
        {**form, "outline": f"/api/layouts/{quote(form['id'])}/outline"}
        for form in layout_choice.layouts(at.workspace, type)
    ]
    return {"layouts": forms, "reasons": page_rereading.reasons()}


@router.get(
    "/layouts/{layout}/outline",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The empty form"}},
)
def outline(layout: Annotated[str, Path(max_length=100)], at: At) -> Response:
    """The empty form as a picture."""
    return Response(layout_choice.empty_form(at.workspace, layout), media_type="image/png")


def _page(page: int, at: At, by: By, showing: FieldJson, *, is_asked_for: bool = False) -> PageOut:
    shown = PageOut.model_validate(book_views.page(at.workspace, by, page))
    place = page_sources(at.workspace, [page])[page]
    shown.is_withheld = shown.kind is PageKind.POISONED and not is_asked_for
    if not shown.is_withheld:
        try:
            showing.open(place)
            shown.picture, shown.scan = showing.page(page, place), showing.scan(page, place)
        except SohoaError as error:
            shown.no_picture = message_of(error.cause)
    decided = page_rereading.decisions_of_page(at.workspace, page)
    shown.decisions = [PageDecisionOut.model_validate(one) for one in decided]
    return shown
