"""What a file is, by its first bytes: names lie, contents do not."""

from __future__ import annotations

from enum import StrEnum


class FileKind(StrEnum):
    """The kinds of file this room tells apart."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    PDF = "pdf"
    PICTURE = "picture"  # other pictures that Pillow reads: BMP, GIF, WebP, JPEG 2000
    HEIC = "heic"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"


#: Bytes needed to recognise a file; a PDF may start after up to 1 kB of rubbish (ISO 32000-1, H.3).
HEAD_BYTES = 1024

_STARTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
    (b"II+\x00", FileKind.TIFF),
    (b"MM\x00+", FileKind.TIFF),
    (b"BM", FileKind.PICTURE),
    (b"GIF8", FileKind.PICTURE),
    (b"\x00\x00\x00\x0cjP  ", FileKind.PICTURE),
    (b"\xff\x4f\xff\x51", FileKind.PICTURE),
    (b"PK\x03\x04", FileKind.ARCHIVE),
    (b"Rar!", FileKind.ARCHIVE),
    (b"7z\xbc\xaf", FileKind.ARCHIVE),
    (b"\x1f\x8b", FileKind.ARCHIVE),
)

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


def sniff(head: bytes) -> FileKind:
    """Kind of the file that begins with `head` (its first `HEAD_BYTES` bytes)."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.PICTURE
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    if b"%PDF-" in head:
        return FileKind.PDF
    return FileKind.UNKNOWN


def holds_scan(head: bytes) -> bool:
    """Whether a file that begins with `head` (its first `HEAD_BYTES` bytes) may be a page."""
    kind = sniff(head)
    if head.startswith(b"BM"):  # two letters are little: a bitmap has four zero bytes here, too
        return head[6:10] == bytes(4)
    return kind not in (FileKind.ARCHIVE, FileKind.UNKNOWN)
