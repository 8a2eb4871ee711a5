"""Terminals that hang up and readers that go away: the work goes on to its end."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest

from ocr_pipeline.store.workspace import Workspace
from tests.builders.review_office import fill

SOHOA = [sys.executable, "-c", "from ocr_pipeline.cli import main; main()"]
WORK = """
import sys, time
from pathlib import Path
from ocr_pipeline.cli.output import say, warn
from ocr_pipeline.cli.terminal import outlived_terminal
from ocr_pipeline.errors import Text
with outlived_terminal():
    for step in range(40):
        say(Text("xong", "done")); warn(Text("lưu ý", "note"))
        sys.stdout.flush()
        time.sleep(0.05)
    say(Text("báo cáo", "report"))
Path(sys.argv[1]).write_text("to the end")
"""


class Line:
    """A line to another machine: a terminal with a program in front."""

    def __init__(self, command, **streams):
        self._master, slave = pty.openpty()
        for name in ("stdin", "stdout", "stderr"):
            streams.setdefault(name, slave)
        self.process = subprocess.Popen(
            command, start_new_session=True, preexec_fn=lambda: _take(slave), **streams
        )
        os.close(slave)

    def read_until(self, pattern):
        told = ""
        while not (found := re.search(pattern, told)):
            told += os.read(self._master, 4096).decode(errors="replace")
        return found[0]

    def drop(self):
        os.close(self._master)


def _take(slave):
    import fcntl
    import termios

    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


@contextmanager
def line(command, **streams):
    made = Line(command, **streams)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()


def test_a_line_that_drops_ends_no_work(tmp_path):
    end = tmp_path / "end"
    with line([sys.executable, "-c", WORK, str(end)]) as held:
        held.read_until("done")
        held.drop()
        assert held.process.wait(30) == 0
    assert end.read_text() == "to the end"


@pytest.mark.long
def test_what_goes_into_a_file_goes_on_going_there(tmp_path):
    end, log = tmp_path / "end", tmp_path / "log"
    with (
        log.open("wb") as stdout,
        line([sys.executable, "-c", WORK, str(end)], stdout=stdout) as held,
    ):
        held.read_until("note")
        held.drop()
        assert held.process.wait(30) == 0
    assert log.read_text().count("done") == 40 and "report" in log.read_text()


@pytest.mark.long
def test_a_reader_that_goes_away_ends_no_work(tmp_path):
    end = tmp_path / "end"
    command = [sys.executable, "-c", WORK, str(end)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b"xong" in process.stdout.readline()
        process.stdout.close()
        process.stderr.close()
        assert process.wait(30) == 0
    assert end.read_text() == "to the end"


@pytest.mark.long
def test_the_station_answers_after_its_line_has_dropped(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, tmp_path / "scans", records=1)
    command = [*SOHOA, "serve", "--workspace", str(tmp_path / "ws"), "--port", "0"]
    with line(command) as held:
        address = held.read_until(r"http://127\.0\.0\.1:\d+")
        held.drop()
        time.sleep(0.5)  # the signal has come
        assert held.process.poll() is None
        assert httpx.get(f"{address}/login").status_code == 200
        held.process.terminate()
        assert held.process.wait(30) in (0, -signal.SIGTERM)


@pytest.mark.long
def test_a_night_ends_well_after_its_line_has_dropped(tmp_path):
    import shutil

    from ocr_pipeline.resources import shipped
    from ocr_pipeline.store.runs import latest_run

    samples = shipped("sample_scans")
    book = sorted(path for path in samples.iterdir() if path.is_dir())[0]
    shutil.copytree(book, tmp_path / "scans" / book.name)
    for inventory in samples.glob("books.*"):
        shutil.copy(inventory, tmp_path / "scans")
    command = [*SOHOA, "run", str(tmp_path / "scans"), "--workspace", str(tmp_path / "ws")]
    with line([*command, "--workers", "1"]) as held:
        held.read_until("Đang đọc|Reading")
        held.drop()
        assert held.process.wait(300) in (0, 1)
    with Workspace.open(tmp_path / "ws", create=False) as workspace:
        with workspace.read_session() as session:
            last = latest_run(session)
        assert last.ending == "done" and last.done == last.pages_expected > 0
        assert list((workspace.folder).rglob("*.html")), "the morning report is there"
