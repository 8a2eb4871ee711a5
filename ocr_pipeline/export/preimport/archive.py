"""The zip of a package made by anyone: names, safety, and whether every PDF opens."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pikepdf

from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import PackageFault, fault

_MAX_ENTRIES = 70_000
_MAX_ENTRY_BYTES = 50 << 20
_SUSPICIOUS_BYTES = 200 << 20
_MAX_RATIO = 20  # PDFs of JPEGs hardly shrink
_LARGE_PAGE_BYTES = 1_000_000
_ENCRYPTED = 0x1
_MOST_PAGES = 6  # a record has one sheet, with decisions and copies attached to it a few more
_DEEPEST_FORM = 8  # forms inside forms
_LITTER = frozenset({"thumbs.db", ".ds_store", "desktop.ini"})
_METHODS = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_ONLY_OURS = frozenset({12, 14, 93})
_AES = 99  # 7-Zip's and WinZip's encryption
_OTHER_ARCHIVES = {b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip", b"\x1f\x8b": "gzip"}
_DAMAGED = Text("tệp hỏng", "the file is damaged")


@dataclass(frozen=True, slots=True)
class PdfEntry:
    """A PDF of the zip.

    Attributes:
        place: its place in the zip.
        name: its bare name, which links it to a row.
        digest: SHA-256 of its content; empty when it cannot be unpacked.

    """

    place: str
    name: str
    digest: bytes


def check_archive(path: Path) -> tuple[list[PdfEntry] | None, list[PackageFault]]:
    """The PDFs of a zip (broken ones too: their rows have a scan, if a bad one), and all faults.

    Nothing is unpacked to the disk. Entries that unpack to an abnormal size are not opened. None
    for the PDFs: the zip cannot be opened, so nothing can be said about the scans of the rows.
    """
    found: list[PackageFault] = []
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if bomb := _abnormal_size_mb(infos, path):
                return None, [fault("zip_bomb", path, size=bomb)]
            litter = [info.filename for info in infos if is_litter(info.filename)]
            if litter:
                found.append(fault("zip_litter", path, count=len(litter), example=litter[0]))
            infos = [info for info in infos if info.filename not in litter]
            found += _method_faults(infos, path)
            entries, faults = _check_entries(archive, infos, path)
            return entries, [*found, *faults]
    except MemoryError:
        raise
    except Exception:  # zipfile raises whatever its parsers stumble over
        return None, [*found, fault("broken_zip", path, reason=_kind_of(path))]


def is_litter(name: str) -> bool:
    """A file that Windows or a Mac put beside the PDFs on its own."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].lower() in _LITTER or parts[-1].startswith("._")


def _abnormal_size_mb(infos: list[zipfile.ZipInfo], path: Path) -> int:
    total = sum(info.file_size for info in infos)
    size = max(1, path.stat().st_size)
    abnormal = total > _SUSPICIOUS_BYTES and total > _MAX_RATIO * size
    return max(1, total >> 20) if abnormal or len(infos) > _MAX_ENTRIES else 0


def _method_faults(infos: list[zipfile.ZipInfo], path: Path) -> Iterator[PackageFault]:
    """One fault for each kind of compression that Windows cannot undo but we can."""
    for method in sorted({info.compress_type for info in infos} & _ONLY_OURS):
        yield fault("zip_method", path, method=_METHODS[method])


def _check_entries(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], path: Path
) -> tuple[list[PdfEntry], list[PackageFault]]:
    entries: list[PdfEntry] = []
    found: list[PackageFault] = []
    names: set[str] = set()
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/")).name
        place = f"{path}/{info.filename}"
        if name != info.filename:
            found.append(fault("nested", place))
        if name.casefold() in names:
            found.append(fault("name_twice", place))
        names.add(name.casefold())
        if not name.lower().endswith(".pdf") or name.startswith("."):
            found.append(fault("not_pdf", place))
            continue
        data, faults = _content(archive, info, place)
        found += faults or _pdf_faults(data, place)
        entries.append(PdfEntry(place, name, hashlib.sha256(data).digest() if data else b""))
    return entries, found


def _kind_of(path: Path) -> Text:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        return Text("không mở được tệp", "the file cannot be opened")
    for magic, name in _OTHER_ARCHIVES.items():
        if head.startswith(magic):
            return Text(f"là tệp {name}, không phải .zip", f"it is a {name} file, not a .zip")
    if head.startswith(b"PK"):
        return Text("tệp hỏng hoặc bị cắt mất một phần", "it is damaged or cut off")
    return Text("không phải tệp .zip", "it is no .zip")


def _content(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str
) -> tuple[bytes, list[PackageFault]]:
    """The bytes of an entry, or why there are none."""
    if info.flag_bits & _ENCRYPTED or info.compress_type == _AES:
        return b"", [fault("encrypted_zip", place)]
    if info.file_size > _MAX_ENTRY_BYTES:
        return b"", [fault("zip_bomb", place, size=info.file_size >> 20)]
    try:
        with archive.open(info) as stream:
            return stream.read(_MAX_ENTRY_BYTES + 1), []
    except NotImplementedError:
        method = _METHODS.get(info.compress_type, str(info.compress_type))
        reason = Text(f"kiểu nén {method}", f"compression {method}")
    except MemoryError:
        raise
    except Exception:  # each way of packing has errors of its own
        reason = Text("dữ liệu nén bị hỏng", "the compressed data are damaged")
    return b"", [fault("broken_entry", place, reason=reason)]


def _pdf_faults(data: bytes, place: str) -> Iterator[PackageFault]:
    if not data.lstrip()[:5] == b"%PDF-":
        reason = Text("không phải PDF", "it is no PDF") if data else Text("tệp rỗng", "it is empty")
        yield fault("broken_pdf", place, reason=reason)
        return
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            pages, warnings = len(pdf.pages), pdf.get_warnings()
            without = [n for n, page in enumerate(pdf.pages, 1) if not _has_picture(page)]
    except pikepdf.PasswordError:
        yield fault("encrypted_pdf", place)
        return
    except MemoryError:
        raise
    except Exception:  # objects of another kind than expected: pikepdf and we raise many kinds
        yield fault("broken_pdf", place, reason=_DAMAGED)
        return
    if not pages or warnings:
        no_page = Text("không có trang nào", "it has no page")
        yield fault("broken_pdf", place, reason=_DAMAGED if pages else no_page)
        return
    if without:
        yield fault("pdf_no_picture", place)
    if pages > _MOST_PAGES:
        yield fault("pdf_many_pages", place, pages=pages)
    if len(data) > _LARGE_PAGE_BYTES * pages:
        yield fault("large_pdf", place, size=len(data) // 1000)


def _has_picture(page: pikepdf.Page) -> bool:
    """A page shows a stored picture, also inside a form or in the page's own content."""
    return _names_picture(page.obj.get("/Resources"), 0) or any(
        isinstance(part, pikepdf.ContentStreamInlineImage)
        for part in pikepdf.parse_content_stream(page)
    )


def _names_picture(resources: Any, depth: int) -> bool:
    if resources is None or depth > _DEEPEST_FORM:
        return False
    for _, item in resources.get("/XObject", pikepdf.Dictionary()).items():
        if item.get("/Subtype") == "/Image":
            return True
        if _names_picture(item.get("/Resources"), depth + 1):
            return True
    return False
