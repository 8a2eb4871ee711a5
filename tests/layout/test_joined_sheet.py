"""A sheet scanned in two halves is found again, whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import ScanError
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.half_forms import BAND_MM, SheetHalf, halves_of
from ocr_pipeline.layout.joined_sheet import join, see_half
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.picture_fault import picture_fault
from ocr_pipeline.layout.registration import register
from ocr_pipeline.scans.page_image import PageImage
from tests.builders.half_scans import DPI, half_scan, written_sheet
from tests.builders.long_cases import long_after

WIDE = "KS-before-1999"


def seen(form: LoadedLayout, scan: np.ndarray):
    page = PageImage(scan, DPI)
    return see_half(flatten(page), (scan.shape[1], scan.shape[0]), [form])


@pytest.mark.parametrize("name", long_after(1, [WIDE, "KT-before-1999", "KH-before-1999"]))
def test_every_field_of_a_wide_form_is_on_a_half_or_crosses_the_middle(layouts, name):
    layout = layouts[name].layout
    middle = layout.page.width / 2
    left, right = halves_of(layouts[name])
    assert (left.side, right.side) == (SheetHalf.LEFT, SheetHalf.RIGHT)
    own = [{field.code for field in half.loaded.layout.fields} for half in (left, right)]
    crossing = {
        field.code
        for field in layout.fields
        if any(box[0] < middle < box[0] + box[2] for box in field.lines)
    }
    assert not own[0] & own[1] and not crossing & (own[0] | own[1])
    assert own[0] | own[1] | crossing == {field.code for field in layout.fields}
    assert right.left_mm == pytest.approx(middle - BAND_MM, abs=0.13)
    scale = layout.reference_dpi / 25.4
    for half in (left, right):
        shape = half.loaded.reference.shape
        assert shape[1] == pytest.approx(half.loaded.layout.page.width * scale, abs=0.01)


def test_an_upright_form_has_no_halves(layouts):
    assert halves_of(layouts["KS-2016"]) == ()


@pytest.mark.parametrize("turn", long_after(1, [0, 180, 90]))
def test_two_crooked_halves_make_the_sheet(layouts, turn):
    form = layouts[WIDE]
    left = seen(form, np.rot90(half_scan(form.layout, SheetHalf.LEFT, angle=0.8), turn // 90))
    right = seen(form, half_scan(form.layout, SheetHalf.RIGHT, angle=-0.6, shift=(1.5, -2.0)))
    assert (left.form.side, right.form.side) == (SheetHalf.LEFT, SheetHalf.RIGHT)
    sheet = join(left, right)
    assert sheet.dpi == pytest.approx(DPI, rel=0.02)
    assert sheet.agreement is not None and sheet.agreement > 0.6
    whole = register(cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY), form)
    assert whole.accepted, whole.reason
    boxes = np.array([box[:2] for field in form.layout.fields for box in field.lines])
    off = whole.to_page(boxes) / (sheet.dpi / 25.4) - boxes
    assert np.abs(off).max() < 0.6


def test_nothing_of_the_writing_is_lost_at_the_seam(layouts):
    form = layouts[WIDE]
    sheet = join(
        seen(form, half_scan(form.layout, SheetHalf.LEFT, angle=0.5)),
        seen(form, half_scan(form.layout, SheetHalf.RIGHT, angle=-0.5)),
    )
    ink = []
    for picture in (written_sheet(form.layout), cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY)):
        scale = picture.shape[1] / form.layout.page.width
        strip = picture[:, round(200 * scale) : round(220 * scale)]
        ink.append((255.0 - strip).sum() / strip.size)
    assert ink[1] == pytest.approx(ink[0], rel=0.05)


def test_halves_of_two_sheets_disagree(layouts):
    form = layouts[WIDE]
    left = seen(form, half_scan(form.layout, SheetHalf.LEFT, sheet=1))
    right = seen(form, half_scan(form.layout, SheetHalf.RIGHT, sheet=2))
    agreement = join(left, right).agreement
    assert agreement is not None and agreement < 0.5


def test_halves_that_do_not_meet_are_no_sheet(layouts):
    form = layouts[WIDE]
    left = seen(form, half_scan(form.layout, SheetHalf.LEFT, beyond_mm=-4))
    right = seen(form, half_scan(form.layout, SheetHalf.RIGHT, beyond_mm=-4))
    with pytest.raises(ScanError, match="do not meet"):
        join(left, right)


def test_a_whole_sheet_is_no_half(layouts):
    form = layouts[WIDE]
    whole = np.repeat(written_sheet(form.layout)[..., None], 3, axis=2)
    assert seen(form, whole) is None


def test_a_refused_half_says_what_it_is(layouts):
    form = layouts[WIDE]
    page = PageImage(half_scan(form.layout, SheetHalf.RIGHT), DPI)
    fault = picture_fault(page, flatten(page).gray, [form])
    assert fault is not None and "right half" in fault.cause.en and "sheets" in fault.remedy.en
