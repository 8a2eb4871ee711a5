"""Killed while half sheets are joined, the next run ends as if nothing had been."""

from __future__ import annotations

import pytest

from tests.crash.office import DisturbedOffice, Scans
from tests.crash.where import HALVES

PAGES = ["half left 3", "half right 3", "record 4", "half left 5", "half right 5", "half left 6"]
SHEETS = 2


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> Scans:
    return Scans(tmp_path_factory.mktemp("sheets")).book("ks1", PAGES)


@pytest.fixture(scope="module")
def unhurt(driver, sheets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unhurt")
    office = DisturbedOffice(driver, sheets, folder, str(folder / "ws"))
    office.finish("run", workers=2)
    outcome = office.outcome()
    [lines] = outcome.results.values()
    assert [line["page"] for line in lines] == ["1.jpg + 2.jpg", "3.jpg", "4.jpg + 5.jpg"]
    return outcome


@pytest.mark.parametrize("point", HALVES, ids=lambda point: point.name)
def test_a_run_killed_while_it_joins(driver, sheets, unhurt, tmp_path, location, point):
    office = DisturbedOffice(driver, sheets, tmp_path, location)
    office.killed_at(point.value, HALVES[point], "run", workers=1)
    office.finish("run", workers=1)
    office.check(unhurt, again=SHEETS + 1)
    office.all_gone()
