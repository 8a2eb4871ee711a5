"""A JPEG is read where its picture is whole, whatever its header says, and refused where not."""

from __future__ import annotations

import io
import re

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.jpeg import mended, read_header
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.raster import load_jpeg
from tests.builders.long_cases import long_after

LIMITS = ScanLimits()
FRAME = re.compile(rb"\xff[\xc0\xc2]\x00.\x08", re.DOTALL)


def saved(page: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "JPEG", **{"quality": 90, **options})
    return buffer.getvalue()


def read(data: bytes) -> np.ndarray:
    return load_jpeg(data, "a.jpg", LIMITS).pixels


def with_height(data: bytes, height: int) -> bytes:
    at = FRAME.search(data).end()
    return data[:at] + height.to_bytes(2, "big") + data[at + 2 :]


def lines(height: int) -> bytes:
    return b"\xff\xdc\x00\x04" + height.to_bytes(2, "big") + b"\xff\xd9"


def hole(data: bytes, start: float, share: float, filling: bytes) -> bytes:
    at, size = int(len(data) * start), max(int(len(data) * share), 1)
    return data[:at] + (filling * size)[:size] + data[at + size :]


RANDOM = np.random.default_rng(7).bytes(4096)
KINDS = {
    "baseline": {},
    "optimised": {"optimize": True},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_rows": 1},
}


@pytest.mark.parametrize("reduce", [1, 2, 4, 8])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_whole_picture_is_decoded_as_opencv_does_it(
    reduce: int, mode: str, page: np.ndarray
) -> None:
    odd = np.kron(page[:301, :203], np.ones((4, 4, 1), np.uint8))[:-3, :-1]
    picture = Image.fromarray(odd).convert(mode)
    data = saved(np.array(picture), dpi=(300, 300))
    flags = cv2.IMREAD_COLOR | {1: 0, 2: 16, 4: 32, 8: 64}[reduce]
    expected = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), flags), cv2.COLOR_BGR2RGB)
    loaded = load_jpeg(data, "a.jpg", LIMITS, 300 / reduce)
    assert np.array_equal(loaded.pixels, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("told", [0, 65535, 5000, 877, 400])
def test_the_height_after_the_first_scan_is_that_of_the_page(
    kind: str, told: int, page: np.ndarray
) -> None:
    data = saved(page, **KINDS[kind])
    first_scan_ends = data.index(b"\xff\xc4", data.index(b"\xff\xda")) if "prog" in kind else -2
    told_later = data[:first_scan_ends] + lines(877)[:-2] + data[first_scan_ends:]
    assert np.array_equal(read(with_height(told_later, told)), read(data))


@pytest.mark.parametrize("told", [0, 65535, 1300, 500])
def test_a_wrong_height_is_corrected_where_the_data_ends_with_a_row(
    told: int, page: np.ndarray
) -> None:
    data = saved(page[:864])  # 54 rows of blocks
    assert np.array_equal(read(with_height(data, told)), read(data))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "ending", [b"", b"\xff", bytes(4096), b"\xff" * 512, bytes(16) + b"\xff\xd9"]
)
def test_a_whole_picture_without_its_end_marker_is_read(
    kind: str, ending: bytes, page: np.ndarray
) -> None:
    data = saved(page, **KINDS[kind])
    assert np.array_equal(read(data[:-2] + ending), read(data))


def test_junk_in_the_header_and_after_the_end_is_passed_over(page: np.ndarray) -> None:
    data = saved(page)
    at = data.index(b"\xff\xdb")
    assert np.array_equal(read(data[:at] + b"\x11\x22" + data[at:]), read(data))
    assert np.array_equal(read(data[:at] + b"\xff" * 7 + data[at:]), read(data))
    assert np.array_equal(read(data + b"scanner log" * 9), read(data))


def test_colours_that_are_called_red_green_blue_are_so(page: np.ndarray) -> None:
    data = saved(page, keep_rgb=True, dpi=(75, 75))
    assert b"JFIF" in data
    loaded = load_jpeg(data, "a.jpg", LIMITS)
    assert np.abs(loaded.pixels.astype(int) - page).mean() < 4
    assert loaded.dpi == 75


def test_a_picture_in_grey_to_its_end_is_no_damage(page: np.ndarray) -> None:
    grey = page.copy()
    grey[-64:] = 128
    assert (read(saved(grey))[-16:] == 128).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("filling", [b"\0", b"\xff", RANDOM])
@pytest.mark.parametrize(
    ("start", "share"),
    long_after(2, [(0.7, 0.01), (0.1, 0.8), (0.3, 0.05), (0.5, 0.49), (0.9, 0.09)], several=True),
)
def test_a_hole_in_a_picture_is_named(
    kind: str, filling: bytes, start: float, share: float, page: np.ndarray
) -> None:
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(hole(saved(page, **KINDS[kind]), start, share, filling))


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_and_a_repeated_sector_are_named(kind: str, page: np.ndarray) -> None:
    data = saved(page, **KINDS[kind])
    at = len(data) // 2 // 512 * 512
    for spoilt in (
        data[:at] + data[at + 512 :],
        data[:at] + data[at - 512 : at] + data[at + 512 :],
        data[:at] + data[at - 512 :],
    ):
        with pytest.raises(ScanError, match="cut off or damaged"):
            read(spoilt)


def test_a_progressive_picture_that_stops_between_two_scans_is_named(page: np.ndarray) -> None:
    data = saved(page, progressive=True)
    scans = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    assert len(scans) > 5
    for start in scans[1:]:
        table = data.rindex(b"\xff\xc4", 0, start)
        with pytest.raises(ScanError, match="cut off or damaged"):
            read(data[:table] + b"\xff\xd9")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_cmyk_that_is_cut_off_is_named(share: float, page: np.ndarray) -> None:
    buffer = io.BytesIO()
    Image.fromarray(page).convert("CMYK").save(buffer, "JPEG")
    data = buffer.getvalue()
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(data[: int(len(data) * share)] + b"\xff\xd9")
    for ending in (b"", bytes(30) + b"\xff\xd9"):
        assert np.array_equal(read(data[:-2] + ending), read(data))


@pytest.mark.parametrize("sampling", ["411", "440", "422", "444"])
def test_colours_of_every_resolution_are_read(sampling: str, page: np.ndarray) -> None:
    data = simplejpeg.encode_jpeg(page, quality=90, colorsubsampling=sampling)
    assert np.abs(read(data).astype(int) - page).mean() < 6
    with pytest.raises(ScanError, match="cut off or damaged"):
        read(hole(data, 0.4, 0.02, b"\0"))


def test_decoders_say_nothing_in_the_terminal(
    page: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    data = saved(page)
    for spoilt in (data[:-2] + bytes(16) + b"\xff\xd9", hole(data, 0.4, 0.1, b"\0")):
        try:
            read(spoilt)
        except ScanError:
            pass
    assert capfd.readouterr().err == ""


def test_mending_leaves_a_sound_file_as_it_is(page: np.ndarray) -> None:
    data = saved(page)
    same, header = mended(data + b"more", "a.jpg")
    assert same == data + b"more"
    assert (header.width, header.height, header.end) == (620, 877, len(data))
    assert read_header(mended(data[:-2], "a.jpg")[0], "a.jpg").height == 877
