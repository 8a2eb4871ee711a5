"""A folder of scans with an inventory, a workspace, and runs over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ocr_pipeline.batch.run import (
    RunConditions,
    RunDependencies,
    RunSummary,
    make_executor,
    run,
)
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.books.book import Book
from ocr_pipeline.store.books import find_page
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders import fake_stages, judges, real_stages
from tests.builders.books import make_book, write_inventory
from tests.builders.same_process import SameProcess

CONDITIONS = {field.name for field in fields(RunConditions)}

#: A run without pictures and rules: pages are words, what is surer than 0.9 is accepted. It reads
#: in its own process: a worker costs two seconds of a processor to start.
FAKE = RunDependencies(
    work=fake_stages.work,
    executor=lambda *_: SameProcess(),
    fingerprint=lambda _: "f1",
    judge=judges.accept_sure,
    rules=RetryRules(rest=(0.1, 0.2)),
    join=fake_stages.join_pair,
)


#: Real stages in the process of the run, which has them loaded after the first one.
REAL = RunDependencies(work=real_stages.work, executor=lambda *_: SameProcess())

#: The fake ones with the worker processes of a real run, where pages may stop them.
FAKE_IN_WORKERS = replace(FAKE, executor=make_executor)


def office_fixture(make):
    """A fixture `office`: what `make` gives of a folder and the location of a database."""

    @pytest.fixture
    def office(tmp_path, monkeypatch, location):
        monkeypatch.setenv(fake_stages.CALLS, str(tmp_path / "calls"))
        office = make(tmp_path, location)
        yield office
        office.workspace.close()

    return office


class RunOffice:
    """An office that scans books and has them read.

    Args:
        folder: gets the scans, and the workspace unless `location` names another one.
        location: address of the workspace.
        dependencies: what its runs work with.

    """

    def __init__(
        self, folder: Path, location: str | None = None, dependencies: RunDependencies = FAKE
    ) -> None:
        self.scans = folder / "scans"
        self.scans.mkdir()
        self.location = location or str(folder / "ws")
        self.workspace = Workspace.open(self.location)
        self.calls = folder / "calls"
        self.dependencies = dependencies
        self._books: dict[str, Book] = {}

    def book(self, name: str, pages: Mapping[str, str], type_: str = "KS") -> None:
        """Put a book of fake pages into the folder of scans."""
        for page, words in pages.items():
            fake_stages.write_page(self.scans / name / page, words)
        self.list_book(name, make_book(type_, len(self._books) + 1, 2016))

    def list_book(self, name: str, book: Book) -> None:
        """Name the book that lies in a folder of the scans."""
        self._books[name] = book
        write_inventory(self.scans, self._books)

    def run(self, **options: Any) -> RunSummary:
        """Run with one worker; options are those of `run` and of its conditions."""
        dependencies = options.pop("dependencies", self.dependencies)
        own = {name: options.pop(name) for name in CONDITIONS & set(options)}
        conditions = RunConditions(**{"workers": 1, "nice": 0, **own})
        return run(
            self.workspace, self.scans, conditions=conditions, dependencies=dependencies, **options
        )

    def page(self, book: str, name: str) -> PageRow:
        """The row of a page."""
        with self.workspace.read_session() as session:
            return find_page(session, book, name)

    def called(self) -> list[str]:
        """Names of the pages that workers have begun, one for each time."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def with_fingerprint(self, fingerprint: str) -> RunDependencies:
        """What its runs would work with after a change of the code of stages."""
        return replace(self.dependencies, fingerprint=lambda _: fingerprint)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str) -> Iterator[RunOffice]:
    """An office on the database that the test is marked for."""
    office = RunOffice(tmp_path, location)
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    yield office
    office.workspace.close()
