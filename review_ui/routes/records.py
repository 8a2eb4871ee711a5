"""Whole records and single fields; who looks at a record is noted in the audit trail."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from ocr_pipeline.registers.fields import Box
from ocr_pipeline.review import book_views, queue, record_dropping
from ocr_pipeline.review.book_correction import book_correction
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.review.word_marks import field_words
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.book_schemas import DropIn, RecordOut
from review_ui.field_json import FieldJson, shower
from review_ui.openapi import refusals
from review_ui.page_schemas import RecordPositionOut
from review_ui.schemas import BookCorrectionOut, ItemOut, WordsOut
from review_ui.station import At, By

router = APIRouter(
    prefix="/api", route_class=GuardedRoute, tags=["records"], responses=refusals(404)
)

Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Showing = Annotated[FieldJson, Depends(shower)]


@router.get("/records/{record}", response_model=RecordOut)
def record(record: Number, at: At, by: By, showing: Showing) -> RecordOut:
    """A record as the paper has it, with all its fields; the view is logged."""
    told = book_views.record(at.workspace, by, record)
    shown = RecordOut.model_validate(told)
    place = page_sources(at.workspace, [shown.page]).get(shown.page)
    if place is not None:
        shown.picture = showing.page(shown.page, place)
        if cut := showing.record(shown.page, told["own_boxes"], place):
            shown.cut, shown.cut_box = cut
        for field in shown.fields:
            if any(field.box[2:]):
                field.crop = showing.crop(shown.page, Box(*field.box), field.kind, place)
    return shown


@router.post("/records/{record}/drop", response_model=RecordPositionOut, responses=refusals(409))
def drop(record: Number, wanted: DropIn, at: At, by: By) -> Any:
    """Say that there is no record where the machine read one of several on its page."""
    return record_dropping.drop_record(at.workspace, by, record, at.clock(), confirm=wanted.confirm)


@router.post("/records/{record}/restore", response_model=RecordPositionOut, responses=refusals(409))
def restore(record: Number, at: At, by: By) -> Any:
    """Bring a dropped record back, by the id that it had."""
    return record_dropping.bring_back(at.workspace, by, record, at.clock())


@router.get("/fields/{field}", response_model=ItemOut)
def field(field: Number, at: At, by: By, showing: Showing) -> ItemOut:
    """One field with its pictures."""
    return showing.items([queue.item(at.workspace, by, field)])[0]


@router.get("/fields/{field}/words", response_model=WordsOut)
def words(field: Number, at: At, by: By, showing: Showing) -> WordsOut:
    """Where the words of a field stand on its picture; nothing where its reading is not shown."""
    return WordsOut(words=showing.words(field_words(at.workspace, by, field)))


@router.get(
    "/fields/{field}/correction", response_model=BookCorrectionOut, responses=refusals(404, 409)
)
def correction(field: Number, at: At, by: By, showing: Showing) -> BookCorrectionOut:
    """Where else in its book stands what this field was before it was corrected; logged."""
    found = book_correction(at.workspace, by, field, at.clock())
    shown = BookCorrectionOut.model_validate(found)
    shown.items, shown.decided = showing.items(found.items), showing.items(found.decided)
    return shown
