"""Pages coded like a fax (ITU-T T.4 and T.6) inside a TIFF, whose decoder hides what it lost."""

from __future__ import annotations

import io
import re
import struct
import warnings
from functools import lru_cache

import numpy as np
from PIL import Image

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.scans.native_output import caught_output
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.scans.tiff import COMPRESSION, PHOTOMETRIC, TiffDirectory, TiffSegment

_GROUP3, _GROUP4 = 3, 4
_BITS, _SAMPLES, _FILL_ORDER, _OPTIONS = 258, 277, 266, 293
_BACKWARDS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_END_OF_BLOCK, _END_BITS = 0x001001, 24
_END_OF_LINE = re.compile(r"0{11,}1(?!0{11})")
_LOST_LINES = 2  # fax programs count a line too many; a sector holds more lines


def decode_group4(data: bytes, directory: TiffDirectory, where: str) -> Pixels | None:
    """Pixels (H, W, 3) of a Group 4 page, as stored; None for other kinds and odd endings.

    libtiff shows white from the first bad code of a strip to its end, and calls that success. So a
    black line is coded behind the last one, and has to be seen.

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    if directory.value(COMPRESSION) != _GROUP4 or directory.value(_OPTIONS):
        return None
    if directory.value(_BITS, 1) != 1 or directory.value(_SAMPLES, 1) != 1 or directory.is_tiled:
        return None
    width, height = directory.size
    page = np.zeros((height, width), np.uint8)
    white_is_zero = directory.value(PHOTOMETRIC) == 0
    for place in directory.segments():
        stream = data[place.start : place.start + place.size]
        if directory.value(_FILL_ORDER, 1) == 2:
            stream = stream.translate(_BACKWARDS)
        longer = _with_line(stream, width)
        if longer is None:
            return None
        rows = _decoded(longer, place, white_is_zero)
        ink, paper = (0, 255) if white_is_zero else (255, 0)
        lines = -1 if rows is None else int(np.flatnonzero((rows == ink).any(axis=1))[-1:].sum())
        if rows is None or lines + _LOST_LINES < place.height or not (rows[lines] == ink).all():
            raise fault("truncated", where)
        rows[lines] = paper  # the black line, or where it stands when the strip is a line short
        page[place.top : place.top + place.height] = rows[:-1]
    return np.repeat(page[..., None], 3, axis=2)


def require_all_lines(data: bytes, directory: TiffDirectory, where: str) -> None:
    """Make sure that a Group 3 page has as many lines as it is high: libtiff makes up for others.

    Raises:
        ScanError: lines are missing.

    """
    if directory.value(COMPRESSION) != _GROUP3 or directory.is_tiled:
        return
    for place in directory.segments():
        stream = data[place.start : place.start + place.size]
        if directory.value(_FILL_ORDER, 1) == 2:
            stream = stream.translate(_BACKWARDS)
        bits = f"{int.from_bytes(stream, 'big'):0{8 * len(stream)}b}"
        if len(_END_OF_LINE.findall(bits)) + _LOST_LINES < place.height:
            raise fault("truncated", where)


def _with_line(stream: bytes, width: int) -> bytes | None:
    """The lines of a strip and a black one behind them; None where the strip does not say its end.

    The black line is coded by the lengths of its runs, without looking at the line above.
    """
    found = _ending(stream)
    if found is None:
        return None
    whole, rest, count = found
    line, bits = _black_line(width)
    value, bits = rest << bits | line, count + bits
    value, bits = value << _END_BITS | _END_OF_BLOCK, bits + _END_BITS
    padding = -bits % 8
    return stream[:whole] + (value << padding).to_bytes((bits + padding) // 8, "big")


def _ending(stream: bytes) -> tuple[int, int, int] | None:
    """Where the coded lines end: whole bytes, then the first bits of the next; None if unclear."""
    bare = stream.rstrip(b"\x00")
    tail = int.from_bytes(bare[-8:], "big")
    if not tail:
        return None
    zeros = (tail & -tail).bit_length() - 1
    if tail >> zeros & (1 << _END_BITS) - 1 != _END_OF_BLOCK:
        return None
    bits = 8 * len(bare) - zeros - _END_BITS
    if bits < 0:
        return None
    count = bits % 8
    return bits // 8, bare[bits // 8] >> (8 - count) if count else 0, count


@lru_cache(maxsize=64)
def _black_line(width: int) -> tuple[int, int]:
    """Code of a line of nothing but ones, and the number of its bits."""
    buffer = io.BytesIO()
    Image.new("1", (width, 1), 1).save(buffer, "TIFF", compression="group4")
    with Image.open(buffer) as written:
        tags = dict(written.tag_v2)  # type: ignore[attr-defined]
    start, size = tags[273][0], tags[279][0]
    stream = buffer.getvalue()[start : start + size]
    found = _ending(stream)
    if found is None:
        raise AssertionError("libtiff writes no end of block")
    whole, rest, count = found
    return int.from_bytes(stream[:whole], "big") << count | rest, 8 * whole + count


def _decoded(stream: bytes, place: TiffSegment, white_is_zero: bool) -> Pixels | None:
    """Rows of a strip and the one behind it, 0 and 255; None when libtiff gives up."""
    height = place.height + 1
    entries = [(256, 4, place.width), (257, 4, height), (258, 3, 1), (259, 3, _GROUP4)]
    entries += [(262, 3, int(not white_is_zero)), (273, 4, 8 + 2 + 12 * 9 + 4), (277, 3, 1)]
    entries += [(278, 4, height), (279, 4, len(stream))]
    table = b"".join(struct.pack("<HHLL", tag, kind, 1, value) for tag, kind, value in entries)
    file = b"II*\x00" + struct.pack("<LH", 8, len(entries)) + table + bytes(4) + stream
    try:
        with caught_output(), warnings.catch_warnings(action="ignore"):
            with Image.open(io.BytesIO(file)) as picture:
                return np.array(picture.convert("L"), np.uint8)
    except MemoryError:
        raise
    except Exception:  # decoders of broken files raise anything at all
        return None
