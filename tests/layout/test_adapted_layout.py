"""A form that another house printed: its print is found, boxes that are off are noticed."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.layout.adaptation_check import check_adaptation
from ocr_pipeline.layout.adapted_layout import adapt
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.common_print import CommonPrint, lay_pages, nearest_layout
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.field_footing import unfounded_boxes
from ocr_pipeline.layout.loading import LoadedLayout, parse_layout
from ocr_pipeline.layout.print_match import match_print
from tests.builders.long_cases import long_after
from tests.builders.other_house import (
    HouseStyle,
    draw_print,
    flat_house_page,
    house_style,
    other_house,
    share_lost,
)

SANS = HouseStyle(pitch=1.03, wordings=1.0, width=0.96, family="sans")


def print_of(house, style):
    """The empty form as several pages would show it: words, and leaders with their dots joined."""
    picture = draw_print(house, style, 200)
    lines = cv2.morphologyEx(picture, cv2.MORPH_OPEN, np.ones((1, 17), np.uint8))
    return CommonPrint(picture, lines, (house.page.width, house.page.height))


@pytest.fixture(scope="module")
def base(layouts):
    return layouts["KT-2016"].layout


@pytest.fixture(scope="module")
def house(base):
    return other_house(base, 2, SANS)


@pytest.fixture(scope="module")
def common(house):
    return print_of(house, SANS)


@pytest.fixture(scope="module")
def adapted(common, base):
    return adapt(common, base)


def test_the_house_differs_by_as_much_as_is_said(base, house):
    """What the other tests stand on: lines of another pitch, print up to 8 mm off, other words."""
    moved = [abs(a.x1 - b.x1) for a, b in zip(house.leaders, base.leaders, strict=True)]
    down = [b.y - a.y for a, b in zip(base.leaders, house.leaders, strict=True)]
    assert max(moved) > 6
    assert max(down) - min(down) > 5
    assert sum(a.text != b.text for a, b in zip(house.captions, base.captions, strict=True)) >= 4


def test_print_is_found_wherever_the_house_set_it(base, house, common):
    found = match_print(common.reduced(FINE_PER_MM), common.reduced_lines(FINE_PER_MM), base)
    lines = [(found.leaders[k, 0], line) for k, line in enumerate(house.leaders)]
    assert all(seen is not None and abs(seen[2] - line.y) < 0.6 for seen, line in lines)
    assert sum(abs(seen[0] - line.x1) < 2 for seen, line in lines) >= len(lines) - 1
    for index, caption in enumerate(house.captions):
        if caption.anchor and caption.text == base.captions[index].text:
            seen = found.captions[index, 0]
            assert seen is not None, caption.text
            assert np.abs(np.array(seen.box[:2]) - caption.box[:2]).max() < 1.2, caption.text


def test_lines_of_cells_beside_each_other_are_told_apart(layouts):
    """The rule between two people moved by 4 mm: each has lines of his own, right up to it."""
    base, style = layouts["CN-2016"].layout, house_style(61)
    house = other_house(base, 61, style)
    common = print_of(house, style)
    found = match_print(common.reduced(FINE_PER_MM), common.reduced_lines(FINE_PER_MM), base)
    table = [k for k, leader in enumerate(base.leaders) if 66 < leader.y < 186 and leader.x1 < 140]
    assert len({base.leaders[k].x1 for k in table}) == 2 and len(table) > 20
    for k in table:
        seen, true = found.leaders[k, 0], house.leaders[k]
        assert seen is not None, true
        assert np.abs(np.subtract(seen, (true.x1, true.x2, true.y))).max() < 1.2, (seen, true)


@pytest.mark.long
def test_other_words_are_said_and_never_guessed_silently(base, house, adapted):
    changed = {
        old.text
        for old, new in zip(base.captions, house.captions, strict=True)
        if old.text != new.text
    }
    assert changed <= {*adapted.reworded, *adapted.missing}
    assert not set(adapted.missing) - changed


def test_fields_stand_where_the_house_has_them(house, adapted):
    true = {(f.code, n): box for f in house.fields for n, box in enumerate(f.lines)}
    for one in adapted.moved:
        if (one.code, one.line) in true:
            x, y, width, height = true[one.code, one.line]
            got = one.box
            off = abs(got[1] + got[3] - y - height)
            assert off < 1, (one, true[one.code, one.line])
            assert got[0] < x + 1.9, (one, x)  # crops reach 2 mm further
            assert got[0] + got[2] > x + width - 1.9, (one, x + width)


@pytest.mark.parametrize("seen", long_after(1, [0.5, 0.0]))
def test_a_leader_that_is_not_seen_to_its_end_keeps_its_box(base, house, common, seen):
    """Writing of many pages or pale dots hide it: the words beside it say where it lies."""
    box = next(f for f in house.fields if f.code == "nktHoTen").lines[0]
    scale = 200 / 25.4
    x1, x2 = (round((box[0] + box[2] * share) * scale) for share in (seen, 1.02))
    y = round((box[1] + box[3] - 2) * scale)
    pictures = [picture.copy() for picture in (common.picture, common.lines)]
    for picture in pictures:
        picture[y - 8 : y + 9, x1:x2] = 255
    again = adapt(CommonPrint(*pictures, common.size), base)
    [got] = [one for one in again.moved if (one.code, one.line) == ("nktHoTen", 0)]
    assert got.box[0] < box[0] + 1.9
    assert got.box[0] + got.box[2] > box[0] + box[2] - 1.9
    assert seen or not got.held_by, "a leader that nobody saw confirms nothing"


@pytest.mark.long
def test_the_new_picture_has_the_print_alone(base, house, adapted):
    """A pen stroke that all pages have in a blank is writing: the picture must not keep it."""
    picture = draw_print(house, SANS, 200).copy()
    box = next(f for f in house.fields if f.code == "nktHoTen").lines[0]
    scale = 200 / 25.4
    at = (round((box[0] + 20) * scale), round((box[1] + 2) * scale))
    cv2.rectangle(picture, at, (at[0] + 60, at[1] + 12), 40, -1)
    lines = cv2.morphologyEx(picture, cv2.MORPH_OPEN, np.ones((1, 17), np.uint8))
    again = adapt(CommonPrint(picture, lines, (house.page.width, house.page.height)), base)
    small = house.model_copy().reference_dpi / 25.4
    x, y = round((box[0] + 22) * small), round((box[1] + 2.5) * small)
    assert again.reference[y, x] > 240
    assert again.reference.min() < 120


def test_a_scan_as_its_own_picture_does_not_prove_old_boxes(base, house, common, adapted):
    """`layout new --like --scan`: the picture is the scan, the boxes are still the old ones."""
    own = LoadedLayout(base, common.reduced(base.reference_dpi / 25.4), "")
    off = {one.code for one in unfounded_boxes(own)}
    assert len(off) > 0.3 * len(base.fields)
    assert not unfounded_boxes(LoadedLayout(adapted.layout, adapted.reference, ""))


def test_one_box_that_is_24_mm_late_is_noticed(layouts):
    loaded = layouts["KS-2016"]
    fields = []
    for field in loaded.layout.fields:
        if field.code == "nksNgaySinh":
            x, y, width, height = field.lines[0]
            field = field.model_copy(update={"lines": ((x, y + 24, width, height),)})
        fields.append(field)
    leaders = []
    for leader in loaded.layout.leaders:
        if (leader.x1, leader.y) == (57.7, 49.8):
            leader = leader.model_copy(update={"y": leader.y + 24})
        leaders.append(leader)
    moved = loaded.layout.model_copy(update={"fields": tuple(fields), "leaders": tuple(leaders)})
    off = unfounded_boxes(LoadedLayout(moved, loaded.reference, ""))
    assert [one.code for one in off] == ["nksNgaySinh"]


@pytest.mark.parametrize("name", ["KS-2016", "KS-2006", "KS-before-1999"])
def test_shipped_boxes_stand_on_their_lines(layouts, name):
    assert not unfounded_boxes(layouts[name])


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("KS-2016", 11),
        ("KS-2016", 71),  # 71 prints its rules at grey 120–146
        ("KT-2016", 13),
        ("KH-2016", 15),
        ("KS-before-1999", 19),
    ],
)
def test_pages_of_another_house_are_read_whole_after_five_of_them(layouts, name, seed):
    loaded, style = layouts[name], house_style(seed)
    house = other_house(loaded.layout, seed, style)
    pages = [flat_house_page(house, style, 100 * seed + k) for k in range(5)]
    further = [flat_house_page(house, style, 100 * seed + 50 + k) for k in range(4)]
    grays = [page.gray for page in pages]
    like, poses = nearest_layout(grays, [loaded])
    laid = lay_pages(grays, like, poses)
    adapted = adapt(laid.common(), loaded.layout)
    check = check_adaptation(adapted, loaded.layout, laid, grays)
    assert check.holds, check
    assert check.residual_mm < 0.5
    now = LoadedLayout(adapted.layout, adapted.reference, "")
    lost = []
    for page in further:
        found = detect(page.gray, [now])
        assert found.registration is not None, found.reason
        lost += share_lost(page, now, found.registration).values()
    assert np.mean(np.array(lost) > 0.1) <= 0.02
    assert np.median(lost) < 0.03


@pytest.mark.long
def test_pages_unlike_each_other_teach_nothing(layouts):
    from ocr_pipeline.errors import BadInputError

    pages = []
    for seed in (1, 2, 3):
        style = house_style(seed)
        house = other_house(layouts["KT-2016"].layout, seed, style)
        pages.append(flat_house_page(house, style, seed).gray)
    like, poses = nearest_layout(pages, [layouts["KT-2016"]])
    with pytest.raises(BadInputError, match="share the same print"):
        lay_pages(pages, like, poses)


def test_what_was_learned_is_a_layout_that_loads(adapted):
    from ocr_pipeline.layout.layout_draft import dump

    text = dump(adapted.layout.model_dump(mode="json", exclude_defaults=True))
    assert parse_layout(text, "test").fields == adapted.layout.fields
