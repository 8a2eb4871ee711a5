"""A folder of scans with fake pages, a workspace, and the run over them."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from ocr_pipeline.batch.run import RunConditions, RunDependencies, run
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.store.workspace import Workspace
from tests.builders import fake_stages

CONDITIONS = {field.name for field in fields(RunConditions)}

INVENTORY = """\
folder,type,commune,district,province,year,number
{lines}
"""


class Office:
    """A folder of scans with fake pages, a workspace, and the run over them."""

    def __init__(self, folder: Path, location: str | None = None) -> None:
        self.scans = folder / "scans"
        self.scans.mkdir()
        self.location = location or str(folder / "ws")
        self.workspace = Workspace.open(self.location)
        self.calls = folder / "calls"
        self.dependencies = RunDependencies(
            work=fake_stages.work,
            fingerprint=lambda _: "f1",
            judge=fake_stages.judge,
            rules=RetryRules(rest=(0.1, 0.2)),
        )
        self._books: list[str] = []

    def book(self, name: str, pages: dict[str, str], type_: str = "KS") -> None:
        self._books.append(
            f"{name},{type_},xã Lộc Thuận,huyện Bình Đại,tỉnh Bến Tre,2016,{len(self._books) + 1}"
        )
        for page, words in pages.items():
            fake_stages.write_page(self.scans / name / page, words)
        (self.scans / "books.csv").write_text(INVENTORY.format(lines="\n".join(self._books)))

    def run(self, **options):
        dependencies = options.pop("dependencies", self.dependencies)
        own = {name: options.pop(name) for name in CONDITIONS & set(options)}
        conditions = RunConditions(**{"workers": 1, "nice": 0, **own})
        return run(
            self.workspace, self.scans, conditions=conditions, dependencies=dependencies, **options
        )

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def with_fingerprint(self, fingerprint: str) -> RunDependencies:
        return replace(self.dependencies, fingerprint=lambda _: fingerprint)


@pytest.fixture
def office(tmp_path, monkeypatch, location):
    """An office on the database that the test is marked for."""
    office = Office(tmp_path, location)
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    yield office
    office.workspace.close()
