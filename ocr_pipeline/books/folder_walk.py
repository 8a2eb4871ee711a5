"""What lies in a folder, whatever it is: folders that may not be read are passed over here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def listed(folder: Path, *, links: bool = True) -> tuple[list[Path], list[Path]]:
    """Folders and files directly in `folder`, by name; pipes and broken links are neither.

    A folder that may not be read, or whose path is too long, gives nothing: `scans.book_files` and
    `scans.strays` tell of it.

    Args:
        folder: any path.
        links: whether a link to a folder counts as a folder.

    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return [], []
    folders = [Path(one.path) for one in entries if _is_folder(one, links)]
    return folders, [Path(one.path) for one in entries if _is_file(one)]


def files_below(folder: Path) -> Iterator[Path]:
    """All files below `folder`, as `listed` finds them; links to folders are not followed."""
    waiting = [folder]
    while waiting:  # no recursion: folders may lie deeper than Python's stack reaches
        folders, files = listed(waiting.pop(), links=False)
        waiting += folders
        yield from files


def _is_folder(entry: os.DirEntry[str], links: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=links)
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
