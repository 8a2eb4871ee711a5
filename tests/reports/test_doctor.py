"""What doctor says of this machine."""

import pytest

from ocr_pipeline.reports.doctor import Health, examine
from ocr_pipeline.store import sqlite_build


@pytest.mark.parametrize(
    ("version", "health", "mode"),
    [((3, 53, 4), Health.GOOD, "WAL"), ((3, 40, 1), Health.POOR, "TRUNCATE")],
)
def test_it_names_the_build_of_sqlite_and_what_is_done_about_it(monkeypatch, version, health, mode):
    monkeypatch.setattr(sqlite_build, "version", version)
    [finding] = [one for one in examine() if one.name == "SQLite"]
    assert finding.health is health
    assert ".".join(map(str, version)) in finding.seen and mode in finding.seen
    assert (finding.remedy is not None and "pysqlite3" in finding.remedy.vi) is (mode != "WAL")
