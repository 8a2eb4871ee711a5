"""The zip of a package made by anyone: names, safety, and whether every PDF opens."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pikepdf

from ocr_pipeline.export.faults import PackageFault, fault

_MAX_ENTRIES = 70_000
_MAX_ENTRY_BYTES = 50 << 20
_SUSPICIOUS_BYTES = 200 << 20
_MAX_RATIO = 20  # PDFs of JPEGs hardly shrink
_LARGE_PAGE_BYTES = 1_000_000
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class PdfEntry:
    """A PDF of the zip: its place in the zip, and its bare name that links it to a row."""

    place: str
    name: str


def check_archive(path: Path) -> tuple[list[PdfEntry], list[PackageFault]]:
    """The PDFs of a zip (broken ones too: their rows have a scan, if a bad one), and all faults.

    Nothing is unpacked to the disk. Entries that unpack to an abnormal size are not opened.
    """
    found: list[PackageFault] = []
    entries: list[PdfEntry] = []
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            total = sum(info.file_size for info in infos)
            size = max(1, path.stat().st_size)
            if len(infos) > _MAX_ENTRIES or (
                total > _SUSPICIOUS_BYTES and total > _MAX_RATIO * size
            ):
                return [], [fault("zip_bomb", path, size=total >> 20)]
            names: set[str] = set()
            for info in infos:
                name = PurePosixPath(info.filename.replace("\\", "/")).name
                place = f"{path}/{info.filename}"
                if info.is_dir():
                    continue
                if name != info.filename:
                    found.append(fault("nested", place))
                if name.casefold() in names:
                    found.append(fault("name_twice", place))
                names.add(name.casefold())
                if not name.lower().endswith(".pdf") or name.startswith("."):
                    found.append(fault("not_pdf", place))
                    continue
                entries.append(PdfEntry(place, name))
                found += _content_faults(archive, info, place)
    except (zipfile.BadZipFile, OSError, zlib.error, NotImplementedError) as error:
        found.append(fault("broken_zip", path, reason=error))
    return entries, found


def _content_faults(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str
) -> Iterator[PackageFault]:
    if info.flag_bits & _ENCRYPTED:
        yield fault("encrypted_zip", place)
        return
    if info.file_size > _MAX_ENTRY_BYTES:
        yield fault("zip_bomb", place, size=info.file_size >> 20)
        return
    try:
        with archive.open(info) as stream:
            data = stream.read(_MAX_ENTRY_BYTES + 1)
    except (zipfile.BadZipFile, OSError, zlib.error, NotImplementedError, EOFError) as error:
        yield fault("broken_entry", place, reason=error)
        return
    yield from _pdf_faults(data, place)


def _pdf_faults(data: bytes, place: str) -> Iterator[PackageFault]:
    if not data.lstrip()[:5] == b"%PDF-":
        yield fault("broken_pdf", place, reason="0 byte" if not data else "%PDF-?")
        return
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            pages, warnings = len(pdf.pages), pdf.get_warnings()
    except pikepdf.PasswordError:
        yield fault("encrypted_pdf", place)
        return
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        yield fault("broken_pdf", place, reason=error)
        return
    if not pages or warnings:
        yield fault("broken_pdf", place, reason=warnings[0] if warnings else "0 page")
    elif len(data) > _LARGE_PAGE_BYTES * pages:
        yield fault("large_pdf", place, size=len(data) // 1000)
