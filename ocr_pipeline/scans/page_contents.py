"""What a single page of a PDF or TIFF holds, as hashes: pages found again in a file made anew.

Nothing is decoded or drawn: the hashes are of the pictures as they are stored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pikepdf

from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pdf_content import PDF_ERRORS, images_of
from ocr_pipeline.scans.pdf_file import opened
from ocr_pipeline.scans.tiff import (
    COMPRESSION,
    TiffDirectory,
    page_numbers,
    read_at,
    read_directories,
)

_BOXES = ("/MediaBox", "/CropBox", "/Rotate")
_OF_AN_IMAGE = (
    "/Width", "/Height", "/BitsPerComponent", "/ColorSpace", "/Filter", "/DecodeParms", "/Decode",
    "/ImageMask", "/SMask", "/Mask",
)  # fmt: skip
#: Tags of a TIFF that its picture depends on (TIFF 6.0); offsets in the file are not among them.
_OF_A_FRAME = (
    256, 257, 258, 259, 262, 266, 274, 277, 278, 284, 292, 293, 317, 320, 322, 323, 338, 339, 347,
)  # fmt: skip
_OLD_JPEG = 6
_STRIPS, _TILES = (273, 279), (324, 325)  # offsets and numbers of bytes


def pdf_contents(path: Path) -> tuple[str, ...]:
    """One SHA-256 (hex) a page of a PDF; "" for pages that hold more than pictures and text.

    Two pages with the same hash look the same: geometry, drawing orders and pictures are alike.
    """
    with opened(path, path.name) as file:
        found = {place: _page_contents(file.page(place, path.name)) for place in file.places}
    return tuple(found.get(place, "") for place in range(max(found, default=-1) + 1))


def tiff_contents(path: Path) -> tuple[str, ...]:
    """One SHA-256 (hex) a page of a TIFF, of its tags and its picture as stored; "" for none."""
    with open_plain(path) as file:
        directories, _ = read_directories(file, 2 * ScanLimits().max_pages)
        numbers = page_numbers(directories)
        return tuple(_directory_contents(file, directories[number]) for number in numbers)


def _directory_contents(file: BinaryIO, directory: TiffDirectory) -> str:
    offsets, sizes = next(
        (pair for pair in (_STRIPS, _TILES) if pair[0] in directory.entries), _STRIPS
    )
    places = list(zip(directory.values(offsets), directory.values(sizes), strict=False))
    if not places or directory.value(COMPRESSION) == _OLD_JPEG:
        return ""  # old JPEG keeps its tables anywhere in the file
    tags = [directory.values(number) for number in _OF_A_FRAME]
    state = hashlib.sha256(repr([tags, directory.dpi]).encode())
    for offset, size in places:
        state.update(read_at(file, offset, size))
    return state.hexdigest()


def _page_contents(page: pikepdf.Page) -> str:
    try:
        return _hash_of(page)
    except PDF_ERRORS:
        return ""


def _hash_of(page: pikepdf.Page) -> str:
    drawn = b"".join(stream.read_bytes() for stream in _streams(page))
    images = images_of(page)
    names = [name for name in re.findall(rb"(/[^\s/<>\[\]()%]+)\s+Do\b", drawn)]
    if "/Annots" in page or any(name.decode("latin-1") not in images for name in names):
        return ""  # notes, or pictures inside of forms: too much to compare
    state = hashlib.sha256()
    state.update(repr([str(_inherited(page, name)) for name in _BOXES]).encode())
    for number, name in enumerate(dict.fromkeys(names)):  # programs name pictures as they like
        drawn = re.sub(re.escape(name) + rb"(?=\s+Do\b)", b"/%d" % number, drawn)
        image = cast("pikepdf.Stream", images[name.decode("latin-1")])
        state.update(repr([_plain(image.get(key)) for key in _OF_AN_IMAGE]).encode())
        state.update(hashlib.sha256(image.read_raw_bytes()).digest())
    state.update(b" ".join(drawn.split()))
    return state.hexdigest()


def _streams(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    contents = page.get("/Contents")
    if contents is None:
        return
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    yield from (cast("pikepdf.Stream", part) for part in parts)


def _inherited(page: pikepdf.Page, name: str) -> object:
    """An attribute of the page or of the branches it hangs on (PDF 32000-1, 7.7.3.4)."""
    node: Any = page.obj
    for _ in range(50):
        if name in node:
            return [float(one) for one in node[name]] if name != "/Rotate" else int(node[name])
        if "/Parent" not in node:
            break
        node = node["/Parent"]
    return ""


def _plain(value: Any) -> object:
    """An entry of an image's dictionary by its contents: numbers of objects are left out."""
    if isinstance(value, pikepdf.Stream):
        return hashlib.sha256(value.read_raw_bytes()).hexdigest()
    if isinstance(value, pikepdf.Dictionary):
        return sorted((str(key), _plain(one)) for key, one in value.items())
    if isinstance(value, pikepdf.Array):
        return [_plain(one) for one in value]
    return str(value)
