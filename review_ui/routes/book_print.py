"""How a book is printed: learned in the background, shown, confirmed, taken back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response

from ocr_pipeline.review.print_drafts import DraftFolder
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.openapi import refusals
from review_ui.print_schemas import BookPrintOut
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, tags=["layouts"], responses=refusals(404, 409))

BookId = Annotated[str, Path(max_length=200)]
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "The picture"}
}


@router.get("/book/{book}/print", include_in_schema=False)
def print_page(request: Request, book: BookId, at: At, by: By) -> Response:
    """The screen on which the print of a book is learned."""
    at.prints.state(by, book)
    return render(request, "book_print.html", {"book": book})


@router.get("/api/books/{book}/print", response_model=BookPrintOut)
def state(book: BookId, at: At, by: By) -> Any:
    """What is known of a book's print, what was learned, how far it has been read again."""
    return at.prints.state(by, book)


@router.post("/api/books/{book}/print/learn", response_model=BookPrintOut)
def learn(book: BookId, at: At, by: By) -> Any:
    """Begin to learn the print of a book; it goes on in the background."""
    at.prints.begin(by, book)
    return at.prints.state(by, book)


@router.post("/api/books/{book}/print/keep", response_model=BookPrintOut)
def keep(book: BookId, at: At, by: By) -> Any:
    """Put what was learned in force for this book, and read again what it touches."""
    at.prints.keep(by, book, at.clock())
    return at.prints.state(by, book)


@router.post("/api/books/{book}/print/discard", response_model=BookPrintOut)
def discard(book: BookId, at: At, by: By) -> Any:
    """Throw away what was learned and is not in force."""
    at.prints.discard(by, book)
    return at.prints.state(by, book)


@router.post("/api/books/{book}/print/forget", response_model=BookPrintOut)
def forget(book: BookId, at: At, by: By) -> Any:
    """Take the last print of a book back, and read again what it touches."""
    at.prints.forget(by, book, at.clock())
    return at.prints.state(by, book)


@router.get("/api/books/{book}/print/picture/{side}", response_class=Response, responses=_JPEG)
def picture(book: BookId, side: Literal["before", "after"], at: At) -> Response:
    """A page with the boxes of before, or with those that were learned."""
    data = DraftFolder(at.workspace.folder, book).picture(side)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
