"""What no rule foresees in a scan is the fault of that file; the others go on."""

import errno
import io
import tracemalloc
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.foreign_files import foreign_file, listening
from ocr_pipeline.scans import pages, pdf, raster
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pages import PageRef, digest, find_pages, load_page
from ocr_pipeline.scans.pdf_rescue import PdfTraces
from tests.builders import tiff_files
from tests.builders.pdf_pages import add_page, in_scanner_order, jpeg_bytes, saved

SHEET = np.full((900, 640, 3), 235, np.uint8)
SHEET[100:300, 100:400] = 60
SIZE = (640, 900)


class StrangeError(Exception):
    """What a library raises and nobody has heard of."""


def strange(*_args, **_more):
    raise StrangeError("Nguyễn Văn A, sinh năm 1990")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "1.jpg").write_bytes(jpeg_bytes(SHEET))
    (tmp_path / "2.pdf").write_bytes(in_scanner_order([SHEET, SHEET]))
    return tmp_path


@pytest.mark.parametrize("error", [StrangeError, RecursionError, OverflowError, AssertionError])
def test_counting_pages_goes_on_behind_a_file_that_nothing_can_be_made_of(
    book: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    def raises(*_args, **_more):
        raise error

    monkeypatch.setattr(pdf, "find_places", raises)
    found, errors = find_pages(book)
    assert [page.name for page in found] == ["1.jpg"]
    assert [one.where for one in errors] == ["2.pdf"]
    assert "cannot be made out" in errors[0].cause.en and errors[0].remedy is not None


def test_loading_tells_of_the_page_and_where_in_the_code_it_came_from(
    book: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(raster, "load_jpeg_file", strange)
    heard = []
    with listening(lambda told, trace: heard.append((told.where, trace))):
        with pytest.raises(ScanError, match="1.jpg"):
            load_page(PageRef(book / "1.jpg", 0, "1.jpg"))
    [(where, trace)] = heard
    assert where == "1.jpg"
    assert trace.endswith("StrangeError") and "strange" in trace
    assert "Nguyễn" not in trace


@pytest.mark.parametrize("use", [load_page, digest])
def test_a_file_that_vanishes_is_told_as_unreadable(book: Path, use):
    ref = PageRef(book / "2.pdf", 0, "2.pdf#1")
    ref.path.unlink()
    with pytest.raises(ScanError) as caught:
        use(ref)
    assert caught.value.where == "2.pdf#1"


def test_an_offset_before_the_beginning_is_the_files_fault(book: Path):
    def seek() -> None:
        with (book / "1.jpg").open("rb") as file:
            file.seek(-1)

    for raises in (seek, lambda: strange()):
        with pytest.raises(ScanError), foreign_file(lambda: pages.fault("empty", "x")):
            raises()


def test_what_the_system_or_the_memory_refuses_is_not_the_files_fault():
    for error in (OSError(errno.EIO, "I/O error", "x"), MemoryError()):
        with pytest.raises(type(error)), foreign_file(lambda: pages.fault("empty", "x")):
            raise error


def tags(**odd: object) -> bytes:
    """A TIFF of the sheet in grey with some tags of its own."""
    return tiff_files.tiff([tiff_files.picture(SHEET[..., 0], 1, **odd)])


@pytest.mark.parametrize(
    "data",
    [
        tags(t277=[44_544]),  # samples of a pixel: 26 GB
        tags(t279=[2**31]),  # bytes of a strip
        tags(t273=[2**32 - 1], t279=[2**32 - 1]),
        tags(t322=[16], t323=[16], t324=[8] * 9, t325=[2**32 - 1] * 9),
    ],
)
def test_a_number_in_a_tiff_asks_for_no_memory_that_the_file_does_not_fill(book: Path, data: bytes):
    (book / "3.tif").write_bytes(data)
    tracemalloc.start()
    try:
        found, _ = find_pages(book)
        pages.picture_digest(found[-1])
        with suppress(ScanError):
            load_page(found[-1])
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "CMYK", "1"])
def test_a_large_picture_is_the_same_in_bands(mode: str, monkeypatch: pytest.MonkeyPatch):
    form = "TIFF" if mode == "CMYK" else "PNG"
    buffer = io.BytesIO()
    Image.fromarray(SHEET).convert(mode).save(buffer, form)
    load = partial(raster.load_picture, buffer.getvalue(), "x", ScanLimits())
    whole = load().pixels
    monkeypatch.setattr(raster, "_LARGE_PIXELS", 1000)
    assert np.array_equal(load().pixels, whole)


def test_values_of_a_tiff_that_lie_elsewhere_are_read_while_it_is_open(book: Path):
    (book / "3.tif").write_bytes(tags(t254=[0, 0, 0]))
    found, errors = find_pages(book)
    assert found[-1].name == "3.tif" and errors == []


@pytest.mark.parametrize(
    "count", [b"/Cou\xffnt 2", b"/Count \xb2", b"/Count -1", b"/Count 99999999999", b"/Count(2"]
)
def test_one_damaged_byte_in_the_number_of_pages_costs_no_page(book: Path, count: bytes):
    whole = in_scanner_order([SHEET, SHEET])
    (book / "2.pdf").write_bytes(whole.replace(b"/Count 2", count))
    found, _ = find_pages(book)
    assert [page.name for page in found] == ["1.jpg", "2.pdf#1", "2.pdf#2"]
    assert load_page(found[1]).pixels.shape == SHEET.shape


@pytest.mark.parametrize("kids", [b"2 0 R", b"2 0 R 2 0 R 12 0 R", b"12 0 R 2 0 R"])
def test_a_page_tree_in_a_circle_has_the_pages_that_it_has(book: Path, kids: bytes):
    whole = in_scanner_order([SHEET, SHEET])
    odd = whole.replace(b"/Kids[12 0 R 15 0 R]", b"/Kids[" + kids + b"]")
    assert odd != whole
    for number, data in enumerate((odd, odd.replace(b"startxref", b"startxxxx"))):
        (book / "2.pdf").write_bytes(data)
        found, _ = find_pages(book)
        assert len(found) - 1 <= 2, number


def test_branches_that_share_their_branches_are_walked_once():
    tree = {number: (number + 1, number + 1) for number in range(1, 60)}
    kept = PdfTraces((60,), 60, 0, 0, True, b"", tree)
    assert kept.leaves(1) == [60, 60]


@pytest.mark.parametrize(
    "content", [b"cm", b"q cm /Im0 Do Q", b"Do", b"Tr /Im0 Do", b"re W n /Im0 Do", b"1 gs", b"BDC"]
)
def test_an_operator_without_operand_is_a_fault_of_its_page(book: Path, content: bytes):
    made = pikepdf.new()
    add_page(made, jpeg_bytes(SHEET), SIZE, content)
    (book / "2.pdf").write_bytes(saved(made))
    found, _ = find_pages(book)
    with pytest.raises(ScanError, match="2.pdf"):
        load_page(found[1])


@pytest.mark.parametrize(
    ("page", "image"),
    [
        ({}, {"Width": None, "Filter": None}),
        ({}, {"Height": None, "Filter": None}),
        ({"MediaBox": [0, 0, 0, 0]}, {}),
        ({"MediaBox": [0, 0, 5]}, {}),
    ],
)
def test_a_page_or_picture_without_size_is_a_fault_of_its_page(book: Path, page, image):
    made = pikepdf.new()
    boxes = {key: pikepdf.Array(value) for key, value in page.items()}
    add_page(made, jpeg_bytes(SHEET), SIZE, page=boxes, image=image)
    (book / "2.pdf").write_bytes(saved(made))
    found, _ = find_pages(book)
    with pytest.raises(ScanError, match="2.pdf"):
        load_page(found[1])
