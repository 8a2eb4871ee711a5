"""Looking back: one's own decisions, the history of a record, records by name or number."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from ocr_pipeline.registers.fields import Box
from ocr_pipeline.review import recent_decisions, record_history, record_search
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.field_json import FieldJson, shower
from review_ui.history_schemas import FindsOut, HistoryOut, PastDecisionOut, PastDecisionsOut
from review_ui.openapi import refusals
from review_ui.schemas import Name
from review_ui.station import At, By

router = APIRouter(
    prefix="/api", route_class=GuardedRoute, tags=["looking back"], responses=refusals(404)
)

Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Showing = Annotated[FieldJson, Depends(shower)]


@router.get("/decisions/recent", response_model=PastDecisionsOut)
def recent(
    at: At,
    by: By,
    showing: Showing,
    count: Annotated[int, Query(ge=1, le=recent_decisions.MOST)] = recent_decisions.MOST,
) -> PastDecisionsOut:
    """One's own newest decisions, newest first; noted in the audit trail once an hour."""
    found = recent_decisions.recent(at.workspace, by, count, at.clock())
    past = [PastDecisionOut.model_validate(one) for one in found]
    places = page_sources(at.workspace, {one.page for one in past})
    for one in past:
        place = places.get(one.page)
        if place is not None and any(one.box[2:]):
            one.crop = showing.crop(one.page, Box(*one.box), one.kind, place)
    return PastDecisionsOut(decisions=past)


@router.get("/records/{record}/history", response_model=HistoryOut)
def history(record: Number, at: At, by: By) -> HistoryOut:
    """Who changed what on a record; blind keyings of others only once they are decided."""
    told = record_history.history(at.workspace, by, record, at.clock())
    return HistoryOut.model_validate({"fields": told})


@router.get("/search", response_model=FindsOut)
def search(
    at: At,
    by: By,
    q: Annotated[Name, Query(description="names, numbers, a page, a book; in any order")],
    book: Annotated[Name, Query(description="only in this book")] = "",
) -> FindsOut:
    """Records and books with these words; which records were shown is noted in the audit trail."""
    return FindsOut.model_validate(record_search.search(at.workspace, by, q, book, at.clock()))
