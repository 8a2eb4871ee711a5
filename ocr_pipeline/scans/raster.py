"""Picture files of every kind to upright 8-bit RGB."""

from __future__ import annotations

import io
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
from ocr_pipeline.scans import jpeg
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.page_image import PageImage, plausible_dpi, reduction, resized, scaling
from ocr_pipeline.scans.scan_errors import fault

_ORIENTATION = 274  # EXIF and TIFF tag
_SUBFILE_TYPE = 254  # TIFF: bit 0 reduced copy, bit 2 mask
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
    """A JPEG file as an upright page; with `max_dpi` it is decoded smaller where that is enough.

    Raises:
        ScanError: cut off, damaged, too large or too small.

    """
    data, header = jpeg.mended(data, where)
    _check_size(header.width, header.height, where, limits)
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
            pixels = _to_rgb(_decoded(picture, where))
    small = halvings > 1
    page = PageImage(
        turned(pixels, orientation),
        None if dpi_x is None else dpi_x / halvings,
        scaling(halvings, halvings) if small else np.eye(3),
    )
    return _square(page, dpi_x, dpi_y, orientation, factor * halvings)


def load_picture(
    data: bytes, where: str, limits: ScanLimits, max_dpi: float | None = None, index: int = 0
) -> PageImage:
    """Page `index` of a PNG, TIFF or other picture file that Pillow reads, upright.

    Raises:
        ScanError: damaged, cut off, unsupported, too large, too small, or no such page.

    """
    with _opened(data, where) as picture:
        if picture.format == "TIFF":
            frames = tiff_frames(picture, index + 1)
            if index >= len(frames):
                raise fault("no_such_page", where, page=index + 1)
            picture.seek(frames[index])
        _check_size(*picture.size, where, limits)
        dpi_x, dpi_y = _resolution(picture)
        before = _orientation(picture)
        decoded = _decoded(picture, where)
        # Pillow turns a TIFF by itself while loading it and forgets the tag; other kinds it leaves.
        orientation = 1 if picture.format == "TIFF" else before
        pixels = turned(_to_rgb(decoded), orientation)
    factor = reduction(*picture.size, dpi_x, max_dpi)
    return _square(PageImage(pixels, dpi_x, np.eye(3)), dpi_x, dpi_y, before, factor)


def tiff_frames(picture: Image.Image, limit: int) -> list[int]:
    """Frame numbers of the pages of an open TIFF (not of thumbnails and masks), `limit` at most."""
    frames: list[int] = []
    number = 0
    while len(frames) < limit:
        try:
            picture.seek(number)
        except EOFError:
            break
        kind = picture.tag_v2.get(_SUBFILE_TYPE, 0)  # type: ignore[attr-defined]
        if not kind & 0b101:
            frames.append(number)
        number += 1
    return frames


def count_pages(path: Path, where: str, limits: ScanLimits) -> int:
    """Number of pages of a TIFF file, from its directories alone.

    Raises:
        ScanError: damaged, without pages, or more pages than the limit.

    """
    with _opened(path, where) as picture:
        pages = len(tiff_frames(picture, limits.max_pages + 1))
    if pages > limits.max_pages:
        raise fault("too_many_pages", where, pages=f">{limits.max_pages}", limit=limits.max_pages)
    if not pages:
        raise fault("damaged", where, reason="0 trang / 0 pages")
    return pages


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
    except UnidentifiedImageError as error:
        raise fault("damaged", where, reason="không nhận ra / not recognised") from error
    except Image.DecompressionBombError as error:
        limit = ScanLimits().max_pixels // 1_000_000
        raise fault("too_many_pixels", where, width="?", height="?", limit=limit) from error
    except Exception as error:  # decoders of broken files raise anything at all
        raise _damage(error, where) from error


def _damage(error: Exception, where: str) -> ScanError:
    reason = str(error) or type(error).__name__
    return fault("truncated" if "truncated" in reason else "damaged", where, reason=reason)


def _decoded(picture: Image.Image, where: str) -> Image.Image:
    try:
        picture.load()
    except MemoryError:
        raise
    except Exception as error:  # see _opened
        raise _damage(error, where) from error
    return picture


def _check_size(width: int, height: int, where: str, limits: ScanLimits) -> None:
    if width * height > limits.max_pixels:
        limit = limits.max_pixels // 1_000_000
        raise fault("too_many_pixels", where, width=width, height=height, limit=limit)
    if min(width, height) < limits.min_side:
        raise fault("too_small", where, width=width, height=height)


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
    width, height = picture.size
    return plausible_dpi(x, width, height), plausible_dpi(y, width, height)


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


def _to_rgb(picture: Image.Image) -> Pixels:
    """Any Pillow mode as 8-bit RGB; transparency shows white paper."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return _deep_gray(np.asarray(picture))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        overlay = picture.convert("RGBA")
        paper = Image.new("RGBA", overlay.size, "white")
        paper.alpha_composite(overlay)
        picture = paper
    return np.array(picture.convert("RGB"), np.uint8)


def _deep_gray(values: NDArray[Any]) -> Pixels:
    """Grey of more than 8 bits to RGB; 10- and 12-bit data in 16-bit words keeps its range."""
    levels = values.astype(np.float32)
    top = float(levels.max(initial=0.0))
    if values.dtype.kind == "f" and top <= 1.0:
        full = 1.0
    else:
        full = next((2.0**bits - 1 for bits in (8, 10, 12, 16) if top < 2**bits), max(top, 1.0))
    gray = np.clip(levels * (255.0 / full), 0, 255).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)
