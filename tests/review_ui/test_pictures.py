"""Pictures of pages and fields: where they are cut, how they are kept, when they are refused."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocr_pipeline.errors import ScanError
from ocr_pipeline.registers.fields import Box, FieldKind
from ocr_pipeline.review.crop_frame import CropFrame, crop_of, strip_of
from ocr_pipeline.review.pictures import Pictures, forget
from ocr_pipeline.review.upright_page import PageSource, page, scan
from ocr_pipeline.scans.pages import PageRef, digest
from review_ui.plots import Bar, Range, bars, columns, ranges, scale

sides = st.integers(1, 4000)
boxes = st.builds(Box, st.integers(-50, 4000), st.integers(-50, 4000), st.integers(0, 3000), sides)


@given(boxes, st.tuples(sides, sides))
def test_what_is_shown_lies_on_the_page_and_around_the_field(box, size):
    for cut in (crop_of(box, size, FieldKind.PLACE), strip_of(box, size)):
        assert 0 <= cut.x and cut.x + cut.width <= size[0] and cut.width >= 1
        assert 0 <= cut.y and cut.y + cut.height <= size[1] and cut.height >= 1
        inside = box.x >= 0 and box.y >= 0
        inside = inside and box.x + box.width <= size[0] and box.y + box.height <= size[1]
        if inside:
            x, y, width, height = cut.place(box)
            assert x >= 0 and y >= 0
            assert x + width <= cut.size[0] + 1 and y + height <= cut.size[1] + 1


def test_boxes_to_tick_are_shown_with_their_captions_and_notes_without_their_neighbours():
    page_size = (1240, 1754)
    strip = Box(1110, 157, 31, 384)  # six boxes one below the other, captions from x = 866 on
    cut = crop_of(strip, page_size, FieldKind.TICK)
    assert cut.x <= 866 and cut.y <= 157 and cut.y + cut.height >= 157 + 384
    note = Box(873, 668, 273, 947)
    cut = crop_of(note, page_size, FieldKind.FREE_TEXT)
    assert cut.width < 2 * note.width and cut.height < 1.25 * note.height


@pytest.fixture
def sheet(tmp_path):
    """A scan lying on its side, with one black field on it."""
    picture = Image.new("RGB", (900, 640), "white")
    ImageDraw.Draw(picture).rectangle((500, 100, 539, 299), fill="black")
    path = tmp_path / "tờ 1.png"
    picture.save(path)
    return path


def source_of(path: Path, kind="refused", turn=90) -> PageSource:
    ref = PageRef(path, 0, path.name)
    return PageSource(ref, digest(ref), kind, turn, "f1")


def test_a_page_is_turned_upright_and_kept(sheet, tmp_path):
    pictures = Pictures(tmp_path)
    source = source_of(sheet)
    assert scan(source).shape == page(source).shape == (900, 640, 3)
    kept = pictures.page(source)
    assert kept.size == (640, 900) and kept.path.is_file()
    black = Box(640 - 300, 500, 200, 40)  # where the field lies once the scan is turned clockwise
    field = np.array(
        Image.open(io.BytesIO(pictures.cut(source, crop_of(black, kept.size, FieldKind.PLACE))))
    )
    assert field[20:40, 30:-30].mean() < 20 and field[:6].mean() > 200
    assert Image.open(io.BytesIO(pictures.scaled(source, 320))).size == (320, 450)
    sheet.unlink()
    assert Pictures(tmp_path).page(source) == kept  # made once
    assert forget(tmp_path, [source.digest]) == 1 and not kept.path.exists()
    with pytest.raises(ScanError):
        pictures.page(source)
    pictures.close()


def test_a_scan_that_was_replaced_is_not_shown(sheet):
    source = source_of(sheet)
    Image.new("RGB", (900, 640), "white").save(sheet)
    with pytest.raises(ScanError, match="has changed"):
        page(source)


def test_other_pixels_have_another_name(sheet):
    source = source_of(sheet)
    others = [source_of(sheet, kind="record"), source_of(sheet, turn=0)]
    assert len({source.stem, source.whole().stem, *(other.stem for other in others)}) == 4


def test_pictures_are_made_ready_in_the_background(sheet, tmp_path):
    pictures = Pictures(tmp_path)
    source = source_of(sheet)
    cut = crop_of(Box(340, 500, 200, 40), (640, 900), FieldKind.PLACE)
    pictures.prepare_pages([source])
    pictures.warm(source, (cut,))
    pictures.close()
    sheet.unlink()
    assert pictures.cut(source, cut)


def test_the_latest_pictures_are_kept_within_the_memory_given(tmp_path, monkeypatch):
    sources = []
    for number in range(4):
        path = tmp_path / f"{number}.png"
        noise = np.random.default_rng(number).integers(0, 255, (300, 400, 3), np.uint8)
        Image.fromarray(noise).save(path)
        sources.append(source_of(path, turn=0))
    pictures = Pictures(tmp_path, memory_mb=1)  # 0.8 MB: two decoded pages of 0.36 MB
    decoded = []
    monkeypatch.setattr(
        cv2, "imdecode", lambda *a, real=cv2.imdecode: decoded.append(1) or real(*a)
    )

    def ask(number, x):
        before = len(decoded)
        assert pictures.cut(sources[number], CropFrame(x, 0, 100, 100, 100))
        return len(decoded) - before

    assert [ask(0, 0), ask(1, 0), ask(0, 1), ask(1, 1)] == [1, 1, 0, 0]
    assert [ask(2, 0), ask(1, 2), ask(0, 2)] == [1, 0, 1], "the page used longest ago had to go"
    assert [ask(0, 0), ask(1, 0), ask(2, 0)] == [0, 0, 0], "cuts ready to be sent"
    assert sum(pixels.nbytes for pixels in pictures._pages.values()) <= 800_000
    pictures.close()


def test_a_picture_larger_than_the_memory_is_shown_without_being_kept(sheet, tmp_path):
    pictures = Pictures(tmp_path, memory_mb=0)
    whole = CropFrame(0, 0, 640, 900, 640)
    assert pictures.cut(source_of(sheet), whole) == pictures.cut(source_of(sheet), whole)
    pictures.close()


@given(st.floats(0, 1e9))
def test_a_scale_is_round_and_reaches_the_largest(largest):
    ticks = scale(largest)
    assert ticks[0] == 0 and ticks[-1] >= largest * (1 - 1e-9) and 2 <= len(ticks) <= 7


def test_plots_hold_every_figure_and_escape_names():
    plot = bars("Thời gian", [Bar("<b>an", 3, "3,0", 1.5), Bar("bình", 0, "0")], "vi")
    assert "<b>" not in plot and "&lt;b&gt;an" in plot and plot.count('class="bar"') == 2
    assert plot.count('class="mark"') == 1 and "style=" not in plot
    assert ">2,5</text>" in bars("Giờ", [Bar("an", 2.4, "2,4")], "vi")
    assert ">2.5</text>" in bars("Hours", [Bar("an", 2.4, "2.4")], "en")
    shares = ranges("Sai", [Range("tất cả", 0.02, 0.01, 0.05, "2/100")], "vi")
    assert shares.count('class="dot"') == 1 and "2/100" in shares
    assert columns("Ngày", [("01.03", 5.0), ("02.03", 0.0)], "vi").count("<title>") == 2
