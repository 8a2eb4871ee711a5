"""JPEG files: a check that the whole picture is there, and fast decoding, also at reduced size."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.scans.scan_errors import fault

# One literal byte first: the engine then looks for it as fast as memory is read (fill bytes 0xFF
# before a marker end in the same pair).
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_SOS, _EOI, _TEM = 0xDA, 0xD9, 0x01
_NO_DATA_GRAY = 128  # libjpeg fills blocks it has no data for with this level
_REDUCED = {1: 0, 2: 16, 4: 32, 8: 64}  # bits of cv2.IMREAD_REDUCED_*


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size in pixels, number of colour components and bits per sample of a JPEG."""

    width: int
    height: int
    components: int
    bits: int


def read_header(data: bytes, where: str) -> JpegHeader:
    """Walk all segments of a JPEG (ITU T.81, annex B) up to its end marker.

    Raises:
        ScanError: the end marker is missing (the file is cut off) or the segments make no sense.

    """
    header: JpegHeader | None = None
    position = 2
    while True:
        found = _MARKER.search(data, position)
        if found is None:
            raise fault("truncated", where)
        marker, position = found.group(1)[0], found.end()
        if marker == _EOI:
            break
        if marker == _TEM:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        if position + max(length, 2) > len(data):
            raise fault("truncated", where)
        if marker in _FRAMES and header is None:
            bits, height, width = data[position + 2], *_pair(data, position + 3)
            header = JpegHeader(width, height, data[position + 7], bits)
        position += max(length, 2)
    if header is None:
        raise fault("truncated", where)
    return header


def _pair(data: bytes, position: int) -> tuple[int, int]:
    first = int.from_bytes(data[position : position + 2], "big")
    return first, int.from_bytes(data[position + 2 : position + 4], "big")


def decode(data: bytes, reduce: int = 1) -> Pixels | None:
    """Pixels of a grey or colour JPEG, EXIF rotation not applied; None if OpenCV cannot.

    Args:
        data: the whole file.
        reduce: 1, 2, 4 or 8: sides are divided by it while decoding (rounded up).

    """
    # OpenCV's flags for reduced sizes are these bits; its JPEG decoder can write RGB by itself.
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION | _REDUCED[reduce]
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if pixels is None or pixels.ndim != 3:
        return None
    return np.asarray(pixels, np.uint8)


def has_missing_end(pixels: Pixels) -> bool:
    """Whether the last blocks are the grey a decoder puts where the data ended too early."""
    return bool((pixels[-8:, -32:] == _NO_DATA_GRAY).all())
