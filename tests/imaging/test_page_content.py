"""Blank sides and covers are told from records; lines of writing tell which way a page lies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_pipeline.imaging.flat_page import estimate_quarter_turn, flatten, page_content
from ocr_pipeline.imaging.ink import ink_gray
from tests.builders.photographs import PAPER, Loaded, form, photograph

A4 = (1754, 1240)


def blank(seed: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    page = np.full((*A4, 3), PAPER, np.float32)
    stains = cv2.GaussianBlur(rng.normal(0, 40 * noise, A4).astype(np.float32), (0, 0), 40)
    return np.clip(page + stains[..., None] + rng.normal(0, noise, page.shape), 0, 255).astype(
        np.uint8
    )


@pytest.mark.parametrize("noise", [0, 3, 7])
def test_bare_paper_is_blank(noise: float) -> None:
    page = blank(1, noise)
    assert page_content(ink_gray(page)) == "blank"
    cv2.circle(page, (90, 400), 16, (40, 40, 40), -1)  # a punch hole and two specks
    cv2.circle(page, (700, 800), 1, (60, 60, 60), -1)
    cv2.circle(page, (300, 1200), 1, (60, 60, 60), -1)
    cv2.rectangle(page, (0, 0), (14, 1753), (10, 10, 10), -1)  # the lid's shadow
    assert page_content(ink_gray(page)) in ("blank", "content")


def test_writing_that_shines_through_is_no_writing() -> None:
    page, back = blank(1, 2).astype(int), form(1240)[:, ::-1].astype(int)
    page = np.clip(page - (244 - back) * 0.08, 0, 255).astype(np.uint8)
    assert page_content(ink_gray(page)) == "blank"


def test_a_bare_page_on_a_dark_table_is_blank() -> None:
    corners = np.array([[200, 160], [1290, 190], [1330, 1800], [170, 1770]])
    picture, _ = photograph(np.full((1754, 1240, 3), PAPER, np.uint8), corners, (1500, 2000))
    assert page_content(flatten(Loaded(picture)).gray) == "blank"


@pytest.mark.parametrize("colour", [(60, 70, 150), (150, 150, 150)])
def test_one_pale_line_of_writing_is_content(colour: tuple[int, int, int]) -> None:
    page = blank(2, 3)
    font = cv2.FONT_HERSHEY_SCRIPT_COMPLEX
    cv2.putText(page, "Nguyen Van An 12/2008", (200, 700), font, 1.2, colour, 2, cv2.LINE_AA)
    assert page_content(ink_gray(page)) == "content"


@pytest.mark.parametrize("width", [500, 1240, 2480])
@pytest.mark.parametrize("table", [True, False])
def test_forms_are_content(width: int, table: bool) -> None:
    assert page_content(ink_gray(form(width, table=table))) == "content"


def test_a_title_and_little_else_is_a_cover() -> None:
    page = blank(3, 2)
    font = cv2.FONT_HERSHEY_TRIPLEX
    cv2.putText(page, "SO DANG KY KHAI SINH", (130, 800), font, 2.6, (40, 40, 40), 6)
    cv2.putText(page, "Quyen so 01 nam 2008", (330, 1000), font, 1.3, (40, 40, 40), 2)
    assert page_content(ink_gray(page)) == "cover"
    assert page_content(ink_gray(np.where(page > 100, (90, 40, 30), 230).astype(np.uint8))) in (
        "cover",
        "content",
    )


@pytest.mark.parametrize("table", [True, False])
def test_which_way_lines_run(table: bool) -> None:
    gray = ink_gray(form(1240, table=table))
    answers = [estimate_quarter_turn(np.ascontiguousarray(np.rot90(gray, k))) for k in range(4)]
    assert answers == [0, 90, 0, 90]
    assert estimate_quarter_turn(np.full((500, 700), 255, np.uint8)) == 0
