"""A folder of half sheets becomes a folder of sheets; whatever else lies in it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.errors import BadInputError, ScanError
from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.loading import LoadedLayout, load_layout
from ocr_pipeline.processing.sheet_joining import SheetKind, join_sheets
from ocr_pipeline.resources import shipped
from tests.builders.half_scans import DPI, half_scan, scanned

LEFT, RIGHT = SheetHalf.LEFT, SheetHalf.RIGHT


@pytest.fixture(scope="module")
def form() -> LoadedLayout:
    return load_layout(shipped("layouts") / "KS" / "before-1999")


@pytest.fixture(scope="module")
def halves(form):
    """By sheet and side."""
    return {(n, side): half_scan(form.layout, side, sheet=n) for n in (1, 2) for side in SheetHalf}


def cover() -> np.ndarray:
    return np.full((900, 640, 3), 235, np.uint8)


def joined(book: Path, out: Path, form: LoadedLayout) -> list[tuple[str, str]]:
    files = join_sheets(book, out, [form])
    assert sorted(file.file for file in files if file.file) == sorted(
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    )
    return [(file.kind.value, file.file) for file in files]


def test_sheets_are_joined_and_the_rest_is_kept(tmp_path, form, halves):
    book = scanned(
        tmp_path / "so",
        cover(),
        halves[1, LEFT],
        halves[1, RIGHT],
        halves[2, LEFT],
        halves[2, RIGHT],
    )
    before = {path.name: path.read_bytes() for path in book.iterdir()}
    out = tmp_path / "to"
    assert joined(book, out, form) == [
        ("kept", "001.png"), ("joined", "002-003.jpg"), ("joined", "004-005.jpg"),
    ]  # fmt: skip
    assert (out / "001.png").read_bytes() == before["001.png"]
    assert {path.name: path.read_bytes() for path in book.iterdir()} == before
    with Image.open(out / "002-003.jpg") as sheet:
        assert sheet.width / sheet.height == pytest.approx(420 / 297, rel=0.01)
        assert sheet.info["dpi"][0] == pytest.approx(DPI, rel=0.02)


def test_a_book_scanned_from_right_to_left_is_joined_too(tmp_path, form, halves):
    book = scanned(tmp_path / "so", halves[1, RIGHT], halves[1, LEFT])
    assert joined(book, tmp_path / "to", form) == [("joined", "001-002.jpg")]


def test_a_half_whose_other_half_is_missing_stands_alone(tmp_path, form, halves):
    """The left half of sheet 1 is followed by the right half of sheet 2: never one sheet."""
    book = scanned(tmp_path / "so", halves[1, LEFT], halves[2, RIGHT], cover(), halves[2, LEFT])
    files = join_sheets(book, tmp_path / "to", [form])
    assert [file.kind for file in files] == [
        SheetKind.ALONE, SheetKind.ALONE, SheetKind.KEPT, SheetKind.ALONE,
    ]  # fmt: skip
    assert "two sheets" in files[0].cause.en and files[0].remedy.vi
    assert files[1].layout == form.layout.id


def test_halves_without_writing_in_common_follow_the_usual_order(tmp_path, form):
    """Nothing compares them: left then right is a sheet, right then left is none."""
    narrow = {side: half_scan(form.layout, side, beyond_mm=0.5) for side in SheetHalf}
    files = join_sheets(
        scanned(tmp_path / "a", narrow[LEFT], narrow[RIGHT]), tmp_path / "to-a", [form]
    )
    assert [(file.kind, file.is_compared) for file in files] == [(SheetKind.JOINED, False)]
    files = join_sheets(
        scanned(tmp_path / "b", narrow[RIGHT], narrow[LEFT]), tmp_path / "to-b", [form]
    )
    assert [file.kind for file in files] == [SheetKind.ALONE, SheetKind.ALONE]


def test_pages_of_one_file_are_joined(tmp_path, form, halves):
    pages = [Image.fromarray(one) for one in (cover(), halves[1, LEFT], halves[1, RIGHT])]
    pages[0].save(tmp_path / "so.tiff", save_all=True, append_images=pages[1:], dpi=(DPI, DPI))
    assert joined(tmp_path / "so.tiff", tmp_path / "to", form) == [
        ("kept", "so_1.jpg"), ("joined", "so_2-so_3.jpg"),
    ]  # fmt: skip


def test_a_name_may_hold_any_mark(tmp_path, form, halves):
    book = tmp_path / "so" / "quyển #1"
    book.mkdir(parents=True)
    for name, half in (("tờ #1 trái.png", LEFT), ("tờ #1.phải.png", RIGHT)):
        Image.fromarray(halves[1, half]).save(book / name, dpi=(DPI, DPI))
    assert joined(tmp_path / "so", tmp_path / "to", form) == [
        ("joined", "quyển #1/tờ #1 trái-tờ #1.phải.jpg")
    ]


def test_a_damaged_scan_is_told_and_kept_and_the_others_go_on(tmp_path, form, halves):
    book = scanned(tmp_path / "so", cover(), halves[1, LEFT], halves[1, RIGHT])
    (book / "001.png").write_bytes((book / "001.png").read_bytes()[:200])
    files = join_sheets(book, tmp_path / "to", [form])
    assert [file.kind for file in files] == [SheetKind.FAULT, SheetKind.JOINED]
    assert files[0].cause and (tmp_path / "to" / "001.png").stat().st_size == 200


def test_nothing_is_written_over(tmp_path, form, halves):
    book = scanned(tmp_path / "so", halves[1, LEFT])
    out = scanned(tmp_path / "to", cover())
    with pytest.raises(BadInputError, match="holds files"):
        join_sheets(book, out, [form])


def test_a_folder_without_scans_and_forms_that_stand_are_refused(tmp_path, form, halves):
    (tmp_path / "so").mkdir()
    with pytest.raises(ScanError):
        join_sheets(tmp_path / "so", tmp_path / "to", [form])
    upright = load_layout(shipped("layouts") / "KS" / "2016")
    with pytest.raises(BadInputError, match="wider than high"):
        join_sheets(scanned(tmp_path / "so", halves[1, LEFT]), tmp_path / "to", [upright])
