"""Cells of a table without printed lines: read line by line, wherever the clerk wrote."""

from dataclasses import replace

import pytest

from ocr_pipeline.layout.free_cells import free_cells, slots_of_lines, whole_cells
from tests.builders.foreign_forms import PX
from tests.builders.foreign_tables import birth_table, laid_out
from tests.builders.table_clerk import FORM, LOADED, Clerk


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


def test_of_an_empty_cell_all_is_shown():
    crop = Clerk().cut()[0].fields["nksHoTen"]
    assert [ink(line) for line in crop.lines] == [0, 0, 0] and len(crop.corners) == 3


def test_pale_writing_alone_in_a_cell_is_not_painted_over():
    """30 levels under the paper are no piece of ink; the reader shows such a field to a person."""
    clerk = Clerk()
    clerk.write(2, "nksHoTen", "Lê Văn Sáu", 9.0, tone=225)
    crop = clerk.cut()[1].fields["nksHoTen"]
    assert sum(int((line < 240).sum()) for line in crop.lines) > 500


def test_cells_with_lines_to_write_on_keep_them(layouts):
    assert not any(free_cells(loaded) for loaded in layouts.values())
    cells = free_cells(LOADED)
    assert [one.codes for one in cells] == [{blank.code} for blank in FORM.blanks]
    [box] = FORM.blanks[0].lines
    assert cells[0].box == pytest.approx(box)


def test_fields_that_share_a_high_cell_get_its_lines_in_their_order():
    """Rules are up to 29 mm from the middle of such a cell; they hold it all the same."""
    form = birth_table(row=58.0, records=4)
    loaded = laid_out(form, lines=7)
    name, born = (loaded.layout.fields[at] for at in (2, 4))
    lines = name.lines
    halves = {"nksHoTen": lines[:1], "nksNgaySinh": lines[1:2], "nksNoiSinh": lines[2:]}
    kept = [one for one in loaded.layout.fields if one.code not in halves]
    place = next(one for one in loaded.layout.fields if one.code == "nksNoiSinh")
    shared = [one.model_copy(update={"lines": halves[one.code]}) for one in (name, born, place)]
    layout = loaded.layout.model_copy(update={"fields": (*kept, *shared)})
    clerk = Clerk(3.2, form, replace(loaded, layout=layout))
    texts = [("Lê Văn Sáu", 7), ("1.5.1987", 14), ("ấp Tân Hòa", 21), ("xã Lộc Thuận", 28)]
    written = [clerk.write(2, "nksHoTen", *one) for one in texts]
    fields = clerk.cut()[1].fields
    assert holds(fields["nksHoTen"], written[:1]) and holds(fields["nksNgaySinh"], written[1:2])
    assert holds(fields["nksNoiSinh"], written[2:])


def test_boxes_that_touch_are_one_cell():
    boxes = [(10.0, 20.0, 30.0, 7.0), (10.0, 27.0, 30.0, 7.0), (10.0, 58.0, 30.0, 7.0)]
    assert whole_cells(boxes) == [(10.0, 20.0, 30.0, 14.0), (10.0, 58.0, 30.0, 7.0)]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([8, 16, 24, 32], [0, 1, 2, 3]),
        ([6, 12, 18, 24], [0, 1, 2, 3]),
        ([7, 25], [0, 2]),
        ([9, 11], [0, 1]),
        ([31], [3]),
        ([5, 11, 17, 23, 29], [0, 0, 1, 2, 3]),
    ],
)
def test_lines_fill_the_slots_in_their_order(lines, found):
    slots = [(f"field{number}", height) for number, height in enumerate((8, 16, 24, 32))]
    assert slots_of_lines(lines, slots) == found


def test_no_field_of_a_cell_is_left_without_a_line_while_another_has_two():
    slots = [("nguoiKy", 6), ("nguoiKy", 14), ("nguoiKy", 22), ("chucVuNguoiKy", 30)]
    assert slots_of_lines([7, 13], slots) == [0, 3]
    assert slots_of_lines([7, 13, 20], slots) == [0, 1, 3]
    assert slots_of_lines([8], slots) == [0]
