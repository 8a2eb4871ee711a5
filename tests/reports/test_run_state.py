"""What `sohoa status` says of the latest run."""

from datetime import timedelta

import pytest

from ocr_pipeline.batch.pace import WINDOW_SECONDS, Pace
from ocr_pipeline.reports.run_state import run_state
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.runs import RunEnding, update_run
from tests.builders import finished_runs

NOW = finished_runs.START + timedelta(hours=1, seconds=1)


@pytest.fixture
def going(office):
    """A workspace that a run has at this moment."""
    with run_lock(office.workspace):
        yield office


def test_without_a_run_there_is_nothing_to_say(office):
    assert run_state(office.workspace) is None
    assert status(office.workspace)["run"] is None


def test_a_run_that_goes_on(going):
    finished_runs.begin(going.workspace, going.scans, pace=10.0, failed=3, poisoned=1)
    run = run_state(going.workspace, NOW)
    assert run["running"] and (run["phase"], run["ending"]) == ("reading", "")
    assert (run["done"], run["pages_expected"], run["failed"], run["poisoned"]) == (300, 1000, 3, 1)
    assert run["pages_per_minute"] == 10.0
    assert run["seconds_left"] == 700 / 10 * 60
    assert run["ready"] == "2026-11-24T13:10:01+00:00"
    assert run["started"] == "2026-11-24T11:00:00+00:00" and run["ended"] is None
    assert run["go_on"] == "" and run["silent"] == 0.0 and run["left_at_until"] is None


def test_before_there_is_a_pace_the_whole_run_counts(going):
    number = finished_runs.begin(going.workspace, going.scans, paused=1800.0)
    assert run_state(going.workspace, NOW)["pages_per_minute"] == 10.0  # 300 in 30 minutes
    with going.workspace.transaction() as session:
        update_run(session, number, done=3)
    run = run_state(going.workspace, NOW)
    assert run["pages_per_minute"] == 0.0 and run["seconds_left"] is None and run["ready"] is None


def test_what_will_be_left_when_it_has_to_stop(going):
    number = finished_runs.begin(
        going.workspace, going.scans, pace=10.0, until=NOW + timedelta(minutes=50)
    )
    assert run_state(going.workspace, NOW)["left_at_until"] == 200
    with going.workspace.transaction() as session:
        update_run(session, number, until=NOW + timedelta(minutes=80))
    assert run_state(going.workspace, NOW)["left_at_until"] == 0


def test_a_run_without_a_sign_of_life_is_noticed(going):
    finished_runs.begin(going.workspace, going.scans)
    later = finished_runs.START + timedelta(hours=1, minutes=10)
    assert run_state(going.workspace, later)["silent"] == 600.0


def test_a_pause_is_told_with_its_cause(going):
    finished_runs.begin(
        going.workspace, going.scans, phase="paused", cause_vi="Đĩa sắp đầy", cause_en="Disk full"
    )
    run = run_state(going.workspace, NOW)
    assert run["phase"] == "paused" and run["cause"] == {"vi": "Đĩa sắp đầy", "en": "Disk full"}


def test_a_run_that_died_without_ending_is_interrupted(office):
    finished_runs.begin(office.workspace, "/so quet")
    run = run_state(office.workspace, NOW)
    assert not run["running"] and (run["phase"], run["ending"]) == ("ended", "interrupted")
    assert run["go_on"] == f"sohoa run '/so quet' --workspace {office.workspace.folder}"
    assert run["seconds_left"] is None


@pytest.mark.parametrize("ending", list(RunEnding))
def test_only_a_run_that_is_done_needs_no_other(office, ending):
    finished_runs.begin(
        office.workspace, office.scans, phase="ended", ending=ending.value, ended=finished_runs.END
    )
    assert bool(run_state(office.workspace, NOW)["go_on"]) is (ending is not RunEnding.DONE)


def test_a_real_run_is_told(office):
    office.book("ks1", {f"{n}.png": f"record {n}" for n in range(4)})
    office.run()
    state = status(office.workspace)
    assert state["run"]["ending"] == "done" and state["run"]["done"] == 4
    assert state["books"][0]["seconds_left"] == 0.0


def test_time_left_of_a_book_follows_the_pace_of_the_run(office):
    office.book("ks1", {f"{n}.png": f"record {n}" for n in range(4)})
    office.run()
    with office.workspace.transaction() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE pages SET kind = 'pending' WHERE name IN ('1.png', '2.png')"))
    with run_lock(office.workspace):
        finished_runs.begin(office.workspace, office.scans, pace=30.0)
        assert status(office.workspace)["books"][0]["seconds_left"] == 4.0


@pytest.mark.databases("sqlite", "postgresql")
def test_the_address_of_a_workspace_leads_back_without_its_password(location):
    from ocr_pipeline.store.workspace import Workspace

    with Workspace.open(location) as opened:
        finished_runs.begin(opened, "/quet")
        go_on = run_state(opened, NOW)["go_on"]
        assert opened.folder.name in go_on and "***" not in go_on
        password = opened.engine.url.password
        assert not password or password not in go_on
        if not password:
            with Workspace.open(opened.location, create=False) as again:
                assert run_state(again, NOW)["id"] == run_state(opened, NOW)["id"]


def test_pace_is_that_of_the_last_minutes():
    pace = Pace(0.0)
    assert pace.per_minute() == 0.0 and pace.seconds_left(10) is None
    for second in range(0, 3600, 5):  # an hour with a page every five seconds …
        pace.note(second // 5, float(second))
    assert pace.per_minute() == pytest.approx(12, abs=0.2)
    for second in range(3600, 3600 + int(WINDOW_SECONDS) + 10, 5):  # … then one a second
        pace.note(720 + second - 3600, float(second))
    assert pace.per_minute() == pytest.approx(60, rel=0.02)
    assert pace.seconds_left(120) == pytest.approx(120, rel=0.02)


def test_a_pause_makes_the_pace_fall():
    pace = Pace(0.0)
    for second in range(0, 600, 5):
        pace.note(second, float(second))
    pace.note(595, 600.0 + WINDOW_SECONDS / 2)
    assert 25 < pace.per_minute() < 35
    pace.note(595, 600.0 + 2 * WINDOW_SECONDS)
    assert pace.per_minute() == 0.0


def test_the_first_seconds_say_nothing():
    pace = Pace(100.0)
    pace.note(50, 102.0)
    assert pace.per_minute() == 0.0
    pace.note(60, 112.0)
    assert pace.per_minute() == pytest.approx(300)
