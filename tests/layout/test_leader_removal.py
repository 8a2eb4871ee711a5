"""A leader is taken off its strip: dots, dashes or a line, never the writing on it."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.layout.leader_removal import erase_leader, erase_rule
from ocr_pipeline.layout.touched_leader import erase_touched_pieces

SCALE = 200 / 25.4  # pixels per mm
HEIGHT, WIDTH = 29, 900


def paper() -> np.ndarray:
    return np.full((HEIGHT, WIDTH), 255, np.uint8)


def dotted(slope: float = 0.0, wave: float = 0.0) -> np.ndarray:
    strip = paper()
    for x in range(8, WIDTH - 8, 9):
        y = round(14 + slope * (x - WIDTH / 2) + wave * np.sin(x / 140))
        strip[y : y + 2, x : x + 2] = 60
    return strip


def dashed() -> np.ndarray:
    strip = paper()
    for x in range(8, WIDTH - 20, 20):
        strip[13:15, x : x + 11] = 60
    return strip


def ruled() -> np.ndarray:
    strip = paper()
    strip[13:15] = 40
    return strip


def pen(strip: np.ndarray) -> np.ndarray:
    """Strokes of a pen across the strip's middle; where they are."""
    drawn = np.zeros(strip.shape, np.uint8)
    for x in range(120, WIDTH - 120, 170):
        cv2.line(drawn, (x, 2), (x + 25, HEIGHT - 3), 255, 3)
    strip[drawn > 0] = 30
    return drawn > 0


@pytest.mark.parametrize(
    "strip",
    [dotted(), dotted(slope=0.004), dotted(wave=2.5), dashed(), ruled()],
    ids=["dots", "sloping", "winding", "dashes", "line"],
)
def test_a_leader_goes_and_the_strokes_across_it_stay(strip):
    written = pen(strip)

    erase_leader(strip, SCALE)

    left = strip < 215
    near = cv2.dilate(written.astype(np.uint8), np.ones((9, 31), np.uint8)) > 0
    assert (left & ~near).sum() <= 0.02 * (HEIGHT * WIDTH) ** 0.5
    assert (left & written).sum() >= 0.97 * written.sum()


def test_letters_that_stand_above_a_leader_of_dashes_keep_their_feet():
    """Once the dashes are gone the feet are the fullest row: they are no rest of the leader."""
    strip = dashed()
    written = np.zeros(strip.shape, bool)
    for x in range(120, 700, 10):
        written[:8, x : x + 3] = True
    strip[written] = 30

    erase_leader(strip, SCALE)

    assert ((strip < 215) & written).sum() >= 0.97 * written.sum()
    assert not (strip[12:16] < 215).any(), "the dashes are gone"


LEADERS = {"dots": dotted, "dashes": dashed, "line": ruled}


def pale(strip: np.ndarray) -> np.ndarray:
    """The leader in the grey of worn print."""
    return np.where(strip < 255, 120, 255).astype(np.uint8)


def inked(strip: np.ndarray, written: np.ndarray) -> np.ndarray:
    """A pen over print, each as grey as the other: both together are darker."""
    return np.where(written, strip * (110 / 255), strip).astype(np.uint8)


@pytest.mark.parametrize("leader", LEADERS.values(), ids=LEADERS)
def test_round_feet_of_figures_on_a_leader_stay(leader):
    """A `0` whose foot lies on the leader is no open arch."""
    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(150, WIDTH - 150, 130):
        cv2.ellipse(drawn, (x, 2), (9, 11), 0, 0, 360, 255, 2)
    strip = inked(pale(leader()), drawn > 0)

    erase_leader(strip, SCALE)

    feet = (drawn > 0) & (np.arange(HEIGHT)[:, None] >= 11)
    assert ((strip < 215) & feet).sum() >= 0.9 * feet.sum()


@pytest.mark.parametrize("leader", LEADERS.values(), ids=LEADERS)
def test_print_that_touches_legs_of_letters_goes_with_the_leader(leader):
    """It had stayed as feet beside the legs: `7` was read as `2`."""
    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(150, WIDTH - 150, 37):
        cv2.line(drawn, (x, 0), (x, 13), 255, 3)
    strip = inked(pale(leader()), drawn > 0)

    erase_leader(strip, SCALE)

    near = cv2.dilate(drawn, np.ones((3, 5), np.uint8)) > 0
    assert not ((strip < 215) & ~near).any()
    legs = (drawn > 0) & (np.arange(HEIGHT)[:, None] < 12)
    assert ((strip < 215) & legs).sum() >= 0.97 * legs.sum()


@pytest.mark.parametrize(
    ("places", "grey"),
    [
        ([(100, 14)], 60),  # one alone
        ([(100, 14), (100, 14), (100, 15)], 60),  # on each other
        ([(100, 14), (101, 14), (102, 14)], 60),
        ([(50, 14), (60, 14), (70, 14)], 255),  # without ink where they should be
    ],
)
def test_pieces_that_are_no_leader_take_nothing_with_them(places, grey):
    strip = paper()
    strip[13:16, 99:102] = grey
    before, stats = strip.copy(), np.full((len(places), 5), 3, np.int32)

    erase_touched_pieces(strip, stats, np.array(places, float))

    assert np.array_equal(strip, before)


def test_few_dots_of_a_pen_are_no_leader():
    strip = paper()
    for x in (100, 230, 500):
        strip[12:16, x : x + 4] = 30
    before = strip.copy()

    erase_leader(strip, SCALE)

    assert np.array_equal(strip, before)


def test_a_rule_goes_also_off_a_strip_that_lies_on_its_side():
    page = np.full((WIDTH, HEIGHT), 255, np.uint8)
    page[:, 13:15] = 40
    sideways = page.T
    written = pen(sideways)

    erase_rule(sideways, SCALE)

    assert not (page[:100] < 215).any()
    assert ((sideways < 215) & written).sum() >= 0.8 * written.sum()
