"""How fields are reviewed: once or twice, and how many accepted ones are sampled."""

from __future__ import annotations

from fastapi import APIRouter

from ocr_pipeline.review import policies as rules
from ocr_pipeline.review.policies import ReviewPolicy
from review_ui.access import GuardedRoute
from review_ui.book_schemas import PoliciesIn, PoliciesOut
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(
    prefix="/api", route_class=GuardedRoute, tags=["policies"], responses=refusals(404)
)


@router.get("/policies", response_model=PoliciesOut)
def policies(at: At, by: By) -> PoliciesOut:
    """All policies that are set."""
    return PoliciesOut.model_validate({"policies": rules.list_policies(at.workspace)})


@router.put("/policies", response_model=PoliciesOut)
def set_policies(wanted: PoliciesIn, at: At, by: By) -> PoliciesOut:
    """Set policies; a book's own one goes before the general one."""
    for policy in wanted.policies:
        rules.set_policy(at.workspace, by, ReviewPolicy(**policy.model_dump()), at.clock())
    return policies(at, by)
