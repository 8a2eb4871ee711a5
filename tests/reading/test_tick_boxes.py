import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.tick_boxes import read_ticks

MARGIN = 10
SIDE = 60  # pixels of a crop; the box is 39 px = 5 mm at 200 dpi


def box(dx: int = 0, dy: int = 0, mark: str = "", thick: int = 2, grey: int = 40) -> np.ndarray:
    picture = np.full((SIDE, SIDE), 250, np.uint8)
    left, top = 10 + dx, 10 + dy
    cv2.rectangle(picture, (left, top), (left + 39, top + 39), 60, 2, cv2.LINE_AA)
    if mark == "cross":
        cv2.line(picture, (left - 4, top - 2), (left + 42, top + 43), grey, thick, cv2.LINE_AA)
        cv2.line(picture, (left + 41, top - 3), (left + 1, top + 41), grey, thick, cv2.LINE_AA)
    elif mark == "fill":
        cv2.rectangle(picture, (left + 3, top + 4), (left + 36, top + 34), grey, -1, cv2.LINE_AA)
    elif mark == "check":
        points = np.array([[left + 6, top + 20], [left + 16, top + 36], [left + 48, top - 8]])
        cv2.polylines(picture, [points], False, grey, thick, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (3, 3), 0)


@settings(max_examples=60, deadline=None)
@given(
    shifts=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=3),
    ticked=st.integers(0, 2),
    mark=st.sampled_from(["cross", "check", "fill"]),
    thick=st.integers(2, 5),
    grey=st.integers(20, 130),
)
def test_the_ticked_box_is_found_wherever_the_boxes_lie(
    shifts: list[tuple[int, int]], ticked: int, mark: str, thick: int, grey: int
) -> None:
    boxes = [
        box(dx, dy, mark if place == ticked else "", thick, grey)
        for place, (dx, dy) in enumerate(shifts)
    ]
    result = read_ticks(boxes, ["1", "2", "3"], MARGIN)
    assert result.values == (str(ticked + 1),)
    assert result.probability > 0.9


def test_none_and_two_ticks_are_told() -> None:
    assert read_ticks([box(), box(3, -2)], ["1", "2"], MARGIN).values == ()
    assert read_ticks([box(mark="cross"), box(mark="check")], ["1", "2"], MARGIN).values == (
        "1",
        "2",
    )


def test_a_trace_of_ink_is_a_doubt() -> None:
    faint = box()
    cv2.line(faint, (24, 30), (33, 31), 90, 2)
    assert read_ticks([faint, box()], ["1", "2"], MARGIN).probability < 0.98


def test_a_picture_of_nothing() -> None:
    assert read_ticks([np.full((3, 40), 255, np.uint8)], ["1"], MARGIN).values == ()
    assert read_ticks([], [], MARGIN).probability == 1.0


def wide(dx: int, dy: int, mark: str = "", word: bool = False) -> np.ndarray:
    """A box as the pages are cut, 2.6 mm around its place, with a printed word beside it."""
    picture = np.full((79, 79), 245, np.uint8)
    picture[dy + 10 : dy + 70, dx + 10 : dx + 70] = box(mark=mark)
    if word:
        cv2.putText(picture, "so:", (0, 40 + dy), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 2)
    return picture


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (9, 9), (-9, 8), (9, -9), (-8, -9)])
def test_print_beside_a_box_that_lies_off_its_place_is_no_tick(dx: int, dy: int) -> None:
    boxes = [wide(dx, dy, word=dx >= 0), wide(dx, dy, "check"), wide(dx, dy, word=dx >= 0)]
    result = read_ticks(boxes, ["1", "2", "3"])
    assert result.values == ("2",) and result.probability > 0.9


def test_a_box_that_is_not_found_is_never_sure() -> None:
    """Far off its place, a word or a rule stands where the box should: either is ink."""
    word, rule, empty = (np.full((79, 79), 245, np.uint8) for _ in range(3))
    cv2.putText(word, "SINH", (4, 48), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 2)
    cv2.line(rule, (0, 40), (78, 40), 40, 2)
    for picture in (word, rule, empty):
        assert read_ticks([picture], ["1"]).probability < 0.9
        assert read_ticks([picture, wide(3, 2, "cross")], ["1", "2"]).probability < 0.9


def test_a_box_crossed_out_next_to_a_ticked_one_is_a_question() -> None:
    values = read_ticks([wide(0, 0, "fill"), wide(0, 0, "check")], ["1", "2"]).values
    assert values == ("1", "2")
