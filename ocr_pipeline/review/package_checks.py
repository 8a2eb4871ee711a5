"""Packages that browsers send to be checked: received beside, checked within limits, deleted."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ocr_pipeline.errors import Text
from ocr_pipeline.export.preimport import PackageReport, check_paths
from ocr_pipeline.json_types import Json
from ocr_pipeline.private_files import make_private_folder
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BusyError, NotFoundError
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.upload_names import safe_folder
from ocr_pipeline.review.uploads import Upload, UploadError
from ocr_pipeline.store.files import MARK
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import INCOMING

_SUFFIXES = (".xls", ".xlsx", ".zip")
_MOST_FILES = 100
_KEPT_SECONDS = 3600.0  # a check that nobody asks for is given up
_BATCH = re.compile(r"[0-9a-f]{32}")


class PackageChecks:
    """Checks of packages that are not in the workspace; safe for use by several threads.

    Args:
        workspace: of the station; files wait in a folder of it until they are checked.

    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.folder / INCOMING
        self._one_at_a_time = Lock()
        self._drop(older_than=0.0)

    def add(self, user: User, upload: Upload, batch: str, name: str) -> None:
        """Put a received file among those that are checked together.

        Args:
            user: who sends it.
            upload: the file.
            batch: 32 hexadecimal digits that the browser made up for this check.
            name: of the file.

        Raises:
            ForbiddenError: the role may not.
            UploadNameError: the name leads elsewhere.
            UploadError: it did not come whole, is no file of a package, or is one too many.

        """
        require(user, "export")
        folder, name = self._place(batch), safe_folder(name)
        if Path(name).suffix.lower() not in _SUFFIXES:
            raise UploadError(
                Text("Không phải tệp của một gói", "This is no file of a package"),
                where=name,
                remedy=Text("Gửi tệp .xls và .zip cùng tên", "Send the .xls and .zip of one name"),
            )
        self._drop(older_than=_KEPT_SECONDS)
        make_private_folder(folder, parents=True)
        if sum(1 for _ in folder.iterdir()) >= _MOST_FILES:
            raise UploadError(
                Text(f"Quá {_MOST_FILES} tệp một lần", f"More than {_MOST_FILES} files at once"),
                where=name,
                remedy=Text("Kiểm tra từng phần", "Check them in parts"),
            )
        upload.finish().replace(folder / name)

    def check(self, user: User, batch: str) -> list[Json]:
        """Check what was sent, and delete it.

        Returns:
            One report a package, as `PackageReport.as_dict` with bare names of files.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: nothing was sent, or too long ago.
            BusyError: somebody else's packages are being checked.

        """
        require(user, "export")
        folder = self._place(batch)
        if not folder.is_dir():
            raise NotFoundError(
                Text("Chưa nhận được tệp nào để kiểm tra", "No file has come to be checked"),
                remedy=Text("Gửi lại các tệp", "Send the files again"),
            )
        with self._alone():
            try:
                return [_told(report, folder) for report in check_paths([folder])]
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One check at a time: a large one takes a core for minutes."""
        if not self._one_at_a_time.acquire(timeout=30):
            raise BusyError(
                Text("Đang kiểm tra gói của người khác", "Other packages are being checked"),
                remedy=Text("Thử lại sau ít phút", "Try again in some minutes"),
            )
        try:
            yield
        finally:
            self._one_at_a_time.release()

    def _place(self, batch: str) -> Path:
        if not _BATCH.fullmatch(batch):
            raise UploadError(
                Text("Yêu cầu không hợp lệ", "The request is not valid"), where=batch[:40]
            )
        return self._folder / f"{MARK}check-{batch}"

    def _drop(self, older_than: float) -> None:
        """Delete what nobody has asked for."""
        limit = time.time() - older_than
        for folder in self._folder.glob(f"{MARK}check-*") if self._folder.is_dir() else ():
            if folder.is_dir() and folder.stat().st_mtime <= limit:
                shutil.rmtree(folder, ignore_errors=True)


def _told(report: PackageReport, folder: Path) -> Json:
    """A report without the folder that the files were in for a moment."""
    found = report.as_dict()
    for key in ("excel", "zip"):
        found[key] = Path(found[key]).name if found[key] else None
    for fault in found["faults"]:
        fault["file"] = fault["file"].removeprefix(f"{folder}/")
    return found
