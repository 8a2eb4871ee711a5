"""What decoding knows of a field, as numbers for `confidence.Calibration`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.reading.confidence import FEATURES
from ocr_pipeline.reading.decoding import Decoded
from ocr_pipeline.reading.recogniser import Scores


def features(
    decoded: Decoded, lines: Sequence[Scores], *, typed: bool = False, struck: bool = False
) -> npt.NDArray[np.float64]:
    """The features of one field, all finite.

    Args:
        decoded: its reading, with at least one candidate.
        lines: (frames, classes) natural log-probabilities of its lines.
        typed: typed rather than handwritten.
        struck: a stroke runs through it.

    """
    best = decoded.best
    assert best is not None
    first = decoded.candidates[0]
    length = max(len(best.text), 1)
    peaks = np.concatenate([line.max(axis=1) for line in lines if len(line)])
    marked = np.concatenate([line.argmax(axis=1) > 0 for line in lines if len(line)])
    said = peaks[marked] if marked.any() else peaks
    rival = decoded.rival.acoustic if decoded.rival else -np.inf
    rest = max(1.0 - first.probability, 1e-7)
    by_name = {
        "margin": np.log(max(first.probability, 1e-7) / rest),
        "acoustic": max(best.acoustic / length, -10.0),
        "gap": max((best.acoustic - float(peaks.sum())) / length, -10.0),
        "strain": max(best.acoustic - float(peaks.sum()), -30.0),
        "rival": min(max(best.acoustic - rival, -15.0), 15.0),
        "distance": Levenshtein.distance(decoded.raw, best.text) / length,
        "edits": min(Levenshtein.distance(decoded.raw, best.text), 10),
        "language": max(best.language / length, -10.0),
        "weakest": float(np.exp(np.sort(said)[: max(len(said) // 10, 1)].mean())),
        "lowest": float(np.exp(said.min())),
        "mean": float(np.exp(said.mean())),
        "length": np.log(length),
        "open": float(decoded.open),
        "valueless": float(not first.value),
        "typed": float(typed),
        "struck": float(struck),
    }
    return np.array([by_name[name] for name in FEATURES], np.float64)
