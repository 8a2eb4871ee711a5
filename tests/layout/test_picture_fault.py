"""A refusal says what was done to the picture when that is what keeps a form from fitting."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.picture_fault import picture_fault
from ocr_pipeline.scans.page_image import PageImage
from tests.builders.filled_forms import Distortion, make_page
from tests.builders.long_cases import long_after


def scan(layout: LoadedLayout, spoil: Callable[[np.ndarray], np.ndarray]) -> PageImage:
    gray, _ = make_page(layout.layout, Distortion(dpi=110, noise=0))
    pixels = np.repeat(gray[..., None], 3, axis=2)
    return PageImage(np.ascontiguousarray(spoil(pixels)), 110.0)


@pytest.mark.parametrize(
    ("spoil", "told"),
    long_after(
        2,
        [
            (lambda a: a[:, ::-1], "mirrored"),
            (lambda a: cv2.resize(a, None, fx=1, fy=2), "stretched about 2:1"),
            (lambda a: 255 - a, "negative"),
            (lambda a: cv2.resize(a, None, fx=2, fy=1), "stretched about 2:1"),
        ],
        several=True,
    ),
)
def test_what_was_done_to_the_picture_is_said(layouts: dict[str, LoadedLayout], spoil, told):
    form = layouts["KS-2016"]
    page = scan(form, spoil)
    fault = picture_fault(page, flatten(page).gray, [form])
    assert fault is not None and told in fault.cause.en and fault.remedy.vi


@pytest.mark.long
def test_a_page_of_another_form_is_not_explained_away(layouts: dict[str, LoadedLayout]):
    other = scan(layouts["KT-2016"] if "KT-2016" in layouts else layouts["CMC-2016"], lambda a: a)
    assert picture_fault(other, flatten(other).gray, [layouts["KS-2016"]]) is None
