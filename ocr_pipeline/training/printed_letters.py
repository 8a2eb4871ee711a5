"""Hand-printed letters and digits drawn from pen movements, and accents for capitals.

Strokes of real writers hold few capitals and digits; these fill the gaps (and need no data).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocr_pipeline.training.pen_strokes import Stroke, StrokeInk

#: Where capitals stand on a line, in letter sizes below its centre (measured on real writers).
BASE_LINE = 1.05
CAPITAL_HEIGHT = 2.5

_MARKS = {
    "\u0301": "acute", "\u0300": "grave", "\u0309": "hook", "\u0303": "tilde",
    "\u0323": "dot", "\u0302": "circumflex", "\u0306": "breve", "\u031b": "horn",
}  # fmt: skip

Shape = tuple[float, tuple[npt.NDArray[np.float32], ...]]
"""Width, and strokes with y upwards from the base line; capital height 1."""


@cache
def _shapes() -> dict[str, list[Shape]]:
    out: dict[str, list[Shape]] = {}
    text = (Path(__file__).parent / "data" / "printed_letters.tsv").read_text(encoding="utf8")
    for row in text.splitlines():
        if row.startswith("# ") or not row.strip():
            continue
        name, width, strokes = row.split("\t")
        out.setdefault(name, []).append(
            (float(width), tuple(_movement(s.strip()) for s in strokes.split("|")))
        )
    return out


def _movement(spec: str) -> npt.NDArray[np.float32]:
    points = np.array([p.split(",") for p in spec.lstrip("~").split()], np.float64)
    if spec.startswith("~") and len(points) > 2:
        points = _smooth(points)
    else:
        steps = np.linspace(0, len(points) - 1, 6 * (len(points) - 1) + 1)
        points = np.stack([np.interp(steps, range(len(points)), c) for c in points.T], axis=1)
    return points.astype(np.float32)


def _smooth(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Catmull-Rom curve through the points."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, 6, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
                   + (3 * b - a - 3 * c + d) * t**3)
        )  # fmt: skip
    return np.concatenate([*parts, points[-1:]])


class PrintedLetters:
    """One imagined hand that prints: fixed choice of variants, own proportions and tremble."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.choice = int(rng.integers(1 << 16))
        self.wide = float(np.exp(rng.normal(0.05, 0.18)))
        self.tall = float(np.exp(rng.normal(0, 0.12)))
        self.tremble = float(rng.uniform(0.005, 0.035))

    def knows(self, character: str) -> bool:
        """Whether the character can be printed, its accents included."""
        base, marks = _split(character)
        return base in _shapes() and all(m in _MARKS for m in marks)

    def ink(self, character: str) -> StrokeInk:
        """A capital, digit or mark, in letter sizes about the line's centre."""
        base, marks = _split(character)
        width, strokes = self._shape(base)
        out = [self._shaken(s) for s in strokes]
        if marks:
            out += self.accents(marks, width * 0.5, width)
        scale = np.array(
            [CAPITAL_HEIGHT * self.wide, -CAPITAL_HEIGHT * self.tall], np.float32
        ) * np.float32(np.exp(self.rng.normal(0, 0.04)))
        move = np.array([0, BASE_LINE + self.rng.normal(0, 0.06)], np.float32)
        placed = tuple((s * scale + move).astype(np.float32) for s in out)
        return StrokeInk(placed, float(max(s[:, 0].max() for s in placed)))

    def accents(self, marks: str, middle: float, width: float) -> list[Stroke]:
        """Accents over (or under) a capital of the given middle and width, y upwards."""
        out: list[Stroke] = []
        y = 1.08
        shift = 0.0
        for mark in sorted(marks, key=lambda m: m in "\u0301\u0300\u0309\u0303"):
            name = _MARKS[mark]
            own, strokes = self._shape(name)
            x, at = middle - own / 2 + shift, y
            if name == "dot":
                at = -0.22
            elif name == "horn":
                x, at = width - 0.06, 0.85
            else:
                y += 0.17
                shift = 0.14 if self.choice % 2 else 0.0
            jitter = self.rng.normal(0, 0.035, 2)
            out += [
                self._shaken(s) + np.array([x + jitter[0], at + jitter[1]], np.float32)
                for s in strokes
            ]
        return out

    def _shape(self, name: str) -> Shape:
        variants = _shapes()[name]
        if self.rng.random() < 0.1:
            return variants[int(self.rng.integers(len(variants)))]
        return variants[(self.choice + len(name) + ord(name[0])) % len(variants)]

    def _shaken(self, stroke: Stroke) -> Stroke:
        """A bent, turned, slightly trembling copy."""
        rng = self.rng
        turn, shear = rng.normal(0, 0.05), rng.normal(0, 0.05)
        matrix = np.array([[1, shear - turn], [turn, 1]])
        moved = stroke @ matrix.T + rng.normal(0, 0.012, 2)
        knots = rng.normal(0, self.tremble, (5, 2))
        along = np.linspace(0, 4, len(stroke))
        bend = np.stack([np.interp(along, range(5), k) for k in knots.T], axis=1)
        shaken: Stroke = (moved + bend).astype(np.float32)
        return shaken


def _split(character: str) -> tuple[str, str]:
    if character == "Đ":
        return character, ""
    parts = unicodedata.normalize("NFD", character)
    return parts[0], parts[1:]
