"""Pages of a PDF drawn by poppler, with what it said of them."""

from __future__ import annotations

import io
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from ocr_pipeline.scans.pdf_content import PDF_ERRORS
from ocr_pipeline.scans.scan_errors import fault

_RENDER_SECONDS = 120
_INSTALL = Text("Cài phần mềm poppler-utils", "Install the package poppler-utils")
#: What poppler 22 and its decoders say when a picture, or a part of one, could not be painted.
_PICTURE_LOST = re.compile(
    r"JPEG|JPX|openjpeg|JBIG2|CCITT|flate stream|LZW|ASCIIHex|Huffman"
    r"|Bad image parameters|Unknown filter|Bad filter|XObject|inline image|Bad Indexed"
)
#: A few bytes of padding before the end of a JPEG take nothing away.
_PADDING = re.compile(r"Corrupt JPEG data: \d extraneous bytes before marker 0xd9")
_SEEN_LEVELS = 32  # grey levels; the noise of a scanned blank sheet stays below
_SPECK_SHARE = 0.0005  # of the page: 30 mm² of an A4, less than a word with its surroundings
_JP2_HEADER = re.compile(rb"ihdr.{8}(..)", re.DOTALL)  # height, width, number of components
_PROOF_DPI = 20
_DARK = 64  # grey level; a white picture with its levels turned round is 0


@dataclass(frozen=True, slots=True)
class PdfDrawing:
    """A page as a viewer shows it: RGB (H, W, 3) uint8, and the program's complaints in order."""

    pixels: Pixels
    complaints: tuple[str, ...]

    @property
    def is_one_colour(self) -> bool:
        """Whether nothing is to be seen, or a speck at most."""
        levels = self.pixels[::3, ::3, 1].astype(np.int16)
        seen = np.abs(levels - np.median(levels)) > _SEEN_LEVELS
        return bool(seen.mean() < _SPECK_SHARE)

    @property
    def lost_a_picture(self) -> bool:
        """Whether a picture, or a part of one, could not be painted."""
        return any(
            _PICTURE_LOST.search(line) and not _PADDING.search(line) for line in self.complaints
        )


def draw(path: Path, place: int, dpi: int, where: str, *, by_crop: bool = True) -> PdfDrawing:
    """Draw the page at `place` (from 0) at `dpi` dots per inch.

    Args:
        path: the PDF.
        place: the page.
        dpi: resolution, at least 1.
        where: its name in errors.
        by_crop: whether its crop box says what is shown, or else its media box.

    Raises:
        ScanError: poppler cannot draw the page.
        MachineError: poppler is missing.
        TransientError: poppler was killed, or took too long.

    """
    try:
        [picture] = convert_from_path(
            path,
            dpi=dpi,
            first_page=place + 1,
            last_page=place + 1,
            use_cropbox=by_crop,
            strict=True,
            timeout=_RENDER_SECONDS,
        )
        drawing = PdfDrawing(np.array(picture.convert("RGB"), np.uint8), ())
    except MemoryError:
        raise
    except PDFPopplerTimeoutError as error:
        raise too_slow("pdftoppm", _RENDER_SECONDS, where) from error
    except Exception:  # a complaint, nothing drawn or half a page; pdf2image does not say which
        return _drawn_by_program(path, place, dpi, where, by_crop=by_crop)
    if drawing.is_one_colour:  # whether a picture is missing is told in warnings, which it drops
        return _drawn_by_program(path, place, dpi, where, by_crop=by_crop)
    return drawing


def _drawn_by_program(path: Path, place: int, dpi: int, where: str, *, by_crop: bool) -> PdfDrawing:
    """The page from the program itself, with every complaint."""
    number = str(place + 1)
    asked = ["-r", str(dpi), "-f", number, "-l", number, *(["-cropbox"] if by_crop else [])]
    command: list[str | Path] = ["pdftoppm", *asked, path.absolute()]
    done = run_program(command, seconds=_RENDER_SECONDS, where=where, install=_INSTALL)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    try:
        with Image.open(io.BytesIO(done.stdout)) as drawn:
            return PdfDrawing(np.array(drawn.convert("RGB"), np.uint8), tuple(said))
    except MemoryError:
        raise
    except Exception as error:  # nothing drawn, or half a page
        raise fault("undrawn", where) from error


@contextmanager
def page_copy(pdf: pikepdf.Pdf, page: pikepdf.Page) -> Iterator[Path]:
    """A PDF of this page alone, with the file's layers, for as long as it is needed.

    Raises:
        pikepdf.PdfError: the page cannot be copied.

    """
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder, pikepdf.new() as copy:
        path = Path(folder) / "page.pdf"
        layers = pdf.Root.get("/OCProperties")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # form fields without their form are drawn all the same
            copy.pages.append(page)
            if isinstance(layers, pikepdf.Dictionary):
                copy.Root.OCProperties = copy.copy_foreign(pdf.make_indirect(layers))
            copy.save(path)
        yield path


def shows_its_pictures(
    pdf: pikepdf.Pdf, page: pikepdf.Page, images: list[pikepdf.Object], where: str
) -> bool:
    """Whether a page of one colour has this colour from its pictures, which were decoded.

    A picture that cannot be decoded leaves the paper as it is, and so does a white one. With their
    levels turned round, white pictures make the page black. The open file is changed, not the one
    on the disk.

    Raises:
        MachineError: poppler is missing.
        TransientError: poppler was killed, or took too long.

    """
    try:
        for image in images:
            levels = [float(value) for value in image.get("/Decode", ())] or _levels(image)
            image.Decode = pikepdf.Array(levels[::-1])
        with page_copy(pdf, page) as path:
            turned = draw(path, 0, _PROOF_DPI, where)
    except (*PDF_ERRORS, ScanError):
        return False
    return bool(images) and not turned.complaints and bool((turned.pixels < _DARK).any())


def _levels(image: pikepdf.Object) -> list[float]:
    """What /Decode is without being told: lowest and highest level of each component."""
    space = image.get("/ColorSpace")
    parts = list(space) if isinstance(space, pikepdf.Array) else [space]
    name = str(parts[0])
    if name == "/Indexed":
        return [0.0, 2.0 ** int(image.get("/BitsPerComponent", 8)) - 1]
    count = {"/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4}.get(name, 1)
    if space is None and not image.get("/ImageMask", False):  # JPEG 2000 tells by itself
        found = _JP2_HEADER.search(cast("pikepdf.Stream", image).read_raw_bytes())
        count = int.from_bytes(found[1], "big") if found else 3
    if name == "/ICCBased":
        count = int(cast("pikepdf.Object", parts[1]).get("/N", 3))
    return [0.0, 1.0] * count
