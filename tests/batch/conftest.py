"""Runs here have worker processes: pages stop them, and people stop the runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import fake_stages
from tests.builders.run_office import FAKE_IN_WORKERS, RunOffice


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str) -> Iterator[RunOffice]:
    """An office on the database that the test is marked for."""
    office = RunOffice(tmp_path, location, FAKE_IN_WORKERS)
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    yield office
    office.workspace.close()
