"""The files of a book in the order people count them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorting key under which `trang 2.jpg` comes before `trang 10.jpg`, whatever the case."""
    folded = unicodedata.normalize("NFC", name).casefold()
    parts = (part for part in _DIGITS.split(folded) if part)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


@cache
def _patterns() -> tuple[str, ...]:
    lines = (Path(__file__).with_name("ignored.txt")).read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def is_ignored(name: str) -> bool:
    """Whether a file or folder of this name is system litter or one of our own files."""
    folded = name.casefold()
    return any(fnmatch(folded, pattern) for pattern in _patterns())


def files_of(folder: Path) -> Iterator[Path]:
    """Files under `folder`, its own before those of its subfolders, in natural order.

    Raises:
        OSError: a folder cannot be listed.

    """
    entries = sorted(
        (entry for entry in folder.iterdir() if not is_ignored(entry.name)),
        key=lambda entry: natural_key(entry.name),
    )
    yield from (entry for entry in entries if entry.is_file())
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():  # a link could lead in circles
            yield from files_of(entry)
