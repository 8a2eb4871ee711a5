"""The audit trail: who did and saw what; whether the chain is whole; downloads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from ocr_pipeline.review import audit as trail
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.html_pages import language_of, render
from review_ui.schemas import Name
from review_ui.station import At
from review_ui.trail_words import detail_words, subject_words

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

_ROWS = 200
_FAULTS = 50

BookId = Annotated[str, Path(max_length=200)]
Who = Annotated[str, Path(max_length=100)]


@router.get("/audit")
def audit(
    request: Request,
    at: At,
    book: Annotated[Name, Query()] = "",
    person: Annotated[Name, Query()] = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    verify: bool = False,
) -> Response:
    """The newest lines, of a book or a person if wished; trail and data are checked on demand."""
    rows = trail.recent(at.workspace, book=book, person=person, before=before, count=_ROWS)
    language = language_of(request)
    values = {
        "rows": rows,
        "subject_of": lambda row: subject_words(row["subject"], language),
        "details_of": lambda row: detail_words(row["details"], language),
        "action_name": trail.action_name,
        "book": book,
        "person": person,
        "older": rows[-1]["id"] if len(rows) == _ROWS else None,
        "checked": verify,
        "faults": trail.faults(at.workspace, _FAULTS) if verify else [],
        "head": trail.head(at.workspace),
    }
    return render(request, "audit.html", values)


@router.get("/book/{book}/trail")
def book_trail(book: BookId, at: At) -> Response:
    """All that was done and seen in a book, as JSON lines."""
    return _lines(trail.export(at.workspace, book=book), "book")


@router.get("/people/{name}/trail")
def person_trail(name: Who, at: At) -> Response:
    """All that a person did and saw, as JSON lines."""
    return _lines(trail.export(at.workspace, person=name), "person")


def _lines(rows: Iterable[Any], what: str) -> Response:
    def written() -> Iterator[str]:
        for row in rows:
            yield json.dumps(row, ensure_ascii=False, default=str) + "\n"

    return StreamingResponse(
        written(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="audit-{what}.jsonl"'},
    )
