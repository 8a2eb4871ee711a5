"""A trial of a book's hand: learnt from some confirmed lines, tested on those held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from ocr_pipeline.arrays import Gray
from ocr_pipeline.processing.confirmed_writing import KnownLine
from ocr_pipeline.processing.settings import combined_hash
from ocr_pipeline.reading.book_hand import BookHand, load_hand
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.hand_fitting import HandFitting, LearntLine, fit_hand
from ocr_pipeline.reading.models import network_folder
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser
from ocr_pipeline.reading.recogniser import Scores

_HELD_BACK = 5  # every fifth field


@dataclass(frozen=True, slots=True)
class HandJob:
    """Lines to learn from and lines to test on, each a picture and its text; picklable.

    Attributes:
        model: name or folder.
        taught: learnt from.
        tested: held back.
        present: file of the hand that the book has; "" for none.
        fitting: how.

    """

    model: str
    taught: tuple[tuple[Gray, str], ...]
    tested: tuple[tuple[Gray, str], ...]
    present: str = ""
    fitting: HandFitting = HandFitting()


@dataclass(frozen=True, slots=True)
class FittedHand:
    """A hand, and wrong characters of each line held back: without any, with the present, with it.

    `present` is that of the network alone where the book has no hand.
    """

    hand: BookHand
    before: tuple[int, ...]
    present: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def is_better(self) -> bool:
        """The gate: fewer wrong characters than both, and more lines better than worse."""
        if sum(self.after) >= min(sum(self.before), sum(self.present)):
            return False
        better = sum(a < p for a, p in zip(self.after, self.present, strict=True))
        worse = sum(a > p for a, p in zip(self.after, self.present, strict=True))
        return better > worse


def fit_and_test(job: HandJob) -> FittedHand:
    """Learn a hand and read the lines held back with it; what a limited process does.

    Raises:
        MachineError: the model is missing or damaged.

    """
    folder = network_folder(job.model)
    assert folder is not None
    network = OnnxRecogniser(folder, features=True)
    alphabet = network.alphabet
    seen = network.seen([image for image, _ in job.taught])
    hand = fit_hand(
        [
            LearntLine(features, scores, tuple(alphabet.index(c) + 1 for c in text))
            for (scores, features), (_, text) in zip(seen, job.taught, strict=True)
        ],
        job.fitting,
    ).rounded()
    held = network.seen([image for image, _ in job.tested])
    texts = [text for _, text in job.tested]
    before = _wrong([scores for scores, _ in held], texts, alphabet)
    present = before
    if job.present:
        own, _ = load_hand(Path(job.present))
        present = _wrong([own.read(*pair) for pair in held], texts, alphabet)
    after = _wrong([hand.read(*pair) for pair in held], texts, alphabet)
    return FittedHand(hand, before, present, after)


def _wrong(lines: Sequence[Scores], texts: Sequence[str], alphabet: str) -> tuple[int, ...]:
    """Characters wrong in each line, read without any grammar."""
    return tuple(
        Levenshtein.distance(greedy(scores, alphabet).strip(), text)
        for scores, text in zip(lines, texts, strict=True)
    )


def divided_lines(lines: Sequence[KnownLine]) -> tuple[list[KnownLine], list[KnownLine]]:
    """Lines to learn from and lines held back: of a field always the same, whatever else comes."""
    taught: list[KnownLine] = []
    tested: list[KnownLine] = []
    for line in lines:
        position, code = line.place
        name = f"{line.page}\0{position}\0{code}".encode()
        held = int.from_bytes(sha256(name).digest()[:4], "big") % _HELD_BACK == 0
        (tested if held and not line.sure else taught).append(line)
    return taught, tested


def pictured(lines: Sequence[KnownLine]) -> tuple[tuple[Gray, str], ...]:
    """Pictures and texts of lines, as a `HandJob` takes them."""
    return tuple((line.image, line.text) for line in lines)


def writing_hash(lines: Sequence[KnownLine], how: HandFitting) -> str:
    """Hash of all that a hand depends on besides the network."""
    return combined_hash(
        repr(how),
        *(
            f"{line.page}\0{line.place}\0{line.text}\0{sha256(line.image.tobytes()).hexdigest()}"
            for line in lines
        ),
    )
