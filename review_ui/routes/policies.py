"""How fields are reviewed: once or twice, and how many accepted ones are sampled."""

from __future__ import annotations

from fastapi import APIRouter

from ocr_pipeline.review import policies as rules
from ocr_pipeline.review.policies import Policy
from review_ui.access import GuardedRoute
from review_ui.book_schemas import Policies, PoliciesIn
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(
    prefix="/api", route_class=GuardedRoute, tags=["policies"], responses=refusals(404)
)


@router.get("/policies", response_model=Policies)
def policies(at: At, by: By) -> Policies:
    """All policies that are set."""
    return Policies.model_validate({"policies": rules.list_policies(at.workspace)})


@router.put("/policies", response_model=Policies)
def set_policies(wanted: PoliciesIn, at: At, by: By) -> Policies:
    """Set policies; a book's own one goes before the general one."""
    for policy in wanted.policies:
        rules.set_policy(at.workspace, by, Policy(**policy.model_dump()), at.clock())
    return policies(at, by)
