"""Runs from the station: one at a time, a process of its own, stopped as SIGTERM stops it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from ocr_pipeline.review import audit, station_runs
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.runs import begin_run
from ocr_pipeline.store.workspace import Workspace

CHI, AN = User("chi", Role.REVIEWER), User("an", Role.OPERATOR)
SLEEPS = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); time.sleep(60)"


@pytest.fixture
def ws(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        (workspace.folder / "scans" / "a").mkdir(parents=True)
        yield workspace


@pytest.fixture
def program(monkeypatch):
    """What is started in place of `sohoa`."""

    def use(code):
        monkeypatch.setattr(station_runs, "_PROGRAM", (sys.executable, "-c", code))

    return use


def now():
    return datetime.now(UTC)


def start(ws, user=CHI, **wishes):
    station_runs.start_run(ws, ws.folder / "scans", user, now(), **wishes)


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_run_is_started_once_and_stopped_gently(ws, program):
    program(SLEEPS)
    start(ws)
    assert station_runs.station_run(ws)["starting"]
    with pytest.raises(NotAllowedYetError, match="đang diễn ra"):
        start(ws)
    time.sleep(0.5)  # until the program listens
    station_runs.stop_run(ws, CHI, now())
    until(lambda: not station_runs.station_run(ws)["starting"])
    with pytest.raises(NotAllowedYetError):
        station_runs.stop_run(ws, CHI, now())
    told = [(one["action"], one["user"]) for one in audit.recent(ws)]
    assert told == [("run_stopped", "chi"), ("run_started", "chi")]


def test_what_a_run_says_that_does_not_begin_is_shown(ws, program):
    program("print('Không bắt đầu được'); raise SystemExit(4)")
    start(ws)
    until(lambda: not station_runs.station_run(ws)["starting"])
    assert "Không bắt đầu được" in station_runs.station_run(ws)["log"]
    if os.name != "nt":
        assert (ws.folder / "logs" / "station-run.log").stat().st_mode & 0o077 == 0


def test_the_command_reads_the_scans_with_the_settings_of_the_last_run(ws, program):
    (ws.folder / "run.json").write_text('{"model": "m", "layouts": "/l", "page_seconds": 9}')
    program("import json, sys; print(json.dumps(sys.argv[1:]))")
    start(ws, until="06:00", retry=True)
    until(lambda: not station_runs.station_run(ws)["starting"])
    assert json.loads(station_runs.station_run(ws)["log"]) == [
        "run", str(ws.folder / "scans"), "--workspace", str(ws.folder), "--model", "m",
        "--second", "free", "--page-seconds", "9.0", "--layouts", "/l",
        "--until", "06:00", "--retry",
    ]  # fmt: skip


def test_the_lock_of_a_run_from_a_terminal_counts(ws, program):
    program(SLEEPS)
    with run_lock(ws), pytest.raises(NotAllowedYetError, match="đang diễn ra"):
        start(ws)


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another machine", "another program"])
def test_only_the_run_itself_gets_the_signal(ws, elsewhere):
    bystander = subprocess.Popen([sys.executable, "-c", SLEEPS])
    host = "other" if elsewhere else socket.gethostname()
    before = datetime(2020, 1, 1, tzinfo=UTC)  # the number was given to somebody else since
    with ws.transaction() as session:
        begin_run(session, scans="/s", host=host, pid=bystander.pid, executor="local",
                  started=before, updated=before)  # fmt: skip
    with run_lock(ws), pytest.raises(NotAllowedYetError):
        station_runs.stop_run(ws, CHI, now())
    assert bystander.poll() is None
    bystander.send_signal(signal.SIGKILL)
    bystander.wait()


def test_the_run_of_this_machine_is_told_to_stop(ws):
    running = subprocess.Popen([sys.executable, "-c", SLEEPS])
    time.sleep(0.5)
    with ws.transaction() as session:
        begin_run(session, scans="/s", host=socket.gethostname(), pid=running.pid,
                  executor="local", started=now(), updated=now())  # fmt: skip
    with run_lock(ws):
        assert station_runs.station_run(ws)["run"]["running"]
        station_runs.stop_run(ws, CHI, now())
    assert running.wait(20) == 0


def test_who_may_not_and_what_makes_no_sense(ws, program):
    program(SLEEPS)
    for act in (lambda: start(ws, AN), lambda: station_runs.stop_run(ws, AN, now())):
        with pytest.raises(ForbiddenError):
            act()
    for time_of_day in ("25:00", "6", "06:00; rm -rf /"):
        with pytest.raises(NotAllowedYetError):
            start(ws, until=time_of_day)
    with pytest.raises(NotAllowedYetError, match="Chưa có ảnh"):
        station_runs.start_run(ws, ws.folder / "none", CHI, now())
    assert not station_runs.station_run(ws)["starting"]
