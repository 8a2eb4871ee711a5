"""All books in the order of work: which first, who works on them, and books put right."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import book_order
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.office_schemas import BookChangeOut, BookIn, MoveIn, OrderOut, PriorityIn
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, tags=["order"], responses=refusals(404, 409))

BookId = Annotated[str, Path(max_length=200)]


@router.get("/order", include_in_schema=False)
def page(request: Request, at: At) -> Response:
    """The books, which of them come first, and who works on them."""
    values = {
        "books": book_order.books_in_order(at.workspace, at.clock()),
        "types": list(RegisterType),
        "steps": book_order.PRIORITIES,
    }
    return render(request, "order.html", values)


@router.get("/api/order", response_model=OrderOut)
def books(at: At) -> Any:
    """All books in the order of work, with who works on each."""
    return {"books": book_order.books_in_order(at.workspace, at.clock())}


@router.post("/api/order/{book}/priority", response_model=OrderOut)
def priority(book: BookId, wanted: PriorityIn, at: At, by: By) -> Any:
    """Say how soon a book is to be done; the queue gives fields of higher ones first."""
    book_order.set_priority(at.workspace, by, book, wanted.priority, at.clock())
    return {"books": book_order.books_in_order(at.workspace, at.clock())}


@router.post("/api/order/{book}/rename", response_model=BookChangeOut)
def rename(book: BookId, wanted: BookIn, at: At, by: By) -> Any:
    """Correct type, year or number of a book; its id follows, and all that was decided."""
    return book_order.rename(
        at.workspace, by, book, at.clock(),
        type=wanted.type, year=wanted.year, number=wanted.number,
    )  # fmt: skip


@router.post("/api/order/{book}/move", response_model=BookChangeOut)
def move(book: BookId, wanted: MoveIn, at: At, by: By) -> Any:
    """Give what was decided on scans of a book to the book that has these scans now."""
    return book_order.move(at.workspace, by, book, wanted.to, at.clock())


@router.post("/api/order/{book}/remove", response_model=BookChangeOut)
def remove(book: BookId, at: At, by: By) -> Any:
    """Take a book out that should not be there; what was decided stays under its id."""
    return book_order.remove(at.workspace, by, book, at.clock())
