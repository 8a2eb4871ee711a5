"""Any text survives the `.xls`; any page becomes a small legible PDF of its own size."""

import io
import unicodedata

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.export.pdf import compress, record_pdf, sheet_size
from ocr_pipeline.export.xls import MAX_CHARS, MAX_ROWS, Sheet, workbook
from ocr_pipeline.scans.page_image import PageImage
from tests.builders.long_cases import long_after

TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("=+-@'\"0123456789.\n\t"),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
def test_any_text_comes_back_as_the_same_text(rows):
    data = workbook([Sheet("DL Import", ["so ", "loaiDangKy \ni=[1,2]"], rows)])
    assert data == workbook([Sheet("DL Import", ["so ", "loaiDangKy \ni=[1,2]"], rows)])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    back = sheet.to_python(skip_empty_area=False, nrows=len(rows) + 1)
    assert back[0] == ["so ", "loaiDangKy \ni=[1,2]"]
    for row, texts in zip(back[1:], rows, strict=False):
        assert row == [unicodedata.normalize("NFC", text) for text in texts]


def test_limits_of_the_format_are_told_with_their_place():
    longest = "ă" * MAX_CHARS
    assert workbook([Sheet("KS", ["ghiChu"], [[longest]])])
    for text in (longest + "x", "𡗶" * (MAX_CHARS // 2 + 1), "a\x00b", "\ud800"):
        with pytest.raises(BadInputError) as caught:
            workbook([Sheet("KS", ["so", "ghiChu "], [["1", "x"], ["2", text]])])
        assert caught.value.where == "KS, 3, ghiChu"
    with pytest.raises(BadInputError) as caught:
        workbook([Sheet("KS", ["so"], [[""]] * MAX_ROWS)])
    assert str(MAX_ROWS - 1) in caught.value.cause.en


@pytest.mark.parametrize("noise", long_after(1, [12, 0, 90]))
@pytest.mark.parametrize(("height", "width", "dpi"), [(1754, 1240, 150.0), (2400, 1700, None)])
def test_a_page_has_about_100_kb_whatever_is_on_it(noise, height, width, dpi):
    rng = np.random.default_rng(1)
    grain = rng.normal(0, noise, (height, width, 3)) if noise else 0
    pixels = (np.full((height, width, 3), 225) + grain).clip(0, 255).astype(np.uint8)
    picture = compress(PageImage(pixels, dpi))
    assert len(picture.jpeg) <= 102_000
    assert abs(picture.height_mm - 297) < 1.5
    shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape[0] >= 1100


def test_colours_and_orientation_are_kept():
    pixels = np.full((300, 200, 3), 255, np.uint8)
    pixels[:40, :60] = (200, 30, 30)  # a red stamp, top left
    picture = compress(PageImage(pixels, None), turn=90)
    shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape[:2] == (200, 300)
    blue, _, red = shown[20, 280].astype(int)
    assert red > 150 > 90 > blue
    upright = compress(PageImage(pixels, None))
    with pikepdf.open(io.BytesIO(record_pdf([upright, picture]))) as pdf:
        sizes = [[round(float(side)) for side in page.mediabox[2:]] for page in pdf.pages]
    assert sizes == [[561, 842], [842, 561]]


@given(st.integers(1, 9000), st.integers(1, 9000), st.none() | st.floats(1, 5000), st.booleans())
def test_sheets_have_the_size_of_sheets(width, height, dpi, several):
    short, long = sorted(sheet_size(width, height, dpi, several))
    assert 0 < short <= long <= 620
