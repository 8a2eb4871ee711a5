"""Keyed files that browsers send: gone through or divided by agency, then deleted."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles, open_keyed
from ocr_pipeline.exchange.keyed_files.keyed_summary import fault_kinds, mended_kinds
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.splitting.split import SplitChoices, SplitReport, split_keyed
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.sent_files import SentFileRules, SentFiles
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.files import file_errors_explained
from ocr_pipeline.store.workspace import Workspace

ARCHIVE = "tach_theo_co_quan.zip"
"""Name of the archive that holds a divided file."""

_RULES = SentFileRules(
    purpose="keyed",
    suffixes=(".xls", ".xlsx", ".csv", ".txt", ".tsv"),
    most_files=20,
    wrong=Text("Không phải tệp dữ liệu đã nhập", "This is no file of keyed data"),
    remedy=Text("Gửi tệp .xls, .xlsx hoặc .csv", "Send a file .xls, .xlsx or .csv"),
)
_MOST_UNKNOWN = 50  # statements of unknown agencies that are shown
_RESULT = ".result"  # folder below the batch


@dataclass
class KeyedJob:
    """What is done with the files of one batch.

    Attributes:
        user: who asked for it; nobody else sees it.
        rows: gone through so far.
        count: of all files; 0 while they are opened.
        done: nothing more will change.
        error: why it failed.
        told: what was found, as plain data.

    """

    user: str
    rows: int = 0
    count: int = 0
    done: bool = False
    error: SohoaError | None = None
    told: dict[str, Any] = field(default_factory=dict)

    def step(self) -> None:
        """One row more."""
        self.rows += 1


class KeyedDesk:
    """Works on keyed files that came through the browser, one batch after the other.

    Args:
        workspace: of the station; files wait in a folder of it until an hour after the last look.
        clock: gives the time (UTC).

    """

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        self._ws, self._clock = workspace, clock
        self._sent = SentFiles(workspace, _RULES)
        self._thread = ThreadPoolExecutor(1, "keyed")
        self._lock = Lock()
        self._jobs: dict[str, tuple[KeyedJob, Future[None]]] = {}
        self._owners: dict[str, str] = {}

    def add(self, user: User, upload: Upload, batch: str, name: str) -> None:
        """Put a received file into a batch.

        Raises:
            ForbiddenError: the role may not.
            UploadNameError, UploadError: as `SentFiles.add`.

        """
        require(user, "import")
        self._sent.add(upload, batch, name)
        with self._lock:
            self._owners.setdefault(batch, user.name)

    def batches(self, user: User) -> dict[str, list[str]]:
        """The files that a person has sent and that are still there: their names by batch.

        Raises:
            ForbiddenError: the role may not.

        """
        require(user, "import")
        with self._lock:
            own = [batch for batch, owner in self._owners.items() if owner == user.name]
        kept = {batch: self._sent.folder(batch) for batch in own if self._is_there(batch)}
        return {batch: [path.name for path in _files_in(kept[batch])] for batch in kept}

    def files(self, user: User, batch: str) -> list[Path]:
        """The files of a batch, for other work on them; they are kept for another hour.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: this person sent no such batch, or too long ago.

        """
        if batch not in self.batches(user):
            raise _gone()
        folder = self._sent.folder(batch)
        folder.touch()
        return _files_in(folder)

    def start(self, user: User, batch: str, split: SplitChoices | None = None) -> None:
        """Begin to go through the files of a batch; nothing happens while that is under way.

        Args:
            user: who asks.
            batch: the files.
            split: how to divide them by agency; None: only tell what they hold.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: nothing was sent, or too long ago.

        """
        require(user, "import")
        folder = self._sent.folder(batch)
        with self._lock:
            under_way = self._jobs.get(batch)
            if under_way is not None and not under_way[0].done:
                return
            gone = [old for old in self._jobs if not self._is_there(old)]
            for old in gone:
                del self._jobs[old]
            job = KeyedJob(user.name)
            self._jobs[batch] = job, self._thread.submit(self._work, job, folder, split)

    def job(self, user: User, batch: str) -> KeyedJob:
        """How it stands with a batch.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: this person has no such batch, or it is gone.
            Exception: the program failed while it worked.

        """
        require(user, "import")
        folder = self._sent.folder(batch)
        with self._lock:
            found = self._jobs.get(batch)
        if found is None or found[0].user != user.name:
            raise _gone()
        folder.touch()  # somebody still looks at it
        job, future = found
        if future.done():
            future.result()  # an error of the program is not hidden
        return job

    def archive(self, user: User, batch: str) -> Path:
        """The archive of a divided file.

        Raises:
            ForbiddenError, NotFoundError: as `job`; or the files were not divided.

        """
        self.job(user, batch)
        path = self._sent.folder(batch) / _RESULT / ARCHIVE
        if not path.is_file():
            raise NotFoundError(
                Text("Chưa có kết quả tách", "The files were not divided"),
                remedy=Text("Tách tệp trước", "Divide them first"),
            )
        return path

    def close(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._thread.shutdown(cancel_futures=True)

    def _is_there(self, batch: str) -> bool:
        try:
            self._sent.folder(batch)
        except NotFoundError:
            return False
        return True

    def _work(self, job: KeyedJob, folder: Path, split: SplitChoices | None) -> None:
        """Go through the files and note what was found, or why that failed."""
        try:
            with file_errors_explained(self._ws.folder):
                paths = _files_in(folder)
                with open_keyed(paths) as keyed:
                    job.count = keyed.count
                    job.told = self._told(job, keyed, folder, split)
                self._note(job, paths, split)
        except SohoaError as error:
            job.error = error
        finally:
            job.done = True

    def _told(
        self, job: KeyedJob, keyed: KeyedFiles, folder: Path, split: SplitChoices | None
    ) -> dict[str, Any]:
        if split is None:
            tally, divided = KeyedTally(), None
            for row in keyed.rows():
                tally.add(row)
                job.step()
        else:
            report = _divided(keyed, folder / _RESULT, split, job)
            tally, divided = report.tally, _split_told(report)
        for file in keyed.files:
            for fault in file.faults:
                tally.add_fault(fault)
        return {
            "files": [
                {
                    "name": file.path.name,
                    "forms": [
                        f"{one.header.template.type} {one.header.template.generation}"
                        for one in file.sheets
                    ],
                    "rows": file.count,
                    "notices": [_said(one) for one in file.notices],
                }
                for file in keyed.files
            ],
            "refused": [
                {
                    "name": Path(error.where).name,
                    "cause": _said(error.cause),
                    "remedy": _said(error.remedy) if error.remedy else None,
                }
                for error in keyed.refused
            ],
            "rows": tally.rows,
            "records": tally.records,
            "doubles": tally.doubles,
            "aside": tally.aside.total(),
            "rows_left": sum(file.rows_left for file in keyed.files),
            "mended": [asdict(one) for one in mended_kinds(tally)],
            "faults": [
                {**asdict(one), "place": one.place.removeprefix(f"{folder}/")}
                for one in fault_kinds(tally)
            ],
            "split": divided,
        }

    def _note(self, job: KeyedJob, paths: list[Path], split: SplitChoices | None) -> None:
        action = AuditAction.KEYED_FILE_READ if split is None else AuditAction.KEYED_FILE_SPLIT
        details = {"files": len(paths), "rows": job.count}
        with self._ws.transaction() as session:
            audit.append(session, job.user, action, details=details, now=self._clock())


def _gone() -> NotFoundError:
    return NotFoundError(
        Text("Không còn kết quả này", "This result is no longer there"),
        remedy=Text("Gửi lại các tệp", "Send the files again"),
    )


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _divided(keyed: KeyedFiles, result: Path, choices: SplitChoices, job: KeyedJob) -> SplitReport:
    """Divide the files and pack what came of it."""
    result.mkdir(mode=0o700, exist_ok=True)
    out = result / "tach"
    report = split_keyed(keyed, out, choices, job.step)
    part = result / f"{ARCHIVE}.part"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(out))
    part.replace(result / ARCHIVE)
    return report


def _split_told(report: SplitReport) -> dict[str, Any]:
    agencies = {part.path.rpartition("/")[0] for part in report.parts if part.agency}
    return {
        "agencies": len(agencies),
        "files": sum(bool(part.agency) for part in report.parts),
        "placed": report.placed,
        "unknown": report.rows_unknown,
        "unknown_agencies": [
            {
                "text": stated.text or ", ".join(filter(None, stated.units)),
                "rows": rows,
                "why": _said(found.note) if found.note else None,
                "nearest": list(found.nearest),
            }
            for stated, found, rows in report.unknown[:_MOST_UNKNOWN]
        ],
    }


def _said(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
