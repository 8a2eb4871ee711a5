"""Pages of a TIFF that libtiff or Pillow misread: JPEG, and samples beside transparency."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans import holes, jpeg
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.scans.tiff import COMPRESSION, PHOTOMETRIC, TiffDirectory

_BITS, _SAMPLES, _PLANAR, _PREDICTOR, _SAMPLE_FORMAT = 258, 277, 284, 317, 339
_TABLES, _STREAM, _STREAM_BYTES = 347, 513, 514
_PLAIN, _OLD_JPEG, _JPEG, _DEFLATE, _OLD_DEFLATE = 1, 6, 7, 8, 32946
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK, _YCBCR = 0, 1, 2, 5, 6
_NUMBERS = {(1, 8): "u1", (1, 16): "u2", (1, 32): "u4", (3, 32): "f4", (3, 64): "f8"}
_MOST_SAMPLES = 8  # of a pixel: ink colours with transparency; beyond it a damaged number
_DIFFERENCES = 2  # between neighbours in a row
_START, _END = b"\xff\xd8", b"\xff\xd9"


def is_white_zero(directory: TiffDirectory) -> bool:
    """Whether the lowest value of the page's samples means white."""
    return directory.value(PHOTOMETRIC, _BLACK_IS_ZERO) == _WHITE_IS_ZERO


def kind_of(directory: TiffDirectory) -> str:
    """The numbers by which someone who knows TIFF sees what kind of picture it is."""
    bits = ",".join(map(str, directory.values(_BITS))) or "1"
    return (
        f"TIFF BitsPerSample {bits}, Compression {directory.value(COMPRESSION, 1)}, "
        f"PhotometricInterpretation {directory.value(PHOTOMETRIC, -1)}"
    )


def decode_jpeg(data: bytes, directory: TiffDirectory, where: str) -> Pixels | None:
    """Pixels (H, W, 3) of a page that is kept as JPEG, as stored; None for other and rarer kinds.

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    kind = directory.value(COMPRESSION)
    if kind not in (_OLD_JPEG, _JPEG) or directory.value(_PLANAR, 1) != 1:
        return None
    if set(directory.values(_BITS)) - {8} or directory.value(_SAMPLES, 1) not in (1, 3):
        return None
    whole = _interchange(data, directory) if kind == _OLD_JPEG else None
    width, height = directory.size
    if whole is not None:
        return _tile(whole, directory, (height, width), where)
    tables = bytes(directory.values(_TABLES))
    page = np.empty((height, width, 3), np.uint8)
    for place in directory.segments():
        stream = data[place.start : place.start + place.size]
        if kind == _OLD_JPEG and not stream.startswith(_START):
            return None
        tile = _tile(_with_tables(stream, tables), directory, (place.height, place.width), where)
        if tile is None:
            return None
        part = page[place.top : place.top + place.height, place.left : place.left + place.width]
        part[:] = tile[: part.shape[0], : part.shape[1]]
    return page


def require_whole(data: bytes, directory: TiffDirectory, where: str) -> None:
    """Make sure that a page that is plain or packed with deflate is whole: libtiff does not look.

    Raises:
        ScanError: a strip or tile is missing, cut off or spoilt.

    """
    kind = directory.value(COMPRESSION, 1)
    if kind in (_DEFLATE, _OLD_DEFLATE):
        for place in directory.segments():
            _inflated(data[place.start : place.start + place.size], where)
    if kind == _PLAIN and directory.value(PHOTOMETRIC) in (_BLACK_IS_ZERO, _RGB):
        bits = sum(directory.values(_BITS)) if directory.value(_PLANAR, 1) == 1 else 0
        starts = list(directory.segments())
        if bits < 8 or not starts or directory.is_tiled:
            return
        stop = starts[0].start
        for place in starts:  # one behind the other, as a rule
            stop = place.start + place.size if place.start == stop else stop
        row_bytes = starts[0].width * bits // 8
        holes.require_whole_rows(data, starts[0].start, stop, row_bytes, where)


def decode_samples(data: bytes, directory: TiffDirectory, where: str) -> NDArray[Any] | None:
    """Grey (H, W), RGB (H, W, 3) or CMYK (H, W, 4) of kinds that Pillow does not know.

    Further channels (transparency) are left out. None for data that is packed otherwise than with
    deflate, and for kinds unknown here too.

    Raises:
        ScanError: part of the picture is missing or spoilt.

    """
    colours = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _CMYK: 4}
    wanted = colours.get(directory.value(PHOTOMETRIC, -1))
    samples = directory.value(_SAMPLES, 1)
    number = _NUMBERS.get((directory.value(_SAMPLE_FORMAT, 1), directory.value(_BITS, 1)))
    packed = directory.value(COMPRESSION, 1) != _PLAIN
    if len(set(directory.values(_BITS))) > 1 or directory.value(_PLANAR, 1) != 1:
        return None
    if wanted is None or number is None or not wanted <= samples <= _MOST_SAMPLES:
        return None
    if packed and directory.value(COMPRESSION) not in (_DEFLATE, _OLD_DEFLATE):
        return None
    if number.startswith("f") and wanted > 1:
        return None
    kind = np.dtype(directory.order + number)
    width, height = directory.size
    page = np.empty((height, width, samples), kind)
    for place in directory.segments():
        stream = data[place.start : place.start + place.size]
        values = np.frombuffer(_inflated(stream, where) if packed else stream, np.uint8)
        size = place.height * place.width * samples * kind.itemsize
        if values.size < size:
            raise fault("truncated", where)
        tile: NDArray[Any] = values[:size].view(kind)
        tile = tile.reshape(place.height, place.width, samples)
        if directory.value(_PREDICTOR, 1) == _DIFFERENCES:
            tile = np.cumsum(tile, axis=1, dtype=kind.newbyteorder("="))
        part = page[place.top : place.top + place.height, place.left : place.left + place.width]
        part[:] = tile[: part.shape[0], : part.shape[1]]
    return page[..., 0] if wanted == 1 else page[..., :wanted]


def _interchange(data: bytes, directory: TiffDirectory) -> bytes | None:
    """The whole JPEG that an old-style page points to, with its strips where it lacks them."""
    start, size = directory.value(_STREAM), directory.value(_STREAM_BYTES)
    stream = data[start : start + size if size else len(data)]
    if not start or not stream.startswith(_START):
        return None
    scan = stream.find(b"\xff\xda")
    length = int.from_bytes(stream[scan + 2 : scan + 4], "big") + 2
    has_data = scan >= 0 and stream[scan + length :].removesuffix(_END)
    if has_data:
        return stream
    strips = b"".join(data[p.start : p.start + p.size] for p in directory.segments())
    return None if strips.startswith(_START) else stream.removesuffix(_END) + strips


def _with_tables(stream: bytes, tables: bytes) -> bytes:
    if not tables.startswith(_START):
        return stream
    return tables.removesuffix(_END) + stream.removeprefix(_START)


def _tile(
    stream: bytes, directory: TiffDirectory, size: tuple[int, int], where: str
) -> Pixels | None:
    """Pixels of one JPEG of the page, at least (height, width) of them.

    A JPEG that tells more rows than its strip has holds only those of the strip.
    """
    stream, header = jpeg.mended(stream, where)
    if header.components == 3:
        stream = _with_colours(stream, directory, is_reduced=stream[header.frame + 7] != 0x11)
        stream, header = jpeg.mended(stream, where)
    try:
        pixels = jpeg.decode(stream, header, where)
    except ScanError:
        if header.height <= size[0]:
            raise
        pixels = jpeg.decode(*jpeg.with_height(stream, header, size[0]), where)
    if pixels is not None and (pixels.shape[0] < size[0] or pixels.shape[1] < size[1]):
        raise fault("truncated", where)
    return pixels


def _with_colours(stream: bytes, directory: TiffDirectory, *, is_reduced: bool) -> bytes:
    """Say in the JPEG itself what the directory says of its colours, where it does not say so.

    Colours at half the resolution are never red, green and blue, whatever the directory says.
    """
    head = stream[: max(stream.find(b"\xff\xda"), 0)]
    if b"JFIF\0" in head or b"Adobe" in head:
        return stream
    converted = directory.value(PHOTOMETRIC) == _YCBCR or is_reduced
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64" + bytes(4) + bytes([int(converted)])
    return stream[:2] + adobe + stream[2:]


def _inflated(stream: bytes, where: str) -> bytes:
    machine = zlib.decompressobj()
    try:
        content = machine.decompress(stream)
    except zlib.error as error:
        raise fault("truncated", where) from error
    return content
