"""Pages that are coded like a fax are whole, or named."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.raster import load_tiff
from tests.builders.tiff_files import picture, tiff

RANDOM = np.random.default_rng(11).bytes(400)


def lines(page: np.ndarray) -> np.ndarray:
    return np.array(page[..., 1] > 150)


def coded(
    shown: np.ndarray, compression: str, *, white_is_zero: bool = True, strip: int = 0
) -> tuple[list[bytes], dict[str, list[int]]]:
    """The strips of a page of true (white) and false, and the tags that explain them."""
    height = strip or shown.shape[0]
    strips, tags = [], {}
    for top in range(0, shown.shape[0], height):
        buffer = io.BytesIO()
        part = shown[top : top + height]
        options = {"tiffinfo": {278: height}, "strip_size": 1 << 24}
        Image.fromarray(~part if white_is_zero else part).save(
            buffer, "TIFF", compression=compression, **options
        )
        with Image.open(buffer) as written:
            (start,), (size,) = written.tag_v2[273], written.tag_v2[279]
            tags = {"t259": [written.tag_v2[259]]}
        strips.append(buffer.getvalue()[start : start + size])
    return strips, tags | {"t262": [int(not white_is_zero)], "t258": [1], "t278": [height]}


def file(shown: np.ndarray, strips: list[bytes], tags: dict[str, list[int]]) -> bytes:
    samples = np.zeros(shown.shape, np.uint8)
    return tiff([picture(samples, 0, strips, **tags)])


def read(data: bytes) -> np.ndarray:
    return load_tiff(data, "a.tif", ScanLimits()).pixels[..., 0] > 0


@pytest.mark.parametrize("white_is_zero", [True, False])
@pytest.mark.parametrize("strip", [0, 100])
@pytest.mark.parametrize("compression", ["group3", "group4"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_whole_page_is_read(
    compression: str, strip: int, white_is_zero: bool, backwards: bool, page: np.ndarray
) -> None:
    shown = lines(page)
    strips, tags = coded(shown, compression, white_is_zero=white_is_zero, strip=strip)
    if backwards:
        table = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
        strips, tags = [one.translate(table) for one in strips], tags | {"t266": [2]}
    assert np.array_equal(read(file(shown, strips, tags)), shown)


@pytest.mark.parametrize("shade", [True, False])
def test_a_page_of_one_colour_is_read(shade: bool) -> None:
    shown = np.full((300, 200), shade)
    assert np.array_equal(read(file(shown, *coded(shown, "group4"))), shown)


def test_a_page_whose_end_is_not_marked_is_read(page: np.ndarray) -> None:
    shown = lines(page)
    (strip,), tags = coded(shown, "group4")
    bare = strip.rstrip(b"\0")[:-4]  # the mark has 24 bits and may begin in any
    assert np.array_equal(read(file(shown, [bare + b"\0"], tags))[:860], shown[:860])


@pytest.mark.parametrize("compression", ["group3", "group4"])
@pytest.mark.parametrize("filling", [bytes(400), b"\xff" * 400, RANDOM, b""])
@pytest.mark.parametrize("start", [0.1, 0.3, 0.5, 0.7, 0.85])
def test_a_hole_is_named_and_never_white_paper(
    compression: str, filling: bytes, start: float, page: np.ndarray,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shown = lines(page)
    (strip,), tags = coded(shown, compression)
    at = int(len(strip) * start)
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(file(shown, [strip[:at] + filling + strip[at + 400 :]], tags))
    assert capfd.readouterr().err == ""


def test_a_page_that_is_a_line_short_is_read(page: np.ndarray) -> None:
    shown = lines(page)
    strips, tags = coded(shown, "group4")
    longer = np.vstack([shown, np.ones((1, shown.shape[1]), bool)])
    tags["t278"] = [longer.shape[0]]
    assert np.array_equal(read(file(longer, strips, tags)), longer)
