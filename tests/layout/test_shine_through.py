"""The back of a sheet, seen through the paper, is no record of this page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.shine_through import shines_through
from tests.builders.filled_forms import Distortion, make_page
from tests.builders.long_cases import long_after


@pytest.fixture
def birth_form(layouts: dict[str, LoadedLayout]) -> LoadedLayout:
    return layouts["KS-2016"]


def page(layout: LoadedLayout, contrast: float, *, mirrored: bool, blur: float = 0) -> np.ndarray:
    pixels, _ = make_page(layout.layout, Distortion(dpi=110, noise=0))
    if mirrored:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    if blur:
        pixels = cv2.GaussianBlur(pixels, (0, 0), blur)
    grain = np.random.default_rng(1).normal(0, 2, pixels.shape)
    seen = 245 - (245.0 - pixels) * contrast + grain
    return ink_gray(np.clip(seen, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("contrast", "blur"), long_after(1, [(0.4, 1.5), (0.25, 0), (0.4, 0)], several=True)
)
def test_a_pale_form_that_is_mirrored_shines_through(
    birth_form: LoadedLayout, contrast: float, blur: float
) -> None:
    gray = page(birth_form, contrast, mirrored=True, blur=blur)
    found = detect(gray, [birth_form])
    assert found.layout_id is None
    assert shines_through(gray, found, [birth_form])


def test_dark_print_is_on_this_side_though_mirrored(birth_form: LoadedLayout) -> None:
    gray = page(birth_form, 1.0, mirrored=True)
    found = detect(gray, [birth_form])
    assert found.layout_id is None and not shines_through(gray, found, [birth_form])


def test_a_pale_page_cut_off_does_not_shine_through(birth_form: LoadedLayout) -> None:
    gray = page(birth_form, 0.3, mirrored=False)
    gray = np.ascontiguousarray(gray[: round(0.7 * len(gray))])
    found = detect(gray, [birth_form])
    assert found.layout_id is None and not shines_through(gray, found, [birth_form])
