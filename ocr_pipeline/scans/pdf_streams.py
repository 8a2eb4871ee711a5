"""Whether the data of a picture inside a PDF is all there: viewers paint the rest and are silent.

Each way of packing tells by other means that it is whole: a check sum, an end marker, lengths of
its parts, or as many bytes as the picture has.
"""

from __future__ import annotations

import io
import zlib
from enum import Enum
from typing import cast

import pikepdf
from PIL import Image, ImageChops

from ocr_pipeline.scans import fax, holes, jpeg, tiff
from ocr_pipeline.scans.native_output import caught_output
from ocr_pipeline.scans.pdf_content import PDF_ERRORS

_COMPONENTS = {
    "/DeviceGray": 1, "/CalGray": 1, "/Indexed": 1, "/Separation": 1,
    "/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4,
}  # fmt: skip
_PNG_PREDICTOR = 10  # from here on each row is led by a byte
_MOST_BEFORE_JPEG_BYTES = 16  # viewers look for the beginning behind line ends and the like
_END_OF_FAX = 0x001001  # ITU-T T.6: two end-of-line codes of 12 bits
_END_OF_FAX_BYTES = 4  # with the bits that fill up its last byte
_MOST_FAX_SURPLUS = 0.2  # of the data; programs that do not find the shortest codes need less
_STRIP_BYTES = 279  # TIFF tag
_JBIG2_PAGE, _JBIG2_REGIONS = 48, frozenset((4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43))
_JBIG2_UNKNOWN_LENGTH = 0xFFFFFFFF


class DataState(Enum):
    """What the data of a picture tells of itself."""

    WHOLE = "whole"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


def data_state(image: pikepdf.Object) -> DataState:
    """Whether the data of a picture, and of the masks that belong to it, is all there.

    Data that is packed in an unknown way is broken: no viewer unpacks it.
    """
    masks = (image.get("/SMask"), image.get("/Mask"))
    parts = [image, *(mask for mask in masks if isinstance(mask, pikepdf.Stream))]
    try:
        states = [_state_of(cast("pikepdf.Stream", part)) for part in parts]
    except MemoryError:
        raise
    except Exception:  # decoders of broken data raise anything at all
        return DataState.BROKEN
    worst = (DataState.BROKEN, DataState.DOUBTFUL)
    return next((state for state in worst if state in states), DataState.WHOLE)


def is_ended_fax(image: pikepdf.Object) -> bool:
    """Whether a picture is a fax of group 4 with its end marker: `fax` tells if it is whole."""
    if filters_of(image) != ["/CCITTFaxDecode"] or "/SMask" in image or "/Mask" in image:
        return False
    try:
        stream = cast("pikepdf.Stream", image)
        is_group_4 = int(_parameters(stream, 0).get("/K", 0)) < 0
        return is_group_4 and _has_fax_end(bytes(stream.read_raw_bytes()))
    except PDF_ERRORS:
        return False


def filters_of(image: pikepdf.Object) -> list[str]:
    """Names of the ways a stream is packed, the outermost first."""
    names = image.get("/Filter")
    if names is None:
        return []
    return [str(name) for name in names] if isinstance(names, pikepdf.Array) else [str(names)]


def _state_of(image: pikepdf.Stream) -> DataState:
    data = bytes(image.read_raw_bytes())
    for level, name in enumerate(filters_of(image)):
        if name in ("/FlateDecode", "/Fl"):
            data = _inflated(data)
        elif name == "/DCTDecode":
            return _state_if(_is_whole_jpeg(data, image))
        elif name == "/JBIG2Decode":
            return _state_if(_is_whole_jbig2(data))
        elif name == "/CCITTFaxDecode":
            return _fax_state(data, image, level)
        elif name == "/JPXDecode":
            holes.require_whole_jpeg2000(data, "")
            return DataState.WHOLE
        elif name in ("/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"):
            data = bytes(image.read_bytes())
            break
        elif name != "/Crypt":
            return DataState.BROKEN
    return _state_if(len(data) >= _needed_bytes(image))


def _state_if(is_whole: bool) -> DataState:
    return DataState.WHOLE if is_whole else DataState.BROKEN


def _needed_bytes(image: pikepdf.Stream) -> int:
    """Bytes of all rows but the last, which some programs leave short; 0 if it cannot be known."""
    is_mask = bool(image.get("/ImageMask", False))
    space = image.get("/ColorSpace")
    parts = list(space) if isinstance(space, pikepdf.Array) else [space]
    components = 1 if is_mask else _COMPONENTS.get(str(parts[0]), 0)
    if str(parts[0]) == "/ICCBased":
        components = int(cast("pikepdf.Object", parts[1]).get("/N", 0))
    bits = 1 if is_mask else int(image.get("/BitsPerComponent", 8))
    row = -(-int(image["/Width"]) * components * bits // 8)
    predictor = int(_parameters(image, 0).get("/Predictor", 1))
    if components and predictor >= _PNG_PREDICTOR:
        row += 1
    return row * (int(image["/Height"]) - 1) + min(row, 1)


def _parameters(image: pikepdf.Stream, level: int) -> pikepdf.Dictionary:
    said = image.get("/DecodeParms")
    if isinstance(said, pikepdf.Array):
        said = said[level] if level < len(said) else None
    return said if isinstance(said, pikepdf.Dictionary) else pikepdf.Dictionary()


def _inflated(data: bytes) -> bytes:
    """The unpacked data; a missing check sum is forgiven, a wrong one is not.

    Raises:
        zlib.error: the data is damaged.

    """
    return zlib.decompressobj().decompress(data)


def _is_whole_jpeg(data: bytes, image: pikepdf.Stream) -> bool:
    """Whether all of a JPEG is there, and as many pixels as the PDF tells: poppler believes it."""
    start = data.find(b"\xff\xd8", 0, _MOST_BEFORE_JPEG_BYTES)
    if start < 0:
        return False
    data, header = jpeg.mended(data[start:], "")
    if (header.width, header.height) != (int(image["/Width"]), int(image["/Height"])):
        return False
    if header.components == 4:
        jpeg.require_whole(data, "")
        return True
    is_usual = header.bits == 8 and header.components in (1, 3)
    return not is_usual or jpeg.decode(data, header, "", 8) is not None


def _is_whole_jbig2(data: bytes) -> bool:
    """Whether the segments (ITU-T T.88, 7.2) end with the data, and one of them is a picture."""
    position, kinds = 0, set()
    while position + 11 <= len(data):
        number = int.from_bytes(data[position : position + 4], "big")
        flags, count = data[position + 4], data[position + 5] >> 5
        if count == 7:  # the long form
            count = int.from_bytes(data[position + 5 : position + 9], "big") & 0x1FFFFFFF
            position += 9 + (count + 8) // 8
        else:
            position += 6
        position += count * (1 if number <= 256 else 2 if number <= 65536 else 4)
        position += 4 if flags & 0x40 else 1
        length = int.from_bytes(data[position : position + 4], "big")
        position += 4
        kinds.add(flags & 0x3F)
        if length == _JBIG2_UNKNOWN_LENGTH:
            return _JBIG2_PAGE in kinds
        position += length
        if position > len(data):
            return False
    return _JBIG2_PAGE in kinds and bool(_JBIG2_REGIONS & kinds)


def _has_fax_end(data: bytes) -> bool:
    tail = int.from_bytes(data.rstrip(b"\0")[-5:], "big")
    return any(tail >> shift & 0xFFFFFF == _END_OF_FAX for shift in range(16))


def _fax_state(data: bytes, image: pikepdf.Stream, level: int) -> DataState:
    """Whether the rows of a fax picture come out of all its data.

    Without an end marker, group 4 is packed again: the result is longer where data was cut off, as
    lost rows come out white, and shorter where the reader lost its way and stopped. Some programs
    do not find the shortest codes, and the rows of group 3 are found one by one: those are
    doubtful.
    """
    stream, packed = io.BytesIO(), io.BytesIO()
    said = _parameters(image, level)
    is_group_4 = int(said.get("/K", 0)) < 0
    with caught_output():
        pikepdf.PdfImage(image).extract_to(stream=stream)
    file = stream.getvalue()
    directory = tiff.read_directories(io.BytesIO(file), 1)[0][0]
    fax.require_all_lines(file, directory, "")
    if not is_group_4:
        return DataState.DOUBTFUL
    if fax.decode_group4(file, directory, "") is not None:
        return DataState.WHOLE
    with caught_output(), Image.open(stream) as picture:
        # Pillow packs white as the black of fax machines; in a PDF black is black.
        inked = picture if said.get("/BlackIs1", False) else ImageChops.invert(picture)
        inked.save(packed, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(packed) as again:
        size = sum(again.tag_v2[_STRIP_BYTES]) - _END_OF_FAX_BYTES  # type: ignore[attr-defined]
    surplus = len(data.rstrip(b"\0")) - size
    if not 0 <= surplus < _MOST_FAX_SURPLUS * len(data):
        return DataState.BROKEN
    return DataState.WHOLE if surplus < _END_OF_FAX_BYTES else DataState.DOUBTFUL
