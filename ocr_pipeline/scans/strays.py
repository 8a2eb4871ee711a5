"""Scans beside the books: what may be a page and lies in no book that an inventory names."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ocr_pipeline.books.book_folders import has_page_suffix
from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.book_files import ScannedFiles, is_scan
from ocr_pipeline.scans.file_names import is_archive
from ocr_pipeline.scans.scan_errors import SkippedFileError, fault


def find_strays(scans: Path, named: Iterable[Path]) -> list[ScanError]:
    """What may hold a page and lies in no book: loose scans, archives, folders not to be read.

    Documents that are no scans are not told here: they may lie beside the books.

    Args:
        scans: the folder of scans.
        named: the books, and the folders and files that the inventory has told of.

    Returns:
        One error a folder with loose scans, and one for each thing that cannot be looked at; their
        `where` is relative to `scans`.

    """
    books = {Path(os.path.abspath(path)) for path in named}  # noqa: PTH100 – not through links
    parents = {parent for path in books for parent in path.parents}
    scans = scans.absolute()
    found = ScannedFiles(scans)
    waiting = [] if scans in books else [scans]
    while waiting:
        for folder in found.look_into(waiting.pop()):
            if folder in parents:
                waiting.append(folder)
            elif folder not in books:
                _look_below(folder, found)
    told = {found.name(path) for path in books if path.is_relative_to(scans)}
    errors = [
        error
        for error in found.errors
        if error.where not in told and not isinstance(error, SkippedFileError)
    ]
    return [*errors, *_loose(found, books)]


def _look_below(folder: Path, found: ScannedFiles) -> None:
    """Look at a folder that is no book; one with page suffixes is the inventory's to tell."""
    inner = ScannedFiles(found.base)
    inner.look_below(folder)
    if not any(map(has_page_suffix, inner.files)):
        found.files += inner.files
        found.errors += inner.errors


def _loose(found: ScannedFiles, books: set[Path]) -> Iterable[ScanError]:
    folders: dict[Path, list[Path]] = defaultdict(list)
    for file in found.files:
        if file not in books and (is_archive(file.name) or is_scan(file)):
            folders[file.parent].append(file)
    for files in folders.values():
        example = found.name(files[0])
        yield fault("beside_books", example, number=len(files), example=example)
