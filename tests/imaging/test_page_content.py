"""Blank sides and covers are told from records; lines of writing tell which way a page lies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_pipeline.imaging.flat_page import estimate_quarter_turn, flatten, page_content
from ocr_pipeline.imaging.ink import ink_gray
from tests.builders.long_cases import long_after
from tests.builders.photographs import PAPER, Loaded, form, photograph

A4 = (1754, 1240)


def blank(seed: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    page = np.full((*A4, 3), PAPER, np.float32)
    stains = cv2.GaussianBlur(rng.normal(0, 40 * noise, A4).astype(np.float32), (0, 0), 40)
    return np.clip(page + stains[..., None] + rng.normal(0, noise, page.shape), 0, 255).astype(
        np.uint8
    )


def noise(seed: int, deviation: float, radius: float) -> np.ndarray:
    """What grain, or the fibres and stains of paper of that size in pixels, add to a page."""
    field = np.random.default_rng(seed).normal(0, 1, A4).astype(np.float32)
    if radius:
        field = cv2.GaussianBlur(field, (0, 0), radius)
    return (field * (deviation / field.std()))[..., None]


def faded(page: np.ndarray, share: float) -> np.ndarray:
    """The page with so much of its contrast left."""
    return np.array(PAPER, np.float32) - (np.array(PAPER, np.float32) - page) * share


def saved(page: np.ndarray, quality: int) -> np.ndarray:
    """The page as it comes back from a JPEG."""
    pixels = np.clip(page, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize("grain", long_after(1, [3, 0, 7]))
def test_bare_paper_is_blank(grain: float) -> None:
    page = blank(1, grain)
    assert page_content(ink_gray(page)) == "blank"
    cv2.circle(page, (90, 400), 16, (40, 40, 40), -1)  # a punch hole and two specks
    cv2.circle(page, (700, 800), 1, (60, 60, 60), -1)
    cv2.circle(page, (300, 1200), 1, (60, 60, 60), -1)
    cv2.rectangle(page, (0, 0), (14, 1753), (10, 10, 10), -1)  # the lid's shadow
    assert page_content(ink_gray(page)) in ("blank", "content")


def test_writing_that_shines_through_is_no_writing() -> None:
    page, back = blank(1, 2).astype(int), form(1240)[:, ::-1].astype(int)
    page = np.clip(page - (244 - back) * 0.08, 0, 255).astype(np.uint8)
    assert page_content(ink_gray(page)) in ("blank", "faint")


@pytest.mark.parametrize("percent", [30, 25, 20])
@pytest.mark.parametrize("table", [True, False])
def test_a_form_as_pale_as_that_is_never_blank(percent: int, table: bool) -> None:
    page = faded(form(1240, table=table), percent / 100) + noise(1, 1.5, 0)
    assert page_content(ink_gray(saved(page, 88))) in ("content", "pale")


@pytest.mark.parametrize("quality", long_after(1, [10, 95]))
@pytest.mark.parametrize(
    ("deviation", "radius"), [(2, 0), (7, 0), (3, 2), (6, 2), (12, 2), (6, 30)]
)
def test_paper_with_its_own_texture_is_blank(deviation: float, radius: float, quality: int) -> None:
    page = np.full((*A4, 3), PAPER, np.float32) + noise(1, deviation, radius)
    assert page_content(ink_gray(saved(page, quality))) in ("blank", "faint")


def test_a_fold_across_bare_paper_is_no_writing() -> None:
    page = np.full((*A4, 3), PAPER, np.float32) + noise(1, 2, 0)
    depth = 18 + 8 * np.sin(np.arange(A4[1]) / 17)
    for row in range(6):
        page[900 + row] -= (depth * (1 - row / 6))[:, None]
    assert page_content(ink_gray(saved(page, 88))) == "blank"


def test_a_page_too_dark_to_see_is_not_blank() -> None:
    assert page_content(ink_gray(np.full((*A4, 3), 3, np.uint8))) == "dark"
    assert page_content(ink_gray((form(1240) * 0.04).astype(np.uint8))) in ("dark", "content")


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


def test_a_form_with_a_title_is_no_cover_though_its_lower_half_is_missing() -> None:
    page = blank(3, 2)
    font = cv2.FONT_HERSHEY_TRIPLEX
    cv2.putText(page, "GIAY KHAI SINH BAN CHINH", (200, 200), font, 1.6, (40, 40, 40), 4)
    assert page_content(ink_gray(page)) == "cover"
    for row in range(14):
        y = 320 + 40 * row
        cv2.putText(page, "Ho va ten", (120, y), font, 0.9, (40, 40, 40), 1)
        cv2.line(page, (330, y + 2), (1100, y + 2), (60, 60, 60), 1)
    assert page_content(ink_gray(page[:900])) == "content"


@pytest.mark.parametrize("table", [True, False])
def test_which_way_lines_run(table: bool) -> None:
    gray = ink_gray(form(1240, table=table))
    answers = [estimate_quarter_turn(np.ascontiguousarray(np.rot90(gray, k))) for k in range(4)]
    assert answers == [0, 90, 0, 90]
    assert estimate_quarter_turn(np.full((500, 700), 255, np.uint8)) == 0
