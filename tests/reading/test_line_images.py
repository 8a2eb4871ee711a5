import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.line_images import MAX_WIDTH, batches, prepare_line

HEIGHT = 48


def paper(height: int = 80, width: int = 400) -> np.ndarray:
    return np.full((height, width), 230, np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(0, 90), width=st.integers(0, 700), seed=st.integers(0, 99), ink=st.booleans()
)
def test_any_picture_gives_a_line_in_range(height: int, width: int, seed: int, ink: bool) -> None:
    rng = np.random.default_rng(seed)
    grey = rng.integers(0 if ink else 200, 256, (height, width)).astype(np.uint8)
    line = prepare_line(grey, HEIGHT)
    assert line.dtype == np.float32 and line.shape[0] == HEIGHT
    assert 8 <= line.shape[1] <= MAX_WIDTH * HEIGHT
    assert 0 <= line.min() and line.max() <= 1


def test_side_margins_do_not_matter() -> None:
    narrow = paper()
    narrow[30:50, 20:200:7] = 40
    wide = np.pad(narrow, ((0, 0), (100, 300)), constant_values=230)
    assert prepare_line(narrow, HEIGHT).shape == prepare_line(wide, HEIGHT).shape
    assert prepare_line(narrow, HEIGHT).max() == prepare_line(wide, HEIGHT).max() == 1


def test_blank_paper_has_no_ink_and_a_lone_leader_is_not_blown_up() -> None:
    assert not prepare_line(paper(), HEIGHT).any()
    dotted = paper()
    dotted[60:62, ::9] = 60
    assert prepare_line(dotted, HEIGHT).shape[1] < 30 * HEIGHT


def test_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="grey"):
        prepare_line(np.zeros((4, 4, 3), np.uint8), HEIGHT)


def test_batches_hold_every_line_once_within_the_bounds() -> None:
    rng = np.random.default_rng(0)
    lines = [np.ones((HEIGHT, int(w)), np.float32) for w in rng.integers(8, 1500, 70)]
    seen: list[int] = []
    for positions, batch in batches(lines, max_lines=8, max_pixels=HEIGHT * 4000):
        assert batch.shape[:3] == (len(positions), 1, HEIGHT) and batch.shape[3] % 16 == 0
        assert len(positions) == 1 or batch.size <= HEIGHT * 4000
        assert len(positions) <= 8
        for position, row in zip(positions, batch, strict=True):
            assert row.sum() == lines[position].sum()
        seen += positions
    assert sorted(seen) == list(range(70))
