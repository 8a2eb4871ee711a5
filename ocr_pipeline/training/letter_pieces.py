"""Cut a writer's words into letters, so that he can write words he never wrote.

Nobody has marked where letters end. Where a trained network has found the letters' centres
(`letter_places`), cuts lie between them; otherwise a writer's letter widths are estimated from the
widths of all his words (ridge regression). Each cut is moved a little to where the fewest strokes
are crossed. Small strokes (accents, dots, bars) and the strokes of figures stay whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.training.letter_places import WORDS_EACH, Key, LetterPlaces
from ocr_pipeline.training.pen_strokes import Stroke, StrokeInk, WriterStrokes

#: Words with a greater loss of alignment, in nats a character, are not cut: their letters are not
#: where the network sees them. They still serve as whole words.
CUT_WORD_NATS = 1.2

_SMALL = 1.1  # letter sizes: strokes narrower than this are never cut
_FIGURE = 2.0  # letter sizes: the same for strokes of figures, which are seldom joined
_REACH = 0.45  # how far a cut may move, in widths of the letter beside it
_PRIOR = 1.3  # letter sizes: width of a letter nobody knows anything about


@dataclass(frozen=True)
class CutWord:
    """A word with the places between its letters: `cuts[i]` lies left of letter i."""

    text: str
    ink: StrokeInk
    cuts: tuple[float, ...]
    owners: tuple[int, ...]  # letter that a small stroke belongs to, -1: a stroke that is cut

    def piece(self, start: int, end: int) -> StrokeInk:
        """Letters start … end − 1 as writing of their own."""
        left = self.cuts[start] if start else -np.inf
        right = self.cuts[end] if end < len(self.text) else np.inf
        kept: list[Stroke] = []
        for stroke, owner in zip(self.ink.strokes, self.owners, strict=True):
            x = stroke[:, 0]
            if owner >= 0:
                if start <= owner < end:
                    kept.append(stroke)
                continue
            inside = (x >= left) & (x < right)
            edges = np.flatnonzero(np.diff(np.r_[0, inside.astype(np.int8), 0]))
            kept += [stroke[a:b] for a, b in edges.reshape(-1, 2) if b - a > 1]
        if not kept:
            return StrokeInk((), 0.0)
        low = min(float(s[:, 0].min()) for s in kept)
        high = max(float(s[:, 0].max()) for s in kept)
        move = np.array([low, 0], np.float32)
        return StrokeInk(tuple(s - move for s in kept), high - low)


def letter_widths(
    words: Sequence[tuple[str, StrokeInk]], stiffness: float = 3.0
) -> dict[str, float]:
    """Width of each letter, in letter sizes, so that letters add up to their words.

    Args:
        words: texts and inks of one writer.
        stiffness: how firmly a rare letter keeps the usual width.

    """
    letters = sorted({c for text, _ in words for c in text})
    index = {c: i for i, c in enumerate(letters)}
    counts = np.zeros((len(words), len(letters)))
    for row, (text, _) in enumerate(words):
        for c in text:
            counts[row, index[c]] += 1
    widths = np.array([ink.width for _, ink in words])
    prior = np.array([_usual_width(c) for c in letters])
    prior *= widths.sum() / max((counts @ prior).sum(), 1e-6)
    matrix = counts.T @ counts + stiffness * np.eye(len(letters))
    change = np.linalg.solve(matrix, counts.T @ (widths - counts @ prior))
    return {c: float(max(w, 0.3)) for c, w in zip(letters, prior + change, strict=True)}


def _usual_width(letter: str) -> float:
    base = unicodedata.normalize("NFD", letter)[0]
    if base in "ijltIf1":
        return 0.6 * _PRIOR
    return (1.5 if base in "mwMW" else 1.2 if base.isupper() else 1.0) * _PRIOR


def cut(text: str, ink: StrokeInk, widths: dict[str, float]) -> CutWord:
    """Cut one word into letters."""
    own = np.array([widths.get(c, _PRIOR) for c in text])
    own *= ink.width / own.sum()
    expected = own.cumsum()[:-1]
    cuts = [0.0]
    for number, x in enumerate(expected):
        reach = _REACH * min(own[number], own[number + 1])
        tries = np.linspace(x - reach, x + reach, 15)
        cost = crossings(ink.strokes, tries) + ((tries - x) / reach) ** 2 * 0.9
        cuts.append(max(float(tries[int(cost.argmin())]), cuts[-1] + 0.05))
    edges = np.array([*cuts, ink.width])
    centres = (edges[:-1] + edges[1:]) / 2
    owners = tuple(_owner(s, text, edges, centres) for s in ink.strokes)
    return CutWord(text, ink, tuple(cuts), owners)


def cut_between(text: str, ink: StrokeInk, centres: npt.NDArray[np.float64]) -> CutWord:
    """Cut one word between the centres of its letters, (letters,) in letter sizes."""
    cuts = [0.0]
    for left, right in zip(centres, centres[1:], strict=False):
        room = max(float(right - left), 0.05)
        tries = left + np.linspace(0.2, 0.9, 17) * room
        # A letter ends with a stroke that leads on: the cut lies past the middle.
        off = (tries - left - 0.55 * room) / (0.5 * room)
        cost = crossings(ink.strokes, tries) + 0.9 * off**2
        cuts.append(max(float(tries[int(cost.argmin())]), cuts[-1] + 0.05))
    edges = np.array([*cuts, max(ink.width, cuts[-1])])
    owners = tuple(_owner(s, text, edges, centres) for s in ink.strokes)
    return CutWord(text, ink, tuple(cuts), owners)


def _owner(
    stroke: Stroke,
    text: str,
    edges: npt.NDArray[np.float64],
    centres: npt.NDArray[np.float64],
) -> int:
    """The letter a whole stroke belongs to, −1 if the stroke is cut.

    Accents go to the nearest letter that has one. A figure's strokes are its own unless they run
    through two figures.
    """
    x, y = stroke[:, 0], stroke[:, 1]
    widest = _FIGURE if text.isdigit() else _SMALL
    if np.ptp(x) >= widest:
        return -1
    middle = float(x.min() + x.max()) / 2
    if y.max() < -0.7 or (y.min() > 1.0 and np.ptp(y) < 0.8):
        marked = [i for i, c in enumerate(text) if _is_marked(c, above=y.max() < 0)]
        if marked:
            return min(marked, key=lambda i: abs(centres[i] - middle))
    return int(np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(text) - 1))


def _is_marked(letter: str, above: bool) -> bool:
    marks = unicodedata.normalize("NFD", letter)[1:]
    if above:
        return letter in "ij" or any(m != "\u0323" for m in marks)
    return "\u0323" in marks


def crossings(strokes: Sequence[Stroke], xs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How many stroke segments pass each x; strokes that are never cut count half."""
    total = np.zeros(len(xs))
    for s in strokes:
        x = s[:, 0]
        left, right = x.min(), x.max()
        if right - left < _SMALL:
            total += 0.5 * ((xs > left) & (xs < right))
            continue
        low, high = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
        total += ((low[:, None] < xs) & (xs <= high[:, None])).sum(axis=0)
    return total


def _usable(hand: WriterStrokes) -> Iterator[tuple[str, int, StrokeInk]]:
    """Text, number and ink of the first words of each text."""
    for text, inks in hand.words.items():
        for number, ink in enumerate(inks[:WORDS_EACH]):
            if text and len(ink.strokes) and ink.width > 0:
                yield text, number, ink


def _cut_at_widths(hand: WriterStrokes) -> Iterator[CutWord]:
    words = [(text, ink) for text, _, ink in _usable(hand)]
    widths = letter_widths(words)
    for text, ink in words:
        yield cut(text, ink, widths)


def _cut_at_places(hand: WriterStrokes, places: Mapping[Key, LetterPlaces]) -> Iterator[CutWord]:
    for text, number, ink in _usable(hand):
        found = places.get((hand.writer, text, number))
        if found is not None and found.loss <= CUT_WORD_NATS:
            yield cut_between(text, ink, found.centres)


def _names(text: str, start: int, end: int) -> list[str]:
    """All names that a group of letters is found by."""
    group, first, last = text[start:end], start == 0, end == len(text)
    sides = {(a and first, b and last) for a in (False, True) for b in (False, True)}
    return sorted({_placed(group, a, b) for a, b in sides})


class LetterPieces:
    """All letter groups a writer has written, found by text and place in the word.

    A group that began (or ended) its own word needs no cut on that side, so it is preferred where
    it begins (or ends) the new one.
    """

    def __init__(
        self, hand: WriterStrokes, places: Mapping[Key, LetterPlaces] | None = None, most: int = 6
    ) -> None:
        """Cut the hand's words.

        Args:
            hand: one writer.
            places: letters found by a network; None cuts at estimated widths.
            most: instances kept of a group.

        """
        self.found: dict[str, list[tuple[CutWord, int, int]]] = {}
        cut_words = _cut_at_widths(hand) if places is None else _cut_at_places(hand, places)
        for word in cut_words:
            for start in range(len(word.text)):
                for end in range(start + 1, len(word.text) + 1):
                    for name in _names(word.text, start, end):
                        instances = self.found.setdefault(name, [])
                        if len(instances) < most:
                            instances.append((word, start, end))

    def split(
        self, text: str, extra: frozenset[str] = frozenset(), rng: np.random.Generator | None = None
    ) -> list[str] | None:
        """The text as few groups of letters as possible; None if a letter lacks.

        Args:
            text: one word.
            extra: single characters that can be had elsewhere, at the price of two groups.
            rng: breaks ties.

        Returns:
            Names of groups for `ink`: the letters, with `^` before and `$` after where the group
            is one that began or ended its word.

        """
        size = len(text)
        cost = np.full(size + 1, np.inf)
        cost[0] = 0
        back: list[tuple[int, str]] = [(0, "")] * (size + 1)
        for end in range(1, size + 1):
            for start in range(end):
                group = text[start:end]
                placed = _placed(group, start == 0, end == size)
                if placed in self.found:
                    own, name = 1.0, placed
                elif group in self.found:
                    own, name = 1.8, group
                elif end - start == 1 and group in extra:
                    own, name = 2.0, group
                else:
                    continue
                own += rng.uniform(0, 0.3) if rng is not None else 0
                if cost[start] + own < cost[end]:
                    cost[end], back[end] = cost[start] + own, (start, name)
        if not np.isfinite(cost[size]):
            return None
        groups: list[str] = []
        while size:
            size, name = back[size]
            groups.append(name)
        return groups[::-1]

    def ink(self, group: str, rng: np.random.Generator) -> StrokeInk | None:
        """One of the instances of a group, or None if he never wrote it."""
        instances = self.found.get(group)
        if not instances:
            return None
        word, start, end = instances[int(rng.integers(len(instances)))]
        return word.piece(start, end)


def _placed(group: str, first: bool, last: bool) -> str:
    return "^" * first + group + "$" * last
