"""Workspaces and browsers for the review station's tests in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocr_pipeline.resources import shipped
from tests.e2e.station import ARGUMENTS, CHROMIUM, Seat, Station, sohoa
from tests.review.scene import photograph
from tests.review_ui import office

BOOK = "ks-2018"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium, started once."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def read_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one page of a sample book, and one photographed so that it is refused."""
    folder = tmp_path_factory.mktemp("sổ thật")
    scans = folder / "scans"
    (scans / BOOK).mkdir(parents=True)
    sample = shipped("sample_scans")
    shutil.copy(sample / BOOK / "Trang 4.jpg", scans / BOOK)
    photograph(scans / BOOK / "Trang 5.jpg")
    inventory = (sample / "books.csv").read_text("utf-8-sig").splitlines()
    lines = [inventory[0], *(line for line in inventory if line.startswith(f"{BOOK},"))]
    (scans / "books.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = sohoa("run", scans, "--workspace", folder / "ws", "--workers", 1)
    assert told.returncode in (0, 1), told.stderr
    return folder / "ws"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], Station]]:
    """Starts a station on a copy of a workspace; killed at the end."""
    started: list[Station] = []

    def start(workspace: Path) -> Station:
        copy = tmp_path / f"ws{len(started)}"
        shutil.copytree(workspace, copy)
        station = Station(copy)
        started.append(station)
        station.start()
        return station

    yield start
    for station in started:
        if station.process is not None:
            station.kill()


@pytest.fixture
def station(serve: Callable[[Path], Station], drawn_job: Path) -> Station:
    """A station with an invented book that was never read by the machine: quick to make."""
    return serve(drawn_job)


@pytest.fixture(scope="session")
def drawn_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three drawn records and a refused page."""
    from ocr_pipeline.store.workspace import Workspace

    folder = tmp_path_factory.mktemp("sổ vẽ")
    with Workspace.open(folder / "ws") as workspace:
        office.fill(workspace, folder / "scans")
    return folder / "ws"


@pytest.fixture
def seat(browser: object) -> Iterator[Callable[[Station, str], Seat]]:
    """Signs somebody in, in a browser of his own; faults of the pages fail the test."""
    taken: list[Seat] = []

    def sit(station: Station, name: str) -> Seat:
        taken.append(Seat.take(station, browser, name))
        return taken[-1]

    yield sit
    for own in taken:
        own.page.context.close()
    assert not [fault for own in taken for fault in own.faults]
