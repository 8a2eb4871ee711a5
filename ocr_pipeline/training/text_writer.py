"""Write a new text in one hand: his words, his letters, and print or another hand for the rest.

What is joined from pieces is read again by a trained network, where one is given, and thrown away
if it does not read as its label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ocr_pipeline.arrays import Rng
from ocr_pipeline.training.letter_pieces import LetterPieces
from ocr_pipeline.training.letter_places import Key, LetterPlaces
from ocr_pipeline.training.pen_strokes import Stroke, StrokeInk, WriterStrokes
from ocr_pipeline.training.printed_letters import PrintedLetters
from ocr_pipeline.training.struck_words import strike_and_lift, strikes
from ocr_pipeline.training.word_reader import WordReader

_PRINTED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZĐ0123456789")

_OWN_WORD = 0.85  # of words he wrote himself: taken whole
_OTHER_WORD = 0.55  # of the rest that others wrote: taken whole; hands mix, but each word is true
_ALIKE_GAPS = 0.15  # letter sizes: letters joined at one of these read the same at another
_TRIES = 4  # of joining pieces until the word reads as its label
_LENT = 0.75  # of capitals and digits he never wrote: another writer's; the rest is printed


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
        figure_gaps: factor of the blanks between digits, and between them and marks; below 0 they
            run into each other.

    """

    printed_digits: float
    printed_capitals: bool
    wide: float
    close: float
    uneven: float
    size: float
    figure_gaps: float = 1.0


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


class TextWriter:
    """All writers of one part, ready to write any register text.

    Args:
        hands: the writers.
        reader: reads what is joined from pieces again, and refuses what does not read as its
            label; None takes everything.
        places: letters of the writers' words, as `letter_places.find_places` finds them; None cuts
            letters at estimated widths.
        kept: in how many ways a writer joins a word; he then writes it again in one of these, and a
            word that was refused is not tried again. 0 joins anew each time: training wants many
            ways, but drawing a book that reads each word again took ten times as long.

    Attributes:
        tried: joined words and numbers that were read again.
        refused: those that did not read as their label.

    """

    def __init__(
        self,
        hands: Sequence[WriterStrokes],
        reader: WordReader | None = None,
        places: Mapping[Key, LetterPlaces] | None = None,
        kept: int = 0,
    ) -> None:
        self.hands = list(hands)
        self.reader = reader
        self.kept = kept
        self._ways: dict[tuple[int, str, int], list[list[StrokeInk]]] = {}
        self.pieces = [LetterPieces(hand, places) for hand in hands]
        self.tried = self.refused = 0
        self.lenders: dict[str, list[int]] = {}
        self.word_lenders: dict[str, list[int]] = {}
        for number, pieces in enumerate(self.pieces):
            for group in pieces.found:
                if len(group) == 1 and (reader is not None or group in _PRINTED):
                    self.lenders.setdefault(group, []).append(number)
            for word in self.hands[number].words:
                self.word_lenders.setdefault(word, []).append(number)
        self.elsewhere = _PRINTED | self.lenders.keys()

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
        printer = PrintedLetters(rng)
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
                written += strikes(written, rng)
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
                written = strike_and_lift(wrong, written, rng)
            move = np.array([x, 0], np.float32)
            out += [s + move for s in written]
            x = max(float(s[:, 0].max()) for s in out) + self.hands[number].gap * habits.wide
        return out

    def letter(self, number: int, character: str, rng: Rng) -> list[Stroke] | None:
        """One letter that no word explains, not read again: this writer's, or another's."""
        ink = self.pieces[number].ink(character, rng)
        if ink is None or not ink.strokes:
            ink = self._borrowed(character, PrintedLetters(rng), rng)
        return ink.at(0.0) if ink is not None and ink.strokes else None

    def refusal_rate(self) -> float:
        """Share of the joined words that did not read as their label, 0–1."""
        return self.refused / max(self.tried, 1)

    def _word(
        self, number: int, word: str, habits: Habits, printer: PrintedLetters, rng: Rng
    ) -> list[tuple[StrokeInk, float, float]] | None:
        """Inks of a word in order, each with the gap after it and its scale."""
        out: list[tuple[StrokeInk, float, float]] = []
        for run in _runs(word):
            inks: list[StrokeInk] | None
            if run.isdigit():
                inks = self._digits(number, run, habits, printer, rng)
                gap, scale = rng.uniform(0.2, 0.7) * habits.figure_gaps, habits.size
            elif run.isalpha():
                inks = self._letters(number, run, habits, printer, rng)
                gap, scale = habits.close, 1.0
            else:
                inks = self._marks(number, run, printer, rng)
                gap, scale = rng.uniform(0.2, 0.6) * habits.figure_gaps, 1.0
            if inks is None:
                return None
            out += [(ink, float(gap), scale) for ink in inks]
        return out

    def _letters(
        self, number: int, run: str, habits: Habits, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
        if run.isupper() and len(run) > 1 and habits.printed_capitals:
            return self._printed(run, printer)
        whole = self.hands[number].words.get(run)
        if whole and rng.random() < _OWN_WORD:
            return [whole[int(rng.integers(len(whole)))]]
        if self.reader is not None and rng.random() < _OTHER_WORD:
            lent = self._lent_word(run, rng)
            if lent is not None:
                return lent
        joined = self._joined(number, run, habits.close, printer, rng)
        if joined is None and self.reader is not None:
            joined = self._lent_word(run, rng) or self._joined(
                int(rng.integers(len(self.hands))), run, habits.close, printer, rng
            )
        if joined is not None:
            return joined
        return self._printed(run, printer) if run.isupper() else None

    def _lent_word(self, run: str, rng: Rng) -> list[StrokeInk] | None:
        """The same word whole, by anyone who wrote it."""
        lenders = self.word_lenders.get(run)
        if not lenders:
            return None
        inks = self.hands[lenders[int(rng.integers(len(lenders)))]].words[run]
        return [inks[int(rng.integers(len(inks)))]]

    def _joined(
        self, number: int, run: str, gap: float, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
        """Letters joined from pieces; None if one lacks, or no try reads as the label."""
        word = number, run, round(gap / _ALIKE_GAPS)
        ways = self._ways.get(word, [])
        if word in self._ways and (not ways or len(ways) >= self.kept):
            return ways[int(rng.integers(len(ways)))] if ways else None
        joined = self._joined_anew(number, run, gap, printer, rng)
        if self.kept and (joined is not None or not ways):
            self._ways[word] = [*ways, joined] if joined is not None else []
        return joined

    def _joined_anew(
        self, number: int, run: str, gap: float, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
        for _ in range(_TRIES if self.reader is not None else 1):
            groups = self.pieces[number].split(run, self.elsewhere, rng)
            if groups is None:
                return None
            found = [
                self.pieces[number].ink(g, rng) or self._borrowed(g, printer, rng) for g in groups
            ]
            inks = [i for i in found if i is not None and i.strokes]
            if len(inks) == len(groups) and (
                groups == [f"^{run}$"] or self._reads_as(run, inks, gap)
            ):
                return inks
        return None

    def _reads_as(self, run: str, inks: Sequence[StrokeInk], gap: float) -> bool:
        """Whether pieces side by side read as the label; always true without a reader."""
        if self.reader is None:
            return True
        placed: list[Stroke] = []
        x = 0.0
        for ink in inks:
            placed += ink.at(x)
            x += ink.width + gap
        true = self.reader.is_true(run, placed)
        self.tried += 1
        self.refused += not true
        return true

    def _digits(
        self, number: int, run: str, habits: Habits, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
        if habits.printed_digits == 1.0:
            return self._printed(run, printer)
        for _ in range(_TRIES):
            inks = self._joined_digits(number, run, habits, printer, rng)
            if inks is not None and self._reads_as(run, inks, 0.4):
                return inks
        return self._printed(run, printer)

    def _joined_digits(
        self, number: int, run: str, habits: Habits, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
        groups = self.pieces[number].split(run, self.elsewhere, rng) or list(run)
        inks: list[StrokeInk | None] = []
        for group in groups:
            own = self.pieces[number].ink(group, rng)
            if own is not None and rng.random() >= habits.printed_digits:
                inks.append(own)
            else:
                inks += [self._borrowed(c, printer, rng) for c in group.strip("^$")]
        return None if any(i is None or not i.strokes for i in inks) else [i for i in inks if i]

    def _borrowed(self, character: str, printer: PrintedLetters, rng: Rng) -> StrokeInk | None:
        """A letter or digit of another writer; capitals and digits now and then printed."""
        lenders = self.lenders.get(character)
        if lenders and (character not in _PRINTED or rng.random() < _LENT):
            lender = lenders[int(rng.integers(len(lenders)))]
            return self.pieces[lender].ink(character, rng)
        return printer.ink(character) if printer.knows(character) else None

    def _marks(
        self, number: int, run: str, printer: PrintedLetters, rng: Rng
    ) -> list[StrokeInk] | None:
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
    def _printed(run: str, printer: PrintedLetters) -> list[StrokeInk] | None:
        if not all(printer.knows(c) for c in run):
            return None
        return [printer.ink(c) for c in run]


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
