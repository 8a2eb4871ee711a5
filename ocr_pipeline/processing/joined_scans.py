"""Sheets that a run joined from scans of their halves; the pictures lie in the workspace.

A file is called after the two scans whose halves it shows, so that it stands for them whatever
their names. A file that is lost is made again from them, with the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ocr_pipeline.store.files import make_folders, write_bytes

FOLDER = "joined_sheets"
"""The folder of a workspace that keeps them: one folder a book."""

_DIGITS = 32  # of the hashes of the scans: two of them and more fit into a file's name
_BY_ORDER = "order"
_SUFFIX = ".jpg"


@dataclass(frozen=True, slots=True)
class JoinedScan:
    """The picture of a sheet, and the scans whose halves it shows.

    Attributes:
        path: the picture.
        halves: how the hashes of the scans begin (`begin_of`), in the order of the book.
        is_compared: the writing on the strip that both show agrees; False where it was too little
            and their order decided.

    """

    path: Path
    halves: tuple[str, str]
    is_compared: bool


def joined_scans(workspace: Path, book_id: str) -> list[JoinedScan]:
    """The sheets of a book that were joined, by name.

    Args:
        workspace: its folder.
        book_id: the book.

    """
    folder = _folder(workspace, book_id)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = []
    for name in names:
        first, _, rest = name.removesuffix(_SUFFIX).partition("-")
        second, _, mark = rest.partition("-")
        if name.endswith(_SUFFIX) and len(first) == len(second) == _DIGITS:
            found.append(JoinedScan(folder / name, (first, second), mark != _BY_ORDER))
    return found


def keep_joined_scan(
    workspace: Path, book_id: str, digests: tuple[str, str], picture: bytes, *, is_compared: bool
) -> Path:
    """Keep the picture of a sheet.

    Args:
        workspace: its folder.
        book_id: the book.
        digests: hashes of the two scans, in the order of the book.
        picture: the file.
        is_compared: as of `JoinedScan`.

    Raises:
        OSError: the disk is full, or the workspace cannot be written to.

    """
    folder = _folder(workspace, book_id)
    make_folders(folder, within=workspace)
    mark = () if is_compared else (_BY_ORDER,)
    path = folder / ("-".join([*map(begin_of, digests), *mark]) + _SUFFIX)
    write_bytes(path, picture, within=workspace)
    return path


def begin_of(digest: str) -> str:
    """What is kept of the hash of a scan."""
    return digest[:_DIGITS]


def _folder(workspace: Path, book_id: str) -> Path:
    return workspace / FOLDER / sha256(book_id.encode()).hexdigest()[:_DIGITS]
