"""Stages for crash tests: a page is a small real JPEG whose comment says what reading it does."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

from ocr_pipeline.processing.field_scores import PageScores, ScoreJob
from ocr_pipeline.processing.half_pair import TWO_SHEETS, HalfPair, JoinedPair, PairFit
from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.processing.stored_scores import packed_scores
from ocr_pipeline.programs import run_program
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.registers.fields import Box, Record
from ocr_pipeline.store.states import PageKind
from tests.builders import fake_stages
from tests.builders.link_ink import LETTERS, line_of
from tests.builders.records import BIRTH, make_field, make_record

CALLS = "SOHOA_CRASH_CALLS"
"""Environment variable: the file that is told of every page that a worker begins or ends."""

_NAMES = ("An", "Bích", "Cúc", "Dung", "Gấm", "Hòa", "Lan", "Mai", "Nga", "Phượng")
_WORDS = {"nksGioiTinh": {"1": "Nam", "2": "Nữ"}}  # on paper, where they are not the value


def page_bytes(words: str, seed: int = 0) -> bytes:
    """A JPEG of 120×168 pixels with `words` as its comment."""
    import cv2
    import numpy as np

    pixels = np.full((168, 120, 3), 236, np.uint8)
    cv2.putText(pixels, str(seed), (10, 90), cv2.FONT_HERSHEY_SIMPLEX, 1, (60, 20, 20), 2)
    jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
    comment = words.encode()
    length = (len(comment) + 2).to_bytes(2, "big")
    return jpeg[:2] + b"\xff\xfe" + length + comment + jpeg[2:]


def words_of(path: Path) -> list[str]:
    data = path.read_bytes()
    return data[6 : 4 + int.from_bytes(data[4:6], "big")].decode().split()


def work(job: PageJob) -> PageResult:
    """Do what the page says: `record 12 program 0.02` is record 12, read with a program's help."""
    page = f"{job.ref.path.parent.name}/{job.ref.name}"
    _tell("begin", page)
    order, number, *how = words_of(job.ref.path)
    if order == "half":
        _tell("end", page)
        return fake_stages.half_of(number)
    if how[:1] == ["unlucky"]:
        _be_unlucky(page)
    else:
        _MANNERS[how[0] if how else "plain"](*how[1:])
    _tell("end", page)
    if order == "blank":
        return PageResult(PageKind.BLANK, layout="", seconds={"load": 0.01})
    found = birth(job.ref.name, number)
    seconds = {"load": 0.01, "read": 0.02}
    return PageResult(PageKind.RECORD, layout="KS-2016", records=(found,), seconds=seconds)


def join_pair(pair: HalfPair) -> JoinedPair:
    """Two halves of one number are the sheet of the record with this number."""
    (_, one, number), (_, other, second) = (words_of(ref.path) for ref in (pair.first, pair.second))
    if one == other or number != second:
        return JoinedPair(PairFit.APART, cause=TWO_SHEETS)
    return JoinedPair(PairFit.ONE_SHEET, page_bytes(f"record {number}", int(number)))


def birth(page: str, number: str) -> Record:
    """A birth that can go out."""
    name = f"Trần Thị {_NAMES[int(number) % len(_NAMES)]}"
    values = BIRTH | {"so": f"{number}/2017", "nksHoTen": name}
    return make_record(
        page, [make_field(code, value, box=Box(1, 2, 3, 4)) for code, value in values.items()]
    )


def score_page(job: ScoreJob) -> bytes:
    """What a network sees in a page that reads each letter as it is written."""
    _tell("score", f"{job.ref.path.parent.name}/{job.ref.name}")
    fields = birth(job.ref.name, words_of(job.ref.path)[1]).fields
    lines = {
        (1, code): LineScores(one.kind, (line_of(_WORDS.get(code, {}).get(one.value, one.value)),))
        for code, one in fields.items()
    }
    return packed_scores(PageScores(LETTERS, lines))


def _tell(what: str, page: str) -> None:
    line = f"{what} {page} {os.getpid()}\n".encode()
    calls = os.open(os.environ[CALLS], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(calls, line)  # one call: lines of several workers do not mix
    os.close(calls)


def _program(seconds: str) -> None:
    run_program(["sleep", seconds], seconds=20)


def _hold_gil(seconds: str) -> None:
    """Native code that never lets another thread run."""
    ctypes.PyDLL(None).sleep(int(seconds))


def _eat_slowly(megabytes: str) -> None:
    """Touch memory in small steps, as a leak does."""
    kept = []
    for _ in range(int(megabytes) // 10):
        kept.append(bytearray(b"x" * 10_000_000))
        time.sleep(0.02)
    time.sleep(5)


def _eat_at_once(megabytes: str) -> None:
    bytearray(b"x" * (int(megabytes) * 1_000_000))


def _eat_mapped(megabytes: str) -> None:
    """Shared memory, which no limit on data counts: only somebody who looks can tell."""
    import mmap

    mapped = mmap.mmap(-1, int(megabytes) * 1_000_000)
    for start in range(0, len(mapped), 4096):
        mapped[start] = 1
    time.sleep(10)


def _leave_program(seconds: str) -> None:
    """Die while a program that was started is still at it."""
    import subprocess

    subprocess.Popen(["sleep", seconds])
    os._exit(13)


def _take_all_down() -> None:
    """As a page does for which the system kills the run instead of its worker."""
    os.kill(os.getppid(), 9)
    time.sleep(20)


def _be_unlucky(page: str) -> None:
    """Lose the worker twice, to others' hunger for memory say; take a while at the third try."""
    if Path(os.environ[CALLS]).read_text().count(f"begin {page} ") <= 2:
        os._exit(13)
    time.sleep(0.5)


def _die_once(mark: str) -> None:
    """The program that helps is killed the first time."""
    path = Path(os.environ[CALLS]).with_name(mark)
    if not path.exists():
        path.touch()
        run_program([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], seconds=20)


_MANNERS = {
    "plain": lambda: None,
    "slow": lambda seconds: time.sleep(float(seconds)),
    "program": _program,
    "hold": _hold_gil,
    "leak": _eat_slowly,
    "eat": _eat_at_once,
    "map": _eat_mapped,
    "leave": _leave_program,
    "take-down": _take_all_down,
    "helper-killed": _die_once,
}
