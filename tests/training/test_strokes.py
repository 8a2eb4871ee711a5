import os
from pathlib import Path

import numpy as np
import pytest

from ocr_pipeline.training import pen_strokes, pens
from ocr_pipeline.training.text_writer import TextWriter

DATA = Path(
    os.environ.get("SOHOA_HANDWRITING", Path(__file__).parents[3] / "shared" / "handwriting")
)


def test_straighten_levels_a_sloping_line() -> None:
    x = np.linspace(0, 1000, 200)
    line = [np.stack([x, 50 + 0.1 * x + 10 * np.sin(x)], axis=1).astype(np.float32)]
    level, slope, intercept, size = pen_strokes.straighten(line)
    assert slope == pytest.approx(0.1, abs=0.01)
    assert intercept == pytest.approx(50, abs=3)
    assert abs(level[0][:, 1].mean()) < 1
    assert size == pytest.approx(7, abs=1)


def test_drawn_ink_is_seeded_and_within_bounds() -> None:
    line = [np.array([[0, 0], [3, -2], [6, 1]], np.float32)]
    first, second = (
        pens.draw(pens.restyle(line, rng), 9, pens.random_pen(rng), rng)
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    assert np.array_equal(first, second)
    assert first.min() >= 0 and first.max() <= 1 and first.max() > 0.5


def test_words_that_show_something_else_are_left_out(tmp_path: Path, monkeypatch) -> None:
    listed = pen_strokes.mislabelled_words()
    assert len(listed) == 287 and min(listed) >= 0
    monkeypatch.setattr(pen_strokes, "mislabelled_words", lambda: frozenset({1}))
    writer, label = 7, "vào"
    pieces = [(label, 10), (label, 25), ("khác", 40)]  # what is written, and how wide
    for name, per in (("vnondb_strokes", "word"), ("vnondb_line_strokes", "line")):
        words = pieces if per == "word" else [(" ".join(text for text, _ in pieces), 0)]
        # Rows are x and y; the second point of a stroke is a difference.
        points = [[[start * 100, width], [10, 8]] for start, (_, width) in enumerate(pieces)]
        np.savez(
            tmp_path / f"{name}.npz",
            text=np.frombuffer("\n".join(text for text, _ in words).encode(), np.uint8),
            writer=np.full(len(words), writer),
            is_val=np.ones(len(words), bool),
            points=np.concatenate(points, axis=1),
            points_per_stroke=np.full(len(pieces), 2),
            **{f"strokes_per_{per}": np.array([1] * 3 if per == "word" else [3])},
            **({"line": np.zeros(3, int)} if per == "word" else {}),
        )
    [hand] = pen_strokes.load_hands(tmp_path, validation=True)
    assert hand.writer == writer and set(hand.words) == {label, "khác"}
    assert len(hand.words[label]) == 1
    first, other = hand.words[label][0], hand.words["khác"][0]
    assert first.width > 0 and other.width == pytest.approx(4 * first.width, rel=0.05)


@pytest.mark.long
@pytest.mark.skipif(
    not (DATA / "vnondb_strokes.npz").is_file(),
    reason="handwriting data absent: set SOHOA_HANDWRITING to its folder",
)
def test_real_writers_write_new_texts() -> None:
    hands = pen_strokes.load_hands(DATA, validation=True)
    assert len(hands) == 34
    scribes = TextWriter(hands[:2])
    rng = np.random.default_rng(0)
    written = scribes.write(0, "NGUYỄN Văn An, 12/05/1985", rng)
    assert written is not None
    points = np.concatenate(written)
    assert np.isfinite(points).all()
    assert np.ptp(points[:, 0]) > 20  # letter sizes: a whole line, not a heap
    assert np.abs(points[:, 1]).max() < 8
