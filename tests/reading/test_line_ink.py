import cv2
import numpy as np

from ocr_pipeline.reading.line_ink import look_at


def paper(width: int = 500, height: int = 110) -> np.ndarray:
    return np.full((height, width), 255, np.uint8)


def written(text: str = "Nguyen Van An") -> np.ndarray:
    line = paper()
    cv2.putText(line, text, (60, 75), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.1, 40, 2, cv2.LINE_AA)
    return line


def test_empty_paper_and_leaders_are_empty() -> None:
    assert look_at(paper()).empty
    assert look_at(np.zeros((0, 0), np.uint8)).empty
    dotted = paper()
    dotted[80:82, ::6] = 60
    dotted[80:82, 1::6] = 60
    assert look_at(dotted).empty
    ruled = paper()
    ruled[82:84] = 70
    assert look_at(ruled).empty


def test_a_pale_leader_in_pieces_is_no_writing() -> None:
    line = paper()
    for left, width in ((40, 9), (90, 5), (140, 7), (200, 9), (280, 6), (350, 8), (420, 9)):
        line[76:79, left : left + width] = 190
    assert look_at(line).empty and look_at(line).area == 0


def test_the_dashes_of_a_date_are_writing() -> None:
    line = written("12 - 5 - 1985")
    assert look_at(line).line.shape[1] > 0.9 * np.ptp(np.flatnonzero((line < 220).any(axis=0)))


def test_a_single_digit_is_writing() -> None:
    line = paper(80)
    cv2.putText(line, "1", (30, 75), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 40, 2, cv2.LINE_AA)
    assert not look_at(line).empty


def test_remnants_of_a_table_do_not_shrink_the_writing() -> None:
    line = written()
    clean = look_at(line).line
    line[:, 3:6] = 30
    line[:, -6:-3] = 30
    line[0:3, ::2] = 30
    again = look_at(line).line
    assert again.shape == clean.shape
    assert np.abs(again.astype(int) - clean).max() < 40


def test_a_stroke_through_the_text_is_seen_and_a_rule_under_it_is_not() -> None:
    struck, underlined = written(), written()
    cv2.line(struck, (55, 64), (310, 60), 40, 2, cv2.LINE_AA)
    cv2.line(underlined, (55, 96), (310, 96), 40, 2, cv2.LINE_AA)
    assert look_at(struck).struck
    assert not look_at(underlined).struck
    assert not look_at(written()).struck
