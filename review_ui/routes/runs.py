"""Runs from the browser: start one, watch it, stop it gently, read its report."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from ocr_pipeline.reports.morning_report import make_report
from ocr_pipeline.reports.morning_report.rendering import report_material
from ocr_pipeline.reports.morning_report.titles import title
from ocr_pipeline.review import book_order, station_runs
from ocr_pipeline.store.states import LARGEST_ID
from ocr_pipeline.written_paths import written
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.office_schemas import RunIn, RunOut
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, tags=["runs"], responses=refusals(409))

Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/runs", include_in_schema=False)
def page(request: Request, at: At) -> Response:
    """The run that goes on, the last ones, and the pages that need a person."""
    values = {
        "state": station_runs.station_run(at.workspace, at.clock()),
        "runs": station_runs.last_runs(at.workspace),
        "faults": book_order.faulty_pages(at.workspace),
        "problems": book_order.problems_of_scans(at.workspace),
        "scans": written(at.uploads.scans),
    }
    return render(request, "runs.html", values)


@router.get("/runs/{run}/report", include_in_schema=False)
def report(request: Request, run: Number, at: At) -> Response:
    """The morning report of a run."""
    told = report_material(make_report(at.workspace, run))
    values = {
        **told, "title": title,
        "faults": book_order.faulty_pages(at.workspace, [one.id for one in told["books"]]),
    }  # fmt: skip
    return render(request, "report.html", values)


@router.get("/api/runs", response_model=RunOut)
def run(at: At) -> Any:
    """How the run goes; cheap enough to be asked every few seconds."""
    return station_runs.station_run(at.workspace, at.clock())


@router.post("/api/runs/start", response_model=RunOut)
def start(wanted: RunIn, at: At, by: By) -> Any:
    """Start a run over the scans of the station; refused while one goes on."""
    station_runs.start_run(
        at.workspace, at.uploads.scans, by, at.clock(), until=wanted.until, retry=wanted.retry
    )
    return station_runs.station_run(at.workspace, at.clock())


@router.post("/api/runs/stop", response_model=RunOut)
def stop(at: At, by: By) -> Any:
    """Ask the run to stop: it finishes what is under way; the next run goes on from there."""
    station_runs.stop_run(at.workspace, by, at.clock())
    return station_runs.station_run(at.workspace, at.clock())
