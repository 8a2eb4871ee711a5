"""How a book's own form is printed: a layout that its pages taught, kept in the workspace."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.store.files import write_bytes, write_text

if TYPE_CHECKING:
    from ocr_pipeline.layout.loading import LoadedLayout
    from ocr_pipeline.processing.stages import Stages

FOLDER = "book_prints"
"""The folder of a workspace that keeps them: by book, one folder a version."""

_LAYOUT, _REFERENCE, _IN_FORCE = "layout.yaml", "reference.png", "in_force"


@dataclass(frozen=True, slots=True)
class BookPrint:
    """The layout of one book's print; goes with the jobs, so that every machine has it.

    Attributes:
        version: from 1, counted in its book.
        digest: SHA-256 of both files.
        layout: `layout.yaml`.
        reference: `reference.png`.

    """

    version: int
    digest: str
    layout: bytes = field(compare=False, repr=False)
    reference: bytes = field(compare=False, repr=False)

    def loaded(self) -> LoadedLayout:
        """The layout ready for use.

        Raises:
            LayoutError: a file is damaged.

        """
        from ocr_pipeline.layout.loading import layout_of

        return layout_of(self.layout, self.reference, FOLDER)


def book_print(workspace: Path, book: str) -> BookPrint | None:
    """The print that was learned for a book and is in force; None when there is none.

    Args:
        workspace: its folder.
        book: id of the book.

    """
    version = version_in_force(workspace, book)
    if not version:
        return None
    folder = version_folder(workspace, book, version)
    try:
        layout, reference = (folder / _LAYOUT).read_bytes(), (folder / _REFERENCE).read_bytes()
    except FileNotFoundError:
        raise BadInputError(
            Text("thiếu tệp của bản in đã học", "files of the learned print are missing"),
            where=str(folder),
            remedy=Text(
                f"học lại: sohoa layout adapt {book}", f"learn it again: sohoa layout adapt {book}"
            ),
        ) from None
    digest = hashlib.sha256(layout + reference).hexdigest()
    return BookPrint(version, digest, layout, reference)


def keep_book_print(workspace: Path, book: str, layout: str, reference: bytes) -> int:
    """Put a new version of a book's print in force.

    Args:
        workspace: its folder.
        book: id of the book.
        layout: `layout.yaml`.
        reference: `reference.png`.

    Returns:
        Its version.

    """
    version = next_version(workspace, book)
    folder = version_folder(workspace, book, version)
    write_bytes(folder / _REFERENCE, reference, within=workspace)
    write_text(folder / _LAYOUT, layout, within=workspace)
    _put_in_force(workspace, book, version)
    return version


def forget_book_print(workspace: Path, book: str) -> int:
    """Take back the last version of a book's print: the one before is in force again, if any.

    Returns:
        The version in force now; 0 for the installed layouts.

    Raises:
        BadInputError: nothing was learned for this book.

    """
    version = version_in_force(workspace, book)
    if not version:
        raise BadInputError(
            Text("sổ này chưa học bản in nào", "no print was learned for this book"), where=book
        )
    _put_in_force(workspace, book, version - 1)
    return version - 1


def move_book_print(workspace: Path, book: str, to: str) -> None:
    """Keep the print of a book whose id changes."""
    folder = workspace / FOLDER / book
    if folder.is_dir():
        folder.replace(workspace / FOLDER / to)


def version_in_force(workspace: Path, book: str) -> int:
    """The version of a book's print that is in force; 0 for the installed layouts."""
    try:
        text = (workspace / FOLDER / book / _IN_FORCE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return 0
    return int(text) if text.isdecimal() else 0


def version_folder(workspace: Path, book: str, version: int) -> Path:
    """Where a version is kept."""
    return workspace / FOLDER / book / f"{version:03d}"


def next_version(workspace: Path, book: str) -> int:
    """The number that the next version of a book's print gets: none is used twice."""
    folder = workspace / FOLDER / book
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else iter(())
    return max((int(name) for name in names if name.isdecimal()), default=0) + 1


@lru_cache(maxsize=8)
def stages_of_book(settings: RunSettings, own: BookPrint | None) -> Stages:
    """The stages for the pages of one book: its own print stands in for the layout of the same id.

    Raises:
        MachineError: the model or the layouts are missing or damaged.
        LayoutError: the book's print is damaged.

    """
    from ocr_pipeline.layout.picture_fault import picture_fault
    from ocr_pipeline.layout.scan_division import divide
    from ocr_pipeline.processing.stages import stages_for

    stages = stages_for(settings)
    if own is None:
        return stages
    loaded = own.loaded()
    known = {**stages.layouts, loaded.layout.id: loaded}
    layouts = list(known.values())
    return replace(
        stages,
        layouts=known,
        divide=lambda image, flat, found, prior: divide(image, flat, found, layouts, prior),
        picture_fault=lambda image, gray, found, prior: picture_fault(
            image, gray, layouts, prior, found.likeness
        ),
    )


def _put_in_force(workspace: Path, book: str, version: int) -> None:
    write_text(workspace / FOLDER / book / _IN_FORCE, f"{version}\n", within=workspace)
