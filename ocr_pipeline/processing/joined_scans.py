"""Sheets that a run joined from scans of their halves; the pictures lie in the workspace.

`joined_sheets/FIRST/SECOND.jpg`, after the hashes of the two scans: so a picture stands for them
whatever their names and in whatever book they lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.store.files import write_bytes

FOLDER = "joined_sheets"
"""The folder of a workspace that keeps them."""

_DIGITS = 32  # of the hashes of the scans: file systems and people take no more
_BY_ORDER = "-order"
_SUFFIX = ".jpg"


@dataclass(frozen=True, slots=True)
class JoinedScan:
    """The picture of a sheet, and the scans whose halves it shows.

    Attributes:
        path: the picture.
        halves: hashes of the scans, in the order of the book.
        is_compared: the writing on the strip that both show agrees; False where it was too little
            and their order decided.

    """

    path: Path
    halves: tuple[str, str]
    is_compared: bool


def joined_scans(workspace: Path, digests: Iterable[str]) -> list[JoinedScan]:
    """The sheets of which both scans are among those of these hashes; the compared ones first.

    Args:
        workspace: its folder.
        digests: of scans.

    """
    root = workspace / FOLDER
    if not root.is_dir():
        return []
    by_begin = {digest[:_DIGITS]: digest for digest in digests}
    found = []
    for begin, first in by_begin.items():
        for path in sorted((root / begin).glob(f"*{_SUFFIX}")):
            name = path.name.removesuffix(_SUFFIX)
            if second := by_begin.get(name.removesuffix(_BY_ORDER)):
                found.append(JoinedScan(path, (first, second), not name.endswith(_BY_ORDER)))
    return sorted(found, key=lambda sheet: not sheet.is_compared)


def keep_joined_scan(
    workspace: Path, digests: tuple[str, str], picture: bytes, *, is_compared: bool
) -> None:
    """Keep the picture of a sheet.

    Args:
        workspace: its folder.
        digests: hashes of the two scans, in the order of the book.
        picture: the file.
        is_compared: as of `JoinedScan`.

    Raises:
        OSError: the disk is full, or the workspace cannot be written to.

    """
    first, second = (digest[:_DIGITS] for digest in digests)
    name = second + ("" if is_compared else _BY_ORDER) + _SUFFIX
    write_bytes(workspace / FOLDER / first / name, picture, within=workspace)
