"""PNG files: each part has a checksum, which decoders do not compare for the picture itself."""

from __future__ import annotations

import zlib

from ocr_pipeline.scans.scan_errors import fault

_SIGNATURE_BYTES = 8
_SHOWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # what decides how the page looks
_IEND = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def mended(data: bytes, where: str) -> bytes:
    """The PNG without damaged remarks and with its end; `data` itself when all is well.

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    at = _SIGNATURE_BYTES
    dropped: list[tuple[int, int]] = []
    view = memoryview(data)
    kind = b""
    has_pixels = False
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + 8])
        stop = at + 12 + length
        is_sound = stop <= len(data) and zlib.crc32(view[at + 4 : stop - 4]) == int.from_bytes(
            view[stop - 4 : stop], "big"
        )
        if not is_sound and (kind in _SHOWN or stop > len(data) or not kind.isalpha()):
            if has_pixels and kind == b"IEND":
                break
            raise fault("truncated", where)
        if not is_sound:
            dropped.append((at, stop))
        has_pixels = has_pixels or kind == b"IDAT"
        at = stop
    if kind == b"IEND" and not dropped and at <= len(data):
        return data
    whole = bytearray(data[:at] if kind == b"IEND" else data[:at] + _IEND)
    for start, stop in reversed(dropped):
        del whole[start:stop]
    return bytes(whole)
