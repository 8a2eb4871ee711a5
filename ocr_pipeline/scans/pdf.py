"""PDF pages: the embedded picture itself where the page is nothing else, a rendering otherwise."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pikepdf

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.embedded_jpeg import as_embedded
from ocr_pipeline.scans.file_kinds import HEAD_BYTES, FileKind, sniff
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.native_output import caught_output
from ocr_pipeline.scans.page_box import PageBox, page_box
from ocr_pipeline.scans.page_image import PageImage, plausible_dpi, resized
from ocr_pipeline.scans.pdf_content import (
    PDF_ERRORS,
    has_lost_appearance,
    images_of,
    is_in_layer,
    painted_images,
    visible_annotations,
)
from ocr_pipeline.scans.pdf_drawing import PdfDrawing, draw, page_copy, shows_its_pictures
from ocr_pipeline.scans.pdf_file import PdfFile, missing_pages, opened
from ocr_pipeline.scans.pdf_image import Placement, sole_image
from ocr_pipeline.scans.pdf_streams import DataState, data_state, filters_of, is_ended_fax
from ocr_pipeline.scans.raster import check_size, load_jpeg, load_picture, load_tiff
from ocr_pipeline.scans.scan_errors import fault

_DEFAULT_DPI = 300.0
_MIN_DPI, _MAX_DPI = 150.0, 400.0
#: How the causes begin that come of the picture's own data, whoever decodes it.
_DECISIVE = ("The picture is cut off", "The picture is too")
_FILE_FILTERS = frozenset(("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"))
_GLANCE_DPI = 8  # enough for poppler to say what it thinks of the data
#: Sides of a pixel on the page that differ by less are one length, as for picture files.
_SQUARE_SHARE = 0.02


def find_places(
    path: Path, where: str, limits: ScanLimits
) -> tuple[tuple[int, ...], int, list[ScanError]]:
    """Places (from 0) of the pages in a PDF, how many it had, and what is lost or not read of it.

    Raises:
        ScanError: encrypted, damaged, no pages, or more than the limit.

    """
    with opened(path, where) as file:
        places = file.places
        inside = _attached_scans(file.pdf, where)
        if not places and not file.expected:
            raise inside or fault("no_pages_in_pdf", where)
        if len(places) > limits.max_pages:
            raise fault("too_many_pages", where, pages=len(places), limit=limits.max_pages)
        if _needs_another_program(file.pdf):
            raise fault("dynamic_form", where)
        told = [missing_pages(file, where, limits), inside]
        expected = file.expected if file.expected <= limits.max_pages else 0
        # One page of several keeps its number, so that it is the same page in the whole file.
        expected = max(expected, len(places) + file.is_open_ended)
    return places, expected, [error for error in told if error is not None]


def load_page(
    path: Path, index: int, where: str, limits: ScanLimits, max_dpi: float | None = None
) -> PageImage:
    """Page `index` (from 0) of a PDF, upright as a PDF viewer shows it.

    Raises:
        ScanError: encrypted, damaged, no such page, or its picture is at fault.
        MachineError: the page must be rendered and poppler is missing.
        TransientError: poppler was killed.

    """
    with opened(path, where) as file:
        page = file.page(index, where)
        box = page_box(page)
        if box is None or page.obj.objgen[0] in file.boxless:
            raise fault("no_page_size", where)
        notes = visible_annotations(page)
        if any(has_lost_appearance(note) for note in notes):
            raise fault("unseen_stamp", where)
        placement = None if notes else sole_image(page, box)
        if placement:
            _refuse_large([placement.image], limits, where)
        if placement and not (placement.is_jpeg or is_ended_fax(placement.image)):
            state = data_state(placement.image)
            if state is DataState.DOUBTFUL:
                glance = _drawn(file, path, index, page, box, _GLANCE_DPI, where)
                state = DataState.BROKEN if glance.lost_a_picture else DataState.WHOLE
            if state is DataState.BROKEN:
                raise fault("undecodable", where)
        extracted = placement and _extract(placement, where, limits, max_dpi)
        if extracted:
            return extracted
        images = painted_images(page)
        _refuse_large(images, limits, where)
        dpi = _render_dpi(images, box, limits, max_dpi)
        drawing = _drawn(file, path, index, page, box, dpi, where)
        _require_pictures(file, page, images, drawing, where)
    height, width = drawing.pixels.shape[:2]
    check_size(width, height, where, limits)
    return PageImage(drawing.pixels, dpi / box.unit)


def _refuse_large(images: list[pikepdf.Object | None], limits: ScanLimits, where: str) -> None:
    """Make sure that nothing larger than a page is unpacked, by us or by poppler.

    Raises:
        ScanError: a picture has more pixels than the limit by its own entries.

    """
    for width, height in map(_stored_size, images):
        if width * height > limits.max_pixels:
            size, limit = int(width * height / 1e6), limits.max_pixels // 1_000_000
            raise fault("far_too_many_pixels", where, size=size, limit=limit)


def _extract(
    placement: Placement, where: str, limits: ScanLimits, max_dpi: float | None
) -> PageImage | None:
    """The embedded picture, turned and cut as the page shows it; None when it must be rendered."""
    if placement.clipped:
        max_dpi = None  # cutting is exact at full resolution only
    try:
        if placement.is_jpeg:
            data = as_embedded(placement)
            if data is None:
                return None
            page = load_jpeg(data, where, limits, max_dpi)
        else:
            with caught_output():
                data = _picture_file(placement.image)
            load = load_tiff if sniff(data) is FileKind.TIFF else load_picture
            page = load(data, where, limits, max_dpi)
    except ScanError as error:
        if error.cause.en.startswith(_DECISIVE):
            raise  # rendering would only hide it
        return None
    except MemoryError:
        raise
    except Exception:  # JBIG2 without decoder, odd colour spaces …: poppler knows more kinds
        return None
    page = _square(page, placement)
    pixels = page.pixels
    if placement.clipped:
        pixels = placement.cut(pixels)
        check_size(pixels.shape[1], pixels.shape[0], where, limits)
    if placement.mirrored:
        pixels = pixels[:, ::-1]
    pixels = np.ascontiguousarray(np.rot90(pixels, -placement.turn // 90))
    full = max(pixels.shape[:2]) * page.to_original[0, 0]
    inches = max(placement.inches)
    dpi = plausible_dpi(full / inches, round(full), 1) if inches > 0 else None
    if dpi is not None:
        dpi /= float(page.to_original[0, 0])
    return replace(page, pixels=pixels, dpi=dpi)


def _picture_file(image: pikepdf.Object) -> bytes:
    """The picture as a file of its own: packed as it is where files are, otherwise plain."""
    buffer = io.BytesIO()
    picture = pikepdf.PdfImage(cast("pikepdf.Stream", image))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 16 bits become 8, as everywhere here
        if set(filters_of(image)) & _FILE_FILTERS:
            picture.extract_to(stream=buffer)
        else:
            picture.as_pil_image().save(buffer, "TIFF")
    return buffer.getvalue()


def _square(page: PageImage, placement: Placement) -> PageImage:
    """The picture with square pixels where the page stretches it (fax: 204×98 dots per inch)."""
    height, width = page.pixels.shape[:2]
    across, down = width / placement.sides[0], height / placement.sides[1]
    if abs(across - down) <= _SQUARE_SHARE * across:
        return page
    finest = max(across, down)
    return resized(page, finest / across, finest / down)


def _render_dpi(
    images: list[pikepdf.Object | None], box: PageBox, limits: ScanLimits, max_dpi: float | None
) -> int:
    """Dots per page unit × 72: those of the finest picture, within reason and within the limits."""
    inches = tuple(side / box.unit for side in box.inches)
    # A scan in strips shows its resolution along one side only: take the finer of the two.
    finest = [
        max(width / max(inches[0], 0.1), height / max(inches[1], 0.1))
        for width, height in (_stored_size(image) for image in images)
        if width > 0 and height > 0
    ]
    dpi = max(finest, default=_DEFAULT_DPI)
    dpi = min(max(dpi, _MIN_DPI), _MAX_DPI, (max_dpi or _MAX_DPI) * box.unit)
    area = max(inches[0] * inches[1], 0.01)
    return max(round(min(dpi, float((limits.max_pixels / area) ** 0.5))), 1)


def _stored_size(image: pikepdf.Object | None) -> tuple[float, float]:
    """Width and height in pixels by the picture's own entries, zeros where they are no numbers."""
    try:
        return (float(image["/Width"]), float(image["/Height"])) if image is not None else (0, 0)
    except PDF_ERRORS:
        return 0, 0


def _drawn(
    file: PdfFile, path: Path, index: int, page: pikepdf.Page, box: PageBox, dpi: int, where: str
) -> PdfDrawing:
    """The page as poppler draws it; out of a damaged file it is taken first."""
    if not file.is_damaged:
        return draw(path, index, dpi, where, by_crop=box.by_crop)
    try:
        with page_copy(file.pdf, page) as copy:
            return draw(copy, 0, dpi, where, by_crop=box.by_crop)
    except PDF_ERRORS as error:
        raise fault("undrawn", where) from error


def _require_pictures(
    file: PdfFile,
    page: pikepdf.Page,
    images: list[pikepdf.Object | None],
    drawing: PdfDrawing,
    where: str,
) -> None:
    """Make sure that the drawing shows what the page holds.

    Raises:
        ScanError: a picture of it is lost, cannot be decoded or cannot be seen.

    """
    held = [image for image in images if image is not None]
    broken = any(data_state(image) is DataState.BROKEN for image in held)
    if broken or len(held) < len(images) or drawing.lost_a_picture:
        raise fault("undecodable", where)
    if not drawing.is_one_colour:
        return
    if drawing.complaints or (not held and images_of(page)):
        raise fault("undecodable", where)
    if held and is_in_layer(page):
        raise fault("hidden_picture", where)
    if held and not shows_its_pictures(file.pdf, page, held, where):
        raise fault("undecodable", where)


def _needs_another_program(pdf: pikepdf.Pdf) -> bool:
    """Whether the pages are a form that only its own program fills in; others see a notice."""
    try:
        return bool(pdf.Root.get("/NeedsRendering", False))
    except PDF_ERRORS:
        return False


def _attached_scans(pdf: pikepdf.Pdf, where: str) -> ScanError | None:
    """What there is to say about pictures and PDFs that are attached to the file."""
    try:
        names = [name for name, file in pdf.attachments.items() if _is_scan(file)]
    except PDF_ERRORS:
        return None
    return fault("attached_scans", where, count=len(names), first=names[0]) if names else None


def _is_scan(file: pikepdf.AttachedFileSpec) -> bool:
    try:
        head = file.get_file().read_bytes()[:HEAD_BYTES]
    except PDF_ERRORS:
        return True  # nobody knows
    return sniff(head) not in (FileKind.UNKNOWN, FileKind.ARCHIVE)
