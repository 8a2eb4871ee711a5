from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.imaging.corners import cut_out, plausible
from ocr_pipeline.imaging.geometry import transformed

SIZE_MM = (210.0, 297.0)
QUAD = np.array([[120.0, 90], [700, 140], [760, 1010], [60, 960]])


def picture(width=840, height=1100):
    pixels = np.full((height, width, 3), 235, np.uint8)
    return SimpleNamespace(pixels=pixels, dpi=None, to_original=np.eye(3))


def upright(cut):
    """Pixels of the cut-out page turned upright → pixels before that."""
    height, width = cut.flat.gray.shape
    return {
        0: np.eye(3),
        90: np.array([[0.0, 1, 0], [-1, 0, height - 1], [0, 0, 1]]),
        180: np.array([[-1.0, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]),
        270: np.array([[0.0, -1, width - 1], [1, 0, 0], [0, 0, 1]]),
    }[cut.turn]


@pytest.mark.parametrize("first", range(4))
def test_the_first_corner_says_where_the_form_begins(first):
    corners = np.roll(QUAD, -first, axis=0)
    cut = cut_out(picture(), corners, SIZE_MM)
    assert cut.turn == (0, 270, 180, 90)[first]
    x, y = cut.offset
    width, height = SIZE_MM[0] * cut.scale, SIZE_MM[1] * cut.scale
    ends = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    there = transformed(cut.flat.to_original @ upright(cut), ends)
    assert np.abs(there - corners).max() < 1.5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-60, 60), min_size=8, max_size=8),
    st.sampled_from(range(4)),
)
def test_ink_lands_where_the_map_says(shifts, first):
    corners = np.roll(QUAD + np.array(shifts).reshape(4, 2), -first, axis=0)
    page = picture()
    spot = corners.mean(axis=0)
    cv2.circle(page.pixels, (round(spot[0]), round(spot[1])), 6, (0, 0, 0), -1)
    cut = cut_out(page, corners, SIZE_MM)
    rows, columns = np.nonzero(cut.flat.gray < 90)
    found = np.array([[columns.mean(), rows.mean()]])
    assert np.abs(transformed(cut.flat.to_original, found) - spot).max() < 2


def test_corners_of_a_sheet_that_is_cut_off_lie_outside_the_picture():
    corners = QUAD.copy()
    corners[3] = (-60, 1200)
    cut = cut_out(picture(), corners, SIZE_MM)
    assert cut.turn == 0 and cut.flat.pixels.dtype == np.uint8


def test_resolution_stays_within_limits():
    small = cut_out(picture(), np.array([[10.0, 10], [160, 10], [160, 220], [10, 220]]), SIZE_MM)
    assert small.scale == pytest.approx(100 / 25.4)
    large = cut_out(
        picture(5000, 7000), np.array([[10.0, 10], [4900, 10], [4900, 6900], [10, 6900]]), SIZE_MM
    )
    assert large.scale == pytest.approx(300 / 25.4)


@pytest.mark.parametrize(
    "corners",
    [
        QUAD[::-1],
        QUAD[[0, 2, 1, 3]],
        QUAD[[0, 1, 2, 2]],
        np.full((4, 2), np.nan),
        QUAD * 0.05,
        QUAD + 5000,
    ],
)
def test_what_is_no_page(corners):
    assert not plausible(corners, 840, 1100)
    with pytest.raises(ValueError, match="corners"):
        cut_out(picture(), corners, SIZE_MM)
