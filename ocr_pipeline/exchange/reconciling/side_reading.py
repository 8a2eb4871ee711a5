"""Both sides read: large ones at once, the second in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.reconciling.person_tables import ReadSide, read_side
from ocr_pipeline.processes.limited_calls import CALL_MB, LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits

#: Rows of the smaller side from which a second process is worth its start of 3 s.
_WORTH_A_PROCESS = 20_000
_TOLD_EVERY = 1000  # rows of the side that is read apart
_LOOK_SECONDS = 0.5
#: Before the process that reads a side is taken for stuck: 100 rows a second; usual are 5,000.
_SECONDS, _ROWS_A_SECOND = 600.0, 100


@dataclass(frozen=True, slots=True)
class _SideJob:
    keyed: KeyedFiles
    table: Path
    told: Path  # how many rows are read so far


def read_sides(
    side_a: KeyedFiles,
    side_b: KeyedFiles,
    folder: Path,
    advance: Callable[[], None],
    processes: int,
) -> tuple[ReadSide, ReadSide]:
    """Read both sides.

    Args:
        side_a: the opened files of one side.
        side_b: those of the other.
        folder: an empty private folder for the tables.
        advance: called after each row read, in this thread.
        processes: that may be at work at once.

    Raises:
        BadInputError: a side has no row that tells of a person.
        MachineError: the process that reads a side was stopped.
        OSError: the disk is full.

    """
    table_a, table_b = folder / "a.parquet", folder / "b.parquet"
    if processes < 2 or min(side_a.count, side_b.count) < _WORTH_A_PROCESS:
        return read_side(side_a, table_a, advance), read_side(side_b, table_b, advance)
    job = _SideJob(side_b, table_b, folder / "b.rows")
    with ThreadPoolExecutor(1) as threads:
        apart = threads.submit(_read_apart, job)
        steps = _BothSides(job, apart, advance)
        own = read_side(side_a, table_a, steps.step)
        return own, steps.rest()


class _BothSides:
    """Tells of the rows of both sides as they are read."""

    def __init__(self, job: _SideJob, apart: Future[ReadSide], advance: Callable[[], None]) -> None:
        self._job, self._apart, self._advance = job, apart, advance
        self._own = self._told = 0

    def step(self) -> None:
        """A row of this process is read."""
        self._advance()
        self._own += 1
        if self._own % _TOLD_EVERY == 0:
            if self._apart.done():
                self._apart.result()  # what went wrong there need not wait
            self._catch_up()

    def rest(self) -> ReadSide:
        """What the other process has read, when it is through."""
        while not wait([self._apart], _LOOK_SECONDS).done:
            self._catch_up()
        read = self._apart.result()
        self._tell(read.tally.rows)
        return read

    def _catch_up(self) -> None:
        with suppress(OSError, ValueError):  # it is not there yet, or is being written
            self._tell(int(self._job.told.read_text("ascii")))

    def _tell(self, rows: int) -> None:
        for _ in range(rows - self._told):
            self._advance()
        self._told = max(rows, self._told)


def _read_apart(job: _SideJob) -> ReadSide:
    seconds = _SECONDS + job.keyed.count / _ROWS_A_SECOND
    # Processes of its own: one that waits for further calls would keep 500 MB from the engine.
    calls = LimitedCalls(1, TaskLimits(seconds, CALL_MB, nice=0))
    try:
        return calls.do(_read, job, lambda cause: _stopped(job, cause), seconds)
    finally:
        calls.close()


def _read(job: _SideJob) -> ReadSide:
    rows = 0

    def advance() -> None:
        nonlocal rows
        rows += 1
        if rows % _TOLD_EVERY == 0:
            job.told.write_text(str(rows), "ascii")

    return read_side(job.keyed, job.table, advance)


def _stopped(job: _SideJob, cause: Text) -> MachineError:
    return MachineError(
        Text(f"Tiến trình đọc dữ liệu bị dừng: {cause.vi}",
             f"The process that reads the rows was stopped: {cause.en}"),
        where=", ".join(str(file.path) for file in job.keyed.files),
        remedy=Text(
            "Đóng bớt chương trình khác rồi chạy lại", "Close other programs and run again"
        ),
    )  # fmt: skip
