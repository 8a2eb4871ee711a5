"""Folders and files of books, found by the names that an inventory gives them.

Names are compared by one key on both sides: a Mac writes marks as letters of their own, people
double or lose blanks, type Ð for Đ, and change the case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from rapidfuzz import process

from ocr_pipeline.books.folder_walk import files_below, listed
from ocr_pipeline.books.inventory_faults import fault, unlisted
from ocr_pipeline.books.inventory_words import inventory_words, titles
from ocr_pipeline.books.typed_agency import readable
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.text.normalise import nfc
from ocr_pipeline.written_paths import unwritten, written

_DRIVE = re.compile(r"^(?:[a-zA-Z]:|//[^/]+)?/")
_NEAREST = 3
_MISSES_COMPARED = 50
_LONGEST_SHOWN = 60


class FolderMissingError(InventoryError):
    """A line names a folder or file that is not there."""


class BookFolders:
    """What lies under a folder of scans, looked up by names; each folder is read once."""

    def __init__(self, scans: Path) -> None:
        self._scans = scans
        self._keys: dict[Path, dict[str, list[Path]]] = {}
        self._missed = 0

    def find(self, cell: str, where: str) -> Path:
        """The folder or file that a cell means.

        Args:
            cell: path from the folder of scans, with either stroke, as the inventory has it.
            where: line of the inventory, for the fault.

        Raises:
            FolderMissingError: there is none, or several have such a name.
            InventoryError: it is there and cannot be opened.

        """
        name = cell.replace("\\", "/").removeprefix(f"{self._scans.absolute().as_posix()}/")
        relative = _DRIVE.sub("", name)
        if relative == name:
            for candidate in dict.fromkeys((relative, relative.strip(), readable(relative))):
                if found := self._find(candidate.strip("/") or "."):
                    return _opened(found, candidate, where)
        raise self._missing(readable(name), relative, absolute=relative != name, where=where)

    def _find(self, relative: str) -> Path | None:
        parts = Path(relative).parts
        if ".." in parts or "\x00" in relative:
            return None
        if self._missed <= _MISSES_COMPARED:  # afterwards no file system is asked for each line
            for exact in (self._scans / relative, self._scans / unwritten(relative)):
                if _is_there(exact):
                    return exact
        path = self._scans
        for part in parts:
            found = self._below(path).get(_key(part), [])
            if len(found) != 1:
                return None
            path = found[0]
        return path

    def _below(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._keys:
            keys: dict[str, list[Path]] = {}
            folders, files = listed(folder)
            for path in (*folders, *files):
                keys.setdefault(_key(written(path.name)), []).append(path)
            self._keys[folder] = keys
        return self._keys[folder]

    def _missing(
        self, name: str, relative: str, *, absolute: bool, where: str
    ) -> FolderMissingError:
        column_vi, column_en = titles(["folder"])
        shown = name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
        cause = Text(
            f"Không có thư mục hoặc tệp “{shown}”", f"There is no folder or file “{shown}”"
        )
        meant = self._tail(relative) if absolute else None
        near = [written(meant.relative_to(self._scans))] if meant else self._nearest(relative)
        names = ", ".join(f"“{one}”" for one in near)
        remedy = Text(
            f"Sửa cột “{column_vi}”: ghi đường dẫn tính từ thư mục có danh mục sổ"
            + (f", ví dụ {names}" if near else ""),
            f"Correct the column “{column_en}”: write the path from the folder of the inventory"
            + (f", as in {names}" if near else ""),
        )
        return FolderMissingError(cause, where=where, remedy=remedy)

    def _tail(self, relative: str) -> Path | None:
        """The longest end of an absolute path that is there."""
        parts = [part for part in relative.split("/") if part]
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((found for tail in tails if (found := self._find(tail))), None)

    def _nearest(self, relative: str) -> list[str]:
        self._missed += 1
        if self._missed > _MISSES_COMPARED:  # the inventory of another folder
            return []
        single = inventory_words().scans.single
        keys = {
            name: [p for p in paths if p.suffix.lower() in single or p.is_dir()]
            for name, paths in self._below(self._scans).items()
        }
        last = _key(relative.rstrip("/").rpartition("/")[2])[:_LONGEST_SHOWN]
        best = process.extract(last, keys.keys(), limit=_NEAREST, score_cutoff=50)
        return [written(path.name) for name, _, _ in best for path in keys[name]]


def unnamed_books(scans: Path, named: set[Path], inventory: str) -> Iterator[InventoryError]:
    """Folders and files with scans that no inventory names and that lie in no book."""
    known = {path for book in named for path in (book, *book.parents)}
    suffixes = inventory_words().scans

    def books_in(folder: Path) -> Iterator[Path]:
        folders, files = listed(folder)
        books = {path for path in files if path.suffix.lower() in suffixes.single}
        for path in sorted(books.union(folders) - named):
            if path.name.startswith("."):
                continue
            if path in known:
                yield from books_in(path)
            elif path in books or any(map(has_page_suffix, files_below(path))):
                yield path

    if scans not in named:
        for path in books_in(scans):
            yield unlisted(written(path.relative_to(scans)), inventory)


def has_page_suffix(path: Path) -> bool:
    """Whether the name ends like that of a page: a folder with such a file is taken for a book."""
    return path.suffix.lower() in inventory_words().scans.pages


def _key(name: str) -> str:
    """One key for both sides: NFC, one case, Đ for its look-alikes, single blanks."""
    plain = nfc(name).replace("Ð", "Đ").replace("ð", "đ").replace("Ɖ", "Đ")
    return nfc(" ".join(plain.casefold().replace("\u200b", "").split()))


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a zero byte in the name
        return False


def _opened(path: Path, name: str, where: str) -> Path:
    try:
        path.stat()
    except FileNotFoundError:
        raise fault(
            Text(
                f"“{name}” là liên kết hỏng: không có đích {path.readlink()}",
                f"“{name}” is a broken link: its target {path.readlink()} is not there",
            ),
            where,
            Text(
                "Gắn ổ đĩa của thư mục đích rồi chạy lại",
                "Mount the disk of the target, and run again",
            ),
        ) from None
    except OSError as error:
        reason = os_reason(error)
        raise fault(
            Text(f"Không mở được “{name}”: {reason.vi}", f"“{name}” cannot be opened: {reason.en}"),
            where,
            Text(
                "Kiểm tra quyền đọc, ổ mạng và cột “thư mục”",
                "Check the rights, the network share and the column “folder”",
            ),
        ) from error
    return path
