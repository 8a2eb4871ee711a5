"""The hand of one book: what is added to the network's last layer, so that it reads its clerk.

A network's last layer turns features of a frame into scores of characters. A hand is a small
matrix (as many rows as features, one column a class) and a bias, added to that layer: 120 kB a
book, no cost on other books, and training it needs nothing but numpy.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter

from ocr_pipeline.data_files import Strict
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.reading.recogniser import Scores

Features = npt.NDArray[np.float32]
"""(frames, features): what the last layer of the network reads."""

_MOST_BYTES = 20_000_000  # of a file: twenty times the largest layer that is shipped


class HandFacts(Strict):
    """What a hand was learnt from, and what it was worth.

    Attributes:
        base: fingerprint of the model that it belongs to.
        page: fingerprint of the page stage at that time.
        learnt: hash of the writing that it was learnt and tested on.
        features: rows of its matrix; `classes`: its columns.
        fields: confirmed fields that it was learnt from; `tested`: fields held back.
        letters: of the fields held back.
        wrong_before: characters of them that the network read wrongly; `wrong_after`: with it.
        left: content hashes of the pages without a doubt, which keep their reading.
        follows: its file holds the hand of the book before it, too.
        digest: SHA-256 of the weights.

    """

    base: str
    page: str
    learnt: str
    features: int = Field(ge=1, le=100_000)
    classes: int = Field(ge=1, le=100_000)
    fields: int = 0
    tested: int = 0
    letters: int = 0
    wrong_before: int = 0
    wrong_after: int = 0
    left: tuple[str, ...] = ()
    follows: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BookHand:
    """What is added to the last layer.

    Attributes:
        weights: (features, classes) float32.
        bias: (classes,) float32.

    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def read(self, scores: Scores, features: Features) -> Scores:
        """The scores of a line as this hand has them.

        Args:
            scores: (frames, classes) log-probabilities of the network alone.
            features: of the same frames.

        """
        logits = scores + features @ self.weights + self.bias
        top = logits.max(axis=1, keepdims=True)
        found: Scores = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        return found

    def rounded(self) -> BookHand:
        """As it is kept: in half precision."""
        return BookHand(
            self.weights.astype(np.float16).astype(np.float32),
            self.bias.astype(np.float16).astype(np.float32),
        )


def packed_hand(hand: BookHand, facts: HandFacts, former: BookHand | None = None) -> bytes:
    """A hand as its file holds it: a line of JSON, then the weights in half precision.

    Args:
        hand: the hand.
        facts: what it was learnt from.
        former: the hand that the book had before, of the same network.

    """
    body = b"".join(
        one.weights.astype("<f2").tobytes() + one.bias.astype("<f2").tobytes()
        for one in (hand, former)
        if one is not None
    )
    features, classes = hand.weights.shape
    kept = facts.model_copy(
        update={
            "features": features, "classes": classes, "digest": _digest(body),
            "follows": former is not None,
        }
    )  # fmt: skip
    return json.dumps(kept.model_dump(mode="json"), sort_keys=True).encode() + b"\n" + body


def load_hand(path: Path) -> tuple[BookHand, HandFacts]:
    """A hand from its file.

    Raises:
        MachineError: the file is missing or damaged.

    """
    [hand, *_], facts = load_hands(path)
    return hand, facts


def load_hands(path: Path) -> tuple[list[BookHand], HandFacts]:
    """A hand from its file and, where there was one, the hand that the book had before it.

    Raises:
        MachineError: the file is missing or damaged.

    """
    with foreign_file(lambda: _damaged(path)):
        try:
            data = read_plain(path, _MOST_BYTES)
        except OSError as error:
            raise _damaged(path) from error
        head, _, body = data.partition(b"\n")
        facts = TypeAdapter(HandFacts).validate_json(head)
        count, size = 1 + facts.follows, (facts.features + 1) * facts.classes
        if facts.digest != _digest(body) or len(body) != 2 * count * size:
            raise _damaged(path)
        values = np.frombuffer(body, "<f2").astype(np.float32).reshape(count, -1, facts.classes)
        return [BookHand(one[:-1], one[-1]) for one in values], facts


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _damaged(path: Path) -> MachineError:
    return MachineError(
        Text(
            "Tệp nét chữ riêng của sổ bị thiếu hoặc hỏng",
            "The file of the book's own hand is missing or damaged",
        ),
        where=str(path),
        remedy=Text(
            "Chạy `sohoa learn MÃ_SỔ --forget` rồi `sohoa learn MÃ_SỔ`",
            "Run `sohoa learn BOOK --forget`, then `sohoa learn BOOK`",
        ),
    )
