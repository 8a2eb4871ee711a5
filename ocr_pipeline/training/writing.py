"""Write a new text in one hand: his words, his letters, and print or another hand for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.training.letters import Pieces
from ocr_pipeline.training.skeletons import Print
from ocr_pipeline.training.strokes import Hand, Ink, Stroke

Rng = np.random.Generator

_ELSEWHERE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZĐ0123456789")


@dataclass(frozen=True)
class Habits:
    """How one field is written; drawn once a field.

    Attributes:
        printed_digits: share of digits printed rather than from strokes.
        printed_capitals: whether words in capitals are printed.
        wide: factor of the blanks between words.
        close: blank between letters, in letter sizes.
        uneven: deviation of height between pieces, in letter sizes.
        size: factor of the size of digits.

    """

    printed_digits: float
    printed_capitals: bool
    wide: float
    close: float
    uneven: float
    size: float


def random_habits(rng: Rng) -> Habits:
    """Habits of an imagined clerk."""
    return Habits(
        printed_digits=float(rng.choice([0.0, 0.0, 0.15, 1.0])),
        printed_capitals=bool(rng.random() < 0.65),
        wide=float(np.exp(rng.normal(-0.1, 0.35))),
        close=float(rng.uniform(0.02, 0.45)),
        uneven=float(rng.uniform(0.0, 0.12)),
        size=float(np.exp(rng.normal(0, 0.12))),
    )


class Scribes:
    """All writers of one part, ready to write any register text."""

    def __init__(self, hands: Sequence[Hand]) -> None:
        self.hands = list(hands)
        self.pieces = [Pieces(hand) for hand in hands]
        self.lenders: dict[str, list[int]] = {}
        for number, pieces in enumerate(self.pieces):
            for character in _ELSEWHERE & pieces.found.keys():
                self.lenders.setdefault(character, []).append(number)

    def write(
        self, number: int, text: str, rng: Rng, habits: Habits | None = None
    ) -> list[Stroke] | None:
        """Write a text.

        Args:
            number: which writer.
            text: NFC, words parted by blanks.
            rng: chooses instances and spacing.
            habits: how he writes today; None draws them.

        Returns:
            Strokes in letter sizes about the line's centre, or None if a letter is nowhere.

        """
        habits = habits or random_habits(rng)
        printer = Print(rng)
        out: list[Stroke] = []
        x = 0.0
        for word in text.split(" "):
            inks = self._word(number, word, habits, printer, rng)
            if inks is None:
                return None
            for ink, gap, scale in inks:
                out += ink.at(x, float(rng.normal(0, habits.uneven)), scale)
                x += ink.width * scale + gap
            blank = self.hands[number].gap * habits.wide * float(np.exp(rng.normal(0, 0.2)))
            x += max(blank, 0.8)
        return out

    def write_with_slip(self, number: int, text: str, slip: str, rng: Rng) -> list[Stroke] | None:
        """Write a text with a wrong word in it, struck out (and so no part of the text)."""
        habits = random_habits(rng)
        words = text.split(" ")
        place = int(rng.integers(len(words) + 1))
        parts = [" ".join(words[:place]), slip, " ".join(words[place:])]
        out: list[Stroke] = []
        x = 0.0
        for part in parts:
            if not part:
                continue
            written = self.write(number, part, rng, habits)
            if not written:
                return None
            if part is slip:
                written += _strikes(written, rng)
            move = np.array([x, 0], np.float32)
            out += [s + move for s in written]
            x = max(float(s[:, 0].max()) for s in out) + self.hands[number].gap * habits.wide
        return out

    def write_with_correction(
        self, number: int, text: str, slip: str, rng: Rng
    ) -> list[Stroke] | None:
        """Write a text with one of its words written over a wrong one that is struck out.

        The right word stands above the line, smaller; what is struck out is no part of the text.
        """
        habits = random_habits(rng)
        words = text.split(" ")
        place = int(rng.integers(len(words)))
        parts = [" ".join(words[:place]), words[place], " ".join(words[place + 1 :])]
        out: list[Stroke] = []
        x = 0.0
        for number_of_part, part in enumerate(parts):
            if not part:
                continue
            written = self.write(number, part, rng, habits)
            if not written:
                return None
            if number_of_part == 1:
                wrong = self.write(number, slip, rng, habits)
                if not wrong:
                    return None
                written = _strike_and_lift(wrong, written, rng)
            move = np.array([x, 0], np.float32)
            out += [s + move for s in written]
            x = max(float(s[:, 0].max()) for s in out) + self.hands[number].gap * habits.wide
        return out

    def _word(
        self, number: int, word: str, habits: Habits, printer: Print, rng: Rng
    ) -> list[tuple[Ink, float, float]] | None:
        """Inks of a word in order, each with the gap after it and its scale."""
        out: list[tuple[Ink, float, float]] = []
        for run in _runs(word):
            inks: list[Ink] | None
            if run.isdigit():
                inks = self._digits(number, run, habits, printer, rng)
                gap, scale = rng.uniform(0.2, 0.7), habits.size
            elif run.isalpha():
                inks = self._letters(number, run, habits, printer, rng)
                gap, scale = habits.close, 1.0
            else:
                inks = self._marks(number, run, printer, rng)
                gap, scale = rng.uniform(0.2, 0.6), 1.0
            if inks is None:
                return None
            out += [(ink, float(gap), scale) for ink in inks]
        return out

    def _letters(
        self, number: int, run: str, habits: Habits, printer: Print, rng: Rng
    ) -> list[Ink] | None:
        if run.isupper() and len(run) > 1 and habits.printed_capitals:
            return self._printed(run, printer)
        whole = self.hands[number].words.get(run)
        if whole and rng.random() < 0.8:
            return [whole[int(rng.integers(len(whole)))]]
        groups = self.pieces[number].split(run, _ELSEWHERE, rng)
        if groups is None:
            return self._printed(run, printer) if run.isupper() else None
        inks = [self.pieces[number].ink(g, rng) or self._borrowed(g, printer, rng) for g in groups]
        return None if any(i is None or not i.strokes for i in inks) else [i for i in inks if i]

    def _digits(
        self, number: int, run: str, habits: Habits, printer: Print, rng: Rng
    ) -> list[Ink] | None:
        if habits.printed_digits == 1.0:
            return self._printed(run, printer)
        groups = self.pieces[number].split(run, _ELSEWHERE, rng) or list(run)
        inks: list[Ink | None] = []
        for group in groups:
            own = self.pieces[number].ink(group, rng)
            if own is not None and rng.random() >= habits.printed_digits:
                inks.append(own)
            else:
                inks += [self._borrowed(c, printer, rng) for c in group.strip("^$")]
        return None if any(i is None or not i.strokes for i in inks) else [i for i in inks if i]

    def _borrowed(self, character: str, printer: Print, rng: Rng) -> Ink | None:
        """A capital or digit of another writer, or printed."""
        lenders = self.lenders.get(character)
        if lenders and rng.random() < 0.6:
            lender = lenders[int(rng.integers(len(lenders)))]
            return self.pieces[lender].ink(character, rng)
        return printer.ink(character) if printer.knows(character) else None

    def _marks(self, number: int, run: str, printer: Print, rng: Rng) -> list[Ink] | None:
        inks = []
        for mark in run:
            own = self.hands[number].marks.get(mark)
            if own and rng.random() < 0.7:
                inks.append(own[int(rng.integers(len(own)))])
            elif printer.knows(mark):
                inks.append(printer.ink(mark))
            else:
                return None
        return inks

    @staticmethod
    def _printed(run: str, printer: Print) -> list[Ink] | None:
        if not all(printer.knows(c) for c in run):
            return None
        return [printer.ink(c) for c in run]


def _strikes(written: list[Stroke], rng: Rng) -> list[Stroke]:
    """One to three lines, or a zigzag, through a word."""
    points = np.concatenate(written)
    left, right = float(points[:, 0].min()) - 0.3, float(points[:, 0].max()) + 0.3
    if rng.random() < 0.25:
        count = max(int((right - left) / 0.5), 4)
        ys = np.where(np.arange(count) % 2, 1.0, -1.2) + rng.normal(0, 0.2, count)
        return [np.stack([np.linspace(left, right, count), ys], axis=1).astype(np.float32)]
    lines = []
    for _ in range(int(rng.integers(1, 4))):
        ys = rng.normal(0, 0.5) + np.linspace(0, rng.normal(0, 0.4), 5) + rng.normal(0, 0.1, 5)
        lines.append(np.stack([np.linspace(left, right, 5), ys], axis=1).astype(np.float32))
    return lines


def _strike_and_lift(wrong: list[Stroke], right: list[Stroke], rng: Rng) -> list[Stroke]:
    """A struck-out word, the right one in smaller letters above it."""
    low = np.concatenate(wrong)
    scale = np.float32(rng.uniform(0.6, 0.85))
    small = [s * scale for s in right]
    ink = np.concatenate(small)
    over = (low[:, 0].min() + low[:, 0].max()) / 2 - (ink[:, 0].min() + ink[:, 0].max()) / 2
    up = np.percentile(low[:, 1], 10) - ink[:, 1].max() - rng.uniform(-0.6, 0.4)
    move = np.array([over + rng.normal(0, 0.4), up], np.float32)
    placed = [(s + move).astype(np.float32) for s in small]
    both = [*wrong, *_strikes(wrong, rng), *placed]
    left = np.array([min(float(s[:, 0].min()) for s in both), 0], np.float32)
    return [s - left for s in both]


def _runs(word: str) -> list[str]:
    """Letters, digits and marks apart: `12/5/1985.` → 12 / 5 / 1985 ."""
    runs: list[str] = []
    for c in word:
        same = runs and (
            (c.isalpha() and runs[-1][-1].isalpha())
            or (c.isdigit() and runs[-1][-1].isdigit())
            or not (c.isalnum() or runs[-1][-1].isalnum())
        )
        if same:
            runs[-1] += c
        else:
            runs.append(c)
    return runs
