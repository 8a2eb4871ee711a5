"""What is wrong with a file is said by file, cause and remedy; the others go on."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr_pipeline.errors import ScanError, SohoaError
from ocr_pipeline.scans.file_order import natural_key
from ocr_pipeline.scans.pages import PageRef, ScanLimits, find_pages, load_page
from ocr_pipeline.scans.scan_errors import SkippedFileError


def failure(path: Path, limits: ScanLimits | None = None) -> ScanError:
    """The one error of a file, whether it shows when listed or when loaded."""
    pages, errors = find_pages(path, limits)
    if not errors:
        with pytest.raises(ScanError) as caught:
            load_page(pages[0], limits)
        errors = [caught.value]
    (error,) = errors
    assert path.name in error.where
    assert error.cause.vi
    assert error.cause.en
    assert error.remedy is not None
    assert "{" not in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return error


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    assert "0 bytes" in failure(tmp_path / "a.jpg").cause.en


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("ending", [b"", b"\xff\xd9", bytes(5000)])
def test_a_truncated_jpeg_never_passes(
    share: float, ending: bytes, jpeg: Path, tmp_path: Path
) -> None:
    data = jpeg.read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: int(len(data) * share)] + ending)
    error = failure(tmp_path / "a.jpg")
    assert "cut off" in error.cause.en or "damaged" in error.cause.en


@pytest.mark.parametrize("name", ["a.png", "lzw.tif", "g4.tif", "progressive.jpg"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_other_truncated_pictures(
    name: str, share: float, page: np.ndarray, tmp_path: Path
) -> None:
    options = {
        "lzw.tif": {"compression": "tiff_lzw"},
        "g4.tif": {"compression": "group4"},
        "progressive.jpg": {"progressive": True},
    }.get(name, {})
    picture = Image.fromarray(page)
    (picture.convert("1") if name == "g4.tif" else picture).save(tmp_path / name, **options)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    failure(tmp_path / name)


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + checksum

    for side in (20_000, 60_000):  # Pillow only warns of the first and refuses the second
        size = side.to_bytes(4, "big")
        head = chunk(b"IHDR", size + size + b"\x08\x02\x00\x00\x00")
        body = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + body)
        assert f"{side * side // 10**6} million pixels" in failure(tmp_path / "a.png").cause.en


def test_limits_on_bytes_pages_pixels_and_smallness(jpeg: Path, tmp_path: Path) -> None:
    assert "too large" in failure(jpeg, ScanLimits(max_image_bytes=1000)).cause.en
    assert "too large" in failure(jpeg, ScanLimits(max_pixels=1000)).cause.en
    assert "too small" in failure(jpeg, ScanLimits(min_side=1000)).cause.en
    with Image.open(jpeg) as picture:
        picture.save(tmp_path / "a.tif", save_all=True, append_images=[picture] * 4)
    assert "pages" in failure(tmp_path / "a.tif", ScanLimits(max_pages=4)).cause.en
    assert len(find_pages(tmp_path / "a.tif", ScanLimits(max_pages=5))[0]) == 5


def test_files_are_taken_for_what_they_hold(jpeg: Path, tmp_path: Path) -> None:
    png = tmp_path / "really a jpeg.png"
    png.write_bytes(jpeg.read_bytes())
    assert load_page(find_pages(png)[0][0]).pixels.shape == (877, 620, 3)
    (tmp_path / "letter.jpg").write_text("Kính gửi Ủy ban nhân dân xã")
    assert "neither picture nor PDF" in failure(tmp_path / "letter.jpg").cause.en
    (tmp_path / "lost.jpg").write_bytes(bytes(4096))
    assert "zero bytes" in failure(tmp_path / "lost.jpg").cause.en
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(64))
    assert "Most Compatible" in failure(tmp_path / "IMG_1.HEIC").remedy.en


def test_a_folder_in_natural_order_with_its_litter_passed_over(jpeg: Path, tmp_path: Path) -> None:
    for name in ("trang 10.jpg", "Trang 2.JPG", "trang 1.jpg", "phần 2/trang 1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(jpeg.read_bytes())
    for litter in ("Thumbs.db", ".DS_Store", "._trang 1.jpg", "~$so.docx", "book.yaml"):
        (tmp_path / litter).write_bytes(b"x")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.jpg").write_bytes(b"x")
    (tmp_path / "ghi chú.docx").write_bytes(b"PK\x03\x04 whatever")
    (tmp_path / "thêm.zip").write_bytes(b"PK\x03\x04 whatever")
    (tmp_path / "hỏng.jpg").write_bytes(b"")
    pages, errors = find_pages(tmp_path)
    assert [ref.name for ref in pages] == [
        "trang 1.jpg", "Trang 2.JPG", "trang 10.jpg", "phần 2/trang 1.jpg",
    ]  # fmt: skip
    assert {e.where: isinstance(e, SkippedFileError) for e in errors} == {
        "ghi chú.docx": True, "thêm.zip": True, "hỏng.jpg": False,
    }  # fmt: skip
    assert pickle.loads(pickle.dumps(pages)) == pages


def test_nothing_there(tmp_path: Path) -> None:
    assert "does not exist" in find_pages(tmp_path / "không có")[1][0].cause.en
    assert "no scanned page" in find_pages(tmp_path)[1][0].cause.en
    with pytest.raises(ScanError, match="does not exist"):
        load_page(PageRef(tmp_path / "gone.jpg", 0, "gone.jpg"))


def test_pdf_faults(tmp_path: Path) -> None:
    pikepdf.new().save(tmp_path / "empty.pdf")
    assert "no pages" in failure(tmp_path / "empty.pdf").cause.en
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.add_blank_page()
        pdf.save(tmp_path / "whole.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
        locked = pikepdf.Encryption(owner="o", user="u")
        pdf.save(tmp_path / "locked.pdf", encryption=locked)
    assert "password" in failure(tmp_path / "locked.pdf").cause.en
    (tmp_path / "cut.pdf").write_bytes((tmp_path / "whole.pdf").read_bytes()[:60])
    assert "damaged" in failure(tmp_path / "cut.pdf").cause.en
    data = (tmp_path / "whole.pdf").read_bytes()
    (tmp_path / "index.pdf").write_bytes(data[: data.rindex(b"xref")])
    pages, errors = find_pages(tmp_path / "index.pdf")
    assert len(pages) == 2  # what can be saved is saved, and said
    assert "2 pages could be recovered" in errors[0].cause.en


def test_originals_are_never_modified(jpeg: Path, tmp_path: Path) -> None:
    copy = tmp_path / "a.jpg"
    copy.write_bytes(jpeg.read_bytes())
    before = (copy.read_bytes(), copy.stat().st_mtime_ns)
    load_page(find_pages(tmp_path)[0][0])
    assert (copy.read_bytes(), copy.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


@given(st.data())
def test_no_bytes_make_anything_but_a_page_or_our_error(data: st.DataObject) -> None:
    import tempfile

    starts = [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"%PDF-1.7\n", b"GIF89a", b""]
    content = data.draw(st.sampled_from(starts)) + data.draw(st.binary(max_size=300))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(content)
        pages, errors = find_pages(path)
        assert pages or errors
        for ref in pages:
            with pytest.raises(SohoaError):
                load_page(ref)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=8))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    names = sorted((f"Trang {n}.jpg" for n in numbers), key=natural_key)
    assert [int(name[6:-4]) for name in names] == sorted(numbers)
