"""What decoding knows of a field, as numbers for `confidence.Calibration`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.arrays import Floats
from ocr_pipeline.reading.confidence import (
    FEATURES,
    PAGE_MEANS,
    SECOND_FEATURES,
    SECOND_PAGE_MEANS,
)
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.decoding import Decoded, Pool, shares, value_name
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.reading.second_reading import ReadingPair, as_first_says, as_second_says

_LEAST_SHARE, _MOST_SHARE = 1e-4, 1 - 1e-6


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
    peaks, said = _peaks(lines)
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
        **_sureness(said),
        "length": np.log(length),
        "open": float(decoded.open),
        "valueless": float(not first.value),
        "typed": float(typed),
        "struck": float(struck),
    }
    return np.array([by_name.get(name, 0.0) for name in FEATURES], np.float64)


def second_features(decoded: Decoded, pool: Pool, field: ReadingPair) -> npt.NDArray[np.float64]:
    """The further features of a field that a second network reads, too; all finite.

    Those of its page are left at 0.

    Args:
        decoded: its reading, from the hypotheses of both networks.
        pool: these hypotheses (`second_reading.weigh_both`).
        field: what each network says of it by itself.

    """
    best, rival, writing = decoded.best, decoded.rival, field.second
    kind = field.first.kind
    assert best is not None and best.second is not None
    length = max(len(best.text), 1)
    name = value_name(decoded.candidates[0].value, decoded.candidates[0].text)
    own = shares(kind, field.reading.pool)
    raw = writing.join.join(greedy(line, field.reading.alphabet) for line in writing.lines)
    edits = Levenshtein.distance(raw, best.text)
    peaks, said = _peaks(writing.lines)
    strain = best.second - float(peaks.sum())
    beside = rival.second if rival is not None and rival.second is not None else -np.inf
    by_name = {
        "second_acoustic": max(best.second / length, -10.0),
        "second_gap": max(strain / length, -10.0),
        "second_strain": max(strain, -30.0),
        "second_rival": min(max(best.second - beside, -15.0), 15.0),
        "second_distance": edits / length,
        "second_edits": min(edits, 10),
        **{f"second_{called}": value for called, value in _sureness(said).items()},
        "second_agrees": float(max(own, key=lambda one: own[one], default="") == name),
        "second_share": _log_odds(own.get(name, 0.0)),
        "first_alone": _log_odds(shares(kind, as_first_says(pool)).get(name, 0.0)),
        "second_alone": _log_odds(shares(kind, as_second_says(pool)).get(name, 0.0)),
    }
    return np.array([by_name.get(one, 0.0) for one in SECOND_FEATURES], np.float64)


def with_page_means(rows: Sequence[Floats]) -> list[Floats]:
    """The features of a page's fields with the means over the other fields of the page.

    A hand or a scan that the network reads badly shows in all fields, also in one that looks sure.
    A field that is alone on its page takes its own.

    Args:
        rows: (len(FEATURES),) each; an empty one, of a field without features, stays so.

    """
    return _with_means(rows, FEATURES, PAGE_MEANS)


def with_second_page_means(rows: Sequence[Floats]) -> list[Floats]:
    """The same of the further features, over those fields that a second network reads, too.

    Args:
        rows: (len(FEATURES) + len(SECOND_FEATURES),) each, or empty.

    """
    return _with_means(rows, (*FEATURES, *SECOND_FEATURES), SECOND_PAGE_MEANS)


def with_means_of(row: Floats, alone: Floats) -> Floats:
    """The features of a field with the page's means as the first network alone found them.

    Args:
        row: (len(FEATURES),) of the field as both networks read it.
        alone: the same as the first reads it, with the page's means.

    """
    out = row.copy()
    places = [FEATURES.index(name) for name in PAGE_MEANS]
    out[places] = alone[places]
    return out


def _with_means(
    rows: Sequence[Floats], names: Sequence[str], means: Mapping[str, str]
) -> list[Floats]:
    read = [place for place, row in enumerate(rows) if len(row)]
    if not read:
        return list(rows)
    table = np.array([rows[place] for place in read])
    own = table[:, [names.index(name) for name in means.values()]]
    rest = own.sum(axis=0) - own if len(read) > 1 else own
    table[:, [names.index(name) for name in means]] = rest / max(len(read) - 1, 1)
    known = dict(zip(read, table, strict=True))
    return [known.get(place, row) for place, row in enumerate(rows)]


def _peaks(lines: Sequence[Scores]) -> tuple[Floats, Floats]:
    """What a network says in each frame, and in those where it says a character (natural logs)."""
    written = [line for line in lines if len(line)]
    if not written:
        return np.zeros(1), np.zeros(1)
    peaks = np.concatenate([line.max(axis=1) for line in written])
    marked = np.concatenate([line.argmax(axis=1) > 0 for line in written])
    return peaks, peaks[marked] if marked.any() else peaks


def _sureness(said: Floats) -> dict[str, float]:
    """How sure a network is of the characters it says."""
    return {
        "weakest": float(np.exp(np.sort(said)[: max(len(said) // 10, 1)].mean())),
        "lowest": float(np.exp(said.min())),
        "mean": float(np.exp(said.mean())),
    }


def _log_odds(share: float) -> float:
    inside = min(max(share, _LEAST_SHARE), _MOST_SHARE)
    return float(np.log(inside / (1 - inside)))
