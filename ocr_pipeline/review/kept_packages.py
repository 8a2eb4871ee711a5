"""Packages that lie ready in the workspace: each in a numbered folder, named by a file beside it.

The file is written last, so that a package cut short is never offered; older packages go then.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from ocr_pipeline.data_files import Strict
from ocr_pipeline.errors import Text
from ocr_pipeline.private_files import make_private_folder
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.store.files import file_digest, write_text
from ocr_pipeline.store.workspace import Workspace


class KeptFile(Strict):
    """A file of a package: name, path within its folder, bytes, SHA-256 in hexadecimal."""

    name: str
    path: str
    length: int
    sha256: str


class KeptPackage(Strict):
    """What lies ready of a book.

    Attributes:
        folder: name of its folder.
        time: when it was made (UTC).
        by: who asked for it.
        records: how many are in it.
        approval: number of the approval that it belongs to; None for drafts.
        files: what may be downloaded.

    """

    folder: str
    time: datetime
    by: str
    records: int
    approval: int | None
    files: list[KeptFile]


def new_folder(place: Path) -> Path:
    """A new numbered folder for a package of this place."""
    make_private_folder(place, parents=True)
    numbers = [int(old.name) for old in place.iterdir() if old.name.isdecimal()]
    folder = place / str(max(numbers, default=0) + 1)
    make_private_folder(folder)
    return folder


def publish(ws: Workspace, place: Path, kept: KeptPackage) -> None:
    """Offer a package from now on in the place of the one before."""
    write_text(place.with_suffix(".json"), kept.model_dump_json() + "\n", within=ws.folder)
    for old in place.iterdir():
        if old.name != kept.folder:
            shutil.rmtree(old, ignore_errors=True)


def kept_package(place: Path) -> KeptPackage | None:
    """What lies ready at a place; None when there is nothing, or it cannot be read any more."""
    try:
        return KeptPackage.model_validate_json(place.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValidationError):  # it can be made again
        return None


def kept_file(place: Path, kept: KeptPackage | None, name: str) -> tuple[KeptFile, Path]:
    """A file of what lies ready at a place, and where it lies.

    Raises:
        NotFoundError: there is no such file (any more).

    """
    for one in kept.files if kept else ():
        path = place / kept.folder / one.path if kept else place
        if one.name == name and path.is_file():
            return one, path
    raise NotFoundError(
        Text("Không có tệp này", "There is no such file"),
        where=name,
        remedy=Text("Xuất lại sổ", "Export the book again"),
    )


def files_of(folder: Path) -> list[KeptFile]:
    """All files of a package, the `.xls` first."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    order = {".xls": 0, ".zip": 1}
    return [
        KeptFile(
            name=path.name,
            path=path.relative_to(folder).as_posix(),
            length=path.stat().st_size,
            sha256=file_digest(path),
        )
        for path in sorted(paths, key=lambda p: (order.get(p.suffix, 2), p.name))
    ]
