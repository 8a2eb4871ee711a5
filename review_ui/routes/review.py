"""The screens people work on; what they show comes from the JSON routes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.routes.queue import Queried

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/review")
def by_field(request: Request, wanted: Queried) -> Response:
    """Doubtful fields, one kind after another."""
    return render(request, "field.html", {"filter": asdict(wanted), "order": "field"})


@router.get("/review/record")
def by_record(request: Request, wanted: Queried) -> Response:
    """All doubtful fields of a record, then the next record."""
    return render(request, "field.html", {"filter": asdict(wanted), "order": "record"})


@router.get("/group")
def by_group(request: Request, wanted: Queried) -> Response:
    """Many fields that the machine read as the same value."""
    return render(request, "group.html", {"filter": asdict(wanted), "corrected": 0})


@router.get("/correction/{field}")
def correction(request: Request, field: Number) -> Response:
    """A correction, and the fields of the book that stand as this one stood before."""
    return render(request, "group.html", {"filter": {}, "corrected": field})


@router.get("/record/{record}")
def record(request: Request, record: Number) -> Response:
    """A whole record beside its scan."""
    return render(request, "record.html", {"record": record})


@router.get("/page/{page}")
def page(request: Request, page: Number) -> Response:
    """A page: its place in the book, its layout, its corners."""
    return render(request, "page.html", {"page": page})
