from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.layout.form_drawing import FormStyle
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.training.book_recipes import HandSpec
from ocr_pipeline.training.drawn_pages import FilledPage, FillingHabits, empty_page, fill_page
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.invented_cases import Register
from ocr_pipeline.training.invented_people import Society
from ocr_pipeline.training.scanner import PageMap, book_paper, conditions, scan
from tests.builders.long_cases import long_after
from tests.training.conftest import FONT

LAYOUTS = {item.layout.id: item.layout for item in load_layouts()}
DPI = 120


def filled(layout: str, wardrobe: HandChoice, seed: int = 1) -> tuple[FilledPage, FilledPage]:
    rng = np.random.default_rng(seed)
    form = LAYOUTS[layout]
    society = Society("Bến Tre", rng)
    per_page = len(form.records.offsets)
    cases = list(Register(form.type, society, society.place(), 2017, 1, rng).cases(per_page))
    empty = empty_page(form, DPI, FormStyle())
    hand = wardrobe.hand(HandSpec(font=FONT), rng)
    return empty, fill_page(empty, form, cases, FillingHabits(hand, correction=0.0), rng)


@pytest.mark.parametrize("layout", long_after(6, sorted(LAYOUTS)))
def test_ink_stands_where_the_truth_says_something_is_written(
    layout: str, wardrobe: HandChoice
) -> None:
    empty, page = filled(layout, wardrobe)
    form = LAYOUTS[layout]
    changed = cv2.absdiff(empty.pixels, page.pixels).max(axis=2) > 60
    assert len(page.truth) == len(form.records.offsets)
    for record, (dx, dy) in zip(page.truth, form.records.offsets, strict=True):
        fields = record["fields"]
        assert isinstance(fields, dict)
        assert set(fields) == {f.code for f in form.fields}
        for f in form.fields:
            shift = (0.0, 0.0) if f.scope == "page" else (dx, dy)
            boxes = [o.box for o in f.options] or list(f.lines)
            written = 0
            for x, y, width, height in boxes:
                left, top = (x + shift[0]) * page.scale, (y + shift[1]) * page.scale
                window = changed[
                    int(top) : int(top + height * page.scale),
                    int(left) : int(left + width * page.scale),
                ]
                written += int(window.sum())
            if fields[f.code]["as_written"]:
                assert written > 8, f.code
            elif f.kind is not FieldKind.TICK and f.code != "ghiChu":
                assert written < 60, f.code  # a neighbour's stroke at most


def test_a_page_is_left_as_it_was(wardrobe: HandChoice) -> None:
    empty, page = filled("KS-2016", wardrobe)
    assert empty.pixels.min() > 0
    assert not np.array_equal(empty.pixels, page.pixels)
    again = filled("KS-2016", wardrobe)[1]
    assert np.array_equal(again.pixels, page.pixels)
    assert again.truth == page.truth


@settings(max_examples=60, deadline=None)
@given(
    bend=st.floats(-6, 6),
    wave=st.floats(-3, 3),
    spine=st.sampled_from([0.0, 210.0]),
    tilt=st.floats(-4e-4, 4e-4),
    angle=st.floats(-0.2, 0.2),
    quarters=st.integers(0, 3),
)
def test_the_mapping_and_its_inverse_agree(
    bend: float, wave: float, spine: float, tilt: float, angle: float, quarters: int
) -> None:
    cos, sin = 6 * np.cos(angle), 6 * np.sin(angle)
    matrix = np.array([[cos, -sin, 40], [sin, cos, 30], [tilt, tilt / 2, 1]])
    mapping = PageMap(matrix, spine, bend, wave, (210, 297)).turned(quarters, (2000, 1500))
    points = np.random.default_rng(0).uniform((0, 0), (210, 297), (40, 2))
    assert np.abs(mapping.to_page(mapping.to_scan(points)) - points).max() < 0.02


@pytest.mark.parametrize("condition", sorted(conditions()))
def test_marks_lie_in_the_picture_where_the_mapping_says(condition: str) -> None:
    rng = np.random.default_rng(4)
    pixels = np.full((round(297 * DPI / 25.4), round(210 * DPI / 25.4), 3), 255, np.uint8)
    page = FilledPage(pixels, DPI)
    spots = np.array([[20.0, 20], [190, 25], [100, 150], [25, 270], [185, 280]])
    for x, y in spots * page.scale:
        cv2.circle(pixels, (round(x), round(y)), 7, (0, 0, 0), -1)
    taken = scan(page, condition, book_paper(condition, rng), rng, 100)
    grey = cv2.GaussianBlur(cv2.cvtColor(taken.pixels, cv2.COLOR_RGB2GRAY), (0, 0), 2)
    for x, y in taken.map.to_scan(spots):
        left, top = round(float(x)) - 12, round(float(y)) - 12
        window = grey[top : top + 25, left : left + 25]
        assert window.shape == (25, 25)
        dy, dx = np.unravel_index(int(window.argmin()), window.shape)
        assert abs(dx - 12) <= 2 and abs(dy - 12) <= 2
