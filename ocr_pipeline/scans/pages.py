"""The door of this room: pages of a book, their pixels and their identity.

Originals are only ever opened for reading. A fault of one file is one error; the others go on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import open_plain, read_plain
from ocr_pipeline.scans import pdf, raster
from ocr_pipeline.scans.book_files import list_files
from ocr_pipeline.scans.file_kinds import HEAD_BYTES, FileKind, sniff
from ocr_pipeline.scans.file_names import is_archive, is_named_scan, page_name
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.page_contents import pdf_contents, tiff_contents
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.scans.scan_errors import SkippedFileError, fault, skipped
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.written_paths import written

__all__ = [
    "ScanFile",
    "ScanLimits",
    "PageImage",
    "PageRef",
    "ScanError",
    "ScanPart",
    "SkippedFileError",
    "contents_of",
    "digest",
    "find_pages",
    "kind_of",
    "load_page",
    "pages_in",
    "part_digest",
    "picture_digest",
]

_HASH_BLOCK_BYTES = 1 << 20
_SENSELESS = Text("không hiểu được nội dung", "its contents cannot be made out")


@dataclass(frozen=True, slots=True, order=True)
class PageRef:
    """Where a page is: a file and the number (from 0) of the page inside it.

    `name` is the file's path relative to the book (`file_names.page_name`), plus `#3` for page 3 of
    a file that can hold several pages and does, plus ` (2)` for the second of several forms on one
    scan. `part` is where on the scan the page is; None for the whole scan.
    """

    path: Path
    index: int
    name: str
    part: ScanPart | None = None


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file of a book that may hold pages: where it is, what it is called, what is accepted."""

    path: Path
    name: str
    limits: ScanLimits


def pages_in(file: ScanFile) -> tuple[list[PageRef], list[ScanError]]:
    """The pages of one file, and what is lost or not read of it.

    Raises:
        ScanError: it gives no page.

    """
    errors: list[ScanError] = []
    with _told_of(file.name):
        return list(_pages_of(file.path, file.name, file.limits, errors)), errors


def find_pages(
    book_path: Path,
    limits: ScanLimits | None = None,
    look: Callable[[ScanFile], tuple[list[PageRef], list[ScanError]]] = pages_in,
) -> tuple[list[PageRef], list[ScanError]]:
    """All pages of a book in natural order, and one error for each file that gives none.

    Args:
        book_path: a folder (searched with its subfolders) or a single file.
        limits: caps; files beyond them are errors.
        look: gives the pages of a file, as `pages_in` does.

    Returns:
        Pages, and errors. A `SkippedFileError` concerns a file that is no scan at all.
        Only PDF and TIFF files are opened, to count their pages: damaged pictures show when loaded.

    """
    limits = limits or ScanLimits()
    book_path = Path(book_path)
    try:
        is_folder = stat.S_ISDIR(_status(book_path, written(book_path)).st_mode)
    except ScanError as error:
        return [], [error]
    files, errors = list_files(book_path) if is_folder else ([book_path], [])
    base = book_path if is_folder else book_path.parent
    pages: list[PageRef] = []
    for file in files:
        name = page_name(file.relative_to(base))
        try:
            found, told = look(ScanFile(file, name, limits))
        except ScanError as error:
            errors.append(error)
            continue
        pages += found
        errors += told
    if is_folder and not pages and all(isinstance(e, SkippedFileError) for e in errors):
        errors.append(fault("no_pages_in_folder", written(book_path)))
    return pages, errors


def load_page(
    ref: PageRef, limits: ScanLimits | None = None, max_dpi: float | None = None
) -> PageImage:
    """Pixels of a page, upright as stored (EXIF and PDF rotation applied).

    Args:
        ref: the page.
        limits: caps on bytes and pixels.
        max_dpi: when given, a page of higher resolution is loaded smaller (faster, less memory);
            `PageImage.to_original` leads back to full-resolution coordinates exactly. Pages of
            unknown resolution are taken to be at most A3 with some room around.

    Raises:
        ScanError: empty, cut off, damaged, encrypted, too large, no picture …
        MachineError: a PDF page must be rendered and poppler is missing.
        TransientError: poppler was killed.

    """
    with _told_of(ref.name):
        scan = _load_scan(ref, limits or ScanLimits(), max_dpi)
    return scan if ref.part is None else ref.part.cut(scan)


@contextmanager
def _told_of(name: str) -> Iterator[None]:
    """Whatever goes wrong over a file is told of this file; the others go on.

    Raises:
        ScanError: instead of anything that says something of the file.

    """
    try:
        with foreign_file(partial(fault, "damaged", name, reason=_SENSELESS)):
            yield
    except OSError as error:
        raise fault("unreadable", name, reason=os_reason(error)) from error


def _load_scan(ref: PageRef, limits: ScanLimits, max_dpi: float | None) -> PageImage:
    kind = _kind(ref.path, ref.name, limits)
    if kind is FileKind.PDF:
        return pdf.load_page(ref.path, ref.index, ref.name, limits, max_dpi)
    data = read_plain(ref.path, limits.max_container_bytes)
    if kind is FileKind.JPEG:
        return raster.load_jpeg_file(data, ref.name, limits, max_dpi)
    if kind is FileKind.TIFF:
        return raster.load_tiff(data, ref.name, limits, max_dpi, ref.index)
    return raster.load_picture(data, ref.name, limits, max_dpi)


def digest(ref: PageRef) -> str:
    """SHA-256 (hex) of the file's bytes and the page's number: the page's identity.

    The first form of a scan has the identity of the scan, the others have their own.

    Raises:
        ScanError: the file cannot be read.

    """
    with _told_of(ref.name):
        whole = _file_digest(ref.path, version_of(ref.path))
    scan = hashlib.sha256(f"{whole}#{ref.index}".encode()).hexdigest()
    return scan if ref.part is None else part_digest(scan, ref.part.number)


def part_digest(scan: str, number: int) -> str:
    """Identity of form `number` (from 1) of the scan with this identity."""
    if number == 1:
        return scan
    return hashlib.sha256(f"{scan}({number})".encode()).hexdigest()


def picture_digest(ref: PageRef, contents: Callable[[Path], tuple[str, ...]] | None = None) -> str:
    """SHA-256 (hex) of what the page alone holds; "" where it is its whole file, or unknown.

    It stays the same when a PDF or TIFF is made again with other pages around this one.

    Args:
        ref: the page.
        contents: gives the hashes of all pages of a file, as `contents_of` does.

    """
    try:
        pages = _contents(ref.path, version_of(ref.path), contents or contents_of)
    except MemoryError:
        raise
    except Exception:  # decoders of broken files raise anything; `load_page` tells what is wrong
        return ""
    return pages[ref.index] if ref.index < len(pages) else ""


@lru_cache(maxsize=8)
def _contents(
    path: Path, version: tuple[int, ...], contents: Callable[[Path], tuple[str, ...]]
) -> tuple[str, ...]:
    return contents(path)


def contents_of(path: Path) -> tuple[str, ...]:
    """SHA-256 (hex) of what each page of a PDF or TIFF holds; none for other files.

    Raises:
        Exception: the file is damaged; decoders raise anything.

    """
    with open_plain(path) as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is FileKind.PDF:
        return pdf_contents(path)
    return tiff_contents(path) if kind is FileKind.TIFF else ()


@lru_cache(maxsize=8)  # the pages of one PDF share one reading of the file
def _file_digest(path: Path, version: tuple[int, ...]) -> str:
    state = hashlib.sha256()
    with open_plain(path) as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            state.update(block)
    return state.hexdigest()


def version_of(path: Path) -> tuple[int, ...]:
    """What changes with the file, also when another one of its size and time takes its name."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def _pages_of(
    path: Path, name: str, limits: ScanLimits, errors: list[ScanError]
) -> Iterable[PageRef]:
    kind = _kind(path, name, limits)
    places: Sequence[int] = (0,)
    count = 1
    if kind is FileKind.TIFF:
        count, broken = raster.count_pages(path, name, limits)
        errors.extend([broken] if broken else [])
        places = range(count)
    elif kind is FileKind.PDF:
        places, count, told = pdf.find_places(path, name, limits)
        errors.extend(told)
    if count == 1:
        return [PageRef(path, place, name) for place in places]
    return [PageRef(path, place, f"{name}#{place + 1}") for place in places]


def _status(path: Path, name: str) -> os.stat_result:
    """What the system says of a file or folder.

    Raises:
        ScanError: it is not there, may not be looked at, or is neither a file nor a folder.

    """
    try:
        status = path.stat()
    except ValueError as error:  # a zero byte in the name
        raise fault("missing", name) from error
    except FileNotFoundError as error:
        if path.is_symlink():
            raise fault("broken_link", name, target=written(path.readlink())) from error
        raise fault("missing", name) from error
    except OSError as error:
        raise fault("unreadable", name, reason=os_reason(error)) from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise fault("no_file", name)  # opening a pipe would wait for ever
    return status


def _kind(path: Path, name: str, limits: ScanLimits) -> FileKind:
    """What the file is by its contents, whatever its name says; it is small enough to be read."""
    size = _status(path, name).st_size
    try:
        with open_plain(path) as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise fault("unreadable", name, reason=os_reason(error)) from error
    if not head:
        raise fault("empty", name)
    kind = sniff(head)
    if kind is FileKind.HEIC:
        raise fault("heic", name)
    if is_archive(path.name) and kind in (FileKind.ARCHIVE, FileKind.UNKNOWN):
        raise skipped("archive", name)
    if kind in (FileKind.ARCHIVE, FileKind.UNKNOWN):
        raise _unknown(head, path, name)
    container = kind in (FileKind.PDF, FileKind.TIFF)
    limit = limits.max_container_bytes if container else limits.max_image_bytes
    if size > limit:
        raise fault("too_many_bytes", name, size=size / 1e6, limit=limit / 1e6)
    return kind


def kind_of(file: ScanFile) -> FileKind:
    """What a file is by its first kilobyte; nothing is decoded.

    Raises:
        ScanError: no scan at all, empty, too many bytes, or it cannot be read.

    """
    with _told_of(file.name):
        return _kind(file.path, file.name, file.limits)


def _unknown(head: bytes, path: Path, name: str) -> ScanError:
    """A file named like a scan but holding something else is an error, others are left out."""
    if not is_named_scan(path.name):
        return skipped("unknown", name)
    reason = Text("không phải ảnh hay PDF", "neither picture nor PDF")
    if not head.strip(b"\x00"):
        reason = Text("toàn byte 0", "nothing but zero bytes")
    return fault("damaged", name, reason=reason)
