"""Fit the confidence of a model: books with known truth → features and labels → calibration.json.

A sixth of the books is kept apart to report on; the monotone tail is fitted on predictions for
books that the regression had not seen. Thresholds belong to yet other books.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ocr_pipeline.arrays import Floats
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.reading.confidence import BLANK_TABLE, FEATURES
from ocr_pipeline.registers.fields import FieldKind, Script
from ocr_pipeline.training.field_observations import Sample, collect

__all__ = ["FittedCalibration", "Quality", "Sample", "collect", "fit", "write"]


_SUREST = 0.9995  # no number of books we can draw shows more
_PRIOR = 4.0  # fields that the regression itself counts for in each step of the tail
_BLANK_EDGES_MM2 = (0.0, 0.2, 0.4, 0.6, 0.9, 1.5, 3.0)  # of the steps of the table of blanks
_BLANK_STEP = 0.002  # more ink is always less sure, so that boxes with any can be told apart
_LEAST = 8  # right and wrong fields of a kind, together, before it gets an intercept of its own


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities fit: expected calibration error (10 bins) and log loss."""

    fields: int
    right: float
    ece: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration ready to write, and how good it is on books that the fit has not seen."""

    data: dict[str, Any] = field(default_factory=dict)
    before: Quality | None = None
    after: Quality | None = None


def fit(samples: Sequence[Sample], *, sources: str, seed: int = 0) -> FittedCalibration:
    """Fit features to labels.

    The tail is fitted on predictions that the regression made for books it had not seen.

    Args:
        samples: from `collect`, of at least six books.
        sources: what the books are, for the file.
        seed: decides which books are kept for the test.

    Raises:
        BadInputError: too few books, or nothing was read wrong (or right) anywhere.

    """
    known, unknown = _split(samples, seed)
    kinds, books, x, y = _table(known)
    test_kinds, _, test_x, test_y = _table(unknown)
    if len(set(books)) < 4 or len(set(y)) < 2 or not len(test_y):
        raise BadInputError(
            Text("Quá ít sổ để hiệu chỉnh", "Too few books to calibrate on"),
            remedy=Text("Cần ít nhất 6 sổ có cả ô đọc đúng và đọc sai",
                        "At least 6 books are needed, with fields read right and wrong"),
        )  # fmt: skip
    model = _regress(x, y, kinds)
    tail = _tail(_crossed(kinds, books, x, y, seed), y)
    data = {
        "features": list(FEATURES),
        "weights": _rounded(model.weights),
        "centre": _rounded(model.centre),
        "scale": _rounded(model.scale),
        "intercepts": {k: round(float(v), 4) for k, v in sorted(model.intercepts.items())},
        "tail": [_rounded(tail[0]), _rounded(tail[1])],
        "blank": [_rounded(part) for part in _blank(known)],
        "tick": _rounded(_tick(known)),
        "sources": sources,
        "books": {"fit": sorted(set(books)), "test": sorted({s.book for s in unknown})},
    }
    shares = 1 / (1 + np.exp(-test_x[:, FEATURES.index("margin")]))
    final = np.interp(model.predict(test_kinds, test_x), *tail)
    before, after = _quality(shares, test_y), _quality(final, test_y)
    data["quality"] = {
        name: {"fields": q.fields, "right": round(q.right, 4), "ece": round(q.ece, 4),
               "log_loss": round(q.log_loss, 4)}
        for name, q in (("before", before), ("after", after))
    }  # fmt: skip
    return FittedCalibration(data, before, after)


def write(fitted: FittedCalibration, folder: Path) -> Path:
    """Write `calibration.json` into a model's folder."""
    path = folder / "calibration.json"
    text = json.dumps(fitted.data, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _split(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """Samples to fit on, and those of every sixth book (at random) to test on."""
    books = sorted({s.book for s in samples})
    order = np.random.default_rng(seed).permutation(len(books))
    test = {books[b] for k, b in enumerate(order) if k % 6 == 5}
    return [s for s in samples if s.book not in test], [s for s in samples if s.book in test]


def _table(samples: Sequence[Sample]) -> tuple[list[str], list[str], Floats, Floats]:
    """Kinds, books, features and labels of the fields that were read."""
    read = [s for s in samples if len(s.observation.features)]
    features = [s.observation.features for s in read]
    x = np.array(features) if features else np.zeros((0, len(FEATURES)))
    y = np.array([float(s.right) for s in read])
    return [str(s.kind) for s in read], [s.book for s in read], x, y


@dataclass(frozen=True, slots=True)
class _Regression:
    centre: Floats
    scale: Floats
    weights: Floats
    intercepts: dict[str, float]

    def predict(self, kinds: Sequence[str], x: Floats) -> Floats:
        base = np.array([self.intercepts.get(k, self.intercepts[""]) for k in kinds])
        linear = ((x - self.centre) / self.scale) @ self.weights + base
        return np.asarray(1 / (1 + np.exp(-linear)))


def _regress(x: Floats, y: Floats, kinds: Sequence[str]) -> _Regression:
    """Logistic regression with an intercept for each kind, both shrunk by a ridge."""
    from sklearn.linear_model import LogisticRegression

    centre, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    names = sorted(k for k in set(kinds) if sum(k == other for other in kinds) >= _LEAST)
    own = np.array([[float(k == name) for name in names] for k in kinds]).reshape(len(x), -1)
    both = np.hstack([(x - centre) / scale, own])
    model = LogisticRegression(C=0.5, max_iter=2000).fit(both, y)
    weights, base = model.coef_[0], float(model.intercept_[0])
    count = x.shape[1]
    own_base = {n: base + float(w) for n, w in zip(names, weights[count:], strict=True)}
    return _Regression(centre, scale, weights[:count], {"": base, **own_base})


def _crossed(
    kinds: Sequence[str], books: Sequence[str], x: Floats, y: Floats, seed: int, folds: int = 5
) -> Floats:
    """Predictions for each book by a regression on the others."""
    names = sorted(set(books))
    order = np.random.default_rng(seed + 1).permutation(len(names))
    fold = {names[b]: k % folds for k, b in enumerate(order)}
    part = np.array([fold[b] for b in books])
    out = np.full(len(y), float(y.mean()))
    for k in range(folds):
        inside, outside = np.flatnonzero(part != k), np.flatnonzero(part == k)
        if len(set(y[inside])) == 2 and len(outside):
            model = _regress(x[inside], y[inside], [kinds[i] for i in inside])
            out[outside] = model.predict([kinds[i] for i in outside], x[outside])
    return out


def _tail(predicted: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A monotone table of the right ones among like predictions, as sure as their number allows."""
    from sklearn.isotonic import IsotonicRegression

    logit = np.log(np.clip(predicted, 1e-6, 1 - 1e-6) / np.clip(1 - predicted, 1e-6, 1))
    edges = np.unique(np.quantile(logit, np.linspace(0, 1, 21)))
    bins = np.clip(np.searchsorted(edges, logit, side="right") - 1, 0, len(edges) - 2)
    used = [b for b in range(len(edges) - 1) if (bins == b).any()]
    x = np.array([predicted[bins == b].mean() for b in used])
    counts = np.array([(bins == b).sum() for b in used], float)
    right = np.array([y[bins == b].sum() for b in used])
    smoothed = (right + x * _PRIOR) / (counts + _PRIOR)
    level = IsotonicRegression(y_min=0.0, y_max=1.0).fit(x, smoothed, sample_weight=counts)
    values = np.minimum(np.asarray(level.predict(x), float), _SUREST)
    top = max(float(values[-1]), 1 - 1.0 / max(float(counts[values >= values[-1] - 1e-3].sum()), 1))
    return np.concatenate(([0.0], x, [1.0])), np.concatenate(([0.0], values, [min(top, _SUREST)]))


def _blank(samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    """A falling table of the really blank ones among fields found blank, by the ink left in them.

    A line through the ink is no model of it: nearly all blanks hold none, ditto marks 0.7 mm².
    """
    from sklearn.isotonic import IsotonicRegression

    found = [s for s in samples if s.observation.reading.script is Script.BLANK
             and s.kind is not FieldKind.TICK]  # fmt: skip
    ink = np.array([s.observation.ink_mm2 for s in found])
    right = np.array([float(not s.as_written) for s in found])
    edges = np.array(_BLANK_EDGES_MM2)
    bins = np.searchsorted(edges, ink, side="left")
    at = np.concatenate(([0.0], (edges[:-1] + edges[1:]) / 2, [edges[-1] * 2]))
    counts = np.array([(bins == b).sum() for b in range(len(at))], float)
    hits = np.array([right[bins == b].sum() for b in range(len(at))])
    smoothed = (hits + _PRIOR * np.interp(at, *BLANK_TABLE)) / (counts + _PRIOR)
    modest = np.minimum(smoothed, 1 - 1 / (counts + _PRIOR))  # few boxes seen show little
    level = IsotonicRegression(increasing=False).fit(at, modest, sample_weight=counts + _PRIOR)
    fallen = np.asarray(level.predict(at), float) - _BLANK_STEP * np.arange(len(at))
    return at, np.clip(fallen, 0.0, _SUREST)


def _tick(samples: Sequence[Sample]) -> Floats:
    found = [s for s in samples if s.observation.tick is not None]
    p = np.clip([s.observation.tick or 0.0 for s in found], 1e-6, 1 - 1e-6)
    return _line(np.log(p / (1 - p)).tolist(), [s.right for s in found], (1.4, 0.0))


def _line(x: Sequence[float], y: Sequence[bool], default: tuple[float, float]) -> Floats:
    """One-variable logistic fit; the default, tempered by the data, where all labels agree."""
    from sklearn.linear_model import LogisticRegression

    if len(set(y)) < 2 or min(sum(y), len(y) - sum(y)) < 3:
        return np.array(default)
    model = LogisticRegression(C=10.0).fit(np.array(x)[:, None], np.array(y))
    return np.array([float(model.coef_[0][0]), float(model.intercept_[0])])


def _quality(p: Floats, y: Floats) -> Quality:
    bins = np.minimum((p * 10).astype(int), 9)
    gaps = [abs(float((p[bins == b] - y[bins == b]).sum())) for b in range(10) if (bins == b).any()]
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    loss = -float(np.mean(y * np.log(clipped) + (1 - y) * np.log(1 - clipped)))
    return Quality(len(y), float(y.mean()), sum(gaps) / len(y), loss)


def _rounded(values: Floats) -> list[float]:
    return [round(float(v), 5) for v in values]
