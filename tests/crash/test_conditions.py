"""Pages that hang or eat memory, clocks that jump, too little disk: it goes on or ends well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.reports.status import status
from tests.crash.conftest import FIRST, SECOND
from tests.crash.office import DisturbedOffice, Scans, until

GOOD = [f"record {n}" for n in range(1, 4)]


@pytest.fixture
def hospital(driver, tmp_path):
    """An office with one book of these pages: the good ones, then those that a test adds."""

    def make(*bad: str) -> DisturbedOffice:
        scans = Scans(tmp_path / "scans").book("ks1", [*GOOD, *bad])
        return DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))

    return make


def failures(office):
    with office.workspace() as workspace:
        [book] = status(workspace)["books"]
    return {row["page"]: row for row in book["failures"]}, book["records"]


def test_pages_that_hang_or_die_cost_nobody_else_anything(hospital):
    """In native code that never lets go; in a program they started; dying while it goes on."""
    office = hospital("record 4 hold 60", "record 5 program 19", "record 6 leave 50")
    office.finish("run", page_seconds=0.7, workers=2)
    office.all_gone()  # the programs, too
    found = poisoned(office, "4.jpg", "5.jpg", "6.jpg")
    for page in ("4.jpg", "5.jpg"):
        assert "quá thời gian" in found[page]["vi"] and "time limit" in found[page]["en"]
    assert "13" in found["6.jpg"]["vi"] and "13" in found["6.jpg"]["en"]


def test_pages_that_eat_memory_are_stopped_at_their_limit(hospital):
    """Slowly, at once, or where no limit on data counts it."""
    office = hospital("record 4 leak 1500", "record 5 eat 1500", "record 6 map 1500")
    office.finish("run", memory_mb=400, workers=2)
    office.all_gone()
    for cause in poisoned(office, "4.jpg", "5.jpg", "6.jpg").values():
        assert "400 MB" in cause["vi"] and "400 MB" in cause["en"]
    assert office.run_rows()[-1].peak_mb < 1400


def poisoned(office, *pages):
    """These pages are listed with cause and remedy in both languages; the others are read."""
    found, records = failures(office)
    assert set(found) == set(pages) and records == len(GOOD)
    for page in pages:
        assert found[page]["kind"] == "poisoned"
        assert all("--retry" in found[page]["remedy"][language] for language in ("vi", "en"))
        assert office.begun()[f"ks1/{page}"] == 3
    return {page: row["cause"] for page, row in found.items()}


def test_a_program_that_was_killed_is_no_fault_of_the_page(hospital):
    office = hospital("record 4 helper-killed mark")
    told = office.finish("run", workers=2).told()
    assert "SIGKILL" in told and "4.jpg" in told
    assert failures(office) == ({}, 4)
    assert office.begun()["ks1/4.jpg"] == 2


# -- asked to stop


def slow(driver, tmp_path) -> DisturbedOffice:
    pages = [f"record {n} slow 0.3" for n in range(1, 9)]
    return DisturbedOffice(
        driver, Scans(tmp_path / "scans").book("ks1", pages), tmp_path, f"{tmp_path}/ws"
    )


@pytest.mark.parametrize("number", [2, 15], ids=["Ctrl-C", "SIGTERM"])
def test_asked_once_it_finishes_what_is_under_way(driver, tmp_path, number):
    office = slow(driver, tmp_path)
    supervisor = office.start("run", workers=2)
    supervisor.wait_until(lambda: sum(office.begun().values()) >= 2)
    supervisor.kill(number)
    assert supervisor.wait() == 9, supervisor.told()
    office.all_gone()
    [row] = office.run_rows()
    assert row.ending == "asked" and row.remedy_vi and row.remedy_en
    begun = sum(office.begun().values())
    assert row.done == begun < 8, "what was begun is kept"
    office.finish("run", workers=2)
    assert sum(office.begun().values()) == 8, "no page was begun twice"


def test_asked_twice_it_stops_at_once(driver, tmp_path):
    office = slow(driver, tmp_path)
    for page in range(1, 9):
        office.scans.write(f"ks1/{page}.jpg", f"record {page} slow 20")
    supervisor = office.start("run", workers=2)
    supervisor.wait_until(lambda: sum(office.begun().values()) >= 2)
    supervisor.kill(15)
    supervisor.wait_until(lambda: "stopping" in supervisor.told())
    supervisor.kill(15)
    assert supervisor.wait() not in (0, 9)
    assert not office.ended(), "pages that take 20 s were not waited for"
    office.all_gone()
    [row] = office.run_rows()
    assert row.ending == "asked", supervisor.told()
    assert row.remedy_vi and row.remedy_en


# -- time


def test_the_time_it_was_given_is_over(driver, tmp_path):
    office = slow(driver, tmp_path)
    told = office.finish("run", until=2.0, code=9).told()
    assert "--until" in told
    [row] = office.run_rows()
    assert row.ending == "until" and row.remedy_vi and row.remedy_en
    assert row.done < 8
    office.finish("run", workers=2)
    assert sum(office.begun().values()) == 8


YEAR = 365 * 86400.0


@pytest.mark.parametrize("jump", [5 * 3600.0, -30 * YEAR])
def test_the_clock_jumps(driver, scans, undisturbed, tmp_path, jump):
    """Only the first look, at the start, is right: the run goes on, its times stay sane."""
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.finish(jumps=[0.0, *[jump] * 999], until=60.0, workers=2)
    office.check(undisturbed, again=0)
    [row] = office.run_rows()
    seen = [moment.replace(tzinfo=UTC) for moment in (row.started, row.updated, row.ended)]
    assert seen == sorted(seen)
    assert abs(datetime.now(UTC) - seen[-1]) < timedelta(minutes=1)


def test_until_is_kept_although_the_clock_jumps(driver, tmp_path):
    office = slow(driver, tmp_path)
    office.finish("run", until=1.5, jumps=[0.0, *[-5 * 3600.0] * 999], code=9)
    assert office.run_rows()[-1].ending == "until"


# -- too little disk or memory


def test_it_pauses_while_there_is_too_little_and_goes_on_by_itself(
    driver, scans, undisturbed, tmp_path
):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    free = [[9000, 9000]] * 3 + [[900, 9000]] * 4 + [[9000, 100]] * 2 + [[9000, 9000]]
    limits = {"disk_mb": 2000, "disk_least_mb": 200, "memory_mb": 500}
    told = office.finish(free=free, thresholds=limits).told()
    assert "900 MB" in told and "resumed" in told
    office.check(undisturbed, again=0)
    [row] = office.run_rows()
    assert row.pauses >= 1 and row.paused > 0


@pytest.mark.parametrize(
    ("free", "patience", "ending"),
    [([900, 9000], 0.5, "disk"), ([100, 9000], 900, "disk"), ([9000, 100], 0.5, "memory")],
    ids=["disk-for-long", "disk-at-once", "memory-for-long"],
)
def test_it_stops_before_there_is_nothing_left(
    driver, scans, undisturbed, tmp_path, free, patience, ending
):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    limits = {"disk_mb": 2000, "disk_least_mb": 200, "memory_mb": 500, "patience": patience}
    office.finish(free=[[9000, 9000]] * 4 + [free], thresholds=limits, code=9)
    [row] = office.run_rows()
    assert row.ending == ending
    assert row.cause_vi and row.cause_en and row.remedy_vi and row.remedy_en
    assert sum(office.begun().values()) < scans.pages
    office.finish()
    office.check(undisturbed, again=0)


# -- two at once


@pytest.mark.databases("sqlite", "postgresql")
def test_two_runs_on_one_workspace(driver, tmp_path, location):
    pages = [f"record {n} slow 0.4" for n in range(1, 7)]
    office = DisturbedOffice(
        driver, Scans(tmp_path / "scans").book("ks1", pages), tmp_path, location
    )
    first = office.start("run")
    first.wait_until(lambda: sum(office.begun().values()) >= 1)
    told = office.finish("run", code=4).told()
    assert f"pid {first.pid}" in told and "sohoa status" in told
    assert "Một lần chạy khác" in told and "Another run" in told
    first.kill()
    second = office.start("run", workers=2)  # at once: the lock went with its process
    assert second.wait() == 0, second.told()
    first.wait()
    assert [row.ending for row in office.run_rows()] == ["interrupted", "done"]
    assert sum(office.begun().values()) <= 7


# -- scans that change


def test_a_scan_replaced_while_the_run_was_down(driver, tmp_path):
    scans = Scans(tmp_path / "scans").book("ks1", FIRST).book("ks2", SECOND)
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.killed_at("turn committed", 4, "run")
    scans.write("ks1/1.jpg", "record 77")
    office.finish()
    found = office.outcome().results.values()
    values = [line["fields"]["so"]["value"] for lines in found for line in lines]
    assert values == ["77/2017", "2/2017", "4/2017", "5/2017", "1/2017", "7/2017", "8/2017"]


def test_a_scan_replaced_between_hashing_and_reading(driver, tmp_path):
    """What was read is not what was hashed: the export notices, the next run reads it again."""
    pages = ["record 1 slow 1.5", "record 2"]
    scans = Scans(tmp_path / "scans").book("ks1", pages)
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    supervisor = office.start("run")
    supervisor.wait_until(lambda: sum(office.begun().values()) >= 1)
    scans.write("ks1/2.jpg", "record 22")
    assert supervisor.wait() == 0, supervisor.told()
    refused = office.finish("export", code=1).told()
    assert "2.jpg" in refused and not office.packages()
    office.finish()
    [lines] = office.outcome().results.values()
    assert [line["fields"]["so"]["value"] for line in lines] == ["1/2017", "22/2017"]
    until(lambda: len(office.packages()) == 2, 1)
