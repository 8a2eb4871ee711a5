"""Packages of books that people export in the station: made one at a time, kept until the next.

A package lies in `packages/<book>/<form>/<number>/` of the workspace; `<form>.json` beside it names
what is in it and is written last, so that a package cut short is never offered.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.exporters import DRAFT, OFFICIAL
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.kept_packages import (
    KeptPackage,
    files_of,
    kept_file,
    kept_package,
    new_folder,
    publish,
)
from ocr_pipeline.review.rights import require
from ocr_pipeline.store.approvals import approval_of
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.files import file_errors_explained
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import PACKAGES


class PackageForm(StrEnum):
    """What is exported."""

    OFFICIAL = "official"  # `.xls` and `.zip` of an approved book
    DRAFT = "draft"  # `.xls` of whatever has been read, doubtful cells marked


_FORMATS = {PackageForm.OFFICIAL: OFFICIAL, PackageForm.DRAFT: DRAFT}


@dataclass(frozen=True, slots=True)
class PackageState:
    """How it stands with a package of a book.

    Attributes:
        making: it is being made, or waits for its turn.
        kept: what lies ready; None when there is nothing, or it belongs to a former approval.
        error: why the last attempt failed; None when it did not.

    """

    making: bool
    kept: KeptPackage | None
    error: SohoaError | None


class PackageMaker:
    """Makes packages in a thread of its own; safe for use by several threads.

    Args:
        workspace: the job, open.
        clock: gives the time (UTC).

    """

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        self._ws, self._clock = workspace, clock
        self._thread = ThreadPoolExecutor(1, "package")
        self._lock = Lock()
        self._made: dict[tuple[str, PackageForm], Future[SohoaError | None]] = {}

    def start(self, user: User, book: str, form: PackageForm) -> None:
        """Begin to export a book; nothing happens while that is under way already.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such book.
            NotAllowedYetError: the official package of a book that is not approved.

        """
        require(user, "export")
        approval = self._approval(book)
        if form is PackageForm.OFFICIAL and approval is None:
            raise NotAllowedYetError(
                Text("Sổ chưa được duyệt", "The book has not been approved"),
                where=book,
                remedy=Text(
                    "Duyệt sổ trước, hoặc lấy bản nháp", "Approve it first, or take a draft"
                ),
            )
        with self._lock:
            under_way = self._made.get((book, form))
            if under_way is None or under_way.done():
                self._made[book, form] = self._thread.submit(self._make, user, book, form, approval)

    def state(self, user: User, book: str, form: PackageForm) -> PackageState:
        """How it stands with a package.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such book.

        """
        require(user, "export")
        approval = self._approval(book)
        with self._lock:
            under_way = self._made.get((book, form))
        making = under_way is not None and not under_way.done()
        error = under_way.result() if under_way is not None and not making else None
        return PackageState(making, self._kept(book, form, approval), error)

    def file(self, user: User, book: str, form: PackageForm, name: str) -> Path:
        """A file of what lies ready; that it was taken is noted once an hour.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such book or file (any more).

        """
        kept = self.state(user, book, form).kept
        found, path = kept_file(self._folder(book) / form, kept, name)
        note_reading(
            self._ws, user.name, AuditAction.DOWNLOADED, book=book, subject=name,
            details={"sha256": found.sha256}, now=self._clock(),
        )  # fmt: skip
        return path

    def close(self) -> None:
        """Make nothing more; what is under way is finished."""
        self._thread.shutdown(cancel_futures=True)

    def _approval(self, book: str) -> int | None:
        with self._ws.read_session() as session:
            if not load_books(session, [book]):
                raise no_such("sổ", "book", book)
            approval = approval_of(session, book)
            return approval.id if approval else None

    def _kept(self, book: str, form: PackageForm, approval: int | None) -> KeptPackage | None:
        kept = kept_package(self._folder(book) / form)
        if kept is None:
            return None
        return kept if form is PackageForm.DRAFT or kept.approval == approval else None

    def _make(
        self, user: User, book: str, form: PackageForm, approval: int | None
    ) -> SohoaError | None:
        """Export the book and publish what came of it; the error where that was refused."""
        try:
            with file_errors_explained(self._ws.folder):
                return self._export(user, book, form, approval)
        except SohoaError as error:
            return error

    def _export(
        self, user: User, book: str, form: PackageForm, approval: int | None
    ) -> SohoaError | None:
        place = self._folder(book) / form
        folder = new_folder(place)
        hidden = hidden_lanes(user) if form is PackageForm.DRAFT else frozenset[str]()
        choices = ExportChoices(folder, _FORMATS[form], by=user.name, hidden=hidden)
        [done] = export_books(self._ws, [book], choices)
        if done.exported is None:
            shutil.rmtree(folder, ignore_errors=True)
            return done.error
        kept = KeptPackage(
            folder=folder.name,
            time=self._clock(),
            by=user.name,
            records=done.exported.records,
            approval=approval if form is PackageForm.OFFICIAL else None,
            files=files_of(folder),
        )
        publish(self._ws, place, kept)
        return None

    def _folder(self, book: str) -> Path:
        return self._ws.folder / PACKAGES / book
