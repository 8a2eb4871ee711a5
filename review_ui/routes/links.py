"""Linking keyed rows with pages: begun, decided record by record, taken as packages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from ocr_pipeline.review import book_views
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.link_schemas import (
    BookStandingOut,
    DecideLinkIn,
    FoundRowsOut,
    FreePageOut,
    FreeRowOut,
    LinkedBookOut,
    LinkingIn,
    LinkingJobOut,
    LinkingOut,
    LinkPlaceIn,
    NextLinkIn,
    NextLinkOut,
)
from review_ui.openapi import refusals
from review_ui.package_schemas import KeptPackageOut
from review_ui.schemas import error_of, remedy_of
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, responses=refusals())

BookId = Annotated[str, Path(max_length=200)]
FileName = Annotated[str, Path(max_length=255)]


@router.get("/links", include_in_schema=False)
def links_page(
    request: Request,
    at: At,
    by: By,
    batch: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
) -> Response:
    """Where linking is begun, and how far the linked books are."""
    values = {
        "shelf": at.links.shelf(by),
        "batches": at.keyed.batches(by),
        "batch": batch,
        "books": [one["id"] for one in book_views.books(at.workspace, by)],
    }
    return render(request, "links.html", values)


@router.get("/links/{book}", include_in_schema=False)
def linked_book_page(request: Request, book: BookId, at: At, by: By) -> Response:
    """What became of a book, and its package."""
    return render(request, "linked_book.html", {"view": at.links.book(by, book)})


@router.get("/links/{book}/queue", include_in_schema=False)
def link_queue_page(request: Request, book: BookId, at: At, by: By) -> Response:
    """The queue: a row beside its page."""
    at.links.book(by, book)
    return render(request, "link_queue.html", {"book": book})


@router.get("/links/{book}/files/{name}", include_in_schema=False)
def linked_file(book: BookId, name: FileName, at: At, by: By) -> Response:
    """A file of the package."""
    path = at.links.file(by, book, name)
    return FileResponse(path, filename=name, media_type="application/octet-stream")


@router.get(
    "/api/links/{book}", response_model=LinkedBookOut, tags=["links"], responses=refusals(404)
)
def linked_book(book: BookId, at: At, by: By) -> LinkedBookOut:
    """How far a linked book is, and what is left over on both sides."""
    view = at.links.book(by, book)
    return LinkedBookOut(
        standing=BookStandingOut.model_validate(view.standing),
        pages=[FreePageOut.model_validate(one) for one in view.pages],
        rows=[FreeRowOut.model_validate(one) for one in view.rows],
        package=KeptPackageOut.model_validate(view.package) if view.package else None,
        making=view.making,
        error=error_of(view.error),
        remedy=remedy_of(view.error),
    )


@router.post(
    "/api/links/{book}/next", response_model=NextLinkOut, tags=["links"], responses=refusals(404)
)
def next_link(book: BookId, asked: NextLinkIn, at: At, by: By) -> Any:
    """The next record that waits for its row; nobody else gets it for ten minutes."""
    return at.links.next(by, book, _skipped(asked))


@router.post(
    "/api/links/{book}/decide",
    response_model=NextLinkOut,
    tags=["links"],
    responses=refusals(404, 409),
)
def decide(book: BookId, said: DecideLinkIn, at: At, by: By) -> Any:
    """Say which row belongs to a record, or that none does; the answer is the next record."""
    at.links.decide(by, book, (said.page, said.position), said.row)
    return at.links.next(by, book, _skipped(said))


@router.post(
    "/api/links/{book}/undo",
    response_model=NextLinkOut,
    tags=["links"],
    responses=refusals(404, 409),
)
def undo(book: BookId, said: LinkPlaceIn, at: At, by: By) -> Any:
    """Take back what was said of a record; the answer is that record, if it waits again."""
    at.links.undo(by, book, (said.page, said.position))
    return at.links.next(by, book)


@router.get(
    "/api/links/{book}/rows", response_model=FoundRowsOut, tags=["links"], responses=refusals(404)
)
def rows(
    book: BookId,
    at: At,
    by: By,
    page: Annotated[int, Query(ge=1, le=LARGEST_ID)],
    position: Annotated[int, Query(ge=1, le=100)],
    q: Annotated[str, Query(max_length=200, description="a name, a number or a date")],
) -> Any:
    """Rows of the book that look like some words, compared with a waiting record."""
    return {"rows": at.links.find(by, book, (page, position), q)}


@router.post("/api/links/release", status_code=204, tags=["links"])
def release(at: At, by: By) -> None:
    """Give back the record that this person holds."""
    at.links.release(by)


@router.post("/api/links/{book}/package", status_code=204, tags=["links"], responses=refusals(404))
def package(book: BookId, at: At, by: By) -> None:
    """Begin to write zip, `.xls` and lists of a book of which nothing waits."""
    at.links.make_package(by, book)


@router.post("/api/linking", response_model=LinkingOut, tags=["links"], responses=refusals(404))
def start(asked: LinkingIn, at: At, by: By) -> LinkingOut:
    """Begin to link keyed files with the pages of books; one linking goes on at a time."""
    at.links.start(by, asked.batch, asked.book)
    return state(at, by)


@router.get("/api/linking", response_model=LinkingOut, tags=["links"])
def state(at: At, by: By) -> LinkingOut:
    """How far the latest linking is."""
    job = at.links.job(by)
    if job is None:
        return LinkingOut(job=None)
    told = LinkingJobOut(
        phase=job.phase, steps=job.steps, count=job.count, done=job.done,
        where=job.error.where if job.error else "",
        error=error_of(job.error), remedy=remedy_of(job.error),
    )  # fmt: skip
    return LinkingOut(job=told)


def _skipped(asked: NextLinkIn) -> set[tuple[int, int]]:
    return {(one.page, one.position) for one in asked.skipped}
