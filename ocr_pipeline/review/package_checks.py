"""Packages that browsers send to be checked: received beside, checked within limits, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ocr_pipeline.errors import Text
from ocr_pipeline.export.preimport import PackageReport, check_paths
from ocr_pipeline.json_types import Json
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BusyError
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.sent_files import SentFileRules, SentFiles
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store.workspace import Workspace

_RULES = SentFileRules(
    purpose="check",
    suffixes=(".xls", ".xlsx", ".zip"),
    most_files=100,
    wrong=Text("Không phải tệp của một gói", "This is no file of a package"),
    remedy=Text("Gửi tệp .xls và .zip cùng tên", "Send the .xls and .zip of one name"),
)


class PackageChecks:
    """Checks of packages that are not in the workspace; safe for use by several threads.

    Args:
        workspace: of the station; files wait in a folder of it until they are checked.

    """

    def __init__(self, workspace: Workspace) -> None:
        self._sent = SentFiles(workspace, _RULES)
        self._one_at_a_time = Lock()

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
        self._sent.add(upload, batch, name)

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
        folder = self._sent.folder(batch)
        with self._alone():
            try:
                return [_told(report, folder) for report in check_paths([folder])]
            finally:
                self._sent.drop(batch)

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


def _told(report: PackageReport, folder: Path) -> Json:
    """A report without the folder that the files were in for a moment."""
    found = report.as_dict()
    for key in ("excel", "zip"):
        found[key] = Path(found[key]).name if found[key] else None
    for fault in found["faults"]:
        fault["file"] = fault["file"].removeprefix(f"{folder}/")
    return found
