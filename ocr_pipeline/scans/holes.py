"""Holes in kinds of pictures that have no checksums and whose decoders do not notice them.

A bad sector leaves zero bytes, foreign ones, or those of the sector before. Where a decoder takes
them for a picture, they are recognised by what an encoder never writes.
"""

from __future__ import annotations

import re

from ocr_pipeline.scans.scan_errors import fault

_CODESTREAM = b"\xff\x4f\xff\x51"
_SOT, _SOD, _EOC, _COD = b"\xff\x90", b"\xff\x93", b"\xff\xd9", b"\xff\x52"
#: Data of a JPEG 2000 tile holds no pair above FF 8F but the marks of its packets.
_FOREIGN = re.compile(rb"\xff(?!\x91\x00\x04)(?!\x92)[\x90-\xff]")
_FEW_ZEROS = 64  # coded data has no more zero bytes in a row: by chance once in 2**512
_OWN_PRECINCTS_ZEROS = 4096  # packets of a blank tile where the encoder chose small ones
#: Bytes that WebP needs at most for a blank block of 16×16 pixels (measured: 0.025).
_BLANK_BLOCK_BYTES = 0.05
_SECTORS_BYTES = (512, 4096)
_SAMPLE_BYTES, _VARIED = 32, 8  # bytes compared; blank paper is coded in fewer different ones
_BRIGHT = 64  # an edge of paper is blurred: no scan falls from here to 0 between two pixels


def require_whole_jpeg2000(data: bytes, where: str) -> None:
    """Make sure that nothing is missing in a JPEG 2000.

    Raises:
        ScanError: its tiles are cut off or hold what no encoder writes.

    """
    at = data.find(_CODESTREAM)
    first = data.find(_SOT, at)
    if at < 0 or first < 0:
        raise fault("truncated", where)
    zeros = bytes(_zeros_allowed(data[at:first]))
    at = first
    while data[at : at + 2] == _SOT:
        size = int.from_bytes(data[at + 6 : at + 10], "big")
        stop = at + size if size else _end_of(data)
        body = data.find(_SOD, at) + 2
        if not at < body <= stop <= len(data):
            raise fault("truncated", where)
        if _FOREIGN.search(data, body, stop) or data.find(zeros, body, stop) >= 0:
            raise fault("truncated", where)
        if _has_repeated_sector(data, body, stop):
            raise fault("truncated", where)
        at = stop
    if at < len(data) and data[at : at + 2] != _EOC:
        raise fault("truncated", where)


def require_whole_webp(data: bytes, width: int, height: int, where: str) -> None:
    """Make sure that a WebP has no more equal bytes in a row than blank paper needs.

    Raises:
        ScanError: it has, or a sector comes twice.

    """
    blocks = -(-width // 16) * -(-height // 16)
    size = _FEW_ZEROS + int(blocks * _BLANK_BLOCK_BYTES)
    if bytes(size) in data or b"\xff" * size in data or _has_repeated_sector(data, 0, len(data)):
        raise fault("truncated", where)


def require_whole_rows(data: bytes, start: int, stop: int, row_bytes: int, where: str) -> None:
    """Make sure that plain rows of pixels, in which 0 is black, were all written.

    Black that begins in the middle of a row right after paper, and fills rows, is no picture.

    Args:
        data: the file.
        start: where its first row begins.
        stop: where its last row ends.
        row_bytes: bytes of a row.
        where: its name in errors.

    Raises:
        ScanError: some were not.

    """
    zeros = bytes(max(_SECTORS_BYTES[-1], row_bytes))
    at = data.find(zeros, start, stop)
    while at >= 0:
        rest = data[at:stop].lstrip(b"\x00")
        end = stop - len(rest)
        # A black border goes on in the row beside, a hole does not.
        above, below = at - row_bytes, end - 1 + row_bytes
        begins_amid = (at - start) % row_bytes and above >= start and any(data[above : above + 3])
        ends_amid = (end - start) % row_bytes and below < stop and any(data[below - 2 : below + 1])
        is_abrupt = begins_amid and data[at - 1] >= _BRIGHT or ends_amid and data[end] >= _BRIGHT
        if is_abrupt and (begins_amid or at == start) and (ends_amid or end == stop):
            raise fault("truncated", where)
        at = data.find(zeros, end, stop)


def _has_repeated_sector(data: bytes, start: int, stop: int) -> bool:
    """Whether a sector of coded data comes twice, one behind the other."""
    for size in _SECTORS_BYTES:
        for at in range(start, stop - size - _SAMPLE_BYTES, size // 2):
            sample = data[at : at + _SAMPLE_BYTES]
            if sample == data[at + size : at + size + _SAMPLE_BYTES] and len(set(sample)) > _VARIED:
                return True
    return False


def _zeros_allowed(header: bytes) -> int:
    """Zero bytes in a row that a tile of nothing but empty packets may have, and one more."""
    components = int.from_bytes(header[40:42], "big")
    at = header.find(_COD)
    style, layers, levels = header[at + 4], header[at + 6 : at + 8], header[at + 9]
    packets = int.from_bytes(layers, "big") * (levels + 1) * components
    return packets + (_OWN_PRECINCTS_ZEROS if style & 1 else _FEW_ZEROS)


def _end_of(data: bytes) -> int:
    end = data.rfind(_EOC)
    return end if end >= 0 else len(data)
