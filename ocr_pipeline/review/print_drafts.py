"""What was learned of a book's print and waits for a person to confirm it, as files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processing.book_adaptation import LearntPrint
from ocr_pipeline.processing.book_print import FOLDER
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.store.files import write_bytes, write_text

_FOLDER, _FILE = "draft", "draft.json"
_LAYOUT, _REFERENCE = "layout.yaml", "reference.png"
_AGAIN = Text("Học lại bản in của sổ", "Learn the print of the book again")

Side = Literal["before", "after"]
Millimetres = Annotated[float, Field(ge=0)]


class DraftField(Strict):
    """How far a field moved; as of `layout.adaptation_check.CheckedField`."""

    code: str
    moved_mm: Millimetres
    off_mm: Millimetres
    confirmed: bool


class PrintDraft(Strict):
    """`draft.json`.

    Attributes:
        state: `learning` until the machine is done, then `ready` or `failed`.
        by: who wanted it.
        like: id of the installed layout that comes nearest; as all below of
            `processing.book_adaptation.LearntPrint`.
        cause: why nothing was learned.
        remedy: what to do about it.

    """

    state: Literal["learning", "ready", "failed"]
    by: str
    like: str = ""
    pages: int = 0
    fitted_before: int = 0
    checked: int = 0
    accepted: int = 0
    holds: bool = False
    fields: tuple[DraftField, ...] = ()
    missing: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    cause: Wording | None = None
    remedy: Wording | None = None


class DraftFolder:
    """Where the draft of a book lies.

    Args:
        workspace: folder of the workspace.
        book: id of the book.

    """

    def __init__(self, workspace: Path, book: str) -> None:
        self.workspace, self.book = workspace, book
        self.path = workspace / FOLDER / book / _FOLDER

    def load(self) -> PrintDraft | None:
        """The draft; None when nothing is being learned.

        Raises:
            MachineError: the file is damaged.

        """
        path = self.path / _FILE
        return load_data(path, PrintDraft, MachineError, _AGAIN) if path.is_file() else None

    def store(self, draft: PrintDraft) -> None:
        """Keep the draft."""
        text = json.dumps(draft.model_dump(mode="json"), ensure_ascii=False)
        write_text(self.path / _FILE, text + "\n", within=self.workspace)

    def store_learnt(self, by: str, learnt: LearntPrint) -> None:
        """Keep what was learned; the draft says `ready` once all of it is there."""
        files = {_LAYOUT: learnt.layout.encode(), _REFERENCE: learnt.reference}
        files |= {"before.jpg": learnt.before, "after.jpg": learnt.after}
        for name, data in files.items():
            write_bytes(self.path / name, data, within=self.workspace)
        fields = tuple(
            DraftField(
                code=one.code, moved_mm=one.moved_mm, off_mm=one.off_mm, confirmed=one.confirmed
            )
            for one in learnt.fields
        )
        self.store(
            PrintDraft(
                state="ready", by=by, like=learnt.like, pages=learnt.pages,
                fitted_before=learnt.fitted_before, checked=learnt.checked,
                accepted=learnt.accepted, holds=learnt.holds, fields=fields,
                missing=learnt.missing, reworded=learnt.reworded,
            )
        )  # fmt: skip

    def layout(self) -> tuple[str, bytes]:
        """`layout.yaml` and `reference.png` of a draft that is ready."""
        text = (self.path / _LAYOUT).read_text(encoding="utf-8")
        return text, (self.path / _REFERENCE).read_bytes()

    def picture(self, side: Side) -> bytes:
        """A page with the boxes of before or of now, JPEG.

        Raises:
            NotFoundError: nothing was learned.

        """
        try:
            return (self.path / f"{side}.jpg").read_bytes()
        except FileNotFoundError:
            raise NotFoundError(
                Text("Chưa có ảnh so sánh", "There is no comparison yet"), where=self.book
            ) from None

    def remove(self) -> None:
        """Throw the draft away; the file that tells of it goes first."""
        (self.path / _FILE).unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)
