"""Pen strokes of real writers: load them, place words on a line, write new texts in one hand.

Strokes come from HANDS-VNOnDB (`vnondb_strokes.npz`, `vnondb_line_strokes.npz`): see the folder's
README for the format. Coordinates are the page's; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

Stroke = npt.NDArray[np.float32]
"""(n, 2) x, y of one pen-down movement, in pen units or in letter sizes."""

PUNCTUATION = ".,-/:;()\"'?!&%*"


@dataclass(frozen=True)
class StrokeInk:
    """Writing relative to its line: x from its left edge, y from the line's centre.

    Lengths are in *letter sizes* (standard deviation of the line's ink about its centre), so that
    pieces of different lines of one writer fit together.
    """

    strokes: tuple[Stroke, ...]
    width: float

    def at(self, x: float, y: float = 0.0, scale: float = 1.0) -> list[Stroke]:
        """The strokes scaled, then moved to the right by `x` and down by `y`."""
        move = np.array([x, y], np.float32)
        return [s * np.float32(scale) + move for s in self.strokes]


@dataclass
class WriterStrokes:
    """One writer: his words and marks, and how he spaces them."""

    writer: int
    words: dict[str, list[StrokeInk]] = field(default_factory=dict)
    marks: dict[str, list[StrokeInk]] = field(default_factory=dict)
    gaps: list[float] = field(default_factory=list)

    @cached_property
    def gap(self) -> float:
        """Usual blank between two words, in letter sizes."""
        return float(np.median(self.gaps)) if self.gaps else 1.5


class StrokeFile:
    """The pieces (lines or words) of one stroke file."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as z:
            self.text: list[str] = z["text"].tobytes().decode().split("\n")
            self.writer = z["writer"]
            self.is_val = z["is_val"]
            self.line = z["line"] if "line" in z else np.arange(len(self.text))
            key = "strokes_per_word" if "strokes_per_word" in z else "strokes_per_line"
            per_piece = z[key].astype(int)
            per_stroke = z["points_per_stroke"].astype(int)
            points = z["points"].astype(np.int64)
        self._ends = per_stroke.cumsum()
        starts = self._ends - per_stroke
        total = points.cumsum(axis=1)
        before = total[:, starts] - points[:, starts]
        absolute = total - np.repeat(before, per_stroke, axis=1)
        self._points = absolute.T.astype(np.float32)
        self._starts = starts
        self._last = per_piece.cumsum()
        self._first = self._last - per_piece

    def strokes(self, piece: int) -> list[Stroke]:
        """The strokes of a piece, (n, 2) each, in page coordinates."""
        return [
            self._points[self._starts[s] : self._ends[s]]
            for s in range(self._first[piece], self._last[piece])
        ]


def straighten(strokes: Sequence[Stroke]) -> tuple[list[Stroke], float, float, float]:
    """Level a line: fit its centre, turn it to y = 0, and measure the letter size.

    Returns:
        The strokes in page units, y relative to the centre; slope and intercept of the centre;
        and the letter size in page units.

    """
    points = np.concatenate(strokes)
    slope, intercept = 0.0, float(np.median(points[:, 1]))
    if np.ptp(points[:, 0]) > 6 * np.ptp(points[:, 1]):  # long enough to have a slope
        slope, intercept = (float(v) for v in np.polyfit(points[:, 0], points[:, 1], 1))
    level = [
        np.stack([s[:, 0], s[:, 1] - slope * s[:, 0] - intercept], axis=1).astype(np.float32)
        for s in strokes
    ]
    size = float(np.concatenate(level)[:, 1].std()) or 1.0
    return level, slope, intercept, size


@cache
def mislabelled_words() -> frozenset[int]:
    """Numbers of the words in `vnondb_strokes.npz` that do not show what their label says."""
    text = (Path(__file__).parent / "data" / "mislabelled_words.txt").read_text("utf-8")
    rows = [row for row in text.splitlines() if not row.startswith("# ")]
    return frozenset(map(int, " ".join(rows).split()))


def load_hands(folder: Path, validation: bool) -> list[WriterStrokes]:
    """The writers of the training or the validation part, with their words and marks.

    Words that do not show what their label says (`mislabelled_words`) are left out.

    Args:
        folder: holds `vnondb_strokes.npz` and `vnondb_line_strokes.npz`.
        validation: the 34 validation writers, otherwise the 106 training writers.

    """
    words = StrokeFile(folder / "vnondb_strokes.npz")
    lines = StrokeFile(folder / "vnondb_line_strokes.npz")
    of_line: dict[int, list[int]] = {}
    for piece in np.flatnonzero(words.is_val == validation):
        of_line.setdefault(int(words.line[piece]), []).append(int(piece))
    hands: dict[int, WriterStrokes] = {}
    for line, pieces in of_line.items():
        strokes = lines.strokes(line)
        if not strokes or not pieces:
            continue
        writer = int(lines.writer[line])
        hand = hands.setdefault(writer, WriterStrokes(writer))
        _, slope, intercept, size = straighten(strokes)
        taken: set[tuple[float, float]] = set()
        right = None
        for piece in pieces:
            own = words.strokes(piece)
            if not own:
                continue
            taken.update(_corner(s) for s in own)
            ink, left, end = _relative(own, slope, intercept, size)
            if right is not None and left > right:
                hand.gaps.append((left - right) / size)
            right = end
            if piece not in mislabelled_words():
                hand.words.setdefault(words.text[piece], []).append(ink)
        _collect_marks(hand, lines.text[line], strokes, taken, (slope, intercept, size))
    return [hands[w] for w in sorted(hands)]


def _corner(stroke: Stroke) -> tuple[float, float]:
    return float(stroke[0, 0]), float(stroke[0, 1])


def _relative(
    strokes: Sequence[Stroke], slope: float, intercept: float, size: float
) -> tuple[StrokeInk, float, float]:
    left = min(float(s[:, 0].min()) for s in strokes)
    right = max(float(s[:, 0].max()) for s in strokes)
    level = tuple(
        np.stack(
            [(s[:, 0] - left) / size, (s[:, 1] - slope * s[:, 0] - intercept) / size], axis=1
        ).astype(np.float32)
        for s in strokes
    )
    return StrokeInk(level, (right - left) / size), left, right


def _collect_marks(
    hand: WriterStrokes,
    text: str,
    strokes: Sequence[Stroke],
    taken: set[tuple[float, float]],
    fit: tuple[float, float, float],
) -> None:
    """Strokes of the line that belong to no word are its punctuation, if the counts agree."""
    marks = [c for c in text if c in ".,-/()"]
    if any(c in PUNCTUATION and c not in ".,-/()" for c in text):
        return
    rest = [s for s in strokes if _corner(s) not in taken]
    if len(marks) != len(rest):
        return
    for mark, stroke in zip(marks, sorted(rest, key=lambda s: float(s[:, 0].mean())), strict=True):
        ink, _, _ = _relative([stroke], *fit)
        if _plausible(mark, ink):
            hand.marks.setdefault(mark, []).append(ink)


def _plausible(mark: str, ink: StrokeInk) -> bool:
    """Order on the line is no proof: a comma is not wide, a stop is small, a dash is flat."""
    points = np.concatenate(ink.strokes)
    low, high = points[:, 1].max(), points[:, 1].min()
    tall, wide = float(low - high), ink.width
    rising = points[points[:, 1].argmin(), 0] - points[points[:, 1].argmax(), 0]
    return {
        ".": tall < 0.8 and wide < 0.8 and high > -0.2,
        ",": tall < 2.2 and wide < 1.2 and high > -0.2,
        "-": tall < 0.8 and 0.4 < wide < 4 and -1.2 < high < 1.0,
        "/": tall > 1.8 and rising > 0.4,
        "(": tall > 1.5 and wide < 2,
        ")": tall > 1.5 and wide < 2,
    }[mark]


def whole_lines(folder: Path, validation: bool) -> Iterator[tuple[str, int, list[Stroke]]]:
    """Text, writer and level strokes (in letter sizes) of every real line of one part."""
    lines = StrokeFile(folder / "vnondb_line_strokes.npz")
    for piece in np.flatnonzero(lines.is_val == validation):
        strokes = lines.strokes(int(piece))
        if strokes:
            level, _, _, size = straighten(strokes)
            yield lines.text[piece], int(lines.writer[piece]), [s / np.float32(size) for s in level]
