"""Books as JSON: how far they are, what is missing, and their approval."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from ocr_pipeline.review import approval, book_views
from review_ui.access import GuardedRoute
from review_ui.book_schemas import BookDetail, BooksOut
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(prefix="/api", route_class=GuardedRoute, tags=["books"], responses=refusals(404))

BookId = Annotated[str, Path(max_length=200)]


@router.get("/books", response_model=BooksOut)
def books(at: At, by: By) -> BooksOut:
    """All books, how far they are."""
    return BooksOut.model_validate({"books": book_views.books(at.workspace)})


@router.get("/books/{book}", response_model=BookDetail)
def book(book: BookId, at: At, by: By) -> BookDetail:
    """One book: pages, gaps and repetitions of numbers, what keeps it from being approved."""
    return BookDetail.model_validate(book_views.book(at.workspace, book))


@router.post("/books/{book}/approve", response_model=BookDetail)
def approve(book: BookId, at: At, by: By) -> BookDetail:
    """Approve a book; refused while something is open, and to those who entered values in it."""
    approval.approve(at.workspace, by, book, at.clock())
    return BookDetail.model_validate(book_views.book(at.workspace, book))


@router.post("/books/{book}/withdraw", response_model=BookDetail)
def withdraw(book: BookId, at: At, by: By) -> BookDetail:
    """Take an approval back."""
    approval.withdraw(at.workspace, by, book, at.clock())
    return BookDetail.model_validate(book_views.book(at.workspace, book))


@router.post("/books/{book}/hand-over", response_model=BookDetail)
def hand_over(book: BookId, at: At, by: By) -> BookDetail:
    """Say that an approved book has been handed over."""
    approval.hand_over(at.workspace, by, book, at.clock())
    return BookDetail.model_validate(book_views.book(at.workspace, book))
