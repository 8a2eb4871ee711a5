"""Two cuts of one page: which field is which, by where the boxes lie on the scan."""

import numpy as np
import pytest

from ocr_pipeline.layout.pose import turned
from ocr_pipeline.processing.moved_fields import before_turn, field_quads, moved_places, overlap

ROW = 100  # pixels


def box(left, top, width=300, height=ROW):
    return np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]],
        float,
    )


def table(*tops, first=1, codes=("so", "ten")):
    """Rows of a table, and the number of the sheet that all of them have."""
    fields = {
        (place, code): box(300 * column, top)
        for place, top in enumerate(tops, first)
        for column, code in enumerate(codes)
    }
    return fields | {(place, "trang"): box(900, 10) for place in range(first, first + len(tops))}


ALL = frozenset()


def test_a_cut_moved_by_little_keeps_every_field():
    assert moved_places(table(100, 200, 300), table(118, 218, 318)) == {
        1: (1, ALL), 2: (2, ALL), 3: (3, ALL),
    }  # fmt: skip


def test_a_cut_moved_by_a_row_follows_the_rows_and_none_lands_on_another():
    before, after = table(100, 200, 300), table(200, 300, 400)
    assert moved_places(before, after) == {2: (1, ALL), 3: (2, ALL)}
    assert moved_places(after, before) == {1: (2, ALL), 2: (3, ALL)}


def test_half_a_row_off_nothing_counts_for_a_row():
    assert all(lost is None for _, lost in moved_places(table(100, 200), table(150, 250)).values())


def test_fields_of_another_form_stay_where_they_lie_and_only_there():
    before = {(1, "so"): box(0, 0), (1, "ten"): box(0, 100), (1, "noi"): box(0, 200)}
    after = {(1, "so"): box(5, 5), (1, "ten"): box(0, 200), (1, "khac"): box(0, 100)}
    assert moved_places(before, after) == {1: (1, frozenset({"ten", "noi"}))}
    assert moved_places({(1, "so"): box(0, 0)}, {(1, "so"): box(0, 900)}) == {1: (1, None)}


def test_overlap_is_what_both_share_of_what_either_covers():
    assert overlap(box(0, 0), box(0, 0)) == pytest.approx(1)
    assert overlap(box(0, 0), box(0, 50)) == pytest.approx(1 / 3)
    assert overlap(box(0, 0), box(0, 101)) == 0


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_of_an_upright_page_lie_on_the_scan_whichever_way_it_lies(turn):
    flat = np.zeros((40, 30), np.uint8)
    flat[33, 4] = 255  # the place of the field on the straight page
    [[y, x]] = np.argwhere(turned(flat, turn))
    assert before_turn(np.array([[x, y]], float), turn, (30, 40)).tolist() == [[4, 33]]
    field = {"box": [int(x), int(y), 1, 1]}
    result = {
        "to_original": [2, 0, 10, 0, 2, 20, 0, 0, 1], "turn": turn,
        "records": [{"position": 1, "fields": {"so": field, "an": {"box": [0, 0, 0, 0]}}}],
    }  # fmt: skip
    quads = field_quads(result, (30, 40))
    assert list(quads) == [(1, "so")]
    assert [18, 86] in quads[1, "so"].tolist()
