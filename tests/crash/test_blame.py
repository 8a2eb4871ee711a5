"""Who is to blame when runs go down: the page that does it every time, and nobody else."""

from __future__ import annotations

import signal

from ocr_pipeline.batch.status import status

from .office import Office, Scans


def test_runs_that_are_killed_again_and_again_poison_nobody(driver, scans, undisturbed, tmp_path):
    office = Office(driver, scans, tmp_path, str(tmp_path / "ws"))
    for _ in range(7):
        office.killed_at("lease started", 1, "run")
    office.finish()
    office.check(undisturbed)


def test_a_page_that_takes_every_run_down_is_given_up_and_the_others_are_read(driver, tmp_path):
    pages = ["record 1", "record 2", "record 3 take-down", "record 4", "record 5"]
    scans = Scans(tmp_path / "scans").book("ks1", pages)
    office = Office(driver, scans, tmp_path, str(tmp_path / "ws"))
    for runs in range(1, 8):
        if (ended := office.start("run", workers=2).wait()) == 0:
            break
        assert ended == -signal.SIGKILL
        office.all_gone()
    assert runs == 6, "twice among others, three times alone, then never again"
    with office.workspace() as workspace:
        [book] = status(workspace)["books"]
    [row] = book["failures"]
    assert (row["page"], row["kind"], book["records"]) == ("3.jpg", "poisoned", 4)
    assert "went down" in row["cause"]["en"] and "--retry" in row["remedy"]["vi"]
    assert office.begun()["ks1/3.jpg"] == 5
