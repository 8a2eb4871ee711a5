"""What decoding knows of a field, as numbers for `confidence.Calibration`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.reading.confidence import FEATURES, PAGE_MEANS
from ocr_pipeline.reading.decoding import Decoded
from ocr_pipeline.reading.recogniser import Scores


def features(
    decoded: Decoded, lines: Sequence[Scores], *, typed: bool = False, struck: bool = False
) -> npt.NDArray[np.float64]:
    """The features of one field, all finite; those of its page are left at 0 (`with_page_means`).

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
    return np.array([by_name.get(name, 0.0) for name in FEATURES], np.float64)


def with_page_means(rows: Sequence[npt.NDArray[np.float64]]) -> list[npt.NDArray[np.float64]]:
    """The features of a page's fields with the means over the other fields of the page.

    A hand or a scan that the network reads badly shows in all fields, also in one that looks sure.
    A field that is alone on its page takes its own.

    Args:
        rows: (len(FEATURES),) each.

    """
    if not rows:
        return []
    table = np.array(rows)
    own = [FEATURES.index(name) for name in PAGE_MEANS.values()]
    rest = table[:, own].sum(axis=0) - table[:, own] if len(rows) > 1 else table[:, own]
    table[:, [FEATURES.index(name) for name in PAGE_MEANS]] = rest / max(len(rows) - 1, 1)
    return list(table)
