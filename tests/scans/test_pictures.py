"""Pictures of every kind become upright RGB pages that look like what was saved."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page
from tests.builders.long_cases import long_after


def only(path: Path) -> PageRef:
    pages, errors = find_pages(path)
    assert not errors
    (ref,) = pages
    return ref


def difference(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def alpha(page: np.ndarray) -> Image.Image:
    """The writing on transparent ground: only a white sheet under it gives the page back."""
    opacity = np.where(page.min(axis=2) < 200, 255, 0).astype(np.uint8)
    return Image.fromarray(np.dstack([page, opacity]))


SAVED = {
    "colour.jpg": lambda p: (Image.fromarray(p), {"quality": 92}),
    "progressive.jpg": lambda p: (Image.fromarray(p), {"quality": 92, "progressive": True}),
    "grey.jpg": lambda p: (Image.fromarray(p).convert("L"), {"quality": 92}),
    "cmyk.jpg": lambda p: (Image.fromarray(p).convert("CMYK"), {"quality": 95}),
    "colour.png": lambda p: (Image.fromarray(p), {}),
    "palette.png": lambda p: (Image.fromarray(p).convert("P", palette=Image.Palette.ADAPTIVE), {}),
    "alpha.png": lambda p: (alpha(p), {}),
    "deep.png": lambda p: (Image.fromarray(np.array(p[..., 1], np.uint16) * 257), {}),
    "lzw.tif": lambda p: (Image.fromarray(p), {"compression": "tiff_lzw"}),
    "jpeg.tif": lambda p: (Image.fromarray(p), {"compression": "jpeg", "quality": 92}),
    "deep.tif": lambda p: (Image.fromarray(np.array(p[..., 1], np.uint16) * 257), {}),
    "g4.tif": lambda p: (Image.fromarray(p).convert("L").point(lambda v: v > 150, "1"), {}),
    "page.bmp": lambda p: (Image.fromarray(p), {}),
    "page.webp": lambda p: (Image.fromarray(p), {"quality": 90}),
}


@pytest.mark.parametrize("name", SAVED)
def test_every_kind_of_picture_shows_the_page(name: str, page: np.ndarray, tmp_path: Path) -> None:
    picture, options = SAVED[name](page)
    if name == "g4.tif":
        options = {"compression": "group4"}
    picture.save(tmp_path / name, **options)
    loaded = load_page(only(tmp_path / name)).pixels
    assert loaded.dtype == np.uint8
    assert loaded.flags.c_contiguous
    expected = page
    if name == "alpha.png":
        expected = np.where(page.min(axis=2, keepdims=True) < 200, page, 255)
    if name == "g4.tif":
        expected = np.array(picture.convert("RGB"))
    assert difference(loaded, expected) < 8


def test_adobe_cmyk_is_not_shown_as_a_negative(page: np.ndarray, tmp_path: Path) -> None:
    # Adobe's CMYK JPEGs store inverted values and say so by an APP14 marker, which Pillow writes.
    Image.fromarray(page).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert b"Adobe" in (tmp_path / "a.jpg").read_bytes()[:200]
    assert load_page(only(tmp_path / "a.jpg")).pixels.mean() > 180


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "tif", "png"])
def test_orientation_tags_are_obeyed(
    orientation: int, suffix: str, page: np.ndarray, tmp_path: Path
) -> None:
    upright = Image.fromarray(page)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that a viewer reverses
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[274] = orientation
    options = {"tiffinfo": {274: orientation}} if suffix == "tif" else {"exif": exif}
    stored.save(tmp_path / f"a.{suffix}", **options)
    assert difference(load_page(only(tmp_path / f"a.{suffix}")).pixels, page) < 6


def test_a_deep_picture_that_uses_twelve_bits_is_not_black(tmp_path: Path) -> None:
    values = np.linspace(0, 4095, 300 * 300).reshape(300, 300).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "scan.tif")
    pixels = load_page(only(tmp_path / "scan.tif")).pixels
    assert pixels.min() == 0
    assert pixels.max() == 255


def test_fax_pages_get_square_pixels(tmp_path: Path) -> None:
    Image.new("1", (1728, 1100), 1).save(tmp_path / "fax.tif", compression="group4", dpi=(204, 98))
    loaded = load_page(only(tmp_path / "fax.tif"))
    assert loaded.pixels.shape[1] == 1728
    assert loaded.pixels.shape[0] == pytest.approx(1100 * 204 / 98, abs=2)
    assert loaded.dpi == pytest.approx(204)


def test_resolution_is_believed_only_when_it_makes_a_page(page: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(page).save(tmp_path / "a.png", dpi=(75, 75))
    Image.fromarray(page).save(tmp_path / "b.png", dpi=(1200, 1200))  # a page of 18 mm
    Image.fromarray(page).save(tmp_path / "c.png")
    pages, _ = find_pages(tmp_path)
    assert [load_page(ref).dpi for ref in pages] == [pytest.approx(75, abs=0.1), None, None]


def test_pages_of_a_tiff_come_in_order_without_its_thumbnail(
    page: np.ndarray, tmp_path: Path
) -> None:
    first, second = Image.fromarray(page), Image.fromarray(page).convert("L").rotate(180)
    thumbnail = first.resize((155, 219))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    path = tmp_path / "sổ.tif"
    first.save(path, save_all=True, append_images=[thumbnail, second])
    pages, errors = find_pages(path)
    assert not errors
    assert [ref.name for ref in pages] == ["sổ.tif#1", "sổ.tif#2"]
    assert difference(load_page(pages[0]).pixels, page) < 1
    assert difference(load_page(pages[1]).pixels, np.array(second.convert("RGB"))) < 1


@pytest.mark.parametrize("factor", [2, 4])
def test_a_page_loaded_smaller_still_leads_to_its_original_pixels(
    factor: int, page: np.ndarray, tmp_path: Path
) -> None:
    large = np.kron(page, np.ones((4, 4, 1), np.uint8))  # 300 dpi
    large[2000:2024, 1200:1224] = (255, 0, 0)
    Image.fromarray(large).save(tmp_path / "a.jpg", quality=95, dpi=(300, 300), subsampling=0)
    loaded = load_page(only(tmp_path / "a.jpg"), max_dpi=300 / factor)
    assert loaded.pixels.shape[:2] == (large.shape[0] // factor, large.shape[1] // factor)
    assert loaded.dpi == pytest.approx(300 / factor)
    red = loaded.pixels.astype(int)
    rows, columns = np.nonzero((red[..., 0] > 180) & (red[..., 1] < 90) & (red[..., 2] < 90))
    point = loaded.to_original @ (columns.mean(), rows.mean(), 1)
    assert point[:2] == pytest.approx((1211.5, 2011.5), abs=1.0)


def test_reduction_to_a_resolution_between_the_halves(page: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(np.kron(page, np.ones((4, 4, 1), np.uint8))).save(
        tmp_path / "a.jpg", dpi=(300, 300)
    )
    loaded = load_page(only(tmp_path / "a.jpg"), max_dpi=200)
    assert loaded.dpi == pytest.approx(200, rel=0.01)
    corner = loaded.to_original @ (loaded.pixels.shape[1] - 0.5, loaded.pixels.shape[0] - 0.5, 1)
    assert corner[:2] == pytest.approx((620 * 4 - 0.5, 877 * 4 - 0.5), abs=0.01)


@pytest.mark.parametrize(
    "dpi", long_after(2, [(300, 150), (150, 300), (200, 100), (600, 300), (75, 150)])
)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_square_pixels_of_a_file_that_tells_two_resolutions_are_not_stretched(
    name: str, dpi: tuple[int, int], page: np.ndarray, tmp_path: Path
) -> None:
    Image.fromarray(np.kron(page, np.ones((2, 2, 1), np.uint8))).save(tmp_path / name, dpi=dpi)
    loaded = load_page(only(tmp_path / name))
    assert loaded.pixels.shape == (1754, 1240, 3)
    assert loaded.dpi is None or min(dpi) - 1 <= loaded.dpi <= max(dpi) + 1
    if dpi[0] < dpi[1]:
        return
    turned = np.kron(page, np.ones((2, 2, 1), np.uint8)).swapaxes(0, 1)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(turned).save(tmp_path / "b.jpg", dpi=dpi[::-1], exif=exif)
    assert load_page(only(tmp_path / "b.jpg")).pixels.shape == (1754, 1240, 3)


@pytest.mark.parametrize("dpi", long_after(2, [(200, 100), (204, 98), (300, 150), (204, 196)]))
def test_pixels_that_are_not_square_become_so(
    dpi: tuple[int, int], page: np.ndarray, tmp_path: Path
) -> None:
    size = (round(8.27 * dpi[0]), round(11.69 * dpi[1]))
    Image.fromarray(page).resize(size).save(tmp_path / "a.png", dpi=dpi)
    height, width = load_page(only(tmp_path / "a.png")).pixels.shape[:2]
    assert height / width == pytest.approx(2**0.5, rel=0.01)


def jpeg_bytes(pixels: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("between", [b"", b"\xff" * 30, bytes(4096)])
def test_two_pages_in_one_jpeg_stand_beside_each_other(
    between: bytes, page: np.ndarray, tmp_path: Path
) -> None:
    other = page[::-1, :600]
    data = jpeg_bytes(page) + between + jpeg_bytes(np.ascontiguousarray(other))
    (tmp_path / "a.jpg").write_bytes(data)
    scan = load_page(only(tmp_path / "a.jpg")).pixels
    assert difference(scan[:, :620], page) < 6
    assert difference(scan[:, -600:], other) < 6
    assert (scan[:, 622:630] == 255).all()
    (tmp_path / "a.jpg").write_bytes(data[:-9000])
    with pytest.raises(ScanError, match="cut off or damaged"):
        load_page(only(tmp_path / "a.jpg"))


def test_previews_copies_and_gain_maps_are_no_pages(page: np.ndarray, tmp_path: Path) -> None:
    small = Image.fromarray(page).resize((206, 292))
    remark = b"http://ns.adobe.com/xap/1.0/\0<rdf hdrgm:Version='1.0'/>"
    gain = jpeg_bytes(page)
    gain = gain[:2] + b"\xff\xe1" + (len(remark) + 2).to_bytes(2, "big") + remark + gain[2:]
    first = jpeg_bytes(page)
    for rest in (jpeg_bytes(np.array(small)), first, gain, b"\xff\xd8\xff\xff\xd8\xff movie"):
        (tmp_path / "a.jpg").write_bytes(first + rest)
        assert load_page(only(tmp_path / "a.jpg")).pixels.shape == page.shape
    Image.fromarray(page).save(tmp_path / "b.jpg", "MPO", save_all=True, append_images=[small])
    assert load_page(only(tmp_path / "b.jpg")).pixels.shape == page.shape
