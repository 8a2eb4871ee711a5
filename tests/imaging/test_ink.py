"""Ink stays, everything else goes: uneven light and red stamps."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import pytest

from ocr_pipeline.imaging.ink import deepened, ink_depth, ink_gray
from tests.builders.photographs import PAPER, form


def page_with(draw: object = None) -> np.ndarray:
    page = np.full((1754, 1240, 3), PAPER, np.uint8)
    if callable(draw):
        draw(page)
    return page


def writing(page: np.ndarray, colour: tuple[int, int, int], y: int, x: int = 420) -> None:
    font = cv2.FONT_HERSHEY_SCRIPT_COMPLEX
    cv2.putText(page, "Nguyen Thi", (x, y), font, 1.5, colour, 3, cv2.LINE_AA)


def mask_of(colour: tuple[int, int, int], y: int, x: int = 420) -> np.ndarray:
    sheet = page_with()
    writing(sheet, (0, 0, 0), y, x)
    return sheet[..., 0] < 60


def stamp(page: np.ndarray, centre: tuple[int, int], colour: tuple[int, int, int]) -> None:
    layer = np.full_like(page, 255)
    cv2.circle(layer, centre, 105, colour, 6, cv2.LINE_AA)
    cv2.circle(layer, centre, 70, colour, 3, cv2.LINE_AA)
    font = cv2.FONT_HERSHEY_SIMPLEX
    for y in range(centre[1] - 40, centre[1] + 60, 28):
        cv2.putText(layer, "UBND XA", (centre[0] - 62, y), font, 0.9, colour, 3, cv2.LINE_AA)
    page[:] = (page.astype(np.uint16) * layer // 255).astype(np.uint8)  # ink on ink darkens


@pytest.mark.parametrize("ink", [(45, 60, 150), (30, 30, 30), (70, 80, 170)])
@pytest.mark.parametrize("red", [(215, 40, 50), (225, 90, 100), (200, 30, 90)])
def test_a_red_stamp_goes_and_the_writing_under_it_stays(
    ink: tuple[int, int, int], red: tuple[int, int, int]
) -> None:
    page = page_with()
    writing(page, ink, 900)
    clean = ink_gray(page)
    stamp(page, (560, 880), red)
    gray = ink_gray(page)
    strokes = mask_of(ink, 900)
    stamped = (page.min(axis=2) < 150) & ~cv2.dilate(
        strokes.astype(np.uint8), np.ones((9, 9))
    ).astype(bool)
    assert stamped.sum() > 5000
    assert (gray[stamped] < 255 - 45).mean() < 0.02  # darker counts as ink of a field
    assert np.abs(gray[strokes].astype(int) - clean[strokes]).mean() < 30
    assert gray[strokes].mean() < 150


def test_red_words_and_numbers_are_writing() -> None:
    page = page_with(partial(writing, colour=(200, 40, 50), y=600))
    assert ink_gray(page)[mask_of((0, 0, 0), 600)].mean() < 150


@pytest.mark.parametrize("darkest", [0.3, 0.5])
def test_paper_is_white_whatever_the_light(darkest: float) -> None:
    page = form(1240)
    even = ink_gray(page)
    gain = np.linspace(1, darkest, page.shape[1])[None, :, None] * np.ones((page.shape[0], 1, 1))
    gain[page.shape[0] // 2 :] *= 0.7  # the edge of a shadow
    rng = np.random.default_rng(0)
    dim = np.clip(page * gain + rng.normal(0, 2, page.shape), 0, 255).astype(np.uint8)
    gray = ink_gray(dim)
    away = np.ones(gray.shape, bool)
    away[page.shape[0] // 2 - 30 : page.shape[0] // 2 + 30] = False
    paper, ink = (even > 245) & away, (even < 120) & away
    assert np.percentile(gray[paper], 5) > 215
    assert np.abs(gray[ink].astype(int) - even[ink]).mean() < 25


def test_pale_and_brown_ink_keeps_its_contrast() -> None:
    for colour in ((170, 150, 130), (150, 160, 200), (120, 90, 60)):
        page = page_with(partial(writing, colour=colour, y=700))
        strokes = mask_of(colour, 700)
        # contrast against paper at least that of the colour's own brightness
        assert ink_gray(page)[strokes].mean() < 255 * (np.mean(colour) + 35) / np.mean(PAPER)


def test_grey_pictures_and_crops_are_taken_too() -> None:
    crop = form(1240)[200:260, 300:900]
    assert ink_gray(crop).shape == (60, 600)
    assert ink_gray(np.ascontiguousarray(crop[..., 1])).shape == (60, 600)


def test_pale_ink_becomes_as_dark_as_usual_and_dark_ink_stays() -> None:
    gray = ink_gray(form(1240))
    assert deepened(gray) is gray
    pale = (255 - (255 - gray.astype(float)) * 0.2).astype(np.uint8)
    assert ink_depth(pale) < 60
    assert ink_depth(deepened(pale)) == pytest.approx(150, abs=5)
    assert (deepened(pale) == 255).mean() == pytest.approx((pale == 255).mean())
    bare = np.full((90, 60), 255, np.uint8)
    assert deepened(bare) is bare
