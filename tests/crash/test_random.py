"""Whoever is killed, whenever: the end is that of an undisturbed run (SQLite)."""

from __future__ import annotations

import pytest

from tests.crash.moments import WORKERS, disturb, rounds
from tests.crash.office import DisturbedOffice


@pytest.mark.long
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("seed", rounds(3))
def test_killed_at_random_moments(driver, many, many_undisturbed, tmp_path, location, seed):
    office = DisturbedOffice(driver, many, tmp_path, location)
    killed = disturb(office, seed)
    again = killed["supervisor"] * WORKERS + killed["worker"] + killed["grandchild"]
    office.check(many_undisturbed, again=again)
    print(f"seed {seed}: killed {dict(killed)}")
