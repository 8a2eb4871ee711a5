"""A trained network reads composed words again, to find out whether their label is true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser
from ocr_pipeline.training.forced_alignment import force_align
from ocr_pipeline.training.pen_strokes import Stroke
from ocr_pipeline.training.pens import Pen, draw

#: Most loss of a true word, in nats a character: −ln p of the best path of its label.
TRUE_WORD_NATS = 1.3

#: The same for figures, which no neighbour explains: at 1.3 a slash passed for one of two digits.
TRUE_FIGURE_NATS = 0.7

#: Words are read in one plain pen, so that only their shapes count.
PLAIN_PEN = Pen(width=0.24)
SIZE_PX = 9.0  # of a letter size: a usual scan at 200 dpi
MARGIN_PX = 4  # around the ink: as much as the preparation keeps


class WordReader:
    """Reads drawn words with the network of a model folder.

    Args:
        folder: model folder, as `sohoa train export` writes it.

    """

    def __init__(self, folder: Path) -> None:
        self.recogniser = OnnxRecogniser(folder)
        self.classes = {c: k for k, c in enumerate(self.recogniser.alphabet, 1)}

    def loss(self, text: str, strokes: Sequence[Stroke]) -> float:
        """−ln p of the text's best path, in nats a character; infinite where it has none.

        Args:
            text: characters of the network's alphabet.
            strokes: in letter sizes, at least one.

        """
        (scores,) = self.recogniser.scores([plain_picture(strokes)])
        found = force_align(scores, [self.classes[c] for c in text])
        return found.loss if found is not None else float("inf")

    def is_true(self, text: str, strokes: Sequence[Stroke]) -> bool:
        """Whether the strokes read as the text; a text with unknown characters passes."""
        if not all(c in self.classes for c in text):
            return True
        return self.loss(text, strokes) < (TRUE_FIGURE_NATS if text.isdigit() else TRUE_WORD_NATS)


def plain_picture(strokes: Sequence[Stroke]) -> npt.NDArray[np.uint8]:
    """Strokes as a grey picture (H, W): `SIZE_PX` a letter size, `MARGIN_PX` around the ink."""
    ink = draw(list(strokes), SIZE_PX, PLAIN_PEN, np.random.default_rng(0), (MARGIN_PX,) * 4)
    return (250 - 215 * ink).astype(np.uint8)
