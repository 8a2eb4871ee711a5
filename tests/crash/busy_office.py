"""An office in which everybody works at once: runs and exports, the station, people who correct."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count

import httpx
from sqlalchemy import select

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review.accounts import Role, create_user
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from tests.builders.review_office import PASSWORD
from tests.builders.served_station import PersonOnline, serving
from tests.crash.moments import WORKERS, victims
from tests.crash.office import DisturbedOffice, until
from tests.crash.supervisor import ENDED_EARLY

NAME = "nksHoTen"
"""The column that people correct: the name of the child."""

_USUAL = {
    0,
    1,  # a decision has just raised a question: the book is not exported
    4,  # the disk is full
    ENDED_EARLY,
    -signal.SIGKILL,
}
_VICTIMS = ("supervisor", "supervisor", "worker", "station", "station", "all")
PEOPLE = ("an", "binh", "chi")
_SYLLABLES = "An Ba Chi Dung Em Giang Hoa Khoa Lan Minh Nam Oanh Phong Quang Sang Tam Vinh".split()

Place = tuple[str, str]
"""Book and page."""


def name_of(number: int) -> str:
    """A name that nobody else is given."""
    digits = []
    for _ in range(5):
        number, rest = divmod(number, len(_SYLLABLES))
        digits.append(_SYLLABLES[rest])
    return " ".join(["Lê", *digits])


@dataclass(frozen=True)
class Acknowledged:
    """A decision that the station said it has kept."""

    entry: int
    place: Place
    value: str
    user: str


class _Over(Exception):
    """The work has ended meanwhile."""


class BusyOffice:
    """Keeps run, export, station and people going, however often they are killed.

    Args:
        office: the workspace, with a book that was read once.
        seed: of the moments at which somebody is killed.

    """

    def __init__(self, office: DisturbedOffice, seed: int) -> None:
        self.office, self.chance = office, random.Random(seed)
        self.kept: list[Acknowledged] = []
        self.killed = Counter[str]()
        self.refused = Counter[int]()
        self.faults: list[BaseException] = []
        self._address = ""
        self._station_pid = 0
        self._stop = threading.Event()
        self._numbers = count(seed * 10_000)
        self._lock = threading.Lock()
        with office.workspace() as workspace:
            for name in PEOPLE:
                create_user(workspace, name, Role.OPERATOR, PASSWORD)

    def work(self, kills: int, disturb=None) -> None:
        """Work until so many have been killed (or disturbed by `disturb`), then end in peace."""
        doings = [self._run_again_and_again, self._serve_again_and_again]
        threads = [threading.Thread(target=self._guarded, args=(doing,)) for doing in doings]
        threads += [
            threading.Thread(target=self._guarded, args=(self._correct, name, share))
            for share, name in enumerate(PEOPLE)
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(kills):
                self._wait_for_decisions(self.chance.randint(1, 12))
                time.sleep(self.chance.uniform(0, 0.3))
                (disturb or self._kill_somebody)()
            self._wait_for_decisions(3)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(120)
        assert not self.faults, self.faults

    def check(self) -> None:
        """Every acknowledged decision is there, once, and counts."""
        with self.office.workspace() as workspace, workspace.read_session() as session:
            rows = {row.id: row for row in session.scalars(select(EntryRow))}
        by_value = Counter(row.value for row in rows.values())
        last: dict[Place, Acknowledged] = {}
        for said in self.kept:
            row = rows[said.entry]
            assert (row.value, row.user) == (said.value, said.user)
            assert (row.book, row.page, row.code) == (*said.place, NAME)
            assert by_value[said.value] == 1, "kept twice"
            last[said.place] = max(last.get(said.place, said), said, key=lambda s: s.entry)
        newest = {
            place: max(r.id for r in rows.values() if (r.book, r.page) == place) for place in last
        }
        found = {
            (book, record["page"]): record["fields"][NAME]["value"]
            for book, records in self.office.outcome().results.items()
            for record in records
        }
        for place, said in last.items():
            assert found[place] == rows[newest[place]].value
            assert newest[place] >= said.entry

    # -- what goes on

    def _guarded(self, doing, *arguments) -> None:
        try:
            doing(*arguments)
        except _Over:
            return
        except BaseException as error:
            self.faults.append(error)
            self._stop.set()

    def _run_again_and_again(self) -> None:
        while not self._stop.is_set():
            supervisor = self.office.start(workers=WORKERS, force=True)
            self._supervisor = supervisor.pid
            status = supervisor.wait()
            self.office.all_gone(30)
            assert status in _USUAL, supervisor.told()

    def _serve_again_and_again(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(AssertionError), serving(self.office.location) as served:
                self._address, process = served
                self._station_pid = process.pid
                while process.poll() is None and not self._stop.is_set():
                    time.sleep(0.02)
            self._address = ""

    def _correct(self, user: str, share: int) -> None:
        """Correct the names of every third page, over and over, as a browser sends it."""
        chance, person, address = random.Random(user), None, ""
        while not self._stop.is_set():
            place, field, base = self._open_record(chance, share)
            value = name_of(next(self._numbers))
            while not self._stop.is_set():  # what has no answer is sent again
                try:
                    if self._address != address or person is None:
                        address, person = self._address, None
                        person = PersonOnline(address, user)
                    answer = person.edit(field, value, base)
                except (httpx.HTTPError, httpx.InvalidURL, AssertionError):
                    person = None
                    time.sleep(0.1)
                    continue
                if answer.status_code == 200:
                    self._told(answer.json()["outcomes"][0], place, value, user)
                    break
                with self._lock:
                    self.refused[answer.status_code] += 1
                assert answer.status_code in (503, 507), answer.text
                time.sleep(0.2)
            time.sleep(chance.uniform(0, 0.05))

    def _told(self, outcome, place: Place, value: str, user: str) -> None:
        entry = outcome["entry"]
        conflict = outcome["conflict"] or {}
        if not outcome["ok"] and (conflict.get("user"), conflict.get("value")) == (user, value):
            entry = conflict["entry"]  # it had been kept, only its answer was lost
        if entry is not None:
            with self._lock:
                self.kept.append(Acknowledged(entry, place, value, user))

    def _open_record(self, chance: random.Random, share: int) -> tuple[Place, int, int | None]:
        """A page of this person's share: its place, the field's id, and its newest entry."""
        while True:
            with contextlib.suppress(SohoaError), self.office.workspace() as workspace:
                with workspace.read_session() as session:
                    query = (
                        select(RecordRow.book, RecordRow.page, FieldRow.id, FieldRow.entry)
                        .join(RecordRow, RecordRow.id == FieldRow.record)
                        .where(FieldRow.code == NAME)
                        .order_by(RecordRow.book, RecordRow.page)
                    )
                    mine = list(session.execute(query))[share :: len(PEOPLE)]
                if mine:
                    book, page, field, base = chance.choice(mine)
                    return (book, page), field, base
            if self._stop.wait(0.2):
                raise _Over

    def _wait_for_decisions(self, number: int) -> None:
        wanted = len(self.kept) + number
        until(lambda: len(self.kept) >= wanted or self.faults, 120, lambda: f"{self.faults}")
        assert not self.faults, self.faults

    # -- who is killed

    def _kill_somebody(self) -> None:
        wish = self.chance.choice(
            ["supervisor", "supervisor", "worker", "station", "station", "all"]
        )
        pids = {
            "supervisor": [self._supervisor],
            "station": [self._station_pid],
            "worker": victims(self.office)["worker"][:1],
            "all": [self._supervisor, self._station_pid, *victims(self.office)["worker"]],
        }[wish]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed[wish] += 1
