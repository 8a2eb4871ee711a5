"""Real writers as hands: their strokes, one pen, any text (pictures stay out of the repository)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Rng
from ocr_pipeline.training.font_hands import WrittenLine
from ocr_pipeline.training.pen_strokes import Stroke
from ocr_pipeline.training.pens import Pen, draw
from ocr_pipeline.training.printed_letters import BASE_LINE, CAPITAL_HEIGHT, PrintedLetters
from ocr_pipeline.training.text_writer import TextWriter

# Height of small letters, and the baseline below the centre, in letter sizes of `pen_strokes`:
# medians over the words without ascenders of 26 writers.
_SMALL_LETTER, _BASE_LINE = 1.43, 0.8


@dataclass
class StrokeHand:
    """A real writer with one pen, who writes any text (see `text_writer.TextWriter`).

    Attributes:
        scribes: the writers.
        number: which of them.
        pen: the pen of the whole book.
        slant: added to the writer's own, positive to the right.
        stretch: width of letters relative to the writer's own.

    """

    scribes: TextWriter
    number: int
    pen: Pen
    slant: float = 0.0
    stretch: float = 1.0
    script: str = "handwritten"

    @property
    def name(self) -> str:
        """The writer's number in the data set."""
        return f"writer-{self.scribes.hands[self.number].writer}"

    def write(self, text: str, x_height: float, rng: Rng) -> WrittenLine | None:
        """See `Hand.write`."""
        placed: list[Stroke] = []
        x = 0.0
        for word in text.split(" "):
            strokes = self._word(word, rng)
            if strokes is None:
                return None
            low = min(float(s[:, 0].min()) for s in strokes)
            high = max(float(s[:, 0].max()) for s in strokes)
            placed += [s + np.array([x - low, 0], np.float32) for s in strokes]
            gap = self.scribes.hands[self.number].gap * float(np.exp(rng.normal(-0.1, 0.2)))
            x += high - low + max(gap, 0.8)
        skew = np.array([[self.stretch, 0], [-self.slant, 1]], np.float32)
        placed = [stroke @ skew for stroke in placed]
        size, margin = x_height / _SMALL_LETTER, 16
        ink = draw(placed, size, self.pen, rng, (margin,) * 4)
        points = np.concatenate(placed)
        (start, top), end = points.min(axis=0), float(points[:, 0].max())
        half = self.pen.width / 2
        baseline = (_BASE_LINE + half - float(top)) * size + margin
        left = (half - float(start)) * size + margin
        return WrittenLine(ink, baseline, left, end * size)

    def _word(self, word: str, rng: Rng) -> list[Stroke] | None:
        """The word by this writer, or by the first other one who wrote it, or can write it.

        Figures are mostly printed: the writers of the stroke files wrote few of them.
        """
        printer = PrintedLetters(rng)
        if any(c.isdigit() for c in word) and all(map(printer.knows, word)) and rng.random() < 0.8:
            return _printed(word, printer, rng)
        hands = self.scribes.hands
        order = [(self.number + step) % len(hands) for step in range(len(hands))]
        letters = "".join(c if c.isalpha() else " " for c in word).split()
        order.sort(key=lambda n: not all(run in hands[n].words for run in letters))
        for number in order:
            strokes = self.scribes.write(number, word, rng)
            if strokes:
                return strokes
        return self._apart(word, printer, rng)

    def _apart(self, word: str, printer: PrintedLetters, rng: Rng) -> list[Stroke] | None:
        """A word that nobody can write whole: its first letter alone, then the rest as above."""
        if len(word) == 1:
            alone = self.scribes.letter(self.number, word, rng)
            return alone or self._marked(word, printer, rng)
        if printer.knows(word[0]):
            first: list[Stroke] | None = _printed(word[0], printer, rng)
        else:
            first = self._word(word[0], rng)
        rest = self._word(word[1:], rng)
        if first is None or rest is None:
            return None
        right = max(float(s[:, 0].max()) for s in first) + 0.2
        left = min(float(s[:, 0].min()) for s in rest)
        return first + [s + np.array([right - left, 0], np.float32) for s in rest]

    def _marked(self, letter: str, printer: PrintedLetters, rng: Rng) -> list[Stroke] | None:
        """A letter that nobody wrote: the bare letter, its marks printed."""
        base, *marks = list(unicodedata.normalize("NFD", letter))
        strokes = self._word(base, rng) if marks else None
        if strokes is None:
            return None
        left = min(float(s[:, 0].min()) for s in strokes)
        width = (max(float(s[:, 0].max()) for s in strokes) - left) / CAPITAL_HEIGHT
        scale = np.array([CAPITAL_HEIGHT, -CAPITAL_HEIGHT], np.float32)
        move = np.array([left, BASE_LINE], np.float32)
        accents = printer.accents("".join(marks), width / 2, width)
        return strokes + [(s * scale + move).astype(np.float32) for s in accents]


def _printed(word: str, printer: PrintedLetters, rng: Rng) -> list[Stroke]:
    placed: list[Stroke] = []
    x = 0.0
    for character in word:
        ink = printer.ink(character)
        placed += ink.at(x, float(rng.normal(0, 0.05)))
        x += ink.width + float(rng.uniform(0.2, 0.5))
    return placed
