"""No process of ours asks for an address that nobody gave it, or leaves a file in a home folder."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from ocr_pipeline import SILENCED
from ocr_pipeline.reports.doctor import Health, examine
from ocr_pipeline.resources import shipped
from tests.builders.books import list_sample
from tests.builders.watched_processes import CannotWatch, Deeds, deeds, stop, watched

pytestmark = pytest.mark.timeout(600)  # five commands under strace: some 20 seconds on quiet cores
JOBS = ("run", "serve", "export", "doctor", "library")
SOHOA = [sys.executable, "-c", "from ocr_pipeline.cli import main; main()"]
ROOT = Path(__file__).parents[2]
LIBRARY = [sys.executable, "-c", "import ocr_pipeline; ocr_pipeline.load_reader()"]

#: What processes of every kind write to that is no file of anybody's: devices, semaphores.
NO_FILES = ("/dev/", "/proc/self/")


@dataclass
class Office:
    """A folder with the scans of one page, an empty home folder beside it, and who works there."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("home", "work/tmp", "work/scans/ks-2018"):
            (self.folder / name).mkdir(parents=True)
        sample = shipped("sample_scans")
        shutil.copy(sample / "ks-2018" / "Trang 2.jpg", self.work / "scans/ks-2018")
        list_sample(self.work / "scans", "ks-2018")

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def start(self, job: str, *command: str, **options) -> subprocess.Popen[str]:
        """Start a command; watched where that is possible, with the libraries left to speak."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in SILENCED and not name.startswith("XDG_")
        }
        try:
            command = tuple(watched(list(command), self.folder / f"{job}.strace"))
        except CannotWatch:
            pass  # what is left in the home folder shows all the same
        return subprocess.Popen(
            command,
            cwd=self.work,
            env=kept
            | {
                "HOME": str(self.home),
                "TMPDIR": str(self.work / "tmp"),
                "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")])),
                "PYTHONDONTWRITEBYTECODE": "1",
                "ORT_DISABLE_TELEMETRY": "0",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            **options,
        )

    def call(self, job: str, *command: str, codes: tuple[int, ...] = (0,)) -> None:
        """Run a command to its end."""
        process = self.start(job, *command)
        said, _ = process.communicate(timeout=300)
        assert process.returncode in codes, said

    def serve(self) -> None:
        """Start the station, ask it for one page, stop it."""
        process = self.start("serve", *SOHOA, "serve", "-w", "ws", "--port", "0")
        said = ""
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
                line = process.stdout.readline()
                assert line, said
                said += line
            with urlopen(found[0] + "/login", timeout=60) as answer:
                assert answer.status == 200
        finally:
            stop(process)
            process.stdout.close()

    def deeds(self, job: str) -> Deeds:
        """What a job did; skips where it could not be watched."""
        log = self.folder / f"{job}.strace"
        if not log.exists():
            with pytest.raises(CannotWatch) as why:
                watched([], log)
            pytest.skip(str(why.value))
        return deeds(log, self.work)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where each job has been done once."""
    made = Office(tmp_path_factory.mktemp("văn phòng"))
    made.call("run", *SOHOA, "run", "scans", "-w", "ws", "--workers", "1")
    made.serve()
    made.call("export", *SOHOA, "export", "--all", "--draft", "-w", "ws", "--out", "out")
    made.call("doctor", *SOHOA, "doctor")
    made.call("library", *LIBRARY)
    return made


@pytest.mark.long
def test_nothing_is_left_in_the_home_folder(office):
    assert [str(path) for path in office.home.rglob("*")] == []


@pytest.mark.long
@pytest.mark.parametrize("job", JOBS)
def test_no_name_is_looked_up_and_no_other_machine_asked(office, job):
    assert office.deeds(job).asked == set()


@pytest.mark.long
@pytest.mark.parametrize("job", JOBS)
def test_files_are_written_where_the_user_said_and_nowhere_else(office, job):
    written = {path for path in office.deeds(job).written if not str(path).startswith(NO_FILES)}
    assert {path for path in written if not path.is_relative_to(office.work)} == set()
    assert written or job in ("doctor", "library")  # the watch has seen something


def test_the_watch_sees_a_question_a_call_and_a_file(tmp_path):
    """Addresses of RFC 5737, which no machine has; nothing is sent by connecting with UDP."""
    code = (
        "import socket\n"
        "for address in (('192.0.2.1', 53), ('192.0.2.2', 443), ('127.0.0.1', 53)):\n"
        "    socket.socket(type=socket.SOCK_DGRAM).connect(address)\n"
        "open('dấu vết', 'w')\n"
        "import os\n"
        "os.mkdir('thư mục')\n"
        "try: socket.socket(socket.AF_UNIX).connect('/run/systemd/resolve/none')\n"
        "except OSError: pass\n"
    )
    try:
        command = watched([sys.executable, "-c", code], tmp_path / "strace")
    except CannotWatch as why:
        pytest.skip(str(why))
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    seen = deeds(tmp_path / "strace", tmp_path)
    assert seen.asked == {
        "192.0.2.1:53", "192.0.2.2:443", "127.0.0.1:53", "/run/systemd/resolve/none"
    }  # fmt: skip
    assert {tmp_path / "dấu vết", tmp_path / "thư mục"} <= seen.written


@pytest.mark.long
def test_doctor_tells_that_libraries_are_silenced(monkeypatch):
    [found] = [finding for finding in examine() if finding.name == "telemetry"]
    assert found.health is Health.GOOD and "ORT_DISABLE_TELEMETRY=1" in found.seen
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    [found] = [finding for finding in examine() if finding.name == "telemetry"]
    assert found.health is Health.POOR and found.remedy
