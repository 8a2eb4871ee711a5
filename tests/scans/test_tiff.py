"""TIFFs of scanners and copiers: what is whole is read, what is not is named."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pages import find_pages, load_page
from ocr_pipeline.scans.raster import load_tiff
from tests.builders.tiff_files import Picture, picture, tiff

LIMITS = ScanLimits()
ORDERS = {"<": "II", ">": "MM"}


def jpeg(samples: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, "JPEG", **{"quality": 95, **options})
    return buffer.getvalue()


def jpeg_picture(samples: np.ndarray) -> Picture:
    return picture(samples, 6, [jpeg(samples)], t259=[7], t530=[2, 2])


def difference(loaded: np.ndarray, page: np.ndarray) -> float:
    expected = page if page.ndim == 3 else np.repeat(page[..., None], 3, axis=2)
    assert loaded.shape == expected.shape
    return float(np.abs(loaded.astype(int) - expected).mean())


def read(data: bytes, index: int = 0) -> np.ndarray:
    return load_tiff(data, "a.tif", LIMITS, index=index).pixels


BROKEN = (
    "loop",
    "beyond the end",
    "cut in the last page",
    "cut in the last directory",
    "cut before the last pointer",
)


def broken_chains(page: np.ndarray) -> dict[str, tuple[bytes, int]]:
    """Files whose list of pages breaks off, and how many whole pages stand before it."""
    pages = [jpeg_picture(page) for _ in range(3)]
    whole = tiff(pages)
    return {
        "loop": (tiff(pages, last=int.from_bytes(whole[4:8], "little")), 3),
        "beyond the end": (tiff(pages, last=0x7FFFFFFF), 3),
        "cut in the last page": (whole[: int(len(whole) * 0.9)], 2),
        "cut in the last directory": (whole[:-40], 2),
        "cut before the last pointer": (whole[:-4], 3),
    }


@pytest.mark.parametrize("kind", BROKEN)
def test_whole_pages_before_a_broken_chain_are_read_and_the_file_is_named_once(
    kind: str, page: np.ndarray, tmp_path: Path
) -> None:
    data, count = broken_chains(page)[kind]
    (tmp_path / "sổ.tif").write_bytes(data)
    pages, (error,) = find_pages(tmp_path)
    assert error.where == "sổ.tif"
    assert f"breaks off after {count} pages" in error.cause.en
    assert [ref.name for ref in pages] == [f"sổ.tif#{n + 1}" for n in range(count)]
    for ref in pages:
        assert difference(load_page(ref).pixels, page) < 4


def test_a_page_whose_data_is_cut_off_costs_only_itself(page: np.ndarray, tmp_path: Path) -> None:
    spoilt = jpeg_picture(page)
    spoilt.segments = [bytes(len(spoilt.segments[0]))]
    (tmp_path / "a.tif").write_bytes(tiff([jpeg_picture(page), spoilt, jpeg_picture(page)]))
    pages, errors = find_pages(tmp_path)
    assert not errors
    assert difference(load_page(pages[0]).pixels, page) < 4
    with pytest.raises(ScanError, match="cut off or damaged"):
        load_page(pages[1])
    assert difference(load_page(pages[2]).pixels, page) < 4


def test_a_first_page_of_an_unknown_kind_costs_only_itself(page: np.ndarray) -> None:
    odd = picture(page, 2, [page.tobytes()], t259=[34712])
    data = tiff([odd, picture(page, 2)])
    with pytest.raises(
        ScanError, match="not supported: TIFF BitsPerSample 8,8,8, Compression 34712"
    ):
        read(data, 0)
    assert np.array_equal(read(data, 1), page)


def test_a_file_that_ends_before_its_first_directory_is_named(
    page: np.ndarray, tmp_path: Path
) -> None:
    (tmp_path / "a.tif").write_bytes(tiff([picture(page, 2)])[:100_000])
    pages, (error,) = find_pages(tmp_path)
    assert not pages
    assert "cut off" in error.cause.en


@pytest.mark.parametrize("flags", [{}, {"t254": [1]}, {"t255": [2]}, {"t254": [4]}])
def test_thumbnails_and_masks_are_no_pages(flags: dict[str, list[int]], page: np.ndarray) -> None:
    small = np.array(Image.fromarray(page).resize((155, 219)))
    data = tiff([picture(page, 2), picture(small, 2, **flags), picture(page[::-1], 2)])
    assert np.array_equal(read(data, 1), page[::-1])
    with pytest.raises(ScanError, match="no page 3"):
        read(data, 2)


def test_pages_that_are_flagged_as_reduced_but_are_the_largest_are_pages(page: np.ndarray) -> None:
    data = tiff([picture(page, 2, t254=[1]), picture(page[::-1], 2, t254=[1])])
    assert np.array_equal(read(data, 1), page[::-1])


def test_a_small_slip_between_pages_is_a_page(page: np.ndarray) -> None:
    slip = page[:300, :500]
    data = tiff([picture(page, 2), picture(np.ascontiguousarray(slip), 2)])
    assert np.array_equal(read(data, 1), slip)


@pytest.mark.parametrize("order", ORDERS, ids=ORDERS.values())
@pytest.mark.parametrize("big", [False, True])
def test_byte_orders_and_bigtiff(order: str, big: bool, page: np.ndarray) -> None:
    deep = (page[..., 1].astype(f"{order}u2")) * 257
    data = tiff([picture(page, 2), picture(deep, 1)], order=order, big=big)
    assert np.array_equal(read(data, 0), page)
    assert difference(read(data, 1), page[..., 1]) < 1
    assert load_tiff(data, "a.tif", LIMITS).dpi == 75


GREY = {
    "8 bits": (np.uint8, lambda v: v),
    "16 bits": (np.uint16, lambda v: v.astype(np.uint16) * 257),
    "12 bits in 16": (np.uint16, lambda v: v.astype(np.uint16) * 16),
    "32 bits": (np.uint32, lambda v: v.astype(np.uint32)),
    "float to 1": (np.float32, lambda v: v / 255),
    "float over 1": (np.float32, lambda v: v / 250),
    "float to 255": (np.float32, lambda v: v),
    "float to 65535": (np.float32, lambda v: v * 257.0),
}


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("order", ORDERS, ids=ORDERS.values())
@pytest.mark.parametrize("kind", GREY)
def test_grey_of_every_depth_has_its_polarity_and_range(
    kind: str, order: str, white_is_zero: bool, page: np.ndarray
) -> None:
    grey = page[..., 1].copy()
    grey[:9, :9], grey[9:18, :9] = 0, 255
    number, scaled = GREY[kind]
    values = scaled(255 - grey if white_is_zero else grey)
    samples = values.astype(np.dtype(number).newbyteorder(order))
    data = tiff(
        [picture(samples, int(not white_is_zero), t339=[3 if number is np.float32 else 1])],
        order=order,
    )
    assert difference(read(data), grey) < 6


@pytest.mark.parametrize("photometric", [6, 1])
@pytest.mark.parametrize("strips", ["whole", "none", "apart", "each a picture"])
def test_old_style_jpeg_in_colour_and_grey(photometric: int, strips: str, page: np.ndarray) -> None:
    samples = page if photometric == 6 else page[..., 1].copy()
    stream = jpeg(samples)
    scan = stream.index(b"\xff\xda")
    split = scan + 2 + int.from_bytes(stream[scan + 2 : scan + 4], "big")
    one = picture(samples, photometric, [stream], t259=[6], t512=[1], t514=[len(stream)])
    one.pointer = 513
    if strips == "none":
        one.tags |= {273: [0], 279: [0]}
    if strips == "apart":  # the pointer leads to the tables and headers, the strip to the rest
        one.segments = [stream[:split], stream[split:]]
        one.tags |= {514: [split], 278: [page.shape[0]]}
        one.tags |= {273: [8 + split + split % 2], 279: [len(stream) - split]}
    if strips == "each a picture":
        half = page.shape[0] // 2 // 16 * 16
        one = picture(samples, photometric, [jpeg(samples[:half]), jpeg(samples[half : 2 * half])])
        one.tags |= {257: [2 * half], 278: [half], 259: [6]}
        samples = samples[: 2 * half]
    assert difference(read(tiff([one])), samples) < 4


@pytest.mark.parametrize("tiled", [False, True])
def test_jpeg_in_strips_and_tiles_is_decoded_to_its_edges(tiled: bool, page: np.ndarray) -> None:
    padded = np.pad(page, ((0, 1024 - page.shape[0]), (0, 768 - page.shape[1]), (0, 0)), "edge")
    tiles = [jpeg(padded[y : y + 256, x : x + 256]) for y in range(0, 1024, 256)
             for x in range(0, 768, 256)]  # fmt: skip
    one = picture(page, 6, tiles, t259=[7], t322=[256], t323=[256])
    one.tiled = True
    if not tiled:
        strips = [jpeg(padded[y : y + 256, : page.shape[1]]) for y in range(0, 1024, 256)]
        one = picture(page, 6, strips, t259=[7], t278=[256])
    assert difference(read(tiff([one])), page) < 4


def test_jpeg_in_tiff_is_decoded_as_libtiff_does_it(page: np.ndarray) -> None:
    for mode in ("RGB", "L"):
        buffer = io.BytesIO()
        Image.fromarray(page).convert(mode).save(buffer, "TIFF", compression="jpeg", quality=80)
        with Image.open(buffer) as expected:
            assert np.array_equal(read(buffer.getvalue()), np.array(expected.convert("RGB")))


def test_a_directory_that_calls_reduced_colours_rgb(page: np.ndarray) -> None:
    data = tiff([picture(page, 2, [jpeg(page)], t259=[7])])
    assert difference(read(data), page) < 4


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["grey 16", "cmyk 8"])
def test_transparency_beside_grey_and_cmyk_is_left_out(
    kind: str, packed: bool, page: np.ndarray
) -> None:
    if kind == "grey 16":
        shown, photometric = np.repeat(page[..., 1:2], 3, axis=2), 1
        samples = np.dstack([page[..., 1].astype("<u2") * 257, np.full(page.shape[:2], 9, "<u2")])
    else:
        shown, photometric = page, 5
        inks = np.array(Image.fromarray(page).convert("CMYK"))
        samples = np.dstack([inks, np.full(page.shape[:2], 255, np.uint8)])
    data = [zlib.compress(samples.tobytes())] if packed else []
    one = picture(samples, photometric, data, t338=[2], t259=[8 if packed else 1])
    assert difference(read(tiff([one])), shown) < 4


@pytest.mark.parametrize("compression", ["jpeg", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("filling", [b"\0", b"\xff"])
@pytest.mark.parametrize("start", [0.2, 0.5, 0.9])
def test_a_hole_in_packed_data_is_named_and_the_terminal_stays_still(
    compression: str, filling: bytes, start: float, page: np.ndarray,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "TIFF", compression=compression)
    data = buffer.getvalue()
    at = int(len(data) * start)
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(data[:at] + filling * 2048 + data[at + 2048 :])
    assert capfd.readouterr().err == ""
