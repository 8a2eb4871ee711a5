"""The files of a book in the order people count them, and a word about whatever is no page.

Nothing that may hold a page is passed over in silence: links that lead nowhere, pipes, folders that
may not be read, files whose copying was cut off. Each is one error; the others go on.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ocr_pipeline.errors import ScanError
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.scans.file_kinds import HEAD_BYTES, holds_scan
from ocr_pipeline.scans.file_names import (
    copied_name,
    is_litter,
    is_named_scan,
    is_silent,
    page_name,
    unfinished_name,
)
from ocr_pipeline.scans.file_order import natural_key
from ocr_pipeline.scans.scan_errors import fault, skipped
from ocr_pipeline.written_paths import written

_LITTER_FILES = 500  # files of a system folder that are looked at for a scan


def list_files(folder: Path) -> tuple[list[Path], list[ScanError]]:
    """Files under `folder` that may be pages, and one error for each thing that is none.

    A folder's own files come before those of its subfolders, in natural order. Links to files are
    followed, links to folders are not: they may lead in circles or into another book.

    Args:
        folder: a folder; one that may not be read is an error, too.

    Returns:
        Files, and errors whose `where` is the name relative to `folder`. A `SkippedFileError`
        concerns what is no page of the book.

    """
    found = ScannedFiles(folder)
    found.look_below(folder)
    return found.files, found.errors


@dataclass(slots=True)
class ScannedFiles:
    """What has been found in the folders looked into so far.

    Attributes:
        base: the folder that names are relative to.
        files: what may be pages.
        errors: one for each thing that is none.

    """

    base: Path
    files: list[Path] = field(default_factory=list)
    errors: list[ScanError] = field(default_factory=list)

    def look_below(self, folder: Path) -> None:
        """Take all files below a folder, its own first."""
        waiting = [folder]
        while waiting:  # no recursion: folders may lie deeper than Python's stack reaches
            waiting += reversed(self.look_into(waiting.pop()))

    def look_into(self, folder: Path) -> list[Path]:
        """Take the files of one folder; its subfolders, which are still to be looked into."""
        try:
            entries = _entries(folder)
        except OSError as error:
            where = self.name(folder) if folder != self.base else folder
            self.errors.append(fault("unreadable_folder", where, reason=os_reason(error)))
            return []
        names = {entry.name for entry in entries}
        deeper: list[Path] = []
        for entry in entries:
            path = Path(entry.path)
            try:
                mode = entry.stat().st_mode
            except OSError as error:
                self._unreachable(path, error, linked=entry.is_symlink())
                continue
            if stat.S_ISDIR(mode):
                deeper += self._folder(path, linked=entry.is_symlink())
            elif stat.S_ISREG(mode):
                self._file(path, names)
            elif not is_litter(path.name):
                self._say("no_file", path, lost=is_named_scan(path.name))
        self.errors += _clashes(self.name(folder), names)
        return deeper

    def name(self, path: Path) -> str:
        """How errors and pages name the file."""
        return page_name(path.relative_to(self.base))

    def _unreachable(self, path: Path, error: OSError, *, linked: bool) -> None:
        """An entry of the folder that cannot be looked at: most often a link to nothing."""
        if is_litter(path.name):
            return
        if linked and isinstance(error, FileNotFoundError):
            self._say("broken_link", path, lost=True, target=written(path.readlink()))
        else:
            self._say("unreadable", path, lost=True, reason=os_reason(error))

    def _folder(self, path: Path, *, linked: bool) -> list[Path]:
        """The folder, if it is to be looked into."""
        if is_litter(path.name):
            if example := next(_scans_in(path), None):
                self._say("scans_of_system", path, example=self.name(example))
        elif linked:
            target, base = Path(os.path.realpath(path)), Path(os.path.realpath(self.base))
            known = target.is_relative_to(base) or base.is_relative_to(target)
            self._say("linked_folder", path, lost=not known, target=written(path.readlink()))
        else:
            return [path]
        return []

    def _file(self, path: Path, names: set[str]) -> None:
        name = path.name
        whole = unfinished_name(name)
        original = copied_name(name)
        if is_litter(name):
            if is_scan(path):
                self._say("hidden_scan", path, lost=_is_alone(name, names))
        elif whole and whole not in names and (is_scan(path) or is_named_scan(whole)):
            self._say("unfinished", path, lost=True)
        elif whole:
            self._say("unfinished", path)
        elif original in names:
            self._say("earlier_copy", path, original=written(original))
        else:
            self.files.append(path)

    def _say(self, code: str, path: Path, *, lost: bool = False, **values: object) -> None:
        """One error; `lost`: it is likely that a page of the book is missing for it."""
        make = fault if lost else skipped
        self.errors.append(make(code, self.name(path), **values))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = [entry for entry in found if not is_silent(entry.name)]
    return sorted(entries, key=lambda entry: (natural_key(entry.name), entry.name))


def _clashes(folder: str, names: Iterable[str]) -> Iterator[ScanError]:
    """Names that Windows and macOS take for one: all but one would be lost in a copy."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if not is_litter(name):
            groups[unicodedata.normalize("NFC", name).casefold()].append(written(name))
    for group in groups.values():
        if len(group) > 1:
            first, *others = sorted(group)
            where = first if folder == "." else f"{folder}/{first}"
            yield skipped("same_name", where, others=", ".join(others))


def _is_alone(name: str, names: set[str]) -> bool:
    """Whether a hidden file has no file of its name beside it that is not hidden."""
    bare = name.lstrip("._~$")
    seen = {bare, Path(bare).stem} & (names - {name})
    return not seen and not name.casefold().startswith("readme")


def is_scan(path: Path) -> bool:
    """Whether the file begins like a picture or PDF; one that may not be read does not."""
    try:
        with open_plain(path) as file:
            return holds_scan(file.read(HEAD_BYTES))
    except OSError:  # nothing that people put there: not worth a word
        return False


def _scans_in(folder: Path) -> Iterator[Path]:
    """Files in a folder of the system that hold a scan, among its first ones."""
    return (path for path in islice(_plain_files(folder), _LITTER_FILES) if is_scan(path))


def _plain_files(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        try:
            entries = _entries(waiting.pop())
        except OSError:
            continue
        waiting += (Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
        yield from (Path(entry.path) for entry in entries if entry.is_file())
