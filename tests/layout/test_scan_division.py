"""Several forms on one scan are found, each in its place; whatever else lies beside one is not."""

from functools import lru_cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.layout.print_amount import has_form_lines, least_print, print_amount
from ocr_pipeline.layout.scan_division import divide
from ocr_pipeline.scans.page_image import PageImage
from tests.builders.filled_forms import WORDS, Distortion, make_page

DPI = 110
PAPER = 230
ALL = [loaded.layout.id for loaded in load_layouts()]


@lru_cache
def forms():
    return {loaded.layout.id: loaded for loaded in load_layouts()}


@lru_cache
def page(layout_id, seed=1, fade=1.0):
    layout = forms()[layout_id].layout
    return make_page(layout, Distortion(dpi=DPI, angle=0.4 * seed - 0.6, fade=fade, seed=seed))[0]


def sheet(*rows, gap=0, table=PAPER):
    """Pictures in rows, each row from left to right, on a table of this brightness."""
    lines = []
    for row in rows:
        height = max(one.shape[0] for one in row)
        cells = []
        for one in row:
            cell = np.full((height, one.shape[1]), table, np.uint8)
            cell[: one.shape[0]] = one
            cells += [cell, np.full((height, gap), table, np.uint8)]
        lines.append(np.hstack(cells))
    width = max(line.shape[1] for line in lines)
    whole = [np.pad(a, ((0, gap), (0, width - a.shape[1])), constant_values=table) for a in lines]
    return np.pad(np.vstack(whole), ((gap, 0), (gap, 0)), constant_values=table)


def divided(gray, prior="", only=None):
    """The parts of a scan, looked at with these layouts (all when None)."""
    layouts = [forms()[name] for name in only or ALL]
    image = PageImage(cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB), DPI)
    flat = flatten(image)
    return divide(image, flat, detect(flat.gray, layouts, prior), layouts, prior)


def centres(parts):
    return [(part.left + part.width / 2, part.top + part.height / 2) for part in parts]


def covered(parts, gray):
    """How often each pixel of the scan is in a part: least and most."""
    times = np.zeros(gray.shape, np.uint8)
    for part in parts:
        times[part.top : part.top + part.height, part.left : part.left + part.width] += 1
    return times.min(), times.max()


@pytest.mark.parametrize("turn", [0, pytest.param(90, marks=pytest.mark.long)])
@pytest.mark.long
def test_the_pages_of_a_spread_are_parts_from_left_to_right(turn):
    upright = sheet([page("KT-2016"), page("KT-2016", 2)])
    gray = np.ascontiguousarray(np.rot90(upright, turn // 90))
    parts = divided(gray, "KT-2016", ["KT-2016", "KS-2016"])
    assert [part.number for part in parts] == [1, 2]
    (x1, y1), (x2, y2) = centres(parts)
    assert (x1 < x2) if turn == 0 else (y1 > y2)  # lying on its left side, it begins below
    assert covered(parts, gray) == (1, 1)
    seam = page("KT-2016").shape[1]
    cut = parts[0].width if turn == 0 else parts[0].height
    assert abs(cut - seam) < 0.03 * seam


@pytest.mark.long
def test_pages_one_above_the_other_are_parts_from_top_to_bottom():
    gray = sheet([page("KS-2016")], [page("KS-2016", 2)])
    parts = divided(gray, "KS-2016", ["KS-2016"])
    (_, above), (_, below) = centres(parts)
    assert len(parts) == 2 and above < below and covered(parts, gray) == (1, 1)


@pytest.mark.long
def test_pages_apart_on_a_dark_table_are_parts_though_one_alone_is_cut_out():
    gray = sheet([page("KS-2016"), page("KS-2016", 2)], gap=60, table=55)
    (x1, _), (x2, _) = centres(divided(gray, "KS-2016", ["KS-2016"]))
    assert x1 < gray.shape[1] / 2 < x2


@pytest.mark.long
@pytest.mark.parametrize("layout_id", ALL)
@pytest.mark.parametrize("stacked", [False, True])
def test_two_forms_of_every_type_are_two_parts(layout_id, stacked):
    one, other = page(layout_id), page(layout_id, 2)
    gray = sheet([one], [other]) if stacked else sheet([one, other])
    assert len(divided(gray, layout_id)) == 2


@pytest.mark.long
def test_forms_of_different_types_standing_on_their_heads_or_many_are_parts():
    births, deaths = page("KS-2016"), page("KT-2016")
    assert len(divided(sheet([births, deaths]))) == 2
    assert len(divided(sheet([births, np.ascontiguousarray(deaths[::-1, ::-1])]))) == 2
    assert len(divided(sheet([births, deaths, page("KS-2016", 2)]))) == 3
    four = divided(sheet([births, deaths], [page("KH-2016"), page("KS-2016", 2)]))
    rows = [(round(y / 1000), round(x / 1000)) for x, y in centres(four)]
    assert len(four) == 4 and rows == sorted(rows)
    big = np.full((3500, 2500), PAPER, np.uint8)
    big[100 : 100 + births.shape[0], 100 : 100 + births.shape[1]] = births
    big[2000 : 2000 + deaths.shape[0], 1400 : 1400 + deaths.shape[1]] = deaths
    assert len(divided(big)) == 2


def written(kind):
    """What may lie beside a form, of the size of a page."""
    height, width = page("KS-2016").shape
    picture = Image.new("L", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    rng = np.random.default_rng(3)
    hand, typed = load_font("serif", "italic", 30), load_font("serif", "regular", 16)
    if kind in ("notes", "notebook"):
        for y in range(90, height - 90, 46):
            draw.text((90, y), " ".join(rng.choice(WORDS, 9))[:46], 60, hand)
            if kind == "notebook":
                draw.line((70, y + 38, width - 70, y + 38), 150, 2)
    if kind == "letter":
        for y in range(90, height - 90, 28):
            draw.text((90, y), " ".join(rng.choice(WORDS, 20))[:80], 30, typed)
    if kind == "identity card":
        for top in (150, 550):
            draw.rectangle((260, top, 260 + 370, top + 234), outline=60, width=2)
            draw.rectangle((275, top + 60, 375, top + 190), fill=120)
            for line in range(7):
                draw.text((390, top + 20 + 28 * line), " ".join(rng.choice(WORDS, 4)), 50, typed)
    if kind == "cover":
        bold = load_font("serif", "bold", 52)
        draw.text((width / 2, 500), "SỔ ĐĂNG KÝ KHAI SINH", 30, bold, anchor="mm")
        draw.rectangle((60, 60, width - 60, height - 60), outline=60, width=4)
    if kind == "table top":
        grain = 110 + 20 * np.sin(np.arange(height)[:, None] / 6 + np.arange(width) / 90)
        return (grain + rng.normal(0, 8, (height, width))).clip(0, 255).astype(np.uint8)
    return np.asarray(picture)


@pytest.mark.long
def test_only_forms_have_the_print_and_the_lines_of_a_form():
    scale, least = DPI / 25.4, least_print(list(forms().values()))
    for kind in ("blank", "cover", "identity card"):
        assert not print_amount(written(kind), scale).reaches(least, 0.35)
    for kind in ("blank", "cover", "identity card", "table top", "notes", "notebook", "letter"):
        assert not has_form_lines(written(kind), scale, 950)
    for layout_id in ALL:
        assert print_amount(page(layout_id), scale).reaches(least, 0.35)
        assert has_form_lines(page(layout_id), scale, 950)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["blank", "cover", "identity card", "table top"])
def test_what_holds_hardly_any_print_is_no_second_form(kind):
    for gray in (sheet([page("KS-2016"), written(kind)]), sheet([written(kind), page("KS-2016")])):
        assert divided(gray, "KS-2016", ["KS-2016"]) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", ["notes", "notebook", "letter"])
def test_a_page_of_writing_is_no_second_form(kind):
    gray = sheet([page("KS-2016"), written(kind)])
    assert divided(gray, "KS-2016", ["KS-2016"]) == []


@pytest.mark.long
def test_a_form_that_is_not_installed_is_a_part_that_is_not_passed_over():
    gray = sheet([page("KS-2016"), page("KH-2016")])
    assert len(divided(gray, "KS-2016", ["KS-2016"])) == 2


@pytest.mark.parametrize("layout_id", ["KS-2016", "KS-before-1999"])
def test_a_scan_with_one_form_is_not_divided_nor_looked_at_twice(layout_id, monkeypatch):
    image = PageImage(cv2.cvtColor(page(layout_id), cv2.COLOR_GRAY2RGB), DPI)
    flat = flatten(image)
    layouts = [forms()[layout_id]]
    found = detect(flat.gray, layouts, layout_id)
    assert found.layout_id == layout_id
    monkeypatch.setattr(cv2, "cvtColor", None)  # its pixels are not even made grey
    assert divide(image, flat, found, layouts, layout_id) == []
