"""An office whose runs are killed: scans, a workspace, an output folder, and what must be true."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ocr_pipeline.books.book import Book
from ocr_pipeline.export.approval_note import NOTE_SUFFIX
from ocr_pipeline.export.results import results
from ocr_pipeline.export.stored_books import book_ids
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.models import AttemptRow, LedgerRow, PageRow, ProblemRow, RunRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book, write_inventory
from tests.crash import stages
from tests.crash.driver import TOKEN

ROOT = Path(__file__).parents[2]  # `tests` is found there
LEFTOVERS = (".sohoa-tmp-*", "*.part", "*.ready")
_PATH = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])


class Driver:
    """The process that forks supervisors (`driver.py`)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": _PATH},
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@dataclass
class Supervisor:
    """A run that has been started."""

    pid: int
    driver: Driver
    log: Path

    def wait(self) -> int:
        """Wait for its end; negative for a signal."""
        return int(self.driver.ask(do="wait", pid=self.pid)["status"])

    def poll(self) -> int | None:
        """How it ended; None while it goes on. Not to be asked again after that."""
        status = self.driver.ask(do="poll", pid=self.pid)["status"]
        return None if status is None else int(status)

    def told(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def wait_until(self, condition, seconds: float = 30.0) -> None:
        """Wait until something is true of the run."""
        until(condition, seconds, lambda: self.told())

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)


def until(condition, seconds: float, why=lambda: "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain; told: {why()}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Outcome:
    """All that a run leaves to people and to the next one."""

    results: dict[str, list[dict[str, Any]]]
    pages: list[tuple[str, str, str, str]]
    ledger: list[tuple[str, str, str, str]]
    packages: dict[str, bytes]


class Scans:
    """A folder of books; never written to by a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._books: dict[str, Book] = {}

    def book(self, name: str, pages: list[str]) -> Scans:
        """Add a book of these pages (`stages.work` says what the words mean)."""
        (self.folder / name).mkdir(parents=True)
        for number, words in enumerate(pages, start=1):
            self.write(f"{name}/{number}.jpg", words)
        self._books[name] = make_book(number=len(self._books) + 1, year=2017)
        write_inventory(self.folder, self._books)
        return self

    def write(self, page: str, words: str) -> None:
        seed = int.from_bytes(words.encode(), "big") % 9973
        (self.folder / page).write_bytes(stages.page_bytes(words, seed))

    @property
    def pages(self) -> int:
        """Pages to read: every picture once."""
        return len({path.read_bytes() for path in self.folder.rglob("*.jpg")})


class DisturbedOffice:
    """A workspace on a database, with an output folder, for one folder of scans."""

    def __init__(self, driver: Driver, scans: Scans, folder: Path, location: str) -> None:
        self.driver, self.scans, self.location = driver, scans, location
        self.folder, self.out, self.calls = folder, folder / "out", folder / "calls"
        self.token = secrets.token_hex(8)
        self.kills = 0

    def start(self, *acts: str, workers: int = 1, **order: Any) -> Supervisor:
        """Start a supervisor that does these acts (`run`, `export`; both when none is named)."""
        log = self.folder / f"log-{secrets.token_hex(3)}"
        answer = self.driver.ask(
            do="start",
            acts=acts or ("run", "export"),
            location=self.location,
            scans=str(self.scans.folder),
            out=str(self.out),
            workers=workers,
            log=str(log),
            environment={TOKEN: self.token, stages.CALLS: str(self.calls)},
            **order,
        )
        return Supervisor(answer["pid"], self.driver, log)

    def finish(self, *acts: str, workers: int = 1, code: int = 0, **order: Any) -> Supervisor:
        """Do these acts to their end."""
        supervisor = self.start(*acts, workers=workers, **order)
        assert supervisor.wait() == code, supervisor.told()
        return supervisor

    def killed_at(self, point: str, nth: int, *acts: str, workers: int = 1, **order: Any) -> None:
        """Have the supervisor killed when it reaches a point for the n-th time."""
        kill = {"point": point, "nth": nth}
        supervisor = self.start(*acts, workers=workers, kill=kill, **order)
        status = supervisor.wait()
        assert status == -signal.SIGKILL, f"{point} ({nth}): {status}\n{supervisor.told()}"
        self.kills += 1
        self.all_gone()

    # -- what must be true

    def all_gone(self, seconds: float = 5.0) -> None:
        """No process of any run is left, whatever it is."""
        until(lambda: not self.processes(), seconds, lambda: f"{self.processes()}")

    def processes(self) -> dict[int, str]:
        """Processes of this office's runs: all that has inherited its token."""
        mark = f"{TOKEN}={self.token}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes():
                        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                        found[int(entry.name)] = command.decode(errors="replace")
        return found

    def begun(self) -> Counter[str]:
        """How often a worker has begun each page."""
        return Counter(line.split()[1] for line in self._told() if line.startswith("begin"))

    def ended(self) -> Counter[str]:
        """How often a worker has ended each page."""
        return Counter(line.split()[1] for line in self._told() if line.startswith("end"))

    def _told(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Workspace]:
        with Workspace.open(self.location) as workspace:
            yield workspace

    def outcome(self) -> Outcome:
        with self.workspace() as workspace:
            found = {book: list(results(workspace, book)) for book in book_ids(workspace)}
            with workspace.read_session() as session:
                pages = [
                    (row.book, row.name, row.kind, row.fingerprint)
                    for row in session.scalars(select(PageRow).order_by(PageRow.book, PageRow.name))
                ]
                ledger = sorted(
                    (row.stage, row.input, row.fingerprint, row.outcome)
                    for row in session.scalars(select(LedgerRow))
                )
        return Outcome(found, pages, ledger, self.packages())

    def packages(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes()
            for path in self.out.rglob("*.*")
            if path.is_file() and not path.name.endswith(NOTE_SUFFIX)
        }

    def check(self, reference: Outcome, *, again: int | None = None, workers: int = 1) -> None:
        """Everything is as if nobody had been killed; `again`: pages that may be done again."""
        self.all_gone()
        mine = self.outcome()
        assert mine.results == reference.results, "results differ"
        assert mine.pages == reference.pages, "pages differ"
        assert mine.ledger == reference.ledger, "every page is in the ledger exactly once"
        assert mine.packages == reference.packages, "packages differ"
        with self.workspace() as workspace:
            with workspace.read_session() as session:
                assert list(session.scalars(select(AttemptRow))) == [], "attempts are left over"
                assert list(session.scalars(select(ProblemRow))) == [], "problems are left over"
                runs = list(session.scalars(select(RunRow).order_by(RunRow.id)))
            assert runs[-1].ending == "done" and all(run.ended for run in runs)
            assert not is_running(workspace)
            assert self.leftovers(workspace.folder) == []
        done_again = sum(self.begun().values()) - self.scans.pages
        allowed = self.kills * workers if again is None else again
        assert 0 <= done_again <= allowed, f"{done_again} pages done again, allowed {allowed}"

    def leftovers(self, *folders: Path) -> list[Path]:
        """Half-written files in the output folder and the folders named."""
        return [
            path
            for folder in (self.out, *folders)
            for pattern in LEFTOVERS
            for path in folder.rglob(pattern)
        ]

    def run_rows(self) -> list[RunRow]:
        with self.workspace() as workspace, workspace.read_session() as session:
            return list(session.scalars(select(RunRow).order_by(RunRow.id)))
