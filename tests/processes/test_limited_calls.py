"""Calls in limited processes: each hard end is one error, and the next call is done."""

import ctypes
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ocr_pipeline.errors import BadInputError, MachineError, ScanError, Text
from ocr_pipeline.foreign_files import foreign_file, listening
from ocr_pipeline.processes.limited_calls import DIED, SENSELESS, LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits

SLEEPERS = "23.456"  # seconds; recognises the program that a call has started


@pytest.fixture(scope="module")
def calls() -> Iterator[LimitedCalls]:
    calls = LimitedCalls(1, TaskLimits(seconds=20, memory_mb=400, nice=0))
    yield calls
    calls.close()


def told(reason: Text) -> ScanError:
    return ScanError(reason, where="a.pdf", remedy=Text("sửa", "mend"))


def double(number: int) -> int:
    return 2 * number


def hang(_: int) -> None:
    while True:
        pass


def hang_with_a_program(_: int) -> None:
    subprocess.Popen(["sleep", SLEEPERS])
    hang(0)


def grow(_: int) -> None:
    held = []
    while True:
        held.append(b"x" * 10**7)


def crash(_: int) -> None:
    ctypes.string_at(0)


def leave_pages(tell: Path) -> None:
    """Write pages of citizens where temporary files go, as all libraries do, then crash."""
    folder = Path(tempfile.mkdtemp(prefix="tess_"))
    (folder / "page.png").write_bytes(b"a page")
    with tempfile.NamedTemporaryFile(delete=False) as crop:
        crop.write(b"a crop")
    tell.write_text(f"{folder}\n{crop.name}\n{os.environ['TMPDIR']}\n")
    crash(0)


def refuse(_: int) -> None:
    raise BadInputError(Text("sai", "wrong"), where="b.xls")


def missing(path: Path) -> bytes:
    return path.read_bytes()


class Panic(BaseException):
    """As readers in Rust raise it."""


def panic(_: int) -> None:
    raise Panic("Nguyễn Văn A")


def stumble(_: int) -> str:
    try:
        with foreign_file(lambda: told(SENSELESS)):
            raise ValueError("Nguyễn Văn A")
    except ScanError:
        return "told"


def pid(_: int) -> int:
    return os.getpid()


def nested(number: int) -> int:
    return LimitedCalls(1, TaskLimits()).do(double, number, told)


@pytest.mark.parametrize(
    ("work", "seconds", "english"),
    [
        (hang, 1, "opening it takes more than 1 seconds"),
        (grow, None, "opening it takes more than 400 MB"),
        (crash, None, DIED.en),
        (panic, None, SENSELESS.en),
    ],
)
def test_a_hard_end_is_an_error_of_the_file_and_the_next_call_is_done(
    calls, work, seconds, english
):
    with pytest.raises(ScanError) as caught:
        calls.do(work, 0, told, seconds)
    assert (caught.value.where, caught.value.cause.en) == ("a.pdf", english)
    assert caught.value.remedy and "Nguyễn" not in str(caught.value)
    assert calls.do(double, 21, told) == 42


def test_programs_that_a_call_has_started_end_with_it(calls):
    with pytest.raises(ScanError):
        calls.do(hang_with_a_program, 0, told, 1)
    deadline = time.monotonic() + 20
    while any(
        SLEEPERS in one.info["cmdline"]
        for one in psutil.process_iter(["cmdline"])
        if one.info["cmdline"]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_errors_that_say_what_is_wrong_come_back_as_they_are(calls, tmp_path):
    with pytest.raises(BadInputError, match="wrong"):
        calls.do(refuse, 0, told)
    with pytest.raises(FileNotFoundError):
        calls.do(missing, tmp_path / "gone", told)


def test_what_a_door_inside_of_a_call_notes_is_heard_outside(calls):
    heard = []
    with listening(lambda error, trace: heard.append((error.where, trace))):
        assert calls.do(stumble, 0, told) == "told"
        with pytest.raises(ScanError):
            calls.do(panic, 0, told)
    assert [where for where, _ in heard] == ["a.pdf", "a.pdf"]
    assert "ValueError" in heard[0][1] and "Panic" in heard[1][1]
    assert "Nguyễn" not in heard[0][1] + heard[1][1]


def test_a_call_inside_of_a_call_is_done_in_the_same_process(calls):
    assert calls.do(nested, 4, told) == 8


def test_a_worker_outlives_the_thread_that_asked_first():
    calls = LimitedCalls(1, TaskLimits(seconds=20, nice=0))
    found = []
    try:
        for _ in range(2):
            thread = threading.Thread(target=lambda: found.append(calls.do(pid, 0, told)))
            thread.start()
            thread.join()
        assert found[0] == found[1]
        os.kill(found[0], signal.SIGKILL)  # by somebody else, between two calls
        assert calls.do(double, 1, told) == 2
    finally:
        calls.close()


def test_a_call_that_hangs_keeps_no_other_from_being_done():
    calls = LimitedCalls(2, TaskLimits(seconds=120, nice=0))
    stuck = threading.Thread(target=lambda: pytest.raises(ScanError, calls.do, hang, 0, told))
    stuck.start()
    try:
        assert [calls.do(double, n, told) for n in range(5)] == [0, 2, 4, 6, 8]
        assert stuck.is_alive()
    finally:
        calls.close()
        stuck.join(20)
    assert not stuck.is_alive()


def test_a_call_that_dies_leaves_no_temporary_file(calls, tmp_path):
    with pytest.raises(ScanError):
        calls.do(leave_pages, tmp_path / "told", told)
    written = [Path(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert len(written) == 3 and written[2].parent == Path(tempfile.gettempdir())
    deadline = time.monotonic() + 20
    while any(path.exists() for path in written) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(path.exists() for path in written)


def test_workers_that_cannot_start_for_a_while_are_tried_again_later():
    calls = LimitedCalls(1, TaskLimits(seconds=20, nice=0))
    try:
        calls._free[0]._breaks = 5
        with pytest.raises(MachineError):
            calls.do(double, 1, told)
        assert calls.do(double, 1, told) == 2
    finally:
        calls.close()
