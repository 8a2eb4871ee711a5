"""Files that a browser sends to be worked on together: kept until that is done, then deleted."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.errors import Text
from ocr_pipeline.private_files import make_private_folder
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.upload_names import safe_folder
from ocr_pipeline.review.uploads import Upload, UploadError
from ocr_pipeline.store.files import MARK
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import INCOMING

_BATCH = re.compile(r"[0-9a-f]{32}")
_KEPT_SECONDS = 3600.0  # a batch that nobody asks for is given up


@dataclass(frozen=True, slots=True)
class SentFileRules:
    """What a batch may hold.

    Attributes:
        purpose: names the folders of these batches; letters alone.
        suffixes: endings of the files taken, in small letters.
        most_files: in one batch.
        wrong: what is said of another file.
        remedy: what to send instead.

    """

    purpose: str
    suffixes: Collection[str]
    most_files: int
    wrong: Text
    remedy: Text


class SentFiles:
    """The batches of one purpose; safe for use by several threads.

    Args:
        workspace: of the station; batches lie in a folder of it. Those of a former server go.
        rules: what a batch may hold.

    """

    def __init__(self, workspace: Workspace, rules: SentFileRules) -> None:
        self._incoming, self._rules = workspace.folder / INCOMING, rules
        self._drop_old(0.0)

    def add(self, upload: Upload, batch: str, name: str) -> None:
        """Put a received file into a batch.

        Args:
            upload: the file.
            batch: 32 hexadecimal digits that the browser made up.
            name: of the file.

        Raises:
            UploadNameError: the name leads elsewhere.
            UploadError: it did not come whole, is none of these files, or is one too many.

        """
        folder, name = self._place(batch), safe_folder(name)
        if Path(name).suffix.lower() not in self._rules.suffixes:
            raise UploadError(self._rules.wrong, where=name, remedy=self._rules.remedy)
        self._drop_old(_KEPT_SECONDS)
        make_private_folder(folder, parents=True)
        most = self._rules.most_files
        if sum(1 for _ in folder.iterdir()) >= most:
            raise UploadError(
                Text(f"Quá {most} tệp một lần", f"More than {most} files at once"),
                where=name,
                remedy=Text("Gửi từng phần", "Send them in parts"),
            )
        upload.finish().replace(folder / name)

    def folder(self, batch: str) -> Path:
        """The folder of a batch that has come.

        Raises:
            UploadError: this is no name of a batch.
            NotFoundError: nothing was sent, or too long ago.

        """
        folder = self._place(batch)
        if not folder.is_dir():
            raise NotFoundError(
                Text(
                    "Chưa nhận được tệp nào, hoặc tệp đã bị xóa", "No file has come, or it is gone"
                ),
                remedy=Text("Gửi lại các tệp", "Send the files again"),
            )
        return folder

    def drop(self, batch: str) -> None:
        """Delete a batch; nothing happens when it is gone already."""
        shutil.rmtree(self._place(batch), ignore_errors=True)

    def _place(self, batch: str) -> Path:
        if not _BATCH.fullmatch(batch):
            raise UploadError(
                Text("Yêu cầu không hợp lệ", "The request is not valid"), where=batch[:40]
            )
        return self._incoming / f"{self._mark}{batch}"

    @property
    def _mark(self) -> str:
        return f"{MARK}{self._rules.purpose}-"

    def _drop_old(self, seconds: float) -> None:
        """Delete what nobody has asked for during so many seconds."""
        limit = time.time() - seconds
        for folder in self._incoming.glob(f"{self._mark}*") if self._incoming.is_dir() else ():
            if folder.is_dir() and folder.stat().st_mtime <= limit:
                shutil.rmtree(folder, ignore_errors=True)
