"""`sohoa run` and `sohoa status` around a run: what is said, and what other programs are told."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.batch.run import RunConditions, RunSummary
from ocr_pipeline.cli import run_progress, run_session
from ocr_pipeline.cli.output import line_every
from ocr_pipeline.cli.run_progress import RunProgress, night_reporter
from ocr_pipeline.cli.run_view import watch
from ocr_pipeline.cli.stop_time import next_time
from ocr_pipeline.errors import ExitCode, MachineError, Text, UsageError
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.runs import RunEnding, begin_run, update_run
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

FULL = Text("Đĩa đầy", "The disk is full")


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "so quet"
    folder.mkdir()
    return folder


def begin(workspace, scans, **columns):
    import os
    import socket

    now = datetime.now(UTC)
    columns = {
        "host": socket.gethostname(), "pid": os.getpid(), "executor": "local", "started": now,
        "updated": now, "phase": "reading", **columns,
    }  # fmt: skip
    with workspace.transaction() as session:
        return begin_run(session, scans=str(scans.absolute()), **columns)


@pytest.fixture
def fake_run(monkeypatch):
    """Puts another run in the place of the real one: it notes what it is asked and how it ends."""
    asked = {}

    def prepare(ending=RunEnding.DONE, error=None, cause=None):
        def run(workspace, scans, *, reporter, **options):
            asked.update(options, scans=scans)
            number = begin(workspace, scans, done=3, pages_expected=9)
            reporter.planned(1, 9, 0)
            reporter.page_done("b", "1.png", PageKind.RECORD)
            told = error.cause if error else cause
            with workspace.transaction() as session:
                update_run(
                    session, number, ended=datetime.now(UTC), phase="ended", ending=ending.value,
                    cause_vi=told.vi if told else "", cause_en=told.en if told else "",
                )  # fmt: skip
            if error:
                raise error
            return RunSummary(number, (), 3, 0, 1.0, ending, cause)

        monkeypatch.setattr(run_session, "run", run)
        return asked

    return prepare


def reports(tmp_path):
    return sorted((tmp_path / "ws" / "reports").glob("*/report.txt"))


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (RunEnding.DONE, ExitCode.DONE),
        (RunEnding.UNTIL, ExitCode.FAILURES),
        (RunEnding.ASKED, ExitCode.FAILURES),
        (RunEnding.DISK, ExitCode.ENVIRONMENT),
        (RunEnding.MEMORY, ExitCode.ENVIRONMENT),
        (RunEnding.CLUSTER, ExitCode.ENVIRONMENT),
    ],
)
def test_every_ending_has_its_exit_code_and_a_report(
    sohoa, fake_run, scans, tmp_path, ending, code
):
    fake_run(ending, cause=None if ending is RunEnding.DONE else FULL)
    done = sohoa("run", scans, "-w", tmp_path / "ws")
    assert done.code == code
    [report] = reports(tmp_path)
    assert str(report.with_suffix(".html")) in done.out
    assert ("còn 6 trang" in done.out) is (ending is not RunEnding.DONE)
    if code is ExitCode.ENVIRONMENT:
        assert "Đĩa đầy" in done.err and "Đĩa đầy" in report.read_text(encoding="utf-8")


def test_a_run_that_fails_has_a_report_too(sohoa, fake_run, scans, tmp_path):
    fake_run(RunEnding.ERROR, MachineError(FULL))
    done = sohoa("run", scans, "-w", tmp_path / "ws")
    assert done.code == ExitCode.ENVIRONMENT and "Đĩa đầy" in done.err
    [report] = reports(tmp_path)
    assert "Đĩa đầy" in report.read_text(encoding="utf-8")


def test_a_run_that_never_began_has_none(sohoa, monkeypatch, fake_run, scans, tmp_path):
    def taken(*_, **__):
        raise MachineError(Text("Đang có lần chạy khác", "Another run is there"))

    fake_run()
    assert sohoa("run", scans, "-w", tmp_path / "ws").code == ExitCode.DONE
    monkeypatch.setattr(run_session, "run", taken)
    assert sohoa("run", scans, "-w", tmp_path / "ws").code == ExitCode.ENVIRONMENT
    assert len(reports(tmp_path)) == 1


def test_a_notice_or_a_report_that_fails_changes_nothing(
    sohoa, fake_run, scans, tmp_path, monkeypatch
):
    monkeypatch.setattr("ocr_pipeline.reports.notices.webhook.time.sleep", lambda _: None)
    fake_run()
    url = ("--webhook", "http://127.0.0.1:9/khoa-bi-mat")
    done = sohoa("run", scans, "-w", tmp_path / "ws", *url)
    assert done.code == ExitCode.DONE
    assert "could not be sent" in done.err and "khoa-bi-mat" not in done.err + done.out
    [report] = reports(tmp_path)
    text = report.read_text(encoding="utf-8")
    assert "not sent" in text and "khoa-bi-mat" not in text
    assert "khoa-bi-mat" not in (tmp_path / "ws" / "logs" / "sohoa.log").read_text()

    def bug(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(run_session, "make_report", bug)
    done = sohoa("run", scans, "-w", tmp_path / "ws")
    assert done.code == ExitCode.DONE and "ZeroDivisionError" in done.err


def test_somebody_who_does_not_wait_for_the_mail_has_the_report(
    sohoa, fake_run, scans, tmp_path, monkeypatch
):
    def stopped(*_):
        raise KeyboardInterrupt

    fake_run()
    monkeypatch.setattr(run_session, "send_notices", stopped)
    done = sohoa("run", scans, "-w", tmp_path / "ws", "--webhook", "http://h.example/")
    assert done.code == ExitCode.FAILURES and len(reports(tmp_path)) == 1


def test_a_disk_that_takes_no_report_keeps_nobody_from_being_told(
    sohoa, fake_run, scans, tmp_path, monkeypatch
):
    fake_run()
    sent = []
    monkeypatch.setattr(run_session, "send_notices", lambda *asked: sent.append(asked) or [])
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "reports").write_text("not a folder")
    done = sohoa("run", scans, "-w", tmp_path / "ws", "--webhook", "http://h.example/")
    assert done.code == ExitCode.DONE and len(sent) == 1
    assert "sohoa status --report" in done.err


def test_what_is_asked_for_reaches_the_run(sohoa, fake_run, scans, tmp_path, monkeypatch):
    asked = fake_run()
    monkeypatch.chdir(tmp_path)
    done = sohoa(
        "run", scans.name, "-w", "ws", "--until", "06:00", "--page-mb", 900, "--nice", 9,
        "--keep-free-gb", 7.5, "--workers", 3, "--retry", "--page-seconds", 11,
        "--executor", "dask", "--scheduler", "tcp://may:8786",
    )  # fmt: skip
    assert done.code == ExitCode.DONE, done.err
    assert asked["scans"] == scans  # absolute: `sohoa serve` looks from another folder
    conditions = asked["conditions"]
    assert isinstance(conditions, RunConditions)
    assert (conditions.memory_mb, conditions.nice, conditions.workers) == (900, 9, 3)
    assert (conditions.executor, conditions.scheduler) == ("dask", "tcp://may:8786")
    assert conditions.thresholds.disk_mb == 7500
    assert conditions.until.astimezone().strftime("%H:%M") == "06:00"
    assert asked["retry"] and not asked["force"] and asked["settings"].page_seconds == 11


@pytest.mark.parametrize(
    "options",
    [
        ("--until", "25:00"),
        ("--until", "soon"),
        ("--executor", "dask"),
        ("--scheduler", "tcp://may:8786"),
        ("--mail-to", "lan"),
        ("--webhook", "ftp://x.example"),
        ("--executor", "slurm"),
        ("--nice", "40"),
    ],
)
def test_a_slip_is_told_before_anything_begins(sohoa, fake_run, scans, tmp_path, options):
    asked = fake_run()
    done = sohoa("run", scans, "-w", tmp_path / "ws", *options)
    assert done.code == ExitCode.USAGE and asked == {}
    assert len(done.err.strip().splitlines()) >= 2


def test_the_report_is_made_again_on_request(sohoa, fake_run, scans, tmp_path):
    fake_run(RunEnding.UNTIL, cause=FULL)
    sohoa("run", scans, "-w", tmp_path / "ws")
    [report] = reports(tmp_path)
    report.unlink()
    done = sohoa("status", "--report", "-w", tmp_path / "ws")
    assert done.code == ExitCode.DONE and reports(tmp_path) == [report]
    assert str(report.parent) in done.out
    Workspace.open(tmp_path / "empty").close()
    assert sohoa("status", "--report", "-w", tmp_path / "empty").code == ExitCode.BAD_INPUT


def test_status_tells_the_run_first(sohoa, scans, tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        begin(
            workspace, scans, done=1500, pages_expected=6000, pages=6000, pace=100.0, failed=4,
            poisoned=1, until=datetime.now(UTC) + timedelta(minutes=30),
        )  # fmt: skip
        with run_lock(workspace):
            going = sohoa("status", "-w", tmp_path / "ws").out.replace("\N{NO-BREAK SPACE}", " ")
        assert "đang đọc" in going and "1 500/6 000 trang · 100 trang/phút · lỗi 4" in going
        assert "Còn 45 phút" in going and re.search(r"Dừng lúc .* 1 50\d trang", going)
        gone = sohoa("status", "-w", tmp_path / "ws").out
        assert "bị ngắt" in gone and f"sohoa run '{scans}' --workspace {tmp_path / 'ws'}" in gone


def test_watching_ends_with_the_run(scans, tmp_path, capsys):
    with Workspace.open(tmp_path / "ws") as workspace:
        number = begin(workspace, scans, done=5, pages_expected=10)
        rests = []

        def rest(seconds):
            rests.append(seconds)
            with workspace.transaction() as session:
                update_run(session, number, done=5 + len(rests))
                if len(rests) == 3:
                    update_run(session, number, ended=datetime.now(UTC), ending="done")

        with run_lock(workspace):
            watch(workspace, rest)
    lines = capsys.readouterr().out.splitlines()
    assert [re.search(r"(\d+)/10 trang", line)[1] for line in lines] == ["5", "6", "7"]
    assert rests == sorted(rests) and rests[0] == 10.0


def test_lines_come_more_and_more_seldom():
    assert [line_every(seconds) for seconds in (0, 300, 600, 36000)] == [10, 35, 60, 60]


@pytest.mark.parametrize(
    ("now", "text", "hours"),
    [
        ("18:00", "06:00", 12),
        ("05:30", "06:00", 0.5),
        ("06:00", "6:00", 24),
        ("23:59", "00h29", 0.5),
    ],
)
def test_until_means_the_next_time_it_is_so_late(now, text, hours):
    hour, minute = map(int, now.split(":"))
    here = datetime(2026, 11, 24, hour, minute).astimezone()
    assert next_time(text, here) == here + timedelta(hours=hours)
    assert next_time(text, here).tzinfo is UTC


@pytest.mark.parametrize("text", ["24:00", "6", "06:60", "", "06:00:00", "-1:00"])
def test_no_time_of_day(text):
    with pytest.raises(UsageError):
        next_time(text)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_the_reporter_counts_and_foretells():
    clock, seen = Clock(), []
    told = RunProgress(lambda night: seen.append((night.done, night.expected)), clock)
    told.planned(1, 50, 7)
    told.ahead(120)
    for number in range(60):
        clock.now += 1.0
        told.page_done("b", f"{number}.png", PageKind.REFUSED if number < 2 else PageKind.RECORD)
    assert (told.done, told.expected, told.failures, told.known) == (60, 120, 2, 7)
    assert told.per_minute == pytest.approx(60) and told.seconds_left == pytest.approx(60)
    assert seen[-1] == (60, 120)


def test_pauses_and_deaths_are_told_once(capsys):
    told = RunProgress(lambda night: None, Clock())
    told.paused(FULL)
    told.paused(FULL)
    assert told.seconds_left is None
    told.resumed()
    told.resumed()
    told.died("b", "3.png", Text("quá 180 giây", "over 180 seconds"), 2)
    told.stopping(Text("đến giờ", "it is time"))
    err = capsys.readouterr().err
    assert err.count("Pausing: The disk is full") == 1 and err.count("Going on") == 1
    assert "b 3.png: its worker was stopped, try 2: over 180 seconds" in err
    assert "Finishing the pages under way, then stopping: it is time" in err
    for number in range(100):
        told.died("b", f"{number}.png", FULL, 1)
    assert capsys.readouterr().err.count("its worker was stopped") < 30


def test_plain_lines_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(run_progress, "line_every", lambda _: 0.0)
    with night_reporter() as told:
        told.planned(1, 2, 0)
        told.page_done("b", "1.png", PageKind.FAULT)
        told.page_done("b", "2.png", PageKind.RECORD)
    lines = capsys.readouterr().err.splitlines()
    assert "Đang đọc trang / Reading pages: 2/2 · lỗi/failures 1" in lines[-1]
    assert re.match(r"\d\d:\d\d:\d\d ", lines[-1])


def test_a_bar_on_a_terminal(monkeypatch):
    from rich.console import Console

    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=140, highlight=False)
    monkeypatch.setattr(run_progress, "console", lambda error=False: terminal)
    with night_reporter() as told:
        told.ahead(200)
        for number in range(40):
            told.page_done("b", f"{number}.png", PageKind.RECORD)
    shown = screen.getvalue()
    assert "Đang đọc trang / Reading pages" in shown and "40/200" in shown
    assert "lỗi/failures 0" in shown
