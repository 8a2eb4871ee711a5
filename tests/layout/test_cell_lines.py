"""Cells of a table without printed lines: read line by line, wherever the clerk wrote."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ImageDraw, ImageFont

from ocr_pipeline.layout.cell_lines import free_fields, whole_cells
from ocr_pipeline.layout.field_crops import cut
from ocr_pipeline.layout.registration import register
from tests.builders.foreign_forms import FONTS, PX
from tests.builders.foreign_tables import birth_table, laid_out

FORM = birth_table()
LOADED = laid_out(FORM)


class Clerk:
    """Writes upright letters into cells; knows the ink of each line."""

    def __init__(self, size=3.4):
        self.page = FORM.picture.copy()
        self.font = ImageFont.truetype(str(FONTS / "DejaVuSerif-Italic.ttf"), round(size * PX))

    def write(self, row, code, text, y):
        """A line with its base line y mm below the top of its cell; gives the amount of ink."""
        [box] = next(one.lines for one in FORM.blanks if one.code == code)
        at = ((box[0] + 1) * PX, (box[1] + FORM.rows[row - 1] + y) * PX)
        return self.stroke(lambda draw: draw.text(at, text, 40, self.font, anchor="ls"))

    def stroke(self, drawing):
        before = np.asarray(self.page) < 128
        drawing(ImageDraw.Draw(self.page))
        return int(((np.asarray(self.page) < 128) & ~before).sum())

    def cut(self):
        gray = np.asarray(self.page)
        flat = SimpleNamespace(gray=gray, pixels=np.dstack([gray] * 3))
        registration = register(gray, LOADED)
        assert registration.accepted, registration.reason
        return cut(flat, LOADED, registration)


def ink(line):
    return int((line < 128).sum())


def holds(crop, written):
    """Whether the pictures hold the ink of these lines; the scan's own pixels make it thinner."""
    found = [ink(line) for line in crop.lines]
    whole = sum(found) / sum(written)
    return 0.8 < whole < 1.02 and found == pytest.approx([whole * one for one in written], 0.04)


@pytest.mark.parametrize(
    "lines",
    [
        [("Trương Thị Mai Lan", 12.5)],
        [("Trương Thị Mai Lan", 3.4)],
        [("ấp Tân Hòa, xã Lộc", 8.0), ("Thuận", 14.5)],
        [("ấp Tân Hòa, xã Lộc", 5.0), ("Thuận, huyện Bình", 10.6), ("Đại, tỉnh Bến Tre", 16.5)],
        [("thôn Đông", 4.5), ("An Thạnh", 19.0)],
    ],
    ids=["in the middle", "at the top", "a short second line", "three lines", "far apart"],
)
def test_each_line_of_a_cell_is_a_picture_of_its_own(lines):
    clerk = Clerk()
    clerk.write(3, "so", "17", 9.0)
    written = [clerk.write(3, "nksNoiSinh", text, y) for text, y in lines]
    crop = clerk.cut()[2].fields["nksNoiSinh"]
    assert holds(crop, written)
    heights = [line.shape[0] / PX for line in crop.lines]
    assert max(heights) < 10, "no line has another one in its picture"
    tops = [y for _, y in crop.corners]
    assert tops == sorted(tops) and len(tops) == len(lines)


def test_marks_go_with_the_letters_they_stand_at():
    clerk = Clerk(4.2)
    upper = clerk.write(2, "nksHoTen", "Nguyễn Thị Ngọc", 9.0)
    lower = clerk.write(2, "nksHoTen", "Ẩn Ễnh Ộp", 14.6)
    crop = clerk.cut()[1].fields["nksHoTen"]
    assert holds(crop, [upper, lower])


def test_an_empty_cell_is_one_empty_picture():
    crop = Clerk().cut()[0].fields["nksHoTen"]
    assert [ink(line) for line in crop.lines] == [0] and len(crop.corners) == 1


def test_cells_with_lines_to_write_on_keep_them(layouts):
    assert not any(free_fields(loaded.layout) for loaded in layouts.values())
    assert free_fields(LOADED.layout) == {blank.code for blank in FORM.blanks}


def test_a_cell_that_two_fields_share_keeps_its_lines():
    own, other, *rest = LOADED.layout.fields
    below = own.lines[-1]
    low = tuple((below[0], y, below[2], 8.0) for y in (below[1] + 8.0, below[1] + 16.0))
    shared = other.model_copy(update={"lines": low})
    layout = LOADED.layout.model_copy(update={"fields": (own, shared, *rest)})
    assert {own.code, other.code}.isdisjoint(free_fields(layout))


def test_boxes_that_touch_are_one_cell():
    boxes = [(10.0, 20.0, 30.0, 7.0), (10.0, 27.0, 30.0, 7.0), (10.0, 58.0, 30.0, 7.0)]
    assert whole_cells(boxes) == [(10.0, 20.0, 30.0, 14.0), (10.0, 58.0, 30.0, 7.0)]
