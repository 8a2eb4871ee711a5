"""Photographs and crooked scans of known geometry become flat, straight pages."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.imaging.geometry import rotation, transformed
from tests.builders.long_cases import long_after
from tests.builders.photographs import (
    PAPER,
    Loaded,
    form,
    photograph,
    slope,
    turned,
    worst_millimetres,
)

SIZE = (1050, 1400)
WHOLE = np.array([[126, 105], [924, 105], [924, 1246], [126, 1246]], float)


def shifted(corners: np.ndarray, seed: int, reach: float = 63) -> np.ndarray:
    return corners + np.random.default_rng(seed).uniform(-reach, reach, (4, 2))


def flattened(picture: np.ndarray, to_picture: np.ndarray, page: np.ndarray) -> tuple[float, float]:
    """Errors in mm of the flattened page and of the picture as it was."""
    flat = flatten(Loaded(picture))
    assert flat.gray.shape == flat.pixels.shape[:2]
    back = np.linalg.inv(flat.to_original)
    return (
        worst_millimetres(back, to_picture, page),
        worst_millimetres(np.eye(3), to_picture, page),
    )


@pytest.mark.parametrize("seed", long_after(1, range(3)))
@pytest.mark.parametrize("table", [(70, 60, 50), (20, 20, 25), (150, 120, 90), (205, 200, 190)])
def test_a_page_on_a_table_is_rectified(table: tuple[int, int, int], seed: int) -> None:
    page = form(seed=seed, table=seed != 1)
    picture, matrix = photograph(
        page, shifted(WHOLE, seed), SIZE, table, light=0.15 * seed, shadow=seed == 2, seed=seed
    )
    after, before = flattened(picture, matrix, page)
    assert before > 0.9
    assert after < 0.6


@pytest.mark.parametrize("grow", [(112, 0), (230, 150)])
@pytest.mark.parametrize("seed", long_after(1, range(3)))
def test_a_page_that_leaves_the_frame_is_straightened_by_its_lines(
    grow: tuple[int, int], seed: int
) -> None:
    page = form(seed=seed)
    far = WHOLE + np.array([[-grow[1], 0], [grow[0], 0], [grow[0], 0], [-grow[1], 0]])
    picture, matrix = photograph(page, shifted(far, seed + 20), SIZE, seed=seed, light=0.2)
    after, before = flattened(picture, matrix, page)
    assert after < 0.6 * before + 0.3
    back = np.linalg.inv(flatten(Loaded(picture)).to_original)
    assert abs(slope(back, matrix, page)) < 0.5


@pytest.mark.parametrize("seed", long_after(2, range(6)))
def test_what_cannot_be_found_surely_is_never_made_worse(seed: int) -> None:
    # Page and table of one brightness, other papers on and under the page, hardly any writing.
    page = form(seed=seed, table=seed % 2 == 0)
    if seed % 3 == 0:
        page[180:] = PAPER
    picture, matrix = photograph(page, shifted(WHOLE, seed), SIZE, (238, 236, 226), seed=seed)
    rng = np.random.default_rng(seed)
    covered = cv2.warpPerspective(np.full(page.shape[:2], 255, np.uint8), matrix, SIZE) > 0
    litter = picture.copy()
    for _ in range(5):
        place = rng.uniform((0, 0), SIZE)
        sides = rng.uniform(70, 420, 2)
        corners = cv2.boxPoints((place.tolist(), sides.tolist(), float(rng.uniform(0, 90))))
        cv2.fillConvexPoly(litter, corners.astype(np.int32), rng.uniform(120, 250, 3).tolist())
    picture = np.where(covered[..., None], picture, litter).astype(np.uint8)
    after, before = flattened(picture, matrix, page)
    assert after < before + 0.5
    back = np.linalg.inv(flatten(Loaded(picture)).to_original)
    assert abs(slope(back, matrix, page)) < abs(slope(np.eye(3), matrix, page)) + 1.5


@settings(max_examples=8, deadline=None)
@given(
    degrees=st.floats(-9, 9),
    width=st.sampled_from([620, 827, 1240]),
    table=st.booleans(),
    lid=st.sampled_from([PAPER, (20, 20, 20), (255, 255, 255)]),
)
def test_a_crooked_flatbed_page_is_straight_to_a_fifth_of_a_degree(
    degrees: float, width: int, table: bool, lid: tuple[int, int, int]
) -> None:
    page = form(width, table=table)
    picture = turned(page, degrees, lid)
    flat = flatten(Loaded(picture, dpi=width / 8.27))
    matrix = rotation(degrees, page.shape[1], page.shape[0])
    back = np.linalg.inv(flat.to_original)
    assert abs(slope(back, matrix, page)) < 0.2
    assert worst_millimetres(back, matrix, page) < 0.5
    assert not flat.photographed
    assert flat.dpi == pytest.approx(width / 8.27)


def test_a_straight_clean_page_keeps_its_pixels() -> None:
    page = form(1654)
    flat = flatten(Loaded(page, dpi=200.0))
    assert np.array_equal(flat.pixels, page)
    assert np.array_equal(flat.to_original, np.eye(3))


@pytest.mark.parametrize("shape", [(200, 200), (283, 200), (200, 4000), (4000, 200), (5656, 4000)])
@pytest.mark.parametrize("fill", [0, 255])
def test_pages_of_any_size_without_anything_on_them_stay(shape: tuple[int, int], fill: int) -> None:
    page = np.full((*shape, 3), fill, np.uint8)
    flat = flatten(Loaded(page))
    assert np.array_equal(flat.pixels, page)
    assert not flat.photographed


def test_small_and_large_pages_are_straightened_alike() -> None:
    for width in (300, 4000):
        page = form(width)
        flat = flatten(Loaded(turned(page, 2.0)))
        matrix = rotation(2.0, page.shape[1], page.shape[0])
        assert abs(slope(np.linalg.inv(flat.to_original), matrix, page)) < 0.2


def test_the_way_back_leads_to_the_very_pixels() -> None:
    page = form(827)
    page[700:724, 560:584] = (255, 0, 0)
    picture, matrix = photograph(page, shifted(WHOLE, 4), SIZE)
    loaded = Loaded(picture, to_original=np.diag([2.0, 2.0, 1.0]))  # it was loaded at half size
    flat = flatten(loaded)
    red = flat.pixels.astype(int)
    rows, columns = np.nonzero((red[..., 0] > 150) & (red[..., 1] < 100) & (red[..., 2] < 100))
    found = transformed(flat.to_original, np.array([[columns.mean(), rows.mean()]]))
    true = 2 * transformed(matrix, np.array([[571.5, 711.5]]))
    assert np.abs(found - true).max() < 2.0
