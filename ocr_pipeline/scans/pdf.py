"""PDF pages: the embedded picture itself where the page is nothing else, a rendering otherwise."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pikepdf
from pdf2image import convert_from_path
from pdf2image.exceptions import PDFPopplerTimeoutError
from PIL import Image

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.programs import run_program, too_slow
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.page_image import PageImage, plausible_dpi
from ocr_pipeline.scans.pdf_image import Placement, images_of, sole_image
from ocr_pipeline.scans.raster import load_jpeg, load_picture
from ocr_pipeline.scans.scan_errors import fault

_DEFAULT_DPI = 300.0
_MIN_DPI, _MAX_DPI = 150.0, 400.0
_POINTS_PER_INCH = 72.0
_RENDER_SECONDS = 120
_INSTALL = Text("Cài phần mềm poppler-utils", "Install the package poppler-utils")


@contextmanager
def opened(path: Path, where: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF read-only.

    Raises:
        ScanError: encrypted, damaged beyond repair, or without pages.

    """
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise fault("encrypted", where) from error
    except pikepdf.PdfError as error:
        raise fault("damaged_pdf", where, reason=_first_line(error)) from error
    with pdf:
        yield pdf


def count_pages(path: Path, where: str, limits: ScanLimits) -> tuple[int, ScanError | None]:
    """Number of pages, and a soft error when the file was damaged so that pages may be missing.

    Raises:
        ScanError: encrypted, damaged, no pages, or more than the limit.

    """
    with opened(path, where) as pdf:
        try:
            pages = len(pdf.pages)
        except pikepdf.PdfError as error:
            raise fault("damaged_pdf", where, reason=_first_line(error)) from error
        rebuilt = any("reconstruct" in str(warning) for warning in pdf.get_warnings())
    if pages == 0:
        raise fault("no_pages_in_pdf", where)
    if pages > limits.max_pages:
        raise fault("too_many_pages", where, pages=pages, limit=limits.max_pages)
    return pages, fault("rebuilt_pdf", where, pages=pages) if rebuilt else None


def load_page(
    path: Path, index: int, where: str, limits: ScanLimits, max_dpi: float | None = None
) -> PageImage:
    """Page `index` (from 0) of a PDF, upright as a PDF viewer shows it.

    Raises:
        ScanError: encrypted, damaged, no such page, or its picture is at fault.
        MachineError: the page must be rendered and poppler is missing.
        TransientError: poppler was killed.

    """
    with opened(path, where) as pdf:
        if index >= len(pdf.pages):
            raise fault("no_such_page", where, page=index + 1)
        page = pdf.pages[index]
        try:
            placement = sole_image(page)
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise fault("damaged_pdf", where, reason=_first_line(error)) from error
        extracted = placement and _extract(placement, where, limits, max_dpi)
        if extracted:
            return extracted
        dpi = _render_dpi(page, limits, max_dpi)
    return _render(path, index, dpi, where)


def _extract(
    placement: Placement, where: str, limits: ScanLimits, max_dpi: float | None
) -> PageImage | None:
    """The embedded picture, turned and cut as the page shows it; None when it must be rendered."""
    if placement.clipped:
        max_dpi = None  # cutting is exact at full resolution only
    try:
        if placement.is_jpeg:
            page = load_jpeg(placement.image.read_raw_bytes(), where, limits, max_dpi)
        else:
            buffer = io.BytesIO()
            pikepdf.PdfImage(cast("pikepdf.Stream", placement.image)).extract_to(stream=buffer)
            page = load_picture(buffer.getvalue(), where, limits, max_dpi)
    except ScanError as error:
        if error.cause.en.startswith(("The picture is cut off", "The picture is too")):
            raise  # rendering would only hide it
        return None
    except MemoryError:
        raise
    except Exception:  # JBIG2 without decoder, odd colour spaces …: poppler knows more kinds
        return None
    pixels = page.pixels
    if placement.clipped:
        pixels = placement.cut(pixels)
    if placement.mirrored:
        pixels = pixels[:, ::-1]
    pixels = np.ascontiguousarray(np.rot90(pixels, -placement.turn // 90))
    full = max(pixels.shape[:2]) * page.to_original[0, 0]
    inches = max(placement.inches)
    dpi = plausible_dpi(full / inches, round(full), 1) if inches > 0 else None
    if dpi is not None:
        dpi /= float(page.to_original[0, 0])
    return replace(page, pixels=pixels, dpi=dpi)


def _render_dpi(page: pikepdf.Page, limits: ScanLimits, max_dpi: float | None) -> float:
    """Resolution of the finest picture on the page, within reason and within the limits."""
    left, bottom, right, top = (float(value) for value in page.cropbox)
    inches = (abs(right - left) / _POINTS_PER_INCH, abs(top - bottom) / _POINTS_PER_INCH)
    # A scan in strips shows its resolution along one side only: take the finer of the two.
    finest = [
        max(float(image.Width) / max(inches[0], 0.1), float(image.Height) / max(inches[1], 0.1))
        for image in images_of(page, nested=True).values()
    ]
    dpi = max(finest, default=_DEFAULT_DPI)
    dpi = min(max(dpi, _MIN_DPI), _MAX_DPI, max_dpi or _MAX_DPI)
    area = max(inches[0] * inches[1], 0.01)
    return float(min(dpi, (limits.max_pixels / area) ** 0.5))


def _render(path: Path, index: int, dpi: float, where: str) -> PageImage:
    """The page as poppler draws it."""
    try:
        drawn = convert_from_path(
            path,
            dpi=round(dpi),
            first_page=index + 1,
            last_page=index + 1,
            use_cropbox=True,
            timeout=_RENDER_SECONDS,
        )
        pixels = np.array(drawn[0].convert("RGB"), np.uint8)
    except MemoryError:
        raise
    except PDFPopplerTimeoutError as error:
        raise too_slow("pdftoppm", _RENDER_SECONDS, where) from error
    except Exception:  # nothing drawn or half a page, and pdf2image does not say why
        pixels = _draw(path, index, dpi, where)
    return PageImage(pixels, float(round(dpi)))


def _draw(path: Path, index: int, dpi: float, where: str) -> Pixels:
    """The page from the program itself, which tells whether it was killed or the page is at fault.

    Raises:
        ScanError: poppler cannot draw the page.
        MachineError: poppler is missing.
        TransientError: poppler was killed, or took too long.

    """
    number = str(index + 1)
    asked = ["-r", str(round(dpi)), "-f", number, "-l", number, "-cropbox"]
    command: list[str | Path] = ["pdftoppm", *asked, path.absolute()]
    done = run_program(command, seconds=_RENDER_SECONDS, where=where, install=_INSTALL)
    try:
        with Image.open(io.BytesIO(done.stdout)) as drawn:
            return np.array(drawn.convert("RGB"), np.uint8)
    except MemoryError:
        raise
    except Exception as error:  # nothing drawn, or half a page
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0].rsplit("/", 1)[-1] if said else "poppler: 0 trang / no page drawn"
        raise fault("damaged_pdf", where, reason=reason) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rsplit("/", 1)[-1]
