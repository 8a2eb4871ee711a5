"""Workspaces and browsers for the review station's tests in a real browser."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.workspace import Workspace
from tests.builders.askew_page import photograph
from tests.builders.books import list_sample, make_book
from tests.builders.drawn_pages import fill_book
from tests.e2e.station import ARGUMENTS, CHROMIUM, Seat, Station, sohoa

BOOK = "ks-2018"
BOOKS = 80  # one a test: 60 tests take one today
PAGES = 3  # that were read, of each of them
_NUMBERS = itertools.count(1)


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
    """A workspace with a book of one page, photographed so that the machine refuses it."""
    folder = tmp_path_factory.mktemp("sổ thật")
    scans = folder / "scans"
    (scans / BOOK).mkdir(parents=True)
    photograph(scans / BOOK / "Trang 5.jpg")
    list_sample(scans, BOOK)
    told = sohoa("run", scans, "--workspace", folder / "ws", "--workers", 1)
    assert told.returncode in (0, 1), told.stderr
    return folder / "ws"


@pytest.fixture(scope="session")
def drawn_job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A workspace with small invented books that the machine never had to read, and their ids."""
    folder = tmp_path_factory.mktemp("sổ vẽ")
    with Workspace.open(folder / "ws") as workspace:
        books = [make_book(number=number, year=2016) for number in range(1, BOOKS + 1)]
        for book in books:
            fill_book(workspace, book, folder / "scans", PAGES)
        return folder / "ws", [book.id for book in books]


@pytest.fixture(scope="session")
def station(drawn_job: tuple[Path, list[str]]) -> Iterator[Station]:
    """A station on the invented books: tests share it, each has a book and people of its own."""
    own = Station(drawn_job[0])
    own.start()
    yield own
    own.kill()


@pytest.fixture(scope="session")
def shelf(drawn_job: tuple[Path, list[str]]) -> Iterator[str]:
    """The books nobody has touched yet."""
    return iter(drawn_job[1])


@pytest.fixture
def book(shelf: Iterator[str]) -> str:
    """A book of this test's own."""
    return next(shelf)


@pytest.fixture
def own_station(tmp_path: Path) -> Iterator[Callable[[Path], Station]]:
    """Starts a station of the test's own on a copy of a workspace."""
    started: list[Station] = []

    def start(workspace: Path) -> Station:
        copy = tmp_path / "ws"
        shutil.copytree(workspace, copy)
        started.append(Station(copy))
        started[-1].start()
        return started[-1]

    yield start
    for station in started:
        if station.process is not None:
            station.kill()


@pytest.fixture
def seat(browser: object, station: Station) -> Iterator[Callable[..., Seat]]:
    """Makes an account and signs it in, in a browser of its own; faults of pages fail the test."""
    taken: list[Seat] = []

    def sit(name: str, role: Role = Role.OPERATOR, at: Station | None = None) -> Seat:
        account = f"{name}{next(_NUMBERS)}"
        (at or station).person(account, role)
        taken.append(Seat.take(at or station, browser, account))
        return taken[-1]

    yield sit
    for own in taken:
        own.page.context.close()
    assert not [fault for own in taken for fault in own.faults]
