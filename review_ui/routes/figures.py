"""Figures as JSON: throughput, time per field, error found in samples, agreement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from ocr_pipeline.review import review_figures
from review_ui.access import GuardedRoute
from review_ui.figure_schemas import DashboardOut
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(prefix="/api", route_class=GuardedRoute, tags=["figures"], responses=refusals())

_DAYS = 30

Day = Annotated[date | None, Query()]


@router.get("/dashboard", response_model=DashboardOut)
def dashboard(at: At, by: By, since: Day = None, until: Day = None) -> Any:
    """Figures of the days from `since` to `until` (both included; the last 30 days)."""
    return review_figures.dashboard(at.workspace, *period(since, until, at.clock()), by)


def period(since: date | None, until: date | None, now: datetime) -> tuple[datetime, datetime]:
    """Beginning of the first day and end of the last one."""
    last = until or now.date()
    first = since or last - timedelta(days=min(_DAYS, last.toordinal()) - 1)
    day = timedelta(days=1) if last < date.max else timedelta()
    return datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + day
