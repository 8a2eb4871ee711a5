"""JPEGs inside PDFs, where the page and not the JPEG tells how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pikepdf
from PIL import Image

from ocr_pipeline.scans.pdf_content import PDF_ERRORS
from ocr_pipeline.scans.pdf_image import Placement

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION = 274  # Exif tag
_SOS, _APP0, _APP1 = 0xDA, 0xE0, 0xE1
#: No page is as many times longer than wide: the height was not known when the header was written.
_SLIM = 4
_SQUARE_SHARE = 0.02  # densities that differ by less are one


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment before the first scan: its marker, and where its contents begin and end."""

    marker: int
    start: int
    stop: int


def as_embedded(placement: Placement) -> bytes | None:
    """The JPEG of a page as viewers take it; None when the page must be rendered.

    A height that makes no page is replaced by the one that the PDF tells; Exif's rotation and a
    resolution that differs along the sides are left out. A JPEG whose colours are not those of the
    PDF must be rendered.

    Raises:
        pikepdf.PdfError: its bytes cannot be had.

    """
    image = cast("pikepdf.Stream", placement.image)
    if _has_own_colours(image):
        return None
    data = image.read_raw_bytes()
    segments = list(_segments(data))
    frame = next((each for each in segments if each.marker in _FRAMES), None)
    if frame is None or frame.stop - frame.start < 6:
        return data  # its reader tells what is wrong
    height, width = _pair(data, frame.start + 1)
    if data[frame.start + 5] != placement.components:
        return None
    told = _told_height(image)
    if told is not None and not 0 < height <= _SLIM * width:
        data = data[: frame.start + 1] + told.to_bytes(2, "big") + data[frame.start + 3 :]
    return _without_hints(data, segments)


def _has_own_colours(image: pikepdf.Stream) -> bool:
    """Whether the PDF says that the JPEG's colours are not what JPEGs of its kind hold."""
    said = image.get("/DecodeParms")
    said = said[0] if isinstance(said, pikepdf.Array) and len(said) else said
    return isinstance(said, pikepdf.Dictionary) and "/ColorTransform" in said


def _segments(data: bytes) -> Iterator[_Segment]:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        yield _Segment(marker, position + 4, position + 2 + length)
        if marker == _SOS or length < 2:
            return
        position += 2 + length


def _without_hints(data: bytes, segments: list[_Segment]) -> bytes:
    for each in reversed(segments):
        body = data[each.start : each.stop]
        if each.marker == _APP1 and body.startswith(b"Exif\0\0") and _is_turned(body):
            data = data[: each.start - 4] + data[each.stop :]
        elif each.marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 12:
            across, down = _pair(data, each.start + 8)
            if abs(across - down) > _SQUARE_SHARE * max(across, 1):
                data = data[: each.start + 7] + b"\0\0\1\0\1" + data[each.start + 12 :]
    return data


def _is_turned(exif: bytes) -> bool:
    """Whether Exif data tells to turn the picture, or cannot be read."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        return int(tags.get(_ORIENTATION, 1)) != 1
    except Exception:  # Pillow's readers of broken metadata raise anything at all
        return True


def _pair(data: bytes, position: int) -> tuple[int, int]:
    first = int.from_bytes(data[position : position + 2], "big")
    return first, int.from_bytes(data[position + 2 : position + 4], "big")


def _told_height(image: pikepdf.Stream) -> int | None:
    """The height in pixels that the PDF tells; None when it tells none that a JPEG can have."""
    try:
        height = int(image["/Height"])
    except PDF_ERRORS:
        return None
    return height if 0 < height <= 0xFFFF else None
