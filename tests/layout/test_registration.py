"""Pages with known truth: what is accepted lies where it should, the rest is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.form_drawing import FormStyle
from ocr_pipeline.layout.gate import judge, weigh
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.registration import register
from tests.builders.filled_forms import Distortion, field_corners, make_page
from tests.builders.long_cases import long_after

WORST_MM = 2.8  # writing is cut with this much room above and below its line
PAGES = {
    "KS-2016": Distortion(curl=5, wave=1, style=FormStyle("sans", 0.7, 1.0, leader="line")),
    "KT-2016": Distortion(curl=-4, keystone=0.02, border=8, shadow=0.3, writing=3),
    "KH-2016": Distortion(dpi=200, angle=0.8, crop_right=12, fade=0.6, blur=1.0),
    "CMC-2016": Distortion(stretch_x=1.03, stretch_y=0.98, style=FormStyle("serif", 0.5, 1.2)),
    "HN-2016": Distortion(dpi=300, angle=-0.8, shift=(4, -3), wave=-1.5),
    "KS-2006": Distortion(curl=3, style=FormStyle("serif", 0.8, leader="dashes"), shadow=0.4),
    "KS-before-1999": Distortion(curl=4, wave=1, fade=0.5, writing=3),
}


def errors(registration, warp, layout, dpi) -> np.ndarray:
    corners = field_corners(layout).reshape(-1, 2)
    return np.abs(registration.to_page(corners) - warp.to_page(corners)) / (dpi / 25.4)


@pytest.mark.parametrize("layout_id", long_after(3, PAGES))
def test_fields_lie_where_they_should(layouts, layout_id):
    loaded, distortion = layouts[layout_id], PAGES[layout_id]
    page, warp = make_page(loaded.layout, distortion)
    result = register(page, loaded)
    assert result.accepted, result.reason
    off = errors(result, warp, loaded.layout, distortion.dpi)
    assert off[:, 1].max() < WORST_MM
    assert np.median(off[:, 1]) < 0.4
    assert off[:, 0].max() < 2 * WORST_MM
    assert result.residual_mm < 0.9
    assert result.coverage > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_a_bent_page_is_right_or_refused(layouts, seed):
    """Beyond what is promised: no page may be cut wrongly in silence."""
    rng = np.random.default_rng(seed)
    loaded = list(layouts.values())[seed * 2 % 7]
    distortion = Distortion(
        angle=rng.uniform(-3, 3), curl=rng.uniform(8, 14), wave=rng.uniform(-4, 4),
        keystone=rng.uniform(-0.06, 0.06), fade=rng.uniform(0.15, 0.6), writing=3, seed=seed,
        style=FormStyle("sans", 0.7, 1.5, seed=seed),
    )  # fmt: skip
    page, warp = make_page(loaded.layout, distortion)
    result = register(page, loaded)
    if result.accepted:
        off = errors(result, warp, loaded.layout, distortion.dpi)
        assert np.percentile(off[:, 1], 98) < WORST_MM + 0.5
    else:
        assert result.reason is not None


def test_a_record_whose_lines_lie_elsewhere_refuses_the_sheet(layouts):
    """Rows of a table have no words; one that slipped would show its boxes empty, or another's."""
    loaded = layouts["KS-before-1999"]
    page, _ = make_page(loaded.layout, Distortion(writing=2))
    result = register(page, loaded)
    size = (page.shape[1], page.shape[0])
    assert result.accepted and result.evidence.record > 0.55
    measured = result.evidence.measured
    _, _, third, fourth = (y for _, y in loaded.layout.records.offsets)
    first_line = min(f.lines[0][1] for f in loaded.layout.fields if f.scope == "record")
    row = measured.points[:, 1] - first_line
    slipped = (row > third) & (row < fourth) & (np.arange(len(row)) % 4 > 0)
    weights = np.where(slipped[:, None], 0.0, measured.weights)
    evidence = weigh(loaded, replace(measured, weights=weights))
    reason = judge(evidence, result.mesh, loaded.layout, size)
    assert reason is not None and "record" in reason.en


def test_a_page_that_nothing_holds_sideways_is_refused(layouts):
    """Level lines fit a page that slipped along them; its words and upright lines are not found."""
    loaded = layouts["KH-2016"]
    page, _ = make_page(loaded.layout, Distortion(writing=2))
    result = register(page, loaded)
    assert result.accepted and result.evidence.adrift == 0
    measured = result.evidence.measured
    right = measured.points[:, 0] > 0.45 * loaded.layout.page.width
    weights = np.where(right[:, None], measured.weights * [0.0, 1.0], measured.weights)
    evidence = weigh(loaded, replace(measured, weights=weights))
    reason = judge(evidence, result.mesh, loaded.layout, (page.shape[1], page.shape[0]))
    assert reason is not None and "sideways" in reason.en


def test_a_page_whose_corner_slipped_is_refused(layouts):
    """Boxes near found print, none of it on their own lines: 19 mm off on a photographed page."""
    loaded = layouts["KH-2016"]
    page, _ = make_page(loaded.layout, Distortion(writing=2))
    result = register(page, loaded)
    assert result.accepted and result.evidence.loose == 0
    measured = result.evidence.measured
    width, height = loaded.layout.page.width, loaded.layout.page.height
    corner = (measured.points[:, 0] > 0.4 * width) & (measured.points[:, 1] < 0.4 * height)
    lost = corner & ~measured.word
    weights = np.where(lost[:, None], 0.0, measured.weights)
    evidence = weigh(loaded, replace(measured, weights=weights))
    reason = judge(evidence, result.mesh, loaded.layout, (page.shape[1], page.shape[0]))
    assert reason is not None and "printed lines" in reason.en, evidence.loose


def test_a_table_whose_corner_slipped_by_a_row_is_refused(layouts):
    """Some of its boxes find the lines of the row above: one was 11 mm off, its words all found."""
    loaded = layouts["KT-before-1999"]
    page, _ = make_page(loaded.layout, Distortion(writing=2))
    result = register(page, loaded)
    assert result.accepted and result.evidence.slipped < 0.02
    measured = result.evidence.measured
    width, height = loaded.layout.page.width, loaded.layout.page.height
    corner = (measured.points[:, 0] < 0.3 * width) & (measured.points[:, 1] > 0.7 * height)
    lost = corner & ~measured.word & (np.arange(len(corner)) % 4 > 0)
    weights = np.where(lost[:, None], 0.0, measured.weights)
    evidence = weigh(loaded, replace(measured, weights=weights))
    reason = judge(evidence, result.mesh, loaded.layout, (page.shape[1], page.shape[0]))
    assert reason is not None and "the lines do not fit" in reason.en, evidence.slipped


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_detection_finds_type_era_and_turn(layouts, turn):
    loaded = layouts["KS-2006"]
    page, _ = make_page(loaded.layout, Distortion(curl=2, writing=2, seed=turn))
    seen = np.ascontiguousarray(np.rot90(page, turn // 90))
    found = detect(seen, list(layouts.values()))
    assert (found.layout_id, found.turn) == ("KS-2006", turn)
    assert found.score > found.runner_up + 0.3
    assert found.registration is not None and found.registration.accepted


def test_a_wrong_prior_does_not_win(layouts):
    page, _ = make_page(layouts["KT-2016"].layout, Distortion(curl=2))
    found = detect(page, list(layouts.values()), prior="KS-2016")
    assert found.layout_id == "KT-2016"


@pytest.mark.long
def test_a_form_that_is_not_installed_is_none_of_these(layouts):
    page, _ = make_page(layouts["CMC-2016"].layout, Distortion(curl=1))
    found = detect(page, [v for k, v in layouts.items() if k != "CMC-2016"], prior="KS-2016")
    assert found.layout_id is None
    assert found.reason is not None


@pytest.mark.long
def test_letters_tables_and_blank_pages_are_none_of_these(layouts):
    import cv2

    rng = np.random.default_rng(1)
    blank = np.clip(rng.normal(240, 4, (1754, 1240)), 0, 255).astype(np.uint8)
    letter = blank.copy()
    for y in range(200, 1500, 45):
        cv2.putText(letter, "xin chao cac ong ba va toan the", (120, y), 0, 1.3, 40, 2)
    table = cv2.resize(rng.integers(60, 200, (30, 20), dtype=np.uint8), (1240, 1754))
    for picture in (blank, letter, table):
        assert detect(picture, list(layouts.values())).layout_id is None


def test_a_misprinted_sheet_is_followed_or_refused(layouts):
    """The middle of the page stands one line too low: fields go with the print, or not at all."""
    loaded = layouts["KS-2016"]
    page, warp = make_page(loaded.layout, Distortion(writing=1))
    slip = round(9.4 * 150 / 25.4)
    top, bottom = round(110 * 150 / 25.4), round(205 * 150 / 25.4)
    page[top + slip : bottom + slip] = page[top:bottom].copy()
    result = register(page, loaded)
    corners = field_corners(loaded.layout).reshape(-1, 2)
    middle = corners[(corners[:, 1] > 130) & (corners[:, 1] < 190)]
    off = result.to_page(middle)[:, 1] - warp.to_page(middle)[:, 1] - slip
    assert not result.accepted or np.abs(off).max() < WORST_MM * 150 / 25.4


@settings(max_examples=30, deadline=None)
@given(
    st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.02, 0.02), st.integers(0, 2**31),
)  # fmt: skip
def test_the_mesh_follows_smooth_shifts_and_ignores_outliers(a, b, slope, seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform([5, 5], [205, 290], (160, 2))

    def truth(p: np.ndarray) -> np.ndarray:
        return np.stack([a + slope * p[:, 1], b * np.cos(p[:, 0] / 60)], axis=1)

    shifts = truth(points)
    outliers = rng.random(160) < 0.12
    shifts[outliers] += rng.choice([-9.4, 9.4], (outliers.sum(), 2))
    mesh = Mesh.straight(4.0, (10, 20), (210, 297))
    fitted, _ = mesh.fitted(points, shifts, np.ones((160, 2)), 0.3, 0.5)
    probe = rng.uniform([30, 30], [180, 260], (50, 2))
    assert np.abs(fitted.shift(probe) - truth(probe)).max() < 0.8
    pixels = fitted.to_page(probe)
    xs, ys = np.sort(probe[:, 0]), np.sort(probe[:, 1])
    map_x, map_y = fitted.grid(xs, ys)
    again = fitted.to_page(np.stack([xs, ys], axis=1))
    assert np.allclose(np.diagonal(map_x), again[:, 0], atol=0.01)
    assert np.allclose(np.diagonal(map_y), again[:, 1], atol=0.01)
    assert pixels.shape == (50, 2)
