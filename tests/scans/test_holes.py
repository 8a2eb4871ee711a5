"""A hole in a picture is named, also where its decoder shows what is left as if it were a page."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.raster import load_picture

LIMITS = ScanLimits()
KINDS = {
    "png": ("PNG", {}),
    "webp": ("WEBP", {"quality": 85}),
    "webp lossless": ("WEBP", {"lossless": True}),
    "jp2": ("JPEG2000", {"quality_mode": "rates", "quality_layers": [12]}),
    "j2k in tiles": (
        "JPEG2000",
        {
            "tile_size": (256, 256),
            "quality_layers": [40, 20],
            "quality_mode": "rates",
            "no_jp2": True,
        },
    ),  # fmt: skip
    "jp2 lossless": ("JPEG2000", {}),
    "gif": ("GIF", {}),
    "lzw": ("TIFF", {"compression": "tiff_lzw"}),
}
RANDOM = np.random.default_rng(5).bytes(4096)
CHECKED = {  # what never passes; noise in a WebP looks like its own data
    "png": (bytes(512), b"\xff" * 512, RANDOM, b""),
    "jp2": (bytes(512), b"\xff" * 512, RANDOM, b""),
    "j2k in tiles": (bytes(512), b"\xff" * 512, RANDOM, b""),
    "jp2 lossless": (bytes(512), b"\xff" * 512, RANDOM, b""),
    "webp": (bytes(512), b"\xff" * 512, b""),
    "webp lossless": (bytes(512), b""),
    "gif": (bytes(512), b"\xff" * 512, RANDOM),
    "lzw": (bytes(512), b"\xff" * 512, RANDOM),
}


def saved(page: np.ndarray, kind: str) -> bytes:
    name, options = KINDS[kind]
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, name, **options)
    return buffer.getvalue()


def read(data: bytes) -> np.ndarray:
    return load_picture(data, "a", LIMITS).pixels


def blank(shade: int) -> np.ndarray:
    return np.full((1754, 1240, 3), shade, np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hole_a_lost_and_a_repeated_sector_are_named(kind: str, page: np.ndarray) -> None:
    data = saved(page, kind)
    for filling in CHECKED[kind]:
        for start in (0.2, 0.5, 0.9):
            at = int(len(data) * start)
            rest = data[at + max(len(filling), 512) :]
            with pytest.raises(ScanError, match="cut off or damaged"):
                read(data[:at] + filling + rest)
    if kind not in ("gif", "lzw"):
        at = len(data) // 2
        with pytest.raises(ScanError, match="cut off or damaged"):
            read(data[:at] + data[at - 512 : at] + data[at + 512 :])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shade", [255, 243])
def test_blank_paper_has_no_hole(kind: str, shade: int) -> None:
    assert abs(int(read(saved(blank(shade), kind)).mean()) - shade) < 2


@pytest.mark.parametrize("kind", ["png", "webp", "jp2", "j2k in tiles"])
def test_little_writing_on_much_paper_has_no_hole(kind: str, page: np.ndarray) -> None:
    sheet = blank(255)
    sheet[700:900, 300:900] = page[:200, :600]
    assert np.abs(read(saved(sheet, kind)).astype(int) - sheet).mean() < 2


@pytest.mark.parametrize("name", ["BMP", "TIFF"])
@pytest.mark.parametrize(("start", "share"), [(0.3, 0.2), (0.3, 0.6), (0.6, 0.4)])
def test_plain_rows_that_were_never_written_are_named(
    name: str, start: float, share: float, page: np.ndarray
) -> None:
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, name)
    data = buffer.getvalue()
    first = 54 if name == "BMP" else data.index(page[0].tobytes())
    size, at = int(page.size * share), first + int(page.size * start)
    tail = data[at + size :]
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(data[:at] + bytes(size) + tail)


def test_black_bands_of_a_scan_are_no_holes(page: np.ndarray) -> None:
    banded = page.copy()
    banded[-90:] = banded[:40] = 0
    banded[:, :30] = 0
    banded[400:430] = 0
    for name in ("BMP", "TIFF"):
        buffer = io.BytesIO()
        Image.fromarray(banded).save(buffer, name)
        assert np.array_equal(read(buffer.getvalue()), banded)


def test_a_png_without_its_end_or_with_a_damaged_remark_is_read(page: np.ndarray) -> None:
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG", dpi=(75, 75))
    data = buffer.getvalue()
    assert np.array_equal(read(data[:-12]), page)
    assert np.array_equal(read(data[:-5]), page)
    assert np.array_equal(read(data + bytes(700)), page)
    remark = data.index(b"pHYs")
    assert np.array_equal(read(data[: remark + 6] + b"\x99" + data[remark + 7 :]), page)
    header = data.index(b"IHDR")
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(data[: header + 6] + b"\x01" + data[header + 7 :])
