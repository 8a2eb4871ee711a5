"""Pages to measure with: one's own, or the sample pages brought to A4 at 300 dpi."""

from __future__ import annotations

import hashlib
from itertools import cycle, islice
from pathlib import Path

import cv2

from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.resources import shipped
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page
from ocr_pipeline.store.files import write_bytes

DPI = 300
_A4_MM = (210.0, 297.0)
_TOLERANCE = 0.06
_QUALITY = 90


def own_pages(folder: Path, count: int) -> list[tuple[PageRef, str]]:
    """`count` pages of the books under `folder` with their types, over and over if there are fewer.

    Raises:
        BadInputError: there is no page.

    """
    books, _ = find_books(folder)
    pages = [(ref, book.type.value) for book in books for ref in find_pages(book.path)[0]]
    if not pages:
        raise BadInputError(
            Text("Không có trang nào để đo", "There is no page to measure with"),
            where=str(folder),
            remedy=Text("Chỉ rõ thư mục có danh mục sổ", "Point to a folder with an inventory"),
        )
    return list(islice(cycle(pages), count))


def sample_pages(cache: Path, count: int) -> list[tuple[PageRef, str]]:
    """`count` sample pages as JPEG files of 2480×3508 pixels, made once and kept in `cache`.

    Only flatbed A4 pages are taken; photographs and A3 sheets are other sizes.

    Raises:
        BadInputError: the samples hold no such page.

    """
    pages: list[tuple[PageRef, str]] = []
    for book in find_books(shipped("sample_scans"))[0]:
        for ref in find_pages(book.path)[0]:
            if len(pages) < count and (made := _at_300_dpi(ref, cache)) is not None:
                pages.append((made, book.type.value))
    if not pages:
        raise BadInputError(
            Text("Không có trang mẫu A4", "There are no A4 sample pages"),
            remedy=Text("Dùng --pages THƯ_MỤC", "Use --pages FOLDER"),
        )
    return list(islice(cycle(pages), count))


def _at_300_dpi(ref: PageRef, cache: Path) -> PageRef | None:
    name = hashlib.sha256(f"{ref.path}#{ref.index}#{ref.path.stat().st_mtime_ns}".encode())
    target = cache / f"{name.hexdigest()[:16]}.jpg"
    if not target.is_file():
        try:
            page = load_page(ref)
        except SohoaError:
            return None
        if page.dpi is None or not _is_a4(page.pixels.shape[:2], page.dpi):
            return None
        size = tuple(round(mm / 25.4 * DPI) for mm in _A4_MM)
        pixels = cv2.resize(page.pixels, size, interpolation=cv2.INTER_CUBIC)
        bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        write_bytes(target, _with_dpi(data.tobytes()))
    return PageRef(target, 0, target.name)


def _is_a4(shape: tuple[int, ...], dpi: float) -> bool:
    height, width = (side / dpi * 25.4 for side in shape)
    pairs = zip((width, height), _A4_MM, strict=True)
    return all(abs(side - wanted) <= _TOLERANCE * wanted for side, wanted in pairs)


def _with_dpi(jpeg: bytes) -> bytes:
    """The JPEG with its resolution written into the JFIF head that OpenCV makes (APP0)."""
    head = bytearray(jpeg)
    start = head.find(b"JFIF\x00")
    head[start + 7] = 1  # dots per inch
    head[start + 8 : start + 12] = DPI.to_bytes(2, "big") * 2
    return bytes(head)
