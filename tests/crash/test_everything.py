"""Run, export, station and people at once, killed again and again: no decision is lost or doubled.

`SOHOA_CRASH_ROUNDS` says how many rounds of ten kills are tried, `SOHOA_CRASH_SEED` where to begin.
"""

from __future__ import annotations

import time

import pytest

from tests.crash.busy_office import BusyOffice
from tests.crash.moments import rounds
from tests.crash.office import DisturbedOffice
from tests.crash.small_disk import fill, mounting, small_disk

_KILLS = 10  # of a round


@pytest.mark.long
@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("seed", rounds(1))
def test_no_decision_is_lost_or_doubled(driver, many, tmp_path, location, seed):
    office = DisturbedOffice(driver, many, tmp_path, location)
    office.finish(workers=2)
    busy = BusyOffice(office, seed)
    busy.work(_KILLS)
    office.finish(workers=2)
    busy.check()
    assert len(busy.kept) > _KILLS
    print(f"seed {seed}: killed {dict(busy.killed)}, {len(busy.kept)} decisions acknowledged")


@mounting
@pytest.mark.long
@pytest.mark.parametrize("seed", rounds(1))
def test_a_disk_that_fills_up_again_and_again(driver, many, tmp_path, seed):
    with small_disk(tmp_path / "small", "40m") as disk:
        office = DisturbedOffice(driver, many, tmp_path, str(disk / "ws"))
        office.finish(workers=2)
        busy = BusyOffice(office, seed)

        def fill_for_a_while():
            ballast = fill(disk, busy.chance.choice([0, 0, 20_000, 60_000]))
            time.sleep(busy.chance.uniform(0.2, 1.5))
            ballast.unlink()

        busy.work(_KILLS, fill_for_a_while)
        office.finish(workers=2)
        busy.check()
    assert busy.refused[507], "nobody noticed"
    print(
        f"seed {seed}: filled {_KILLS} times, refused {dict(busy.refused)}, {len(busy.kept)} kept"
    )
