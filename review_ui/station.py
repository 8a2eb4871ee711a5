"""One running server: its workspace, its secrets, its pictures and its clock, for all routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from ocr_pipeline.exchange.keyed_desk import KeyedDesk
from ocr_pipeline.exchange.link_desk import LinkDesk
from ocr_pipeline.exchange.reconcile_desk import ReconcileDesk
from ocr_pipeline.exchange.reporting.report_desk import ReportDesk
from ocr_pipeline.exchange.reporting.roll_up_desk import RollUpDesk
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.book_packages import PackageMaker
from ocr_pipeline.review.package_checks import PackageChecks
from ocr_pipeline.review.pictures import Pictures
from ocr_pipeline.review.print_learning import PrintLearning
from ocr_pipeline.review.sketch_work import SketchWork
from ocr_pipeline.review.uploads import UploadDesk
from ocr_pipeline.store.workspace import Workspace
from review_ui.settings import Settings
from review_ui.signatures import Signer


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Station:
    """What routes work with.

    Attributes:
        workspace: the job, open.
        settings: how the server is reached, and its limits.
        signer: signs form tokens and addresses of pictures.
        pictures: pages and crops.
        packages: makes packages of books.
        access: the action each route needs, by `METHOD /path`.
        uploads: takes files in from browsers.
        checks: checks packages that browsers send.
        sketches: does what sketches of forms wait for.
        prints: learns how books are printed.
        keyed: works on keyed files that browsers send.
        links: links keyed rows with pages.
        reconciling: reconciles sent files.
        reports: makes weekly reports.
        roll_ups: adds weekly reports up.
        clock: gives the time (UTC); tests have their own.

    """

    workspace: Workspace
    settings: Settings
    signer: Signer
    pictures: Pictures
    packages: PackageMaker
    access: Mapping[str, str]
    uploads: UploadDesk
    checks: PackageChecks
    sketches: SketchWork
    prints: PrintLearning
    keyed: KeyedDesk
    links: LinkDesk
    reconciling: ReconcileDesk
    reports: ReportDesk
    roll_ups: RollUpDesk
    clock: Callable[[], datetime] = utc_now


def the_station(request: Request) -> Station:
    """The station a request came to."""
    station: Station = request.app.state.station
    return station


def the_user(request: Request) -> User:
    """Who is signed in; routes that need nobody must not ask."""
    user: User = request.state.user
    return user


At = Annotated[Station, Depends(the_station)]
By = Annotated[User, Depends(the_user)]
