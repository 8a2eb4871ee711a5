"""What people say about fields: keep it, take it back, check it while it is typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import field_decisions, suggestions
from ocr_pipeline.review.alike import decide_alike
from ocr_pipeline.review.field_decisions import Decision
from ocr_pipeline.review.fresh_offers import fresh_offers
from review_ui.access import GuardedRoute
from review_ui.field_json import FieldJson, shower
from review_ui.openapi import refusals
from review_ui.schemas import (
    CheckedOut,
    CheckIn,
    DecideIn,
    FreshOffersIn,
    Id,
    Name,
    OutcomesOut,
    SuggestionsOut,
    UndoneOut,
    Words,
)
from review_ui.station import At, By

router = APIRouter(
    prefix="/api", route_class=GuardedRoute, tags=["decisions"], responses=refusals(404)
)


@router.post("/decide", response_model=OutcomesOut)
def decide(wanted: DecideIn, at: At, by: By) -> OutcomesOut:
    """Keep decisions; what somebody else changed meanwhile is refused and shown, never replaced.

    What is offered for the fields of `offers_for` is gathered once the decisions are on the disk.
    """
    decisions = [Decision(**decision.model_dump()) for decision in wanted.decisions]
    outcomes = decide_alike(at.workspace, by, decisions, at.clock())
    fresh = fresh_offers(at.workspace, by, wanted.offers_for, at.clock())
    return OutcomesOut.model_validate({"outcomes": outcomes, "offers": fresh})


@router.post("/undo", response_model=UndoneOut)
def undo(
    at: At,
    by: By,
    showing: Annotated[FieldJson, Depends(shower)],
    wanted: FreshOffersIn | None = None,
) -> UndoneOut:
    """Take back this person's last deed, one decision or several; the fields come back."""
    items = showing.items(field_decisions.undo(at.workspace, by, at.clock()))
    asked = wanted.offers_for if wanted else []
    fresh = fresh_offers(at.workspace, by, asked, at.clock())
    said = {"item": items[0] if items else None, "items": items, "offers": fresh}
    return UndoneOut.model_validate(said)


@router.post("/check", response_model=CheckedOut)
def check(wanted: CheckIn, at: At, by: By) -> CheckedOut:
    """What the rules say of a value; nothing is kept."""
    return CheckedOut.model_validate(
        field_decisions.check(at.workspace, by, wanted.field, wanted.value)
    )


@router.get("/suggest", response_model=SuggestionsOut)
def suggest(
    at: At,
    by: By,
    kind: FieldKind,
    q: Annotated[Words, Query(description="what has been typed, accents or not")],
    book: Annotated[Name, Query()] = "",
    count: Annotated[int, Query(ge=1, le=50)] = 8,
    field: Annotated[
        Id | None, Query(description="typed into: what fits its ink comes first")
    ] = None,
    after: Annotated[Words, Query(description="what stands behind the cursor")] = "",
) -> SuggestionsOut:
    """Values that begin like what was typed."""
    found = suggestions.suggest(
        at.workspace, by, kind, q, book, count, at.clock(), field=field, after=after
    )
    return SuggestionsOut.model_validate({"suggestions": found})
