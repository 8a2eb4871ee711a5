"""Places of letters in real words, found by a trained network that knows what is written.

The network's auxiliary head is aligned with the text: it sees some fifty columns and so tells a
letter where the letter stands. The network's last layer sees the whole word, and tells the first
letter at the left edge (half of the first cuts went through the first letter).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.line_images import batches, prepare_line
from ocr_pipeline.training.forced_alignment import force_align
from ocr_pipeline.training.pen_strokes import Stroke, WriterStrokes
from ocr_pipeline.training.word_reader import MARGIN_PX, PLAIN_PEN, SIZE_PX, plain_picture

#: Words of a writer that are aligned for each text: more of them seldom add a new shape.
WORDS_EACH = 3

_CENTRE = 0.25  # of a frame: what it sees lies about one column right of its first column
_BATCH_PX = 64_000
_STRIDE = 4  # columns of a frame; `network.STRIDE`, without importing torch
_AT_ONCE = 256

Key = tuple[int, str, int]
"""Writer, text, and number among his words of this text."""


@dataclass(frozen=True)
class LetterPlaces:
    """Where the letters of a word stand.

    Attributes:
        centres: (letters,) x of each letter's centre, in letter sizes from the word's left edge.
        loss: of the text in the whole network, in nats a character.

    """

    centres: npt.NDArray[np.float64]
    loss: float


class LetterFinder:
    """Aligns words with a torch network.

    Args:
        weights: model folder with `weights.npz`, as `sohoa train export` writes it, or a file of
            weights or a checkpoint.

    """

    def __init__(self, weights: Path) -> None:
        from ocr_pipeline.training.model_export import load_checkpoint

        file = weights / "weights.npz" if weights.is_dir() else weights
        self.network, alphabet = load_checkpoint(file)
        self.classes = {c: k for k, c in enumerate(alphabet, 1)}
        self.digest = hashlib.sha256(file.read_bytes()).hexdigest()

    def knows(self, text: str) -> bool:
        """Whether the network's alphabet holds every character."""
        return all(c in self.classes for c in text)

    def places(self, words: Sequence[tuple[str, Sequence[Stroke]]]) -> list[LetterPlaces | None]:
        """Letters of each word.

        Args:
            words: text (known characters alone) and strokes in letter sizes, at least one.

        Returns:
            In the order given; None where the picture is too narrow for its text.

        """
        import torch

        pictures = [plain_picture(strokes) for _, strokes in words]
        prepared = [prepare_line(p, self.network.shape.height) for p in pictures]
        out: list[LetterPlaces | None] = [None] * len(words)
        for places, batch in batches(prepared, max_pixels=_BATCH_PX):
            with torch.inference_mode():
                whole, near = (s.numpy() for s in self.network.both(torch.from_numpy(batch)))
            for row, place in enumerate(places):
                text, strokes = words[place]
                columns = prepared[place].shape[1]
                out[place] = self._place(
                    text, strokes, whole[row], near[row], columns, pictures[place].shape[1]
                )
        return out

    def _place(
        self,
        text: str,
        strokes: Sequence[Stroke],
        whole: npt.NDArray[np.float32],
        near: npt.NDArray[np.float32],
        columns: int,
        width: int,
    ) -> LetterPlaces | None:
        """One word from its scores, its prepared width and its picture's width in pixels."""
        target = [self.classes[c] for c in text]
        frames = -(-columns // _STRIDE)
        read, found = force_align(whole[:frames], target), force_align(near[:frames], target)
        if read is None or found is None:
            return None
        pixels = (found.centres + _CENTRE) * _STRIDE * width / columns
        left = min(float(s[:, 0].min()) for s in strokes)
        return LetterPlaces((pixels - MARGIN_PX) / SIZE_PX - PLAIN_PEN.width / 2 + left, read.loss)


def find_places(
    hands: Sequence[WriterStrokes], finder: LetterFinder, cache: Path | None = None
) -> dict[Key, LetterPlaces]:
    """Letters of the writers' words, the first `WORDS_EACH` of each text.

    54,000 words take about a minute of a core, so the result is kept.

    Args:
        hands: the writers.
        finder: a trained network.
        cache: folder for the result, one file for each network and group of writers; None: not
            kept.

    """
    writers = json.dumps([[h.writer, sum(map(len, h.words.values()))] for h in hands])
    name = hashlib.sha256(f"{finder.digest} {writers} {WORDS_EACH}".encode()).hexdigest()[:16]
    file = cache / f"letter-places-{name}.npz" if cache else None
    if file is not None and file.is_file():
        return _load(file)
    found: dict[Key, LetterPlaces] = {}
    todo = [
        ((hand.writer, text, number), ink.strokes)
        for hand in hands
        for text, inks in hand.words.items()
        for number, ink in enumerate(inks[:WORDS_EACH])
        if text and ink.strokes and ink.width > 0 and finder.knows(text)
    ]
    for start in range(0, len(todo), _AT_ONCE):
        some = todo[start : start + _AT_ONCE]
        places = finder.places([(key[1], strokes) for key, strokes in some])
        found |= {key: p for (key, _), p in zip(some, places, strict=True) if p is not None}
    if file is not None:
        _save(found, file)
    return found


def _save(found: dict[Key, LetterPlaces], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        writers=np.array([k[0] for k in found], np.int64),
        texts=np.frombuffer("\n".join(k[1] for k in found).encode(), np.uint8),
        numbers=np.array([k[2] for k in found], np.int64),
        losses=np.array([p.loss for p in found.values()]),
        centres=np.concatenate([p.centres for p in found.values()] or [np.zeros(0)]),
    )
    part.replace(file)


def _load(file: Path) -> dict[Key, LetterPlaces]:
    with np.load(file) as z:
        texts = z["texts"].tobytes().decode().split("\n") if len(z["writers"]) else []
        ends = np.cumsum([len(t) for t in texts], dtype=np.int64)
        centres = np.split(z["centres"], ends[:-1])
        rows = zip(z["writers"], texts, z["numbers"], z["losses"], centres, strict=False)
        return {(int(w), t, int(n)): LetterPlaces(c, float(loss)) for w, t, n, loss, c in rows}
