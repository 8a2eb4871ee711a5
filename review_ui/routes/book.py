"""Home (what waits, all books) and the page of a book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review import approval, book_views, page_order, queue, review_figures
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.answered_questions import answered_questions
from ocr_pipeline.review.page_order import BookOrder
from ocr_pipeline.review.queue import Lane, QueueFilter
from ocr_pipeline.review.rights import may
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.field_json import FieldJson, shower
from review_ui.html_pages import render
from review_ui.station import At, By, Station

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

BookId = Annotated[str, Path(max_length=200)]
Showing = Annotated[FieldJson, Depends(shower)]

#: Pages that have no picture of their own, or one that stopped its workers.
_NO_PICTURE = frozenset({PageKind.POISONED, PageKind.GONE, PageKind.SKIPPED, PageKind.FAULT})
_SMALL_PIXELS = 320  # wide: handwriting is seen, though not read


@router.get("/")
def home(request: Request, at: At, by: By) -> Response:
    """What waits for this person, what was answered to his questions, and all books."""
    waiting, answers = [], []
    if may(by, "review"):
        answers = answered_questions(at.workspace, by, now=at.clock())
        for lane in Lane:
            found = queue.waiting(at.workspace, QueueFilter(lane=lane), by, at.clock())
            if found["total"]:
                waiting.append((lane, found))
    books = book_views.books(at.workspace)
    return render(request, "home.html", {"waiting": waiting, "answers": answers, "books": books})


@router.get("/book/{book}")
def book(request: Request, book: BookId, at: At) -> Response:
    """A book: progress, pages, numbers, what keeps it from being approved."""
    return _book(request, at, book)


@router.post("/book/{book}/approve")
def approve(request: Request, book: BookId, at: At, by: By) -> Response:
    """Approve a book."""
    return _after(approval.approve, request, book, at, by)


@router.post("/book/{book}/withdraw")
def withdraw(request: Request, book: BookId, at: At, by: By) -> Response:
    """Take an approval back."""
    return _after(approval.withdraw, request, book, at, by)


@router.post("/book/{book}/turn")
def turn(request: Request, book: BookId, at: At, by: By) -> Response:
    """Put the pages of a book in reverse."""
    return _after(page_order.turn_book, request, book, at, by)


@router.post("/book/{book}/hand-over")
def hand_over(request: Request, book: BookId, at: At, by: By) -> Response:
    """Say that an approved book has been handed over."""
    return _after(approval.hand_over, request, book, at, by)


@router.get("/book/{book}/no-record")
def no_record(request: Request, book: BookId, at: At, by: By, showing: Showing) -> Response:
    """Small pictures of all pages that are said to have no record: one glance tells."""
    found = book_views.pages_without_record(at.workspace, by, book)
    pages = [{**page, "picture": showing.small(page["page"], _SMALL_PIXELS)} for page in found]
    return render(request, "no_record.html", {"book": book, "pages": pages})


@router.get("/book/{book}/pages")
def pages(request: Request, book: BookId, at: At, by: By, showing: Showing) -> Response:
    """Small pictures of all pages of a book, with what can be done to several of them at once."""
    sheet = book_views.page_sheet(at.workspace, by, book)
    for page in sheet["pages"]:
        shown = page["kind"] not in _NO_PICTURE
        page["picture"] = showing.small(page["page"], _SMALL_PIXELS) if shown else ""
    orders = [order.value for order in BookOrder]
    values = {"sheet": sheet, "reasons": page_order.reasons(), "orders": orders}
    return render(request, "pages.html", values)


def _after(
    act: Callable[[Workspace, User, str, datetime], object],
    request: Request,
    book: str,
    at: Station,
    by: User,
) -> Response:
    """The book after something was done to it; with the reason where it was refused."""
    try:
        act(at.workspace, by, book, at.clock())
    except SohoaError as error:
        return _book(request, at, book, error)
    return RedirectResponse(f"/book/{book}", 303)


def _book(request: Request, at: Station, book: str, error: SohoaError | None = None) -> Response:
    values = {
        "book": book_views.book(at.workspace, book),
        "evidence": review_figures.evidence(at.workspace, book),
        "all_books": review_figures.evidence(at.workspace),
        "error": error,
    }
    return render(request, "book.html", values, status_of(error) if error else 200)
