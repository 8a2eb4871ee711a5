"""Pages of figures and policies."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from ocr_pipeline.errors import SohoaError, Text, UsageError
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import book_views, policies, review_figures
from ocr_pipeline.review.policies import ReviewMode, ReviewPolicy
from review_ui.access import GuardedRoute
from review_ui.charts import charts
from review_ui.error_responses import status_of
from review_ui.figure_schemas import DashboardOut
from review_ui.html_pages import language_of, render
from review_ui.routes.figures import period
from review_ui.station import At, By, Station
from review_ui.translations import translate

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

Day = Annotated[date | None, Query()]
Share = Annotated[float, Form(ge=0, le=100, allow_inf_nan=False)]


@router.get("/dashboard")
def dashboard(request: Request, at: At, by: By, since: Day = None, until: Day = None) -> Response:
    """Figures of some days, as plots and tables."""
    first, end = period(since, until, at.clock())
    found = DashboardOut.model_validate(review_figures.dashboard(at.workspace, first, end, by))
    language = language_of(request)
    values = {
        "figures": found,
        "charts": charts(found, partial(translate, language), language),
        "since": first.date(),
        "until": until or at.clock().date(),
    }
    return render(request, "dashboard.html", values)


@router.get("/policies")
def policies_page(request: Request, at: At) -> Response:
    """All policies, and a form to set one."""
    return _policies(request, at)


@router.post("/policies")
def set_policy(
    request: Request,
    at: At,
    by: By,
    mode: Annotated[ReviewMode, Form()],
    sample: Share,
    book: Annotated[str, Form(max_length=200)] = "",
    kind: Annotated[FieldKind | Literal[""], Form()] = "",
    threshold: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Set one policy; shares come in percent."""
    try:
        policy = ReviewPolicy(book, str(kind), mode, sample / 100, _share(threshold))
        policies.set_policy(at.workspace, by, policy, at.clock())
    except SohoaError as error:
        return _policies(request, at, error)
    return RedirectResponse("/policies", 303)


@router.post("/policies/learning")
def set_learning(at: At, by: By, given: Annotated[bool, Form()]) -> Response:
    """Allow that corrections teach the handwriting network, or forbid it again."""
    policies.set_learning_consent(at.workspace, by, given, at.clock())
    return RedirectResponse("/policies", 303)


def _share(percent: str) -> float | None:
    """A share typed in percent, with a decimal point or comma; None when left empty."""
    if not percent.strip():
        return None
    try:
        share = float(percent.replace(",", ".")) / 100
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise UsageError(
            Text("Ngưỡng phải từ 0 đến 100 %", "The threshold must be 0 to 100 %"), where=percent
        )
    return share


def _policies(request: Request, at: Station, error: SohoaError | None = None) -> Response:
    values = {
        "policies": policies.list_policies(at.workspace),
        "learning": policies.learning_consent(at.workspace),
        "books": [book["id"] for book in book_views.books(at.workspace)],
        "kinds": list(FieldKind),
        "error": error,
    }
    return render(request, "policies.html", values, status_of(error) if error else 200)
