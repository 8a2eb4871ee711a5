"""Who is to blame when runs go down: the page that does it every time, and nobody else."""

from __future__ import annotations

import signal

from ocr_pipeline.reports.status import status
from tests.crash.office import DisturbedOffice, Scans


def test_runs_that_are_killed_again_and_again_poison_nobody(driver, scans, undisturbed, tmp_path):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    for _ in range(7):
        office.killed_at("lease started", 1, "run")
    office.finish()
    office.check(undisturbed)


def test_a_page_that_takes_every_run_down_is_given_up_and_the_others_are_read(driver, tmp_path):
    pages = ["record 1", "record 2", "record 3 take-down", "record 4", "record 5"]
    scans = Scans(tmp_path / "scans").book("ks1", pages)
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    killed = 0
    while (ended := office.start("run", workers=2).wait()) != 0 and killed < 9:
        assert ended == -signal.SIGKILL
        office.all_gone()
        killed += 1
    assert killed == 5, "twice among others, three times alone, then never again"
    with office.workspace() as workspace:
        [book] = status(workspace)["books"]
    [row] = book["failures"]
    assert (row["page"], row["kind"], book["records"]) == ("3.jpg", "poisoned", 4)
    assert "went down" in row["cause"]["en"] and "--retry" in row["remedy"]["vi"]
    assert office.begun()["ks1/3.jpg"] == 5


def test_a_power_cut_is_not_the_fault_of_a_page_at_its_last_try(driver, tmp_path):
    """It has lost two workers and is tried alone: one run cut off then is not its third death."""
    scans = Scans(tmp_path / "scans").book("ks1", ["record 1", "record 2 unlucky"])
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    supervisor = office.start("run")
    supervisor.wait_until(lambda: office.begun()["ks1/2.jpg"] == 3)
    supervisor.kill()
    assert supervisor.wait() == -signal.SIGKILL
    office.finish()
    with office.workspace() as workspace:
        [book] = status(workspace)["books"]
    assert book["failures"] == [] and book["records"] == 2
