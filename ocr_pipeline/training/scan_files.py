"""Files of scans: JPEG, multi-page PDF and TIFF, and files that are broken on purpose."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import img2pdf
import numpy as np
import pikepdf
from PIL import Image

from ocr_pipeline.arrays import Rgb
from ocr_pipeline.training.scanner import DrawnScan

_ORIENTATION = 0x0112  # EXIF tag
_EXIF_OF_TURNS = {0: 1, 1: 8, 2: 3, 3: 6}  # stored turned clockwise by so many quarters → tag


def jpeg(scan: DrawnScan, turns: int = 0) -> bytes:
    """A JPEG file.

    Args:
        scan: the picture.
        turns: quarters by which the camera stored it turned clockwise; EXIF says so.

    """
    picture = Image.fromarray(np.ascontiguousarray(np.rot90(scan.pixels, -turns)))
    exif = Image.Exif()
    if scan.photographed:
        exif[_ORIENTATION] = _EXIF_OF_TURNS[turns % 4]
    options = {} if scan.photographed else {"dpi": (round(scan.dpi), round(scan.dpi))}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=scan.quality, subsampling=2, exif=exif, **options)
    return out.getvalue()


def pdf(jpegs: Sequence[bytes]) -> bytes:
    """A PDF whose pages are the JPEGs, unchanged; the same bytes every time."""
    data = img2pdf.convert(list(jpegs), nodate=True, producer="scanner")
    return _settled(data)


def tiff(scans: Sequence[DrawnScan], compression: str) -> bytes:
    """A multi-page TIFF.

    Args:
        scans: pages.
        compression: `jpeg` in colour, or `g4` black and white.

    """
    bilevel = compression == "g4"
    pictures = [Image.fromarray(_binary(s.pixels) if bilevel else s.pixels) for s in scans]
    if bilevel:
        pictures = [p.convert("1", dither=Image.Dither.NONE) for p in pictures]
    dpi = round(scans[0].dpi)
    options: dict[str, object] = {"compression": "group4"} if bilevel else {
        "compression": "jpeg", "quality": scans[0].quality,
    }  # fmt: skip
    out = io.BytesIO()
    pictures[0].save(
        out, "TIFF", save_all=True, append_images=pictures[1:], dpi=(dpi, dpi), **options
    )
    return out.getvalue()


def encrypted_pdf(page: bytes) -> bytes:
    """A PDF that nobody can open without its password (RC4, so that the bytes repeat)."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf([page]))) as document:
        lock = pikepdf.Encryption(owner="chu-so", user="mat-khau", R=3, aes=False, metadata=False)
        document.save(out, static_id=True, encryption=lock)
    return out.getvalue()


def truncated(file: bytes, share: float = 0.35) -> bytes:
    """The first part of a file, as a broken transfer leaves it."""
    return file[: int(len(file) * share)]


def _settled(data: bytes) -> bytes:
    """The PDF with an identity that depends on its content alone."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        if "/ID" in document.trailer:  # its first half would live on, and is drawn at random
            del document.trailer["/ID"]
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _binary(pixels: Rgb) -> Rgb:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    size = max(grey.shape[1] // 40 * 2 + 1, 15)
    method = cv2.ADAPTIVE_THRESH_GAUSSIAN_C
    return cv2.adaptiveThreshold(grey, 255, method, cv2.THRESH_BINARY, size, 14).astype(np.uint8)
