"""What several pages of a table have in common."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.proposing.common_sheet import common_sheet
from tests.builders.foreign_tables import birth_table
from tests.builders.table_clerk import FORM, Clerk


def kept(found):
    """Shares of the print of the form, and of the writing on its first page, that are left."""
    first, form = page(FORM, 1), np.asarray(FORM.picture)
    near = cv2.erode(found.picture, np.ones((5, 5), np.uint8)) < 200
    return float(near[form < 128].mean()), float(near[(first < 128) & (form > 200)].mean())


def page(form, *rows):
    clerk = Clerk(form=form)
    for number in rows:
        clerk.write(number, "nksHoTen", "Lê Văn Sáu", 9.0)
    return np.asarray(clerk.page)


def test_the_writing_of_each_page_is_left_out():
    found = common_sheet(page(FORM, 1, 2, 3), [page(FORM, 4, 5)], "KS", FORM.size)
    assert (found.pages, found.left_out) == (2, ())
    assert kept(found) == pytest.approx((1, 0), abs=0.02)


def test_a_page_whose_rules_lie_elsewhere_is_not_used():
    """Its words fit; compared with it, the rows of the first page had been taken for writing."""
    other = birth_table(row=27.0, records=7)
    found = common_sheet(page(FORM, 1), [page(other, 2), page(FORM, 4)], "KS", FORM.size)
    assert (found.pages, found.left_out) == (2, (1,))
    assert kept(found) == pytest.approx((1, 0), abs=0.02)
