"""PDFs that were not written or copied to the end: whole pages are read, lost ones are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page
from tests.builders.pdf_pages import FULL, add_page, in_scanner_order, jpeg_bytes, pdf_of, saved
from tests.scans.conftest import drawn_page


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return [drawn_page(310, 438, seed) for seed in range(6)]


@pytest.fixture(scope="module")
def files(pictures: list[np.ndarray]) -> dict[str, bytes]:
    pdf = pdf_of(pictures)
    return {
        "scanner": in_scanner_order(pictures),
        "plain": saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable),
        "packed": saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "web": saved(pdf, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.disable),
    }


def found(data: bytes, folder: Path) -> tuple[list[PageRef], list[ScanError]]:
    (folder / "a.pdf").write_bytes(data)
    return find_pages(folder / "a.pdf")


def shown(refs: list[PageRef], pictures: list[np.ndarray]) -> list[int]:
    """Which of the pictures each page shows."""
    small = [np.asarray(Image.fromarray(p).convert("L"), float) for p in pictures]
    pages = [np.asarray(Image.fromarray(load_page(r).pixels).convert("L"), float) for r in refs]
    return [int(np.argmin([np.abs(page - each).mean() for each in small])) for page in pages]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("scanner", "at least 1"), ("plain", "of 6"), ("packed", "at least"), ("web", "of 6")],
)
@pytest.mark.parametrize("percent", [30, 60, 90])
def test_whole_pages_of_a_file_cut_off_are_read(
    kind: str,
    missing: str,
    percent: int,
    files: dict[str, bytes],
    pictures: list[np.ndarray],
    tmp_path: Path,
) -> None:
    data = files[kind]
    refs, errors = found(data[: len(data) * percent // 100], tmp_path)
    assert shown(refs, pictures) == list(range({30: 1, 60: 3, 90: 5}[percent]))
    assert all(ref.index == n for n, ref in enumerate(refs))
    (error,) = errors
    assert missing in error.cause.en
    assert error.where == "a.pdf"
    if missing == "of 6":
        assert f"{6 - len(refs)} of 6 pages seem to be missing" in error.cause.en
    assert [ref.name for ref in refs] == [f"a.pdf#{n + 1}" for n in range(len(refs))]


@pytest.mark.parametrize("kind", ["scanner", "plain", "web"])
def test_a_lost_tail_costs_no_page(
    kind: str, files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    refs, errors = found(files[kind][:-150], tmp_path)
    assert shown(refs, pictures) == [0, 1, 2, 3, 4, 5]
    assert ["6 pages could be recovered" in error.cause.en for error in errors] == [True]


def test_bytes_that_fill_up_the_file_are_no_damage(
    files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    refs, errors = found(files["plain"] + bytes(3000), tmp_path)
    assert (shown(refs, pictures), errors) == ([0, 1, 2, 3, 4, 5], [])


def test_a_hole_costs_its_page_alone(
    files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    data = files["scanner"]
    third = data.index(b"\n16 0 obj") + 4000  # in the middle of the third picture
    refs, errors = found(data[:third] + bytes(3000) + data[third + 3000 :], tmp_path)
    assert not errors
    with pytest.raises(ScanError, match="damaged"):
        load_page(refs.pop(2))
    assert shown(refs, pictures) == [0, 1, 3, 4, 5]


def test_a_hole_over_a_page_object_leaves_the_others_their_numbers(
    files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    data = files["scanner"]
    start = data.index(b"\n18 0 obj") + 1
    refs, (error,) = found(data[:start] + bytes(60) + data[start + 60 :], tmp_path)
    assert [ref.name[-2:] for ref in refs] == ["#1", "#2", "#4", "#5", "#6"]
    assert shown(refs, pictures) == [0, 1, 3, 4, 5]
    assert "1 of 6 pages seem to be missing" in error.cause.en


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"/Kids[", b"/Kidz["),
        (b"/Pages 2", b"/Pagez 2"),
        (b"/Root 1", b"/Rood 1"),
        (b"startxref\n", b"startxref\n9"),
        (b"/Type/Pages/Count", b"/Type/Pages/Cou\x00t"),
    ],
)
def test_a_damaged_directory_is_made_anew(
    before: bytes, after: bytes, files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    refs, errors = found(files["scanner"].replace(before, after), tmp_path)
    assert shown(refs, pictures) == [0, 1, 2, 3, 4, 5]
    assert all("6 pages could be recovered" in error.cause.en for error in errors)


def test_a_count_that_is_not_true_is_told(
    files: dict[str, bytes], pictures: list[np.ndarray], tmp_path: Path
) -> None:
    refs, (error,) = found(files["scanner"].replace(b"/Count 6", b"/Count 8"), tmp_path)
    assert len(refs) == 6
    assert "2 of 8 pages seem to be missing" in error.cause.en
    refs, errors = found(files["scanner"].replace(b"/Count 6", b"/Count x"), tmp_path)
    assert (len(refs), errors) == (6, [])


def test_pages_of_a_damaged_file_are_drawn(pictures: list[np.ndarray], tmp_path: Path) -> None:
    pdf = pikepdf.Pdf.new()
    over = FULL + b" 1 0 0 rg 100 100 200 200 re f"
    for pixels in pictures[:2]:
        add_page(pdf, jpeg_bytes(pixels), (pixels.shape[1], pixels.shape[0]), over)
    refs, _ = found(
        saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable)[:-300], tmp_path
    )
    assert refs
    assert (load_page(refs[0]).pixels == (255, 0, 0)).all(axis=2).mean() > 0.05


def test_nothing_left_is_one_error(files: dict[str, bytes], tmp_path: Path) -> None:
    refs, (error,) = found(files["scanner"][:3000], tmp_path)
    assert not refs
    assert "no page can be found" in error.cause.en
    assert "offset" not in str(error)  # nothing of the library's own words


def test_a_page_of_a_damaged_file_without_a_size_is_its_own_fault(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    data = files["scanner"].replace(b"/MediaBox[0 0", b"/MediaBax[0 0", 1)
    refs, _ = found(data.replace(b"startxref\n", b"startxref\n9"), tmp_path)
    with pytest.raises(ScanError, match="sheet size"):
        load_page(refs[0])
    assert load_page(refs[1]).pixels.std() > 20
