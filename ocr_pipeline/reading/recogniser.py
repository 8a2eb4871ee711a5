"""The interface of every line recogniser: pictures of lines in, per-frame scores out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray

Scores = npt.NDArray[np.float32]
"""(frames, 1 + len(alphabet)) natural log-probabilities; column 0 is the CTC blank."""


class LineRecogniser(Protocol):
    """Reads pictures of single lines."""

    name: str
    """Model name and version, kept with every field it read."""

    alphabet: str
    """Column k of the scores is character `alphabet[k - 1]`."""

    def scores(self, lines: Sequence[Gray]) -> list[Scores]:
        """Per-frame scores of each line, in the order given; an empty line gives shape (0, …)."""
        ...
