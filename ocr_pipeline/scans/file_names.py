"""What the name of a file or folder among the scans says of it."""

from __future__ import annotations

import hashlib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.written_paths import written

_LONGEST_NAME = 480  # characters of a page's name; the store keeps 500, `#3000` included


class FileNames(Strict):
    """`file_names.yaml`: patterns and endings, all in small letters.

    Attributes:
        litter: of the system; told only when it holds a scan.
        thumbnails: small pictures of the scans; never told.
        own: files of ours beside the scans; never told.
        unfinished: endings of files whose copying has not come to its end.
        copies: endings of the state before that a program has put aside.
        archives: endings of packed archives.
        scans: endings of pages.

    """

    litter: tuple[str, ...]
    thumbnails: tuple[str, ...]
    own: tuple[str, ...]
    unfinished: tuple[str, ...]
    copies: tuple[str, ...]
    archives: tuple[str, ...]
    scans: tuple[str, ...]


def page_name(relative: Path) -> str:
    """Name of the pages of a file, given its path in the book: text that can be stored and shown.

    Folders are parted by `/`; bytes that are no UTF-8 are written as in `written_paths`. The middle
    of a very long name is replaced by its hash, so that names stay different.
    """
    name = written(relative.as_posix())
    if len(name) <= _LONGEST_NAME:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:16]
    half = (_LONGEST_NAME - len(mark) - 2) // 2
    return f"{name[:half]}…{mark}…{name[-half:]}"


def is_litter(name: str) -> bool:
    """Whether the system left it there: worth a word only when it holds a scan."""
    return _matches(name, _data().litter)


def is_silent(name: str) -> bool:
    """Whether it is never worth a word: files of ours, thumbnails of the system."""
    return _matches(name, _data().own + _data().thumbnails)


def unfinished_name(name: str) -> str:
    """Name of the file that was being copied when `name` was left there; "" for other files."""
    return _without(name, _data().unfinished)


def copied_name(name: str) -> str:
    """Name of the file that `name` is an earlier state of; "" for other files."""
    return _without(name, _data().copies)


def is_archive(name: str) -> bool:
    """Whether it is named like a packed archive."""
    return name.casefold().endswith(_data().archives)


def is_named_scan(name: str) -> bool:
    """Whether it is named like a page."""
    return name.casefold().endswith(_data().scans)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern) for pattern in patterns)


def _without(name: str, endings: tuple[str, ...]) -> str:
    folded = name.casefold()
    ending = next((one for one in endings if folded.endswith(one)), "")
    return name[: -len(ending)] if ending and not _matches(name, ("~*.tmp",)) else ""


@cache
def _data() -> FileNames:
    return load_data(Path(__file__).parent / "data" / "file_names.yaml", FileNames)
