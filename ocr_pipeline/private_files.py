"""Files and folders that no other account may open, whatever the umask of who makes them.

Ours hold citizens' data: files are 0600, folders 0700. A folder with the setgid bit was prepared by
the operator for a group: what is made in it is that group's, too (0660 and 2770). Other accounts
never get in. The umask is left alone: it belongs to the whole process. Windows has no such modes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
_GROUP_FILE_MODE, _GROUP_FOLDER_MODE = 0o660, stat.S_ISGID | 0o770
_PERMISSIONS = 0o777
_HAS_MODES = os.name != "nt"


def make_private_folder(folder: Path, *, parents: bool = False) -> None:
    """Make a folder for us alone; one that is there already stays as it is.

    Args:
        folder: the folder.
        parents: make those above it, too, as private.

    Raises:
        FileNotFoundError: the folder above is not there, and `parents` is false.
        OSError: it cannot be made, or a file is in its place.

    """
    if parents and not folder.parent.is_dir():
        make_private_folder(folder.parent, parents=True)
    try:
        folder.mkdir(mode=_FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        make_private(folder)


def make_private_file(path: Path) -> None:
    """Make an empty file for us alone; whoever writes into it by its name keeps its mode.

    Raises:
        FileExistsError: there is something of this name.
        OSError: it cannot be made.

    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE))
    make_private(path)


def make_private(path: Path) -> None:
    """Take a file or folder of ours from all others; one that belongs to somebody else stays."""
    if _HAS_MODES:
        with suppress(OSError):
            path.chmod(_wanted(path, path.lstat().st_mode))


def open_to_others(path: Path) -> Iterator[Path]:
    """What other accounts may open of a file or folder and all that lies in it.

    Links are not followed. A group that may open the folder above by its setgid bit is no other.
    """
    if not _HAS_MODES:
        return
    if _is_open(path):
        yield path
    if path.is_dir() and not path.is_symlink():
        with suppress(OSError):
            for inner in sorted(path.iterdir()):
                yield from open_to_others(inner)


def tighten(path: Path) -> None:
    """Make a file, or a folder and all that lies in it, private where its own mode is too wide.

    A folder that is private is not looked into: nobody else gets there.
    """
    if _HAS_MODES and _is_open(path):
        if path.is_dir():
            make_private(path)
        for inner in list(open_to_others(path)):
            make_private(inner)


def _is_open(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return False
    return bool(found.st_mode & _PERMISSIONS & ~_wanted(path, found.st_mode))


def _wanted(path: Path, mode: int) -> int:
    if stat.S_ISDIR(mode):  # it inherits the bit from the folder above when it is made
        return _GROUP_FOLDER_MODE if mode & stat.S_ISGID else _FOLDER_MODE
    return _GROUP_FILE_MODE if path.parent.stat().st_mode & stat.S_ISGID else _FILE_MODE
