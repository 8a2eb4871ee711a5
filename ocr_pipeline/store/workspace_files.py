"""Which files of a workspace's folder belong to a copy of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ocr_pipeline.store import holders, migration_copy
from ocr_pipeline.store.files import MARK
from ocr_pipeline.store.workspace import DATABASE

PICTURES = "pictures"
"""The folder of upright pages; they can be made again while their scans are there."""

INCOMING = "incoming"
"""The folder in which files from browsers lie until they have come whole."""

REPLACED = "replaced_scans"
"""The folder of scans that people replaced by better ones, by book."""

PACKAGES = "packages"
"""The folder of packages that were exported in the review station."""

#: Folders whose content a command makes again, or that tell of this machine alone.
_FOLDERS = {"logs", "drafts", "eval", PACKAGES, INCOMING, holders.FOLDER}


def is_left_out(parts: Sequence[str]) -> bool:
    """Whether a file belongs to no copy: the database's own files, locks, what is made again.

    Copies kept before an update are as large as the database and older than it.

    Args:
        parts: of its path within the workspace's folder, not empty.

    """
    name = parts[-1].casefold()
    if any(part.casefold().startswith(MARK) for part in parts) or (
        len(parts) > 1 and parts[0].casefold() in _FOLDERS
    ):
        return True
    if len(parts) > 1:
        return False
    return name.startswith((DATABASE, f"{migration_copy.PREFIX}-")) or name.endswith(".lock")


def workspace_files(folder: Path, *, pictures: bool) -> tuple[list[Path], list[Path]]:
    """Files of a workspace that belong to a copy, and what does not because it is no plain file.

    Args:
        folder: of the workspace.
        pictures: also the upright pages.

    Returns:
        Paths within `folder`, sorted: ordinary files; links, sockets and the like.

    Raises:
        OSError: a folder cannot be read.

    """
    files: list[Path] = []
    odd: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_unless_gone):
        here = Path(place).relative_to(folder)
        if not pictures and here == Path():
            folders[:] = [name for name in folders if name != PICTURES]
        links = [name for name in folders if (folder / here / name).is_symlink()]
        for name in (*names, *links):
            path = here / name
            if is_left_out(path.parts) or (name in links and is_left_out((*path.parts, "x"))):
                continue
            try:
                mode = (folder / path).lstat().st_mode
            except FileNotFoundError:  # deleted meanwhile
                continue
            (files if stat.S_ISREG(mode) else odd).append(path)
    return sorted(files), sorted(odd)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
