"""Reconciling in the station: two sent files compared, lists taken away, decisions taken back in.

Each reconciliation has a folder of its own in the workspace, for its lists come back weeks later.
"""

from __future__ import annotations

import json
import re
import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ocr_pipeline.data_files import Strict
from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.exchange.desk_jobs import DeskJob, DeskJobs
from ocr_pipeline.exchange.keyed_desk import KeyedDesk
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed_sides
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.reconcile import ReconcileSettings
from ocr_pipeline.exchange.reconciling.reconcile_lists import reconcile_into
from ocr_pipeline.exchange.reconciling.returned_decisions import ReturnedFault
from ocr_pipeline.exchange.reconciling.returned_intake import take_in_returned
from ocr_pipeline.json_types import Json
from ocr_pipeline.private_files import make_private_folder
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, NotFoundError, no_such
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.sent_files import SentFileRules, SentFiles
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.files import write_text
from ocr_pipeline.store.workspace import Workspace

FOLDER = "reconciliations"
LISTS = "danh_sach.zip"
"""Name of the archive of all lists."""

_NOTE, _OUT, _RESULT = "note.json", "out", "result.json"
_EXTRA = ("duckdb", "pyarrow", "splink")
_NUMBER = re.compile(r"[0-9a-f]{12}")
_MOST_FAULTS = 200  # on the screen; the file of refused rows has all
_RETURNED = SentFileRules(
    purpose="returned",
    suffixes=(".xlsx",),
    most_files=2000,
    wrong=Text("Không phải danh sách trả lại", "This is no returned list"),
    remedy=Text("Gửi tệp .xlsx đã điền", "Send the .xlsx that was filled in"),
)


class ReconciliationNote(Strict):
    """What is known of a reconciliation besides its result: `note.json`.

    Attributes:
        by: who began it.
        time: when (UTC).
        civil: names of the civil-status files.
        population: names of the files of the population database.

    """

    by: str
    time: datetime
    civil: list[str]
    population: list[str]


@dataclass(frozen=True, slots=True)
class ReconciliationState:
    """How it stands with a reconciliation.

    Attributes:
        number: names it.
        note: what it was made of.
        job: what is done with it now or was done last; None since the station was started.
        summary: its counts, as `summary.json` has them; None while it is not done.
        counts: how far the decisions are; None before the first list came back.
        files: names of the files that may be taken.

    """

    number: str
    note: ReconciliationNote
    job: DeskJob | None
    summary: Json | None
    counts: Json | None
    files: tuple[str, ...]


class ReconcileDesk:
    """The reconciliations of a workspace.

    Args:
        workspace: the job, open.
        keyed: where people have sent their files.
        clock: gives the time (UTC).

    """

    def __init__(
        self, workspace: Workspace, keyed: KeyedDesk, clock: Callable[[], datetime]
    ) -> None:
        self._ws, self._keyed, self._clock = workspace, keyed, clock
        self._sent = SentFiles(workspace, _RETURNED)
        self._jobs = DeskJobs("reconciling", workspace.folder)
        self._intakes: dict[str, Json] = {}

    def missing(self) -> str:
        """The library without which nothing can be reconciled; "" when all are there."""
        return next((name for name in _EXTRA if find_spec(name) is None), "")

    def all(self, user: User) -> list[ReconciliationState]:
        """The reconciliations, the latest first.

        Raises:
            ForbiddenError: the role may not.

        """
        require(user, "import")
        folder = self._ws.folder / FOLDER
        names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        found = [self._state(name) for name in names if _note(folder / name) is not None]
        return sorted(found, key=lambda one: one.note.time, reverse=True)

    def state(self, user: User, number: str) -> ReconciliationState:
        """How it stands with one.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is none of this number.

        """
        require(user, "import")
        self._folder(number)
        return self._state(number)

    def intake(self, user: User, number: str) -> Json | None:
        """What came of the lists that were sent last, for whoever looks; None when none were."""
        require(user, "import")
        return self._intakes.get(number)

    def start(self, user: User, civil: str, population: str) -> str:
        """Begin to reconcile the files of two batches; returns the number of the reconciliation.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: the files are gone.
            MachineError: the extra `reconcile` is not installed.

        """
        require(user, "import")
        if name := self.missing():
            raise MachineError(
                Text(f"Thiếu thư viện đối chiếu: {name}", f"A library is missing: {name}"),
                remedy=Text(
                    "Nhờ người quản trị cài: pip install 'sohoa[reconcile]'",
                    "Ask the administrator to run: pip install 'sohoa[reconcile]'",
                ),
            )
        sides = [self._keyed.files(user, batch) for batch in (civil, population)]
        number = secrets.token_hex(6)
        folder = self._ws.folder / FOLDER / number
        make_private_folder(folder, parents=True)
        note = ReconciliationNote(
            by=user.name, time=self._clock(),
            civil=[path.name for path in sides[0]], population=[path.name for path in sides[1]],
        )  # fmt: skip
        write_text(folder / _NOTE, note.model_dump_json() + "\n", within=self._ws.folder)
        self._jobs.start(user, number, lambda job: self._reconcile(job, user, sides, folder))
        return number

    def add(self, user: User, upload: Upload, batch: str, name: str) -> None:
        """Keep a returned list until its batch is taken in.

        Raises:
            ForbiddenError: the role may not.
            UploadNameError, UploadError: as `SentFiles.add`.

        """
        require(user, "import")
        self._sent.add(upload, batch, name)

    def take_in(self, user: User, number: str, batch: str, *, again: bool = False) -> None:
        """Begin to take in the returned lists of a batch.

        Args:
            user: who sends them.
            number: of the reconciliation.
            batch: the lists.
            again: a new decision takes the place of an earlier one about the same row.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is none of this number, or the files are gone.
            NotAllowedYetError: it is not done.

        """
        require(user, "import")
        folder, files = self._folder(number), self._sent.folder(batch)
        if self._state(number).summary is None:
            raise NotAllowedYetError(
                Text("Chưa đối chiếu xong", "It is not reconciled yet"),
                remedy=Text("Đợi xong rồi gửi lại", "Wait, then send the lists again"),
            )
        self._jobs.start(
            user, number, lambda job: self._take_in(job, user, folder, files, again=again)
        )

    def file(self, user: User, number: str, name: str) -> Path:
        """A file of a reconciliation.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such file.

        """
        require(user, "import")
        folder = self._folder(number)
        if name not in _offered(folder):
            raise no_such("tệp", "file", name)
        with self._ws.transaction() as session:
            details = {"reconciliation": number}
            audit.append(
                session, user.name, AuditAction.DOWNLOADED, subject=name, details=details,
                now=self._clock(),
            )  # fmt: skip
        return folder / name if name == LISTS else folder / _OUT / name

    def close(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._jobs.close()

    def _folder(self, number: str) -> Path:
        folder = self._ws.folder / FOLDER / number
        if not _NUMBER.fullmatch(number) or _note(folder) is None:
            raise NotFoundError(
                Text("Không có lần đối chiếu này", "There is no such reconciliation"),
                where=number,
                remedy=Text("Chọn ở trang đối chiếu", "Choose one on the page of reconciliations"),
            )
        return folder

    def _state(self, number: str) -> ReconciliationState:
        folder = self._ws.folder / FOLDER / number
        note = _note(folder)
        assert note is not None
        kept = _read(folder / _RESULT)
        return ReconciliationState(
            number, note, self._jobs.job(number), kept.get("summary"), kept.get("counts"),
            _offered(folder),
        )  # fmt: skip

    def _reconcile(self, job: DeskJob, user: User, sides: list[list[Path]], folder: Path) -> None:
        job.begin("opening")
        with open_keyed_sides([(files, None) for files in sides]) as (civil, population):
            for error in (*civil.refused, *population.refused):
                # Without one of its files a side would seem to lack its people.
                raise BadInputError(
                    error.cause, where=Path(error.where).name, remedy=error.remedy
                ) from error
            job.begin("rows", civil.count + population.count)

            def listed() -> None:
                if job.phase != "lists":
                    job.begin("lists")
                job.step()

            summary = reconcile_into(
                civil, population, folder / _OUT, ReconcileSettings(),
                job.step, listed,
            )  # fmt: skip
        _pack(folder)
        _write(folder / _RESULT, {"summary": summary.as_dict()}, self._ws)
        self._log(user, AuditAction.RECONCILED, folder.name, sum(summary.persons.values()))

    def _take_in(self, job: DeskJob, user: User, folder: Path, files: Path, *, again: bool) -> None:
        job.begin("returned")
        now = self._clock().astimezone().isoformat(timespec="seconds")
        done = take_in_returned([files], folder / _OUT, by=user.name, at=now, again=again)
        taken = done.taken
        self._intakes[folder.name] = {
            "taken": len(taken.taken),
            "same": taken.same,
            "refused": len(taken.faults),
            "faults": [_fault(one) for one in taken.faults[:_MOST_FAULTS]],
        }
        kept = {**_read(folder / _RESULT), "counts": done.counts.as_dict()}
        _write(folder / _RESULT, kept, self._ws)
        self._log(user, AuditAction.DECISIONS_RETURNED, folder.name, len(taken.taken))

    def _log(self, user: User, action: AuditAction, number: str, count: int) -> None:
        with self._ws.transaction() as session:
            details = {"reconciliation": number, "count": count}
            audit.append(session, user.name, action, details=details, now=self._clock())


def _fault(fault: ReturnedFault) -> Json:
    return {"place": fault.shown, **fault.as_dict()}


def _pack(folder: Path) -> None:
    """All that goes to people, in one archive: lists by commune, summary, rows put aside."""
    words, out = list_words(), folder / _OUT
    tables = out / words.folders.tables
    part = folder / f"{LISTS}.part"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(out.rglob("*")):
            if path.is_file() and tables not in path.parents and not path.name.startswith("."):
                archive.write(path, path.relative_to(out))
    part.replace(folder / LISTS)


def _offered(folder: Path) -> tuple[str, ...]:
    files = list_words().files
    names = (files.summary, files.aside, files.results, files.refused)
    there = [name for name in names if (folder / _OUT / name).is_file()]
    if not (folder / LISTS).is_file():  # not done
        return ()
    return (LISTS, *there)


def _note(folder: Path) -> ReconciliationNote | None:
    try:
        return ReconciliationNote.model_validate_json((folder / _NOTE).read_text("utf-8"))
    except (OSError, ValidationError):
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _write(path: Path, data: Json, ws: Workspace) -> None:
    write_text(path, json.dumps(data, ensure_ascii=False) + "\n", within=ws.folder)
