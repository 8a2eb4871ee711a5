"""The weekly report: seen, then taken as an Excel file or as a page to print."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.exchange.reporting.forecast import forecast_lines
from ocr_pipeline.exchange.reporting.report_desk import StationReport, StationReportChoices
from ocr_pipeline.exchange.reporting.report_table import (
    comparison_rows,
    forecast_title,
    head_lines,
    remarks,
    table_rows,
)
from ocr_pipeline.exchange.reporting.roll_up_desk import RollUpChoices
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.html_pages import render
from review_ui.openapi import refusals
from review_ui.received_files import received
from review_ui.routes.uploads import BODY
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute)

Unit = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Batch = Annotated[str, Query(pattern="^([0-9a-f]{32})?$")]
_MOST_BYTES = 20_000_000  # of a report that comes along


@router.get("/weekly-report", include_in_schema=False)
def weekly_report_page(
    request: Request,
    at: At,
    by: By,
    unit: Unit = "",
    week: Day = "",
    finish_by: Day = "",
    batch: Batch = "",
) -> Response:
    """The report of a unit, and what it is made of."""
    units = at.reports.figures(by).units
    chosen = unit or (units[0] if units else "")
    values: dict[str, Any] = {
        "units": units, "unit": chosen, "week": week, "finish_by": finish_by, "batch": batch,
        "made": None, "error": None,
        "query": urlencode({"unit": chosen, "week": week, "finish_by": finish_by, "batch": batch}),
    }  # fmt: skip
    if not chosen:
        return render(request, "weekly_report.html", values)
    try:
        made = at.reports.make(by, _asked(chosen, week, finish_by, batch))
    except SohoaError as error:
        values["error"] = error
        return render(request, "weekly_report.html", values, status_of(error))
    return render(request, "weekly_report.html", {**values, **_shown(made)})


@router.get("/weekly-report/{form}", include_in_schema=False)
def weekly_report_file(
    at: At,
    by: By,
    form: Literal["excel", "page"],
    unit: Unit = "",
    week: Day = "",
    finish_by: Day = "",
    batch: Batch = "",
) -> Response:
    """The report as a file."""
    return _file(at.reports.make(by, _asked(unit, week, finish_by, batch)), form)


def _file(made: StationReport, form: str) -> Response:
    name, data = made.excel if form == "excel" else made.page
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/octet-stream", headers=disposition)


@router.get("/roll-up", include_in_schema=False)
def roll_up_page(
    request: Request, at: At, by: By, unit: Unit = "", week: Day = "", batch: Batch = ""
) -> Response:
    """Reports of units, added up."""
    values: dict[str, Any] = {
        "unit": unit, "week": week, "batch": batch, "made": None, "error": None,
        "units": at.roll_ups.units(by),
        "query": urlencode({"unit": unit, "week": week, "batch": batch}),
    }  # fmt: skip
    if not batch:
        return render(request, "roll_up.html", values)
    try:
        found = at.roll_ups.make(by, RollUpChoices(unit, _day(week), batch))
    except SohoaError as error:
        values["error"] = error
        return render(request, "roll_up.html", values, status_of(error))
    states = found.made.report.units
    told = {
        "units": [one.unit for one in states],
        "states": states,
        "came": sum(one.state in ("in_time", "late") for one in states),
        "refused": found.refused,
        "copies": found.copies,
    }
    return render(request, "roll_up.html", {**values, **told, **_shown(found.made)})


@router.get("/roll-up/{form}", include_in_schema=False)
def roll_up_file(
    at: At,
    by: By,
    form: Literal["excel", "page"],
    unit: Unit = "",
    week: Day = "",
    batch: Batch = "",
) -> Response:
    """The sum as a file."""
    found = at.roll_ups.make(by, RollUpChoices(unit, _day(week), batch))
    return _file(found.made, form)


@router.put(
    "/api/uploads/unit-report",
    response_model=None,
    status_code=204,
    tags=["books"],
    responses=refusals(413, 415),
    openapi_extra=BODY,
)
async def unit_report(
    request: Request,
    at: At,
    by: By,
    batch: Annotated[str, Query(pattern="^[0-9a-f]{32}$", description="of files taken together")],
    name: Annotated[str, Query(max_length=300, description="of the file")],
) -> Response:
    """Take in the weekly report of a unit, or the list of units that owe one (`don_vi.txt`)."""
    async with received(request, at, name[-80:], _MOST_BYTES) as upload:
        await run_in_threadpool(at.roll_ups.add, by, upload, batch, name)
    return Response(status_code=204)


@router.put(
    "/api/uploads/report",
    response_model=None,
    status_code=204,
    tags=["books"],
    responses=refusals(413, 415),
    openapi_extra=BODY,
)
async def report_part(
    request: Request,
    at: At,
    by: By,
    batch: Annotated[str, Query(pattern="^[0-9a-f]{32}$", description="of files taken together")],
    part: Annotated[Literal["outside", "last"], Query(description="typed figures; last week's")],
) -> Response:
    """Take in a report that comes along: typed figures of this week, or the week before."""
    async with received(request, at, f"{part}.xlsx", _MOST_BYTES) as upload:
        await run_in_threadpool(at.reports.add, by, upload, batch, part)
    return Response(status_code=204)


def _asked(unit: str, week: str, finish_by: str, batch: str) -> StationReportChoices:
    return StationReportChoices(unit, _day(week), _day(finish_by), batch)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:  # the 31st of February: as if it had been left empty
        return None


def _shown(made: StationReport) -> Mapping[str, Any]:
    report, form = made.report, made.form
    return {
        "made": made,
        "head": head_lines(report, form),
        "late": report.late(form),
        "rows": table_rows(report, form),
        "remarks": remarks(report, form),
        "comparison": list(comparison_rows(report, form)) if report.last else [],
        "forecast_title": forecast_title(report),
        "forecast": forecast_lines(report, form),
    }
