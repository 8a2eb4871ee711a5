"""Where the words of a value stand on paper: its letters laid on the frames of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.completions import forms_on_paper
from ocr_pipeline.reading.ctc import log_likelihoods
from ocr_pipeline.reading.decoding import LineScores, joined
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.text.word_spans import Span, word_spans

#: Probability spread over all classes: a letter that the network does not see must be got past.
_FLOOR = 1e-3
_NOTHING = -1e9  # natural log of what cannot be
#: Letters are seen near their middle, by a pitch of one letter; a wide one reaches farther out.
_BESIDE_LETTERS = 1.5
_MOST_LETTERS = 2000  # of a value: what is stored has no more

FrameRun = tuple[int, int, int]
"""A line of the field from 0, its first frame, and the frame behind its last one."""

Frames = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordPlace:
    """A word of a value and the frames in which it is written.

    Attributes:
        span: of the word in the value.
        runs: one for each line on which some of it stands; none where nothing of it is written.

    """

    span: Span
    runs: tuple[FrameRun, ...]


def word_places(
    writing: LineScores, value: str, texts: Sequence[str], alphabet: str
) -> tuple[WordPlace, ...]:
    """Lay a value on its ink.

    Args:
        writing: the frame scores of the field.
        value: as it is shown.
        texts: how it may stand on paper, besides the usual forms.
        alphabet: the recogniser's characters.

    Returns:
        The words in order; none when the value cannot stand on these lines. Words that follow each
        other share no frame, unless the paper has them in another number of words.

    """
    forms = [f for f in dict.fromkeys([*texts, *forms_on_paper(writing.kind, value)]) if f]
    if not forms or not writing.lines or max(map(len, [value, *forms])) > _MOST_LETTERS:
        return ()
    scores = joined(writing, alphabet)
    seen = log_likelihoods(scores, forms, alphabet, _FLOOR)
    text = forms[int(seen.argmax())]
    letters = letter_frames(scores, text, alphabet, _FLOOR)
    if letters is None:
        return ()
    spans = [
        (begin, end) for begin, end in word_spans(text) if any(map(str.isalnum, text[begin:end]))
    ]
    places = [_runs(writing, letters, span, len(scores)) for span in spans]
    own = word_spans(value)
    pairs = _pairs([value[b:e] for b, e in own], [text[b:e] for b, e in spans])
    return tuple(
        WordPlace(span, tuple(run for other in pairs[place] for run in places[other]))
        for place, span in enumerate(own)
    )


def letter_frames(scores: Scores, text: str, alphabet: str, floor: float = 0.0) -> Frames | None:
    """The frames of each letter in the most probable alignment of a text.

    Args:
        scores: (frames, 1 + len(alphabet)) natural log-probabilities.
        text: at least one letter.
        alphabet: the recogniser's characters.
        floor: probability spread evenly over all classes before.

    Returns:
        (letters, 2) first and last frame of each; they grow along the text. None when the text has
        another character, or more letters than the frames hold.

    """
    columns = np.array([alphabet.find(letter) + 1 for letter in text])
    if not len(scores) or not columns.all():
        return None
    probabilities = np.exp(scores.astype(np.float64))
    frames = np.log((1 - floor) * probabilities + floor / probabilities.shape[1] + 1e-300)
    # States: blank, letter, blank …; a repeated letter needs its blank between.
    labels = np.zeros(2 * len(columns) + 1, np.int64)
    labels[1::2] = columns
    skips = np.zeros(len(labels), bool)
    skips[3::2] = columns[1:] != columns[:-1]
    steps = np.zeros((len(frames), len(labels)), np.int8)  # states gone on with each frame
    now = np.full(len(labels), _NOTHING)
    now[:2] = frames[0][labels[:2]]
    for place, frame in enumerate(frames[1:], start=1):
        ways = np.full((3, len(labels)), _NOTHING)
        ways[0], ways[1, 1:] = now, now[:-1]
        ways[2, 2:] = np.where(skips[2:], now[:-2], _NOTHING)
        steps[place] = ways.argmax(axis=0)
        now = np.maximum(ways.max(axis=0) + frame[labels], _NOTHING)
    state = len(labels) - 1 - int(now[-2] > now[-1])
    if now[state] <= _NOTHING / 2:
        return None
    found = np.full((len(columns), 2), -1)
    for place in range(len(frames) - 1, -1, -1):
        if state % 2:
            found[state // 2, 0] = place
            found[state // 2, 1] = max(found[state // 2, 1], place)
        state -= int(steps[place, state])
    return found


def line_runs(
    writing: LineScores, text: str, alphabet: str, floor: float = 0.0
) -> list[Span] | None:
    """The part of a text on each line of a field, in its most probable alignment.

    Args:
        writing: the frame scores of the field.
        text: what its lines say together, with what stands between them.
        alphabet: the recogniser's characters.
        floor: probability spread evenly over all classes before.

    Returns:
        First letter and letter behind the last one of each line; both the same where no letter
        lies on it. None as of `letter_frames`.

    """
    letters = letter_frames(joined(writing, alphabet), text, alphabet, floor)
    if letters is None:
        return None
    at, runs = 0, []
    for scores in writing.lines:
        begin = int((letters[:, 0] < at).sum())
        end = int((letters[:, 0] < at + len(scores)).sum())
        runs.append((begin, end))
        at += len(scores) + _BETWEEN
    return runs


def _runs(writing: LineScores, letters: Frames, span: Span, count: int) -> list[FrameRun]:
    """The frames of a word on each line: as far as the signs beside it, and not far from it."""
    begin, end = span
    own = letters[begin:end]
    left = int(letters[begin - 1, 1]) + 1 if begin else 0
    right = int(letters[end, 0]) if end < len(letters) else count
    at, runs = 0, []
    for line, frames in enumerate(len(scores) for scores in writing.lines):
        here = own[(own[:, 0] >= at) & (own[:, 1] < at + frames)]
        if len(here):
            first, last = int(here[0, 0]), int(here[-1, 1]) + 1
            beside = round(_BESIDE_LETTERS * (last - first) / len(here)) + 1
            first, last = max(left, at, first - beside), min(right, at + frames, last + beside)
            runs.append((line, first - at, last - at))
        at += frames + _BETWEEN
    return runs


_BETWEEN = len(joined(LineScores("line", (np.zeros((0, 2), np.float32),) * 2), " "))
"""Frames that `joined` puts between two lines."""


def _pairs(words: list[str], others: list[str]) -> list[list[int]]:
    """For each word those of the others that say it."""
    matcher = SequenceMatcher(
        None, [word.casefold() for word in words], [word.casefold() for word in others], False
    )
    found: list[list[int]] = [[] for _ in words]
    for _, begin, end, other, last in matcher.get_opcodes():
        same = end - begin == last - other
        for place in range(begin, end):
            step = other + place - begin
            found[place] = [step] if same else list(range(other, last))
    return found
