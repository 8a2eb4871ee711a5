"""Tables are laid by their heads and held by their upright rules."""

from functools import cache

import numpy as np
import pytest
from PIL import ImageDraw

from ocr_pipeline.layout.pose import Pose
from ocr_pipeline.layout.registration import _laid, register
from tests.builders.foreign_forms import PX
from tests.builders.long_cases import long_after
from tests.builders.table_clerk import FORM, LOADED, Clerk

HEAD_MM = 16.0


@cache
def full_page():
    """Two lines in every cell, as dense as clerks write."""
    clerk = Clerk(3.0)
    for row in range(1, len(FORM.rows) + 1):
        for blank in FORM.blanks:
            width = blank.lines[0][2]
            text = "Lê Văn Sáu ở xã Lộc Thuận"[: int(width / 2.1)]
            for y in (8.0, 16.0):
                clerk.write(row, blank.code, text, y)
    return np.asarray(clerk.page)


@pytest.mark.parametrize("scale", long_after(1, [0.985, 1.015]))
def test_a_full_table_is_found_from_a_coarse_pose(scale):
    """The coarse search is up to 3 % and 2 mm off."""
    found = register(full_page(), LOADED, start=Pose(0, PX * scale, (11.0, 8.0), 0.4))
    assert found.accepted, found.reason
    boxes = np.array([blank.lines[0][:2] for blank in FORM.blanks])
    for row in FORM.rows:
        places = boxes + [0, row]
        assert np.abs(found.to_page(places) / PX - places).max() < 0.5


@pytest.mark.parametrize("by_words", [False, True])
def test_the_words_of_the_head_lead_where_nothing_else_does(by_words):
    """From 6 mm off, further than details are looked for, and with no look at larger blocks."""
    page = full_page()
    pose = Pose(0, PX, (6 * PX, -6 * PX), 0.4)
    found, _ = _laid(page, (page, 1.0), LOADED, pose, (), by_words=by_words)
    assert found.accepted is by_words


def test_a_table_whose_first_columns_lie_elsewhere_is_refused():
    """Their heads and the level lines fit: one such page had been accepted 6 mm off."""
    page = FORM.picture.copy()
    draw = ImageDraw.Draw(page)
    uprights = [rule for rule in FORM.rules if rule[0] == rule[2]][:3]
    for x, top, _, bottom in uprights:
        below = (top + HEAD_MM + 49) * PX  # from the third row on
        draw.line((x * PX, below, x * PX, bottom * PX), 255, 7)
        draw.line(((x + 6) * PX, below, (x + 6) * PX, bottom * PX), 30, 3)
    found = register(np.asarray(page), LOADED)
    assert not found.accepted and found.reason is not None
    assert "đường kẻ" in found.reason.vi, (
        found.reason
    )  # level ones around them, upright ones beside
    assert found.evidence.words == 1 and found.evidence.astray > 0.06
    assert register(np.asarray(FORM.picture), LOADED).evidence.astray == 0
