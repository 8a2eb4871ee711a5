"""Where a station keeps sketches of forms: a folder of the workspace for each of them."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.layout.form_sketch import FormSketch
from ocr_pipeline.review.errors import NotFoundError, no_such
from ocr_pipeline.store.files import make_folders, write_bytes, write_text

FOLDER = "form_sketches"
"""The folder of a workspace that keeps them."""

MOST_SCANS = 40
FORMER_KEPT = 200
"""Former states of a sketch that are kept, for undoing after the browser was closed."""

_FILE, _FORMER, _SCANS, _TRIAL = "sketch.json", "former", "scans", "trial"
_PICTURE = "page.jpg"
_ID = re.compile(r"^[0-9a-f]{12}$")
_DAMAGED = Text(
    "Bỏ bản phác này rồi bắt đầu lại, hoặc khôi phục từ bản sao lưu",
    "Throw this sketch away and begin anew, or restore a back-up",
)


class SketchScan(Strict):
    """A scan of the form: a page of a book in the workspace, or a file that was sent.

    Attributes:
        name: for people.
        page: id of the page; 0 for a file that was sent.
        file: name of the file within the sketch's folder; "" for a page.
        index: number (from 0) of the page within the file.

    """

    name: Annotated[str, Field(max_length=400)]
    page: Annotated[int, Field(ge=0)] = 0
    file: Annotated[str, Field(pattern=r"^([0-9]{3}\.[a-z0-9]{1,9})?$")] = ""
    index: Annotated[int, Field(ge=0)] = 0


class SketchFile(Strict):
    """`sketch.json`: a sketch with what is known about it.

    Attributes:
        id: names it and its folder.
        begun_by: who began it.
        holder: who works on it now; nobody else changes it until `held_until`.
        held_until: ISO time (UTC).
        changed: ISO time (UTC) of the last change.
        revision: counts the states of `content`, from 0.
        state: `waiting` for scans, `proposing` while the machine looks at them, `ready`, `failed`.
        cause: why it failed, or what the machine noticed.
        remedy: what to do about it.
        book: id of the book whose pages it is taught with; "" for files that were sent.
        scans: of the form; the first one is the picture that is drawn on.
        turn: degrees clockwise that a person turned the picture by.
        content: the form itself.
        layout: id of the layout it was saved as; "" before.
        version: of that layout; 0 before.
        saved_revision: revision that was saved last; -1 before.

    """

    id: Annotated[str, Field(pattern=_ID.pattern)]
    begun_by: str
    holder: str
    held_until: str
    changed: str
    revision: Annotated[int, Field(ge=0)] = 0
    state: Literal["waiting", "proposing", "ready", "failed"] = "waiting"
    cause: Wording | None = None
    remedy: Wording | None = None
    book: str = ""
    scans: Annotated[tuple[SketchScan, ...], Field(max_length=MOST_SCANS)] = ()
    turn: Literal[0, 90, 180, 270] = 0
    content: FormSketch
    layout: str = ""
    version: Annotated[int, Field(ge=0)] = 0
    saved_revision: int = -1

    def changed_to(self, **values: object) -> SketchFile:
        """The same with other values."""
        return self.model_copy(update=values)

    @property
    def held_to(self) -> datetime:
        """`held_until` as a time."""
        return datetime.fromisoformat(self.held_until)


@dataclass(frozen=True, slots=True)
class SketchFolder:
    """The folder of one sketch.

    Attributes:
        workspace: folder of the workspace.
        id: of the sketch.

    """

    workspace: Path
    id: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.workspace / FOLDER / self.id

    def load(self) -> SketchFile:
        """The sketch.

        Raises:
            NotFoundError: there is none.
            MachineError: its file is damaged.

        """
        path = self.path / _FILE
        if not _ID.match(self.id) or not path.is_file():
            raise missing(self.id)
        return load_data(path, SketchFile, MachineError, _DAMAGED)

    def store(self, sketch: SketchFile) -> None:
        """Keep the sketch; what it was before stays among the former states."""
        path = self.path / _FILE
        if path.is_file():
            before = self.load()
            if before.revision != sketch.revision:
                self._keep_former(before)
        self._write(path, sketch.model_dump(mode="json"))

    def former(self, revision: int) -> FormSketch:
        """What the form was at an earlier revision.

        Raises:
            NotFoundError: it is not kept any more.

        """
        path = self.path / _FORMER / f"{revision:06d}.json"
        if not path.is_file():
            raise missing(f"{self.id}/{revision}")
        return load_data(path, FormSketch, MachineError, _DAMAGED)

    def add_scan(self, source: Path, suffix: str) -> str:
        """Keep a file that was sent; returns its name within the folder."""
        folder = self.path / _SCANS
        make_folders(folder, within=self.workspace)
        number = sum(1 for _ in folder.iterdir()) + 1
        name = f"{number:03d}{suffix.lower()}"
        write_bytes(folder / name, source.read_bytes(), within=self.workspace)
        return name

    def scan_path(self, scan: SketchScan) -> Path:
        """Where a file that was sent lies."""
        return self.path / _SCANS / scan.file

    @property
    def picture(self) -> Path:
        """The straightened page, JPEG."""
        return self.path / _PICTURE

    @property
    def trial(self) -> Path:
        """Folder of the last trial on pages."""
        return self.path / _TRIAL

    def remove(self) -> None:
        """Delete the sketch."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _keep_former(self, before: SketchFile) -> None:
        folder = self.path / _FORMER
        self._write(folder / f"{before.revision:06d}.json", before.content.model_dump(mode="json"))
        kept = sorted(folder.glob("*.json"))
        for path in kept[:-FORMER_KEPT]:
            path.unlink(missing_ok=True)

    def _write(self, path: Path, data: object) -> None:
        write_text(path, json.dumps(data, ensure_ascii=False) + "\n", within=self.workspace)


def new_folder(workspace: Path) -> SketchFolder:
    """A folder for a new sketch."""
    folder = SketchFolder(workspace, secrets.token_hex(6))
    make_folders(folder.path, within=workspace)
    return folder


def sketch_folders(workspace: Path) -> list[SketchFolder]:
    """The folders of all sketches of a workspace."""
    root = workspace / FOLDER
    found = root.iterdir() if root.is_dir() else ()
    names = sorted(path.name for path in found if (path / _FILE).is_file())
    return [SketchFolder(workspace, name) for name in names if _ID.match(name)]


def missing(where: object) -> NotFoundError:
    """The error for a sketch that is not there."""
    return no_such("bản phác biểu mẫu", "sketch of a form", where)
