"""Makes the web application of a workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import ocr_pipeline
from ocr_pipeline.crash_log import note_crash
from ocr_pipeline.exchange.keyed_desk import KeyedDesk
from ocr_pipeline.exchange.link_desk import LinkDesk
from ocr_pipeline.exchange.reconcile_desk import ReconcileDesk
from ocr_pipeline.exchange.reporting.report_desk import ReportDesk
from ocr_pipeline.exchange.reporting.roll_up_desk import RollUpDesk
from ocr_pipeline.review.book_packages import PackageMaker
from ocr_pipeline.review.package_checks import PackageChecks
from ocr_pipeline.review.pictures import Pictures
from ocr_pipeline.review.print_learning import PrintLearning
from ocr_pipeline.review.sketch_work import SketchWork
from ocr_pipeline.review.uploads import UploadDesk, UploadLimits
from ocr_pipeline.store.workspace import Workspace
from review_ui import access, error_responses, openapi
from review_ui.outer_layer import OuterLayer, PackingLayer
from review_ui.picture_preparer import PicturePreparer
from review_ui.routes import ROUTERS
from review_ui.settings import Settings
from review_ui.signatures import Signer, server_key
from review_ui.station import Station, utc_now

STATIC = Path(__file__).resolve().parent / "static"

_THREADS = 12  # at once; more would only wait for the database


def create_app(
    workspace: Workspace,
    settings: Settings | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The web application of an open workspace; whoever opened the workspace closes it.

    Args:
        workspace: the job people work on.
        settings: how the server is reached, and its limits.
        clock: gives the time (UTC).

    Raises:
        RuntimeError: a route is missing in `access.yaml`, or a line of it has no route.

    """
    settings = settings or Settings()
    keyed = KeyedDesk(workspace, clock)
    station = Station(
        workspace=workspace,
        settings=settings,
        signer=Signer(server_key(workspace.folder), settings.picture_hours),
        pictures=Pictures(workspace.folder, settings.memory_mb),
        packages=PackageMaker(workspace, clock),
        access=access.access_table(),
        checks=PackageChecks(workspace),
        sketches=SketchWork(workspace),
        prints=PrintLearning(workspace),
        keyed=keyed,
        links=LinkDesk(workspace, keyed, clock),
        reconciling=ReconcileDesk(workspace, keyed, clock),
        reports=ReportDesk(workspace, clock),
        roll_ups=RollUpDesk(workspace, clock),
        uploads=UploadDesk(
            workspace,
            settings.scans or workspace.folder / "scans",
            UploadLimits(file_bytes=settings.max_upload),
        ),
        clock=clock,
    )

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        preparer = PicturePreparer(workspace, station.pictures)
        if settings.prepare:
            preparer.start()
        yield
        preparer.stop()
        station.sketches.close()
        station.prints.close()
        station.packages.close()
        station.keyed.close()
        station.links.close()
        station.reconciling.close()
        station.pictures.close()

    app = FastAPI(
        title="sohoa",
        version=ocr_pipeline.__version__,
        description=openapi.ABOUT,
        lifespan=running,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.station = station
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # as they are: each with its own guard
    access.check_table(app.routes, station.access)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    error_responses.register(app)
    app.add_middleware(PackingLayer)
    logs = workspace.folder / "logs"
    app.add_middleware(
        OuterLayer, settings=settings, note_crash=lambda error: note_crash(error, logs)
    )
    return app
