"""JPEG files: what scanners get wrong in them is put right, and no damage passes as a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import simplejpeg

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.native_output import caught_output
from ocr_pipeline.scans.scan_errors import fault

# One literal byte first: the engine then looks for it as fast as memory is read (fill bytes 0xFF
# before a marker end in the same pair).
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_SOI, _EOI, _SOS, _DNL, _TEM, _COM = 0xD8, 0xD9, 0xDA, 0xDC, 0x01, 0xFE
_APP0, _APP14, _APP15 = 0xE0, 0xEE, 0xEF
START = b"\xff\xd8\xff"  # of every JPEG file
_END = b"\xff\xd9"
_GAIN_MAPS = (b"hdrgm:", b"HDRGainMap", b"hdrgainmap")
_PAGE_SHARE = 0.6  # a picture whose sides are at least so long as those of the first is no preview
_REDUCED = {1: 0, 2: 16, 4: 32, 8: 64}  # bits of cv2.IMREAD_REDUCED_*

# What libjpeg says of a picture, as far as it tells one cause from another.
_LEFT_OVER = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_RAN_OUT = "premature end of data segment"
_IN_HEADER = re.compile(r"extraneous bytes before marker 0x|unknown JFIF revision|Adobe color")
_DAMAGE = ("Corrupt JPEG data", "Premature end", "Unsupported marker", "Inconsistent progression")

#: Bytes of padding before the end marker that need no further proof: a copier rounds up to words.
_PADDING_BYTES = 3
_WORD_BYTES = 8  # libjpeg reads ahead by as many and does not count them as left over
#: A page is as long as its width times √2, either way, within this share.
_SHEET_RATIO, _SHEET_SHARE = 2**0.5, 0.03
#: No page is as many times longer than wide: the height was not known when the header was written.
_SLIM = 4
_TOP = 65535  # the largest height a header can tell


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size in pixels, colour components and bits per sample of a JPEG.

    `frame` is where the contents of the frame header begin; `end` counts the bytes of this
    picture, its end marker included: a file may hold another one.
    """

    width: int
    height: int
    components: int
    bits: int
    frame: int
    end: int


@dataclass(slots=True)
class _Outline:
    """What a walk over the segments of a JPEG met; 0 where it met none."""

    frame: int = 0  # where the contents of the frame header begin
    lines: int = 0  # height as told after the first scan (DNL)
    end: int = 0  # bytes up to and with the end marker
    scans: list[bytes] = field(default_factory=list)  # contents of the scan headers
    jfif: tuple[int, int] = (0, 0)  # from and to, marker included


def read_header(data: bytes, where: str) -> JpegHeader:
    """Walk all segments of a JPEG (ITU T.81, annex B) up to its end marker.

    Raises:
        ScanError: the end marker is missing (the file is cut off) or the segments make no sense.

    """
    outline = _outline(data)
    if not outline.frame or not outline.end:
        raise fault("truncated", where)
    return _header(data, outline)


def mended(data: bytes, where: str) -> tuple[bytes, JpegHeader]:
    """The JPEG with what its own bytes put right, and its header; `data` itself when all is well.

    The height that follows the first scan (DNL) replaces that of the header, where feeders write
    0 or 65535; without it, such a height becomes that of the data; a missing end marker is added,
    in place of zero bytes if there are any. Whether all of the picture is there is not known
    before it is decoded.

    Raises:
        ScanError: there is no picture in it at all.

    """
    outline = _outline(data)
    if not outline.frame or not outline.scans:
        raise fault("truncated", where)
    if not outline.end:
        data = _without_filling(data) + _END
        outline.end = len(data)
    frame = outline.frame
    if outline.lines and outline.lines != int.from_bytes(data[frame + 1 : frame + 3], "big"):
        data = _with_height(data, frame, outline.lines)
    header = _header(data, outline)
    if header.height == 0 or header.height > _SLIM * header.width:
        data, header = _fitted(data, header) or (data, header)
    return data, header


def with_height(data: bytes, header: JpegHeader, height: int) -> tuple[bytes, JpegHeader]:
    """The JPEG with another height in its header, and that header."""
    return _with_height(data, header.frame, height), replace(header, height=height)


def decode(data: bytes, header: JpegHeader, where: str, reduce: int = 1) -> Pixels | None:
    """Pixels of a grey or colour JPEG, EXIF rotation not applied; None for rarer kinds.

    Args:
        data: the whole file, `mended`.
        header: its header.
        where: its name in errors.
        reduce: 1, 2, 4 or 8: sides are divided by it while decoding (rounded up).

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    if header.bits != 8 or header.components not in (1, 3):
        return None
    frame = header.frame
    if data[frame - 3] in _PROGRESSIVE and not _is_refined(_outline(data).scans):
        raise fault("truncated", where)
    if data[frame + 6 : frame + 15 : 3] == b"RGB":
        data, header = _without_jfif(data, header)
    pixels = _strict(data, header, reduce)
    if not isinstance(pixels, str):
        return pixels
    return _second_try(data, header, pixels, where, reduce)


def further_pages(data: bytes, header: JpegHeader, no_pages: frozenset[int]) -> list[bytes]:
    """The pictures behind the first one in a file that are pages too.

    Previews and thumbnails are much smaller than the first picture, a gain map (for bright
    screens) says what it is, and a second copy of the first picture is none.

    Args:
        data: the file.
        header: of its first picture, as it is stored.
        no_pages: numbers of pictures, counted from 0 for the first, that are known to be none.

    """
    pages: list[bytes] = []
    longer, shorter = sorted((header.width, header.height), reverse=True)
    number, at = 0, data.find(START, header.end)
    while at >= 0:
        number += 1
        picture = data[at:]
        try:
            picture, found = mended(picture, "")
        except ScanError:  # three bytes of something else
            at = data.find(START, at + 1)
            continue
        sides = sorted((found.width, found.height), reverse=True)
        is_large = sides[0] >= _PAGE_SHARE * longer and sides[1] >= _PAGE_SHARE * shorter
        own = picture[: found.end]
        is_gain = any(name in picture[: found.frame] for name in _GAIN_MAPS)
        if is_large and not is_gain and number not in no_pages and own != data[: header.end]:
            pages.append(own)
        at = data.find(START, at + max(found.end, 1))
    return pages


def require_whole(data: bytes, where: str) -> None:
    """Make sure that nothing is missing in a JPEG of four components, which others decode.

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    try:
        simplejpeg.decode_jpeg(data, "CMYK", min_factor=8, strict=True)
    except ValueError as error:
        left = _LEFT_OVER.search(str(error))
        if left and _is_padding(data[: _outline(data).end - 2], int(left[1])):
            return
        if str(error).startswith(_DAMAGE):
            raise fault("truncated", where) from error


def _outline(data: bytes) -> _Outline:
    found = _Outline()
    position = 2
    while match := _MARKER.search(data, position):
        marker, position = match.group(1)[0], match.end()
        if marker == _EOI:
            found.end = position
            break
        if marker in (_TEM, _SOI):
            continue
        stop = position + max(int.from_bytes(data[position : position + 2], "big"), 2)
        if stop > len(data):
            break
        if marker in _FRAMES and not found.frame:
            found.frame = position + 2
        elif marker == _SOS:
            found.scans.append(data[position + 2 : stop])
        elif marker == _DNL and not found.lines:
            found.lines = int.from_bytes(data[position + 2 : position + 4], "big")
        elif marker == _APP0 and not found.jfif[1]:
            found.jfif = (position - 2, stop)
        position = stop
    return found


def _header(data: bytes, outline: _Outline) -> JpegHeader:
    at = outline.frame
    height, width = (int.from_bytes(data[at + n : at + n + 2], "big") for n in (1, 3))
    return JpegHeader(width, height, data[at + 5], data[at], at, outline.end)


def _with_height(data: bytes, frame: int, height: int) -> bytes:
    return data[: frame + 1] + height.to_bytes(2, "big") + data[frame + 3 :]


def _without_filling(data: bytes) -> bytes:
    """The data up to its last byte of sense: half an end marker and a filled-up rest go."""
    bare = data.rstrip(data[-1:]) if data[-1:] in (b"\x00", b"\xff") else data
    if len(data) - len(bare) <= _PADDING_BYTES and data[-1:] == b"\x00":
        return data  # data may well end in a few zero bytes, and a decoder can do without filling
    if bare[-1:] == b"\xff" and len(bare) < len(data):
        bare += b"\x00"  # a data byte 0xFF is followed by 0x00, which the filling swallowed
    return bare


def _is_refined(scans: list[bytes]) -> bool:
    """Whether the scans of a progressive JPEG bring every coefficient to its last bit."""
    seen: set[tuple[int, int]] = set()
    names: set[int] = set()
    for scan in scans:
        rest = 1 + 2 * scan[0] if scan else 0
        if len(scan) != rest + 3:
            return False
        first, last, bits = scan[rest : rest + 3]
        names.update(scan[1:rest:2])
        if bits & 15 == 0:
            seen.update((name, k) for name in scan[1:rest:2] for k in range(first, last + 1))
    return len(seen) == 64 * len(names)


def _without_jfif(data: bytes, header: JpegHeader) -> tuple[bytes, JpegHeader]:
    """Without the JFIF segment, which libjpeg believes where the components are called R, G, B."""
    start, stop = _outline(data).jfif
    size = stop - start
    return data[:start] + data[stop:], replace(
        header, frame=header.frame - size, end=header.end - size
    )


def _strict(data: bytes, header: JpegHeader, reduce: int) -> Pixels | str:
    """Pixels, or the first complaint of libjpeg."""
    try:
        return np.asarray(
            simplejpeg.decode_jpeg(
                data,
                "RGB",
                min_factor=reduce,
                min_height=-(-header.height // reduce),
                min_width=-(-header.width // reduce),
                strict=True,
            ),
            np.uint8,
        )
    except ValueError as error:
        return str(error)


def _second_try(
    data: bytes, header: JpegHeader, complaint: str, where: str, reduce: int
) -> Pixels | None:
    """Pixels of a JPEG that libjpeg complains of, when the complaint has a harmless cause."""
    left = _LEFT_OVER.search(complaint)
    better = None
    if left and _is_padding(data[: header.end - 2], int(left[1])):
        return _opencv(data, reduce)[0]
    if left:
        better = _fitted(data, header, above=True)
    elif _RAN_OUT in complaint:
        better = _fitted(data, header)
    elif _IN_HEADER.search(complaint):
        better = _plain(data)
    elif not complaint.startswith(_DAMAGE):  # odd sampling and other kinds only OpenCV reads
        pixels, said = _opencv(data, reduce)
        if not said:
            return pixels
    found = complaint if better is None else _strict(*better, reduce)
    if isinstance(found, str):
        raise fault("truncated", where)
    return found


def _is_padding(body: bytes, count: int) -> bool:
    """Whether the `count` bytes left over before the end marker are filling and not picture.

    A hole of zero bytes looks alike but begins earlier: the decoder took its first bytes for data.
    """
    if count <= _PADDING_BYTES:
        return True
    rest = body[-count:]
    if rest.strip(rest[:1]) or rest[:1] not in (b"\x00", b"\xff"):
        return False
    return len(body) - len(body.rstrip(rest[:1])) <= count + _WORD_BYTES


def _fitted(
    data: bytes, header: JpegHeader, *, above: bool = False
) -> tuple[bytes, JpegHeader] | None:
    """The JPEG with the one height at which its data ends exactly at a row of blocks, if any.

    It is looked for above the height of the header, or below. Data that was cut off ends inside
    a row (a row has some 300 bytes and more), and its header tells the right height: a height
    below is believed only where it makes a sheet of paper and the header's does not.
    """
    if not above and _is_sheet(header.width, header.height):
        return None
    rows = _rows_of_blocks(data, header.frame)
    low = header.height // rows + 1 if above else 1
    high = (_TOP if above else header.height or _TOP) // rows
    while low <= high:
        height = (low + high) // 2 * rows
        tried = with_height(data, header, height)
        said = _strict(*tried, 8)
        if not isinstance(said, str):
            return tried if above or _is_sheet(header.width, height) else None
        if _RAN_OUT in said:
            high = height // rows - 1
        elif "extraneous bytes" in said:
            low = height // rows + 1
        else:
            return None
    return None


def _rows_of_blocks(data: bytes, frame: int) -> int:
    """Pixel rows that are coded together: 8, or 16 where colours have half the rows."""
    components = data[frame + 5]
    if components == 1:
        return 8
    return 8 * max(data[frame + 7 + 3 * n] & 15 for n in range(components))


def _is_sheet(width: int, height: int) -> bool:
    ratio = max(width, height) / max(min(width, height), 1)
    return abs(ratio / _SHEET_RATIO - 1) < _SHEET_SHARE


def _plain(data: bytes) -> tuple[bytes, JpegHeader]:
    """The JPEG without what is no part of the picture before its first scan."""
    kept = [data[:2]]
    position = 2
    while match := _MARKER.search(data, position):
        marker, start = match.group(1)[0], match.end()
        stop = start + max(int.from_bytes(data[start : start + 2], "big"), 2)
        if marker == _SOS or stop > len(data):
            break
        is_adobe = (
            marker == _APP14 and data[start + 2 : start + 7] == b"Adobe" and data[stop - 1] < 3
        )
        if is_adobe or not (_APP0 <= marker <= _APP15 or marker == _COM):
            kept.append(b"\xff" + data[start - 1 : stop])
        position = stop
    plain = b"".join([*kept, data[max(position, 2) :]])
    return plain, _header(plain, _outline(plain))


def _opencv(data: bytes, reduce: int) -> tuple[Pixels | None, str]:
    """Pixels of any picture OpenCV knows, and what its decoder complained of."""
    # OpenCV's flags for reduced sizes are these bits; its JPEG decoder can write RGB by itself.
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION | _REDUCED[reduce]
    with caught_output() as said:
        try:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error:
            return None, ""
    if pixels is None or pixels.ndim != 3:
        return None, "".join(said)
    return np.asarray(pixels, np.uint8), "".join(said)
