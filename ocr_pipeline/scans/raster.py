"""Picture files of every kind to upright 8-bit RGB."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.scans import fax, holes, jpeg, png, tiff, tiff_page
from ocr_pipeline.scans.jpeg import JpegHeader
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.native_output import caught_output
from ocr_pipeline.scans.page_image import (
    PageImage,
    beside,
    has_square_pixels,
    plausible_dpi,
    reduction,
    resized,
    scaling,
    square_dpi,
)
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.scans.tiff import TiffDirectory

_ORIENTATION = 274  # EXIF tag
_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_PNG = b"\x89PNG\r\n\x1a\n"
_MP_ENTRIES = 0xB002  # CIPA DC-007: the pictures of a multi-picture file
_VIEWS = ("Large Thumbnail", "Multi-Frame")  # the same scene: smaller, or from another side
_PIXELS = re.compile(r"\((\d+) pixels\)")  # in what Pillow says of a picture beyond its own limit
_LARGE_PIXELS, _BAND_ROWS = 30_000_000, 256
_UNIT_TOP = 1.5  # floating point grey from 0 to 1 may overshoot where it was sharpened
#: EXIF orientation → (quarter turns counter-clockwise, mirrored first); Exif 2.32, 4.6.5.
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (1, True), 6: (3, False), 7: (3, True)}
_TURNS[8] = (1, False)


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """The picture the right way up, given its EXIF orientation (1–8; others change nothing)."""
    quarters, mirrored = _TURNS.get(orientation, (0, False))
    if mirrored:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def load_jpeg(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None = None
) -> PageImage:
    """The first picture of a JPEG, upright; with `max_dpi` decoded smaller where that is enough.

    Raises:
        ScanError: cut off, damaged, too large or too small.

    """
    return _load_jpeg(data, where, limits, max_dpi)[0]


def load_jpeg_file(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None = None
) -> PageImage:
    """A JPEG file as one upright scan: further pictures of page size stand to the right.

    Some feeders write the pages of a stack one behind the other into one file.

    Raises:
        ScanError: as `load_jpeg`.

    """
    first, header = _load_jpeg(data, where, limits, max_dpi)
    if data.find(jpeg.START, header.end) < 0:
        return first
    further = jpeg.further_pages(data, header, _no_pages(data, where))
    return beside(first, [load_jpeg(other, where, limits, max_dpi) for other in further])


def _no_pages(data: bytes, where: str) -> frozenset[int]:
    """Numbers of the pictures of a multi-picture file (MPO) that say that they are no pages."""
    try:
        with _opened(data, where) as picture:
            said = getattr(picture, "mpinfo", None)
    except ScanError:  # a height that is told later
        said = None
    entries = said.get(_MP_ENTRIES, []) if said else []
    kinds = [str(entry["Attribute"]["MPType"]) for entry in entries]
    return frozenset(n for n, kind in enumerate(kinds) if kind.startswith(_VIEWS))


def _load_jpeg(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None
) -> tuple[PageImage, JpegHeader]:
    data, header = jpeg.mended(data, where)
    check_size(header.width, header.height, where, limits)
    with _opened(data, where) as picture:
        orientation = _orientation(picture)
        dpi_x, dpi_y = _resolution(picture)
    factor = reduction(header.width, header.height, dpi_x, max_dpi)
    halvings = max(n for n in (1, 2, 4, 8) if n == 1 or n * factor <= 1.05)
    pixels = jpeg.decode(data, header, where, halvings)
    if pixels is None:  # CMYK (also Adobe's inverted kind), 12 bit and other rarities
        halvings = 1
        jpeg.require_whole(data, where)
        with _opened(data, where) as picture:
            pixels = _to_rgb(picture)
    small = halvings > 1
    page = PageImage(
        turned(pixels, orientation),
        None if dpi_x is None else dpi_x / halvings,
        scaling(halvings, halvings) if small else np.eye(3),
    )
    return _square(page, dpi_x, dpi_y, orientation, factor * halvings), header


def load_picture(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None = None
) -> PageImage:
    """A PNG or other picture file that Pillow reads, upright.

    Raises:
        ScanError: damaged, cut off, unsupported, too large or too small.

    """
    if data[:4] in _TIFF:
        return load_tiff(data, where, limits, max_dpi)
    if data.startswith(_PNG):
        data = png.mended(data, where)
    with _opened(data, where) as picture:
        check_size(*picture.size, where, limits)
        _require_whole(data, picture, where)
        dpi_x, dpi_y = _resolution(picture)
        orientation = _orientation(picture)
        pixels = turned(_to_rgb(picture), orientation)
    factor = reduction(*picture.size, dpi_x, max_dpi)
    return _square(PageImage(pixels, dpi_x, np.eye(3)), dpi_x, dpi_y, orientation, factor)


def _require_whole(data: bytes, picture: Image.Image, where: str) -> None:
    """Look for holes in kinds whose decoders do not notice them.

    Raises:
        ScanError: there is one.

    """
    if picture.format == "JPEG2000":
        holes.require_whole_jpeg2000(data, where)
    elif picture.format == "WEBP":
        holes.require_whole_webp(data, *picture.size, where)
    elif picture.format == "BMP" and picture.mode == "RGB":
        start, bits = int.from_bytes(data[10:14], "little"), int.from_bytes(data[28:30], "little")
        row_bytes = (picture.width * bits + 31) // 32 * 4
        holes.require_whole_rows(data, start, len(data), row_bytes, where)


def load_tiff(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None = None, index: int = 0
) -> PageImage:
    """Page `index` of a TIFF, upright.

    Raises:
        ScanError: damaged, cut off, unsupported, too large, too small, or no such page.

    """
    directories, _ = tiff.read_directories(io.BytesIO(data), _most_pictures(limits))
    numbers = tiff.page_numbers(directories)
    if index >= len(numbers):
        raise fault("no_such_page", where, page=index + 1)
    directory = directories[numbers[index]]
    width, height = directory.size
    check_size(width, height, where, limits)
    dpi_x, dpi_y = _plausible(directory.dpi, directory.size)
    pixels = tiff_page.decode_jpeg(data, directory, where)
    if pixels is None:
        pixels = fax.decode_group4(data, directory, where)
    if pixels is None:
        fax.require_all_lines(data, directory, where)
        tiff_page.require_whole(data, directory, where)
        pixels = _tiff_pixels(data, directory, where)
    else:
        pixels = turned(pixels, directory.orientation)
    factor = reduction(width, height, dpi_x, max_dpi)
    page = PageImage(pixels, dpi_x, np.eye(3))
    return _square(page, dpi_x, dpi_y, directory.orientation, factor)


def _tiff_pixels(data: bytes, directory: TiffDirectory, where: str) -> Pixels:
    """The page as Pillow shows it, who turns it upright; kinds it does not know from its samples.

    A page stands by itself: the file is opened as if this were its first page, so that the page
    before it may be of any kind.
    """
    inverted = tiff_page.is_white_zero(directory)
    try:
        with (
            caught_output() as said,
            warnings.catch_warnings(action="ignore"),
            Image.open(tiff.opened_at(data, directory)) as picture,
        ):
            pixels = _to_rgb(picture, inverted)
    except UnidentifiedImageError as error:
        samples = tiff_page.decode_samples(data, directory, where)
        if samples is None:
            raise fault("unsupported", where, reason=tiff_page.kind_of(directory)) from error
        return turned(_from_samples(samples, inverted), directory.orientation)
    except MemoryError:
        raise
    except Exception as error:  # decoders of broken files raise anything at all
        if isinstance(error, KeyError) or "not configured" in "".join(said):  # compression
            raise fault("unsupported", where, reason=tiff_page.kind_of(directory)) from error
        raise fault("truncated", where) from error
    if said:
        raise fault("truncated", where)
    return pixels


def count_pages(path: Path, where: str, limits: ScanLimits) -> tuple[int, ScanError | None]:
    """Number of pages of a TIFF file, and a soft error when the list of its pages breaks off.

    Raises:
        ScanError: damaged, without pages, or more pages than the limit.

    """
    try:
        with open_plain(path) as file:
            directories, whole = tiff.read_directories(file, _most_pictures(limits))
            pages = len(tiff.page_numbers(directories))  # tags may have their values elsewhere
    except OSError as error:
        raise fault("unreadable", where, reason=os_reason(error)) from error
    if pages > limits.max_pages:
        raise fault("too_many_pages", where, pages=f">{limits.max_pages}", limit=limits.max_pages)
    if not pages:
        raise fault("truncated", where)
    return pages, None if whole else fault("broken_tiff", where, pages=pages)


@contextmanager
def _opened(source: bytes | Path, where: str) -> Iterator[Image.Image]:
    """Open a picture (header only); whatever a decoder of foreign data throws becomes our error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # size and metadata warnings: we have limits of our own
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file) as picture:
                yield picture
    except (ScanError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        limit = ScanLimits().max_pixels // 1_000_000
        size = _PIXELS.search(str(error))
        millions = int(size[1]) // 1_000_000 if size else limit
        raise fault("far_too_many_pixels", where, size=millions, limit=limit) from error
    except Exception as error:  # decoders of broken files raise anything at all
        raise fault("truncated", where) from error


def check_size(width: int, height: int, where: str, limits: ScanLimits) -> None:
    """Make sure that a page of this many pixels is one.

    Raises:
        ScanError: too large or too small.

    """
    if width * height > limits.max_pixels:
        limit = limits.max_pixels // 1_000_000
        raise fault("too_many_pixels", where, width=width, height=height, limit=limit)
    if min(width, height) < limits.min_side:
        raise fault("too_small", where, width=width, height=height)


def _most_pictures(limits: ScanLimits) -> int:
    """Pictures of a TIFF that are looked at: each page may have a thumbnail."""
    return 2 * limits.max_pages + 2


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # unreadable metadata must not cost us the page
        return 1


def _resolution(picture: Image.Image) -> tuple[float | None, float | None]:
    """Plausible pixels per inch along x and y as stored in the file (before turning)."""
    try:
        x, y = (float(value) for value in picture.info["dpi"][:2])
    except Exception:  # absent, a zero denominator, or not numbers at all
        return None, None
    return _plausible((x, y), picture.size)


def _plausible(
    dpi: tuple[float, float] | None, size: tuple[int, int]
) -> tuple[float | None, float | None]:
    if dpi is None:
        return None, None
    x, y = plausible_dpi(dpi[0], *size), plausible_dpi(dpi[1], *size)
    if x and y and has_square_pixels(x, y, *size):
        return (square_dpi(x, y, *size),) * 2
    return x, y


def _square(
    page: PageImage, dpi_x: float | None, dpi_y: float | None, orientation: int, factor: float
) -> PageImage:
    """Bring the page to square pixels (fax TIFFs have 204×98 dpi) and shrink it by `factor`."""
    if dpi_x is None or dpi_y is None or abs(dpi_x - dpi_y) <= 0.02 * dpi_x:
        return resized(page, min(factor, 1.0), min(factor, 1.0))
    x, y = (dpi_y, dpi_x) if orientation in (5, 6, 7, 8) else (dpi_x, dpi_y)
    top = max(x, y)
    page = replace(page, dpi=None if page.dpi is None else page.dpi * x / dpi_x)
    return resized(page, min(factor, 1.0) * top / x, min(factor, 1.0) * top / y)


def _to_rgb(picture: Image.Image, white_is_zero: bool = False) -> Pixels:
    """Any Pillow mode as 8-bit RGB; transparency shows white paper.

    Pillow puts `white_is_zero` right by itself where a sample has 8 bits or fewer.
    """
    picture.load()
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return _deep_gray(np.asarray(picture), white_is_zero)
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        overlay = picture.convert("RGBA")
        paper = Image.new("RGBA", overlay.size, "white")
        paper.alpha_composite(overlay)
        picture = paper
    if picture.width * picture.height <= _LARGE_PIXELS:
        return np.array(picture.convert("RGB"), np.uint8)
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for top in range(0, picture.height, _BAND_ROWS):  # five copies of 120 million pixels are 2 GB
        bottom = min(top + _BAND_ROWS, picture.height)
        band = picture.crop((0, top, picture.width, bottom))
        pixels[top:bottom] = np.asarray(band.convert("RGB"))
    return pixels


def _from_samples(samples: NDArray[Any], white_is_zero: bool) -> Pixels:
    """Grey, RGB or CMYK samples of 8 or 16 bits as 8-bit RGB."""
    if samples.ndim == 2:
        return _deep_gray(samples, white_is_zero)
    small = np.asarray(samples >> 8 * (samples.dtype.itemsize - 1), np.uint8)
    mode = "CMYK" if small.shape[2] == 4 else "RGB"
    return np.array(Image.fromarray(small, mode).convert("RGB"), np.uint8)


def _deep_gray(values: NDArray[Any], white_is_zero: bool = False) -> Pixels:
    """Grey of more than 8 bits to RGB; 10- and 12-bit data in 16-bit words keeps its range."""
    levels = np.nan_to_num(values.astype(np.float32))
    top = float(levels.max(initial=0.0))
    if values.dtype.kind == "f" and top <= _UNIT_TOP:
        full = 1.0
    else:
        full = next((2.0**bits - 1 for bits in (8, 10, 12, 16) if top < 2**bits), max(top, 1.0))
    gray = np.clip(levels * (255.0 / full), 0, 255).astype(np.uint8)
    if white_is_zero:
        gray = 255 - gray
    return np.repeat(gray[..., None], 3, axis=2)
