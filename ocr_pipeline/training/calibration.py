"""Fit the confidence of a model: books with known truth → features and labels → calibration.json.

What is reported was measured on a sixth of the books by a fit on the others; what is written is
fitted on all. The monotone tail is fitted on predictions for books that the trees had not seen.
Thresholds belong to yet other books.

Trees rather than a line, because what makes a field doubtful differs by kind. On drawn books of
other hands with a sixth of their syllables in no list they accept 39 % of the fields at one wrong
in 200 where a logistic regression over the same features accepts 27 %.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.reading.boosted_trees import LEAF, BoostedTrees, TreeFile
from ocr_pipeline.reading.confidence import (
    BLANK_TABLE,
    CALIBRATION,
    FEATURES,
    INPUTS,
    PAIR_INPUTS,
    SILENT,
    SILENT_TABLE,
    SURE,
    Calibration,
)
from ocr_pipeline.reading.features import with_second_page_means
from ocr_pipeline.reading.special_marks import means_nothing
from ocr_pipeline.registers.fields import FieldKind, Script
from ocr_pipeline.training.field_observations import Sample, collect

__all__ = ["FittedCalibration", "Quality", "Sample", "collect", "fit", "fit_pair", "write"]


_SUREST = 0.9995  # no number of books we can draw shows more
_PRIOR = 4.0  # fields that the trees themselves count for in each step of the tail
_BLANK_EDGES_MM2 = (0.0, 0.2, 0.4, 0.6, 0.9, 1.5, 3.0)  # of the steps of the table of blanks
_SILENT_EDGES_MM2 = (0.0, 0.4, 1.5)  # of those with ink in which the network sees no writing
_NOTHING_AT_FIRST = 0.9  # what is believed of a mark for nothing before any was seen
_BLANK_STEP = 0.002  # more ink is always less sure, so that boxes with any can be told apart
_LEAST = 8  # fields of a kind before it has a rate of its own
_LESS_SURE = frozenset(("distance", "edits", "page_edits", "second_distance", "second_edits"))
"""Features of which more never makes a field surer."""
_EITHER = frozenset(("language", "length", "open", "valueless", "typed", "struck", "kind"))
"""Features that may speak either way; of all others more never makes a field less sure."""
_TREES = {
    "max_iter": 250, "max_depth": 4, "learning_rate": 0.05, "min_samples_leaf": 40,
    "l2_regularization": 5.0, "early_stopping": False,
}  # fmt: skip
"""Deeper trees and more of them fit better where they were fitted, and no better elsewhere."""


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
    """Fit the confidence of a model by itself.

    Args:
        samples: from `collect`, of at least six books; what a second network said does not count.
        sources: what the books are, for the file.
        seed: decides which books the reported quality is measured on.

    Raises:
        BadInputError: too few books, or nothing was read wrong (or right) anywhere.

    """
    alone = [replace(s, observation=s.observation.alone or s.observation) for s in samples]
    fitted = _fit(alone, INPUTS, sources, seed)
    return replace(fitted, data={**fitted.data, **_blanks(alone)})


def fit_pair(
    samples: Sequence[Sample], own: Calibration, *, sources: str, second: str, seed: int = 0
) -> FittedCalibration:
    """Fit the confidence of what two networks read.

    Args:
        samples: from `collect` with the second network and a model that was not calibrated, so that
            both have read all that is written.
        own: the confidence of the model by itself. What it is sure of is left to it, as are blanks
            and ticks.
        sources: what the books are, for the file.
        second: name and version of the second network.
        seed: as for `fit`.

    Raises:
        BadInputError: too few books, or nothing was read wrong (or right) anywhere.

    """
    fitted = _fit(_doubted(samples, own), PAIR_INPUTS, sources, seed)
    return replace(fitted, data={**fitted.data, "second": second})


def _doubted(samples: Sequence[Sample], own: Calibration) -> list[Sample]:
    """The fields that the second network would have been asked for, with the means over these."""
    pages: dict[tuple[str, str], list[Sample]] = {}
    for s in samples:
        alone = s.observation.alone
        if alone is not None and own.probability(s.kind, alone.features) < SURE:
            pages.setdefault((s.book, s.page), []).append(s)
    out = []
    for page in pages.values():
        rows = with_second_page_means([s.observation.features for s in page])
        for s, row in zip(page, rows, strict=True):
            out.append(replace(s, observation=replace(s.observation, features=row)))
    return out


def _fit(
    samples: Sequence[Sample], inputs: Sequence[str], sources: str, seed: int
) -> FittedCalibration:
    """Fit features to labels on all books; what is reported was measured by a fit on five sixths.

    A second network has no more than 5,000 doubted fields of 216 books to learn from.
    """
    known, unknown = _split(samples, seed)
    measured = _Table.of(known, inputs)
    apart = _Table.of(unknown, inputs)
    if len(set(measured.books)) < 4 or len(set(measured.right)) < 2 or not len(apart.right):
        raise BadInputError(
            Text("Quá ít sổ để hiệu chỉnh", "Too few books to calibrate on"),
            remedy=Text("Cần ít nhất 6 sổ có cả ô đọc đúng và đọc sai",
                        "At least 6 books are needed, with fields read right and wrong"),
        )  # fmt: skip
    model, tail = _fit_table(measured, seed)
    sure = np.interp(model.predict(apart.kinds, apart.features), *tail)
    shares = 1 / (1 + np.exp(-apart.features[:, FEATURES.index("margin")]))
    before, after = _quality(shares, apart.right), _quality(sure, apart.right)
    whole = _Table.of(samples, inputs)
    model, tail = _fit_table(whole, seed)
    data: dict[str, Any] = {
        "inputs": list(inputs),
        "trees": model.file.model_dump(mode="json"),
        "kinds": dict(sorted(model.kinds.items())),
        "tail": [_rounded(tail[0]), _rounded(tail[1])],
        "sources": sources,
        "books": {"fit": sorted(set(whole.books)), "test": sorted(set(apart.books))},
    }
    data["quality"] = {
        name: {"fields": q.fields, "right": round(q.right, 4), "ece": round(q.ece, 4),
               "log_loss": round(q.log_loss, 4)}
        for name, q in (("before", before), ("after", after))
    }  # fmt: skip
    return FittedCalibration(data, before, after)


def write(fitted: FittedCalibration, folder: Path, name: str = CALIBRATION) -> Path:
    """Write a confidence into a model's folder, under the name of its file."""
    path = folder / name
    apart = {name: value for name, value in fitted.data.items() if name != "trees"}
    text = json.dumps(apart, ensure_ascii=False, indent=1, sort_keys=True).removesuffix("\n}")
    trees = json.dumps(fitted.data["trees"], separators=(",", ":"), sort_keys=True)
    lines = trees.replace("],[", "],\n[")  # one tree a line
    path.write_text(f'{text},\n "trees": {lines}\n}}\n', encoding="utf-8")
    return path


def _split(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """Samples to fit on, and those of every sixth book (at random) to test on."""
    books = sorted({s.book for s in samples})
    order = np.random.default_rng(seed).permutation(len(books))
    test = {books[b] for k, b in enumerate(order) if k % 6 == 5}
    return [s for s in samples if s.book not in test], [s for s in samples if s.book in test]


@dataclass(frozen=True, slots=True)
class _Table:
    """Fields that were read by as many networks, in one order.

    Attributes:
        kinds, books: of the fields.
        features: (fields, features).
        right: (fields,) 1 where the field was read rightly.

    """

    kinds: list[str]
    books: list[str]
    features: Floats
    right: Floats

    @classmethod
    def of(cls, samples: Sequence[Sample], inputs: Sequence[str]) -> _Table:
        """The fields that have the features of these inputs; the last input is the kind."""
        width = len(inputs) - 1
        read = [s for s in samples if len(s.observation.features) == width]
        return cls(
            [str(s.kind) for s in read],
            [s.book for s in read],
            np.array([s.observation.features for s in read]).reshape(len(read), width),
            np.array([float(s.right) for s in read]),
        )

    def part(self, wanted: npt.NDArray[np.bool_]) -> _Table:
        """The fields of which `wanted` (fields,) is true."""
        at = np.flatnonzero(wanted)
        return _Table(
            [self.kinds[i] for i in at],
            [self.books[i] for i in at],
            self.features[at],
            self.right[at],
        )


@dataclass(frozen=True, slots=True)
class _Grown:
    file: TreeFile
    kinds: dict[str, float]

    def predict(self, kinds: Sequence[str], x: Floats) -> Floats:
        trees = BoostedTrees.of(self.file)
        totals = [trees.total(row) for row in _with_rates(x, kinds, self.kinds)]
        return np.asarray(1 / (1 + np.exp(-np.array(totals))))


def _inputs(x: Floats) -> tuple[str, ...]:
    """What trees over these features, and the kind, ask for."""
    return PAIR_INPUTS if x.shape[1] > len(FEATURES) else INPUTS


def _grow(table: _Table, seed: int) -> _Grown:
    """Trees over the features and the rate of the kind, as they are written."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, rates = table.features, _rates(table.kinds, table.right)
    ways = [-1 if n in _LESS_SURE else 0 if n in _EITHER else 1 for n in _inputs(x)]
    model = HistGradientBoostingClassifier(**_TREES, monotonic_cst=ways, random_state=seed)
    model.fit(_with_rates(x, table.kinds, rates), table.right)
    return _Grown(_tree_file(model), rates)


def _rates(kinds: Sequence[str], y: Floats) -> dict[str, float]:
    """Log odds of being right, by kind; "" for all together."""
    out = {"": _log_odds(float(y.sum()), len(y))}
    for name in sorted(set(kinds)):
        own = y[[kind == name for kind in kinds]]
        if len(own) >= _LEAST:
            out[name] = _log_odds(float(own.sum()), len(own))
    return out


def _log_odds(right: float, count: int) -> float:
    share = (right + 2) / (count + 3)  # a kind of which little was seen is nobody's surest
    return round(float(np.log(share / (1 - share))), 4)


def _with_rates(x: Floats, kinds: Sequence[str], rates: dict[str, float]) -> Floats:
    column = np.array([[rates.get(kind, rates[""])] for kind in kinds]).reshape(len(x), 1)
    return np.hstack([x, column])


def _tree_file(model: Any) -> TreeFile:
    """The trees of a fitted model; the library has no public way to them."""
    nodes = [predictor.nodes for (predictor,) in model._predictors]
    leaf = [tree["is_leaf"].astype(bool) for tree in nodes]
    asked = [
        np.where(end, LEAF, tree["feature_idx"]) for end, tree in zip(leaf, nodes, strict=True)
    ]
    bound = [np.where(end, 0, tree["num_threshold"]) for end, tree in zip(leaf, nodes, strict=True)]
    says = [np.where(end, tree["value"], 0) for end, tree in zip(leaf, nodes, strict=True)]
    return TreeFile(
        baseline=round(float(model._baseline_prediction.item()), 5),
        feature=tuple(tuple(column.tolist()) for column in asked),
        threshold=tuple(tuple(_rounded(column)) for column in bound),
        left=tuple(tuple(tree["left"].tolist()) for tree in nodes),
        right=tuple(tuple(tree["right"].tolist()) for tree in nodes),
        value=tuple(tuple(_rounded(column)) for column in says),
    )


def _fit_table(table: _Table, seed: int) -> tuple[_Grown, tuple[Floats, Floats]]:
    """Trees, and a tail fitted on predictions that trees made for books they had not seen."""
    return _grow(table, seed), _tail(_crossed(table, seed), table.right)


def _crossed(table: _Table, seed: int, folds: int = 5) -> Floats:
    """Predictions for each book by trees grown on the others."""
    names = sorted(set(table.books))
    order = np.random.default_rng(seed + 1).permutation(len(names))
    fold = {names[b]: k % folds for k, b in enumerate(order)}
    part = np.array([fold[b] for b in table.books])
    out = np.full(len(table.right), float(table.right.mean()))
    for k in range(folds):
        inside, outside = table.part(part != k), table.part(part == k)
        if len(set(inside.right)) == 2 and outside.books:
            out[part == k] = _grow(inside, seed).predict(outside.kinds, outside.features)
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


def _blanks(samples: Sequence[Sample]) -> dict[str, Any]:
    """The tables of fields in which nothing was read, of marks for nothing, and of ticks."""
    found = [s for s in samples if s.observation.reading.script is Script.BLANK
             and s.kind is not FieldKind.TICK]  # fmt: skip
    marked = [s for s in found if means_nothing(s.observation.reading.as_written)]
    unread = [s for s in found if not means_nothing(s.observation.reading.as_written)]
    ink = np.array([s.observation.ink_mm2 for s in unread])
    hanging = np.array([s.observation.hanging_mm2 for s in unread])
    loudest = np.array([s.observation.loudest for s in unread])
    empty = np.array([float(not s.as_written) for s in unread])
    silent = (ink > 0) & (loudest < SILENT)
    at, sure = _blank_table(ink[~silent], empty[~silent], _BLANK_EDGES_MM2, BLANK_TABLE)
    own, less = _blank_table(
        (ink - hanging)[silent], empty[silent], _SILENT_EDGES_MM2, SILENT_TABLE
    )
    most = float(sure[0]) - _BLANK_STEP  # a box with ink is less sure than one without
    return {
        "blank": [_rounded(at), _rounded(sure)],
        "silent": [_rounded(own), _rounded(np.minimum(less, most))],
        "nothing": {kind: round(min(p, most), 4) for kind, p in _nothing(marked).items()},
        "tick": _rounded(_tick(samples)),
    }


def _nothing(marked: Sequence[Sample]) -> dict[str, float]:
    """Share of the marks for nothing that mean it, by kind.

    Of a kind never seen nothing is known: a slash in a number may be a 1.
    """
    out = {"": _NOTHING_AT_FIRST}
    for kind in sorted({str(s.kind) for s in marked}):
        own = [not s.value for s in marked if str(s.kind) == kind]
        believed = (sum(own) + _PRIOR * _NOTHING_AT_FIRST) / (len(own) + _PRIOR)
        out[kind] = min(believed, 1 - 1 / (len(own) + _PRIOR))
    return out


def _blank_table(
    ink: Floats,
    empty: Floats,
    edges: Sequence[float],
    believed: tuple[tuple[float, ...], tuple[float, ...]],
) -> tuple[Floats, Floats]:
    """A falling table of the really blank ones among fields found blank, by the ink left in them.

    A line through the ink is no model of it: nearly all blanks hold none, ditto marks 0.7 mm².

    Args:
        ink: (fields,) in mm².
        empty: (fields,) 1 where really nothing is written.
        edges: of the table's steps, in mm².
        believed: (ink in mm², probability) points of what is believed before any was seen.

    """
    from sklearn.isotonic import IsotonicRegression

    bins = np.searchsorted(edges, ink, side="left")
    at = np.array([edges[0] / 2, *((a + b) / 2 for a, b in pairwise(edges)), edges[-1] * 2])
    counts = np.array([(bins == b).sum() for b in range(len(at))], float)
    hits = np.array([empty[bins == b].sum() for b in range(len(at))])
    smoothed = (hits + _PRIOR * np.interp(at, *believed)) / (counts + _PRIOR)
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
