"""Accuracy, calibration and risk–coverage of a set of fields, each with a 95 % interval.

Proportions: Wilson's score interval. Everything else: percentile bootstrap over clusters (books
where there are many, else pages), because the fields of one page fail together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.arrays import Floats
from ocr_pipeline.training.evaluation.field_pairs import ComparedField

BINS = 10
RISKS = (0.005, 0.01)
RESAMPLES = 400
SEED = 20240617
MANY_BOOKS = 8
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured number with its 95 % interval; None where there is nothing to measure."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Fields whose confidence lies in one tenth: how sure the machine was, how often right."""

    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on one group of fields.

    Attributes:
        fields: fields with something written, or read, there; the base of everything below.
        missing: of these, without any reading (record or field not found): wrong, not covered.
        blank_agreed: fields blank in truth and reading, left out of everything below.
        exact: share of fields whose value is right.
        cer_written: edits per character of what is written (Levenshtein, over all fields).
        cer_value: the same for the normalised value.
        ece: expected calibration error over ten equal bins of confidence (Guo et al. 2017).
        accepted: share of fields that go out without a person.
        accepted_fields: their number.
        accepted_errors: how many of them are wrong.
        accepted_error: share of the accepted fields that are wrong.
        coverage: for each risk, the largest share of fields that can be taken, surest first,
            while the share of wrong ones stays at or below the risk.
        curve: (coverage, risk), in order of falling confidence, thinned out.

    """

    fields: int
    missing: int
    blank_agreed: int
    exact: Estimate
    cer_written: Estimate
    cer_value: Estimate
    ece: Estimate
    accepted: Estimate
    accepted_fields: int
    accepted_errors: int
    accepted_error: Estimate
    coverage: dict[str, Estimate]
    reliability: tuple[ConfidenceBin, ...]
    curve: tuple[tuple[float, float], ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def measure(items: Sequence[ComparedField], *, by_book: bool, seed: int = SEED) -> Metrics:
    """Metrics of a group of fields.

    Args:
        items: the group; may be empty.
        by_book: resample books instead of pages.
        seed: of the bootstrap; the same seed gives the same intervals.

    """
    table = _Table.of([item for item in items if item.filled], by_book)
    weights = table.resamples(seed)
    accepted_errors = int(np.sum(table.accepted & ~table.right))
    accepted = int(np.sum(table.accepted))
    return Metrics(
        fields=table.size,
        missing=int(np.sum(~table.covered)),
        blank_agreed=len(items) - table.size,
        exact=wilson(int(np.sum(table.right)), table.size),
        cer_written=table.ratio(table.edits_written, table.length_written, weights),
        cer_value=table.ratio(table.edits_value, table.length_value, weights),
        ece=table.calibration_error(weights),
        accepted=wilson(accepted, table.size),
        accepted_fields=accepted,
        accepted_errors=accepted_errors,
        accepted_error=wilson(accepted_errors, accepted),
        coverage={f"{risk:g}": table.coverage(risk, weights) for risk in RISKS},
        reliability=table.reliability(),
        curve=table.curve(),
    )


def wilson(successes: int, trials: int) -> Estimate:
    """Proportion with Wilson's 95 % score interval (E. B. Wilson, JASA 22, 1927)."""
    if trials == 0:
        return Estimate(None)
    share, square = successes / trials, _Z * _Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    spread = share * (1 - share) / trials + square / (4 * trials * trials)
    half = _Z * float(np.sqrt(spread)) / (1 + square / trials)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class _Table:
    """The fields of a group as columns, in order of falling confidence (missing ones last)."""

    right: npt.NDArray[np.bool_]
    covered: npt.NDArray[np.bool_]
    accepted: npt.NDArray[np.bool_]
    confidence: Floats
    edits_written: Floats
    length_written: Floats
    edits_value: Floats
    length_value: Floats
    cluster: npt.NDArray[np.intp]
    clusters: int

    @classmethod
    def of(cls, items: Sequence[ComparedField], by_book: bool) -> _Table:
        items = sorted(items, key=lambda i: -1.0 if i.confidence is None else i.confidence)[::-1]
        names = [i.book if by_book else f"{i.book}\0{i.page}" for i in items]
        index = {name: number for number, name in enumerate(sorted(set(names)))}
        distance = Levenshtein.distance
        return cls(
            right=_flags(i.right for i in items),
            covered=_flags(i.confidence is not None for i in items),
            accepted=_flags(i.accepted for i in items),
            confidence=_numbers(i.confidence or 0.0 for i in items),
            edits_written=_numbers(distance(i.written, i.true_written) for i in items),
            length_written=_numbers(len(i.true_written) for i in items),
            edits_value=_numbers(distance(i.value, i.true_value) for i in items),
            length_value=_numbers(len(i.true_value) for i in items),
            cluster=np.array([index[name] for name in names], dtype=np.intp),
            clusters=len(index),
        )

    @property
    def size(self) -> int:
        return len(self.right)

    def resamples(self, seed: int) -> npt.NDArray[np.int64]:
        """(resamples, clusters): how often each cluster is drawn; no rows if there is but one."""
        if self.clusters < 2:
            return np.zeros((0, self.clusters), dtype=np.int64)
        even = np.full(self.clusters, 1 / self.clusters)
        return np.random.default_rng(seed).multinomial(self.clusters, even, size=RESAMPLES)

    def ratio(self, above: Floats, below: Floats, weights: npt.NDArray[np.int64]) -> Estimate:
        if not below.sum():
            return Estimate(None)
        sums = weights @ np.stack([self._per_cluster(above), self._per_cluster(below)], axis=1)
        sums = sums[sums[:, 1] > 0]
        return _with_interval(float(above.sum() / below.sum()), sums[:, 0] / sums[:, 1])

    def calibration_error(self, weights: npt.NDArray[np.int64]) -> Estimate:
        if not self.covered.any():
            return Estimate(None)
        gaps = np.zeros((self.clusters, BINS))
        inside = self.covered
        np.add.at(
            gaps,
            (self.cluster[inside], _bin_of(self.confidence[inside])),
            self.confidence[inside] - self.right[inside],
        )
        totals = self._per_cluster(inside.astype(float))
        drawn = weights @ totals
        samples = np.abs(np.tensordot(weights, gaps, axes=1)).sum(axis=1)[drawn > 0]
        error = float(np.abs(gaps.sum(axis=0)).sum() / totals.sum())
        return _with_interval(error, samples / drawn[drawn > 0])

    def coverage(self, risk: float, weights: npt.NDArray[np.int64]) -> Estimate:
        if not self.size:
            return Estimate(None)
        value = self._coverage(risk, np.ones(self.size))
        samples = [self._coverage(risk, draw[self.cluster].astype(float)) for draw in weights]
        return _with_interval(value, np.array(samples))

    def reliability(self) -> tuple[ConfidenceBin, ...]:
        where = _bin_of(self.confidence)
        bins = []
        for number in range(BINS):
            inside = self.covered & (where == number)
            count = int(inside.sum())
            bins.append(
                ConfidenceBin(
                    count,
                    float(self.confidence[inside].mean()) if count else 0.0,
                    float(self.right[inside].mean()) if count else 0.0,
                )
            )
        return tuple(bins)

    def curve(self, points: int = 200) -> tuple[tuple[float, float], ...]:
        ends = self._ends()
        if not len(ends):
            return ()
        keep = ends[np.unique(np.linspace(0, len(ends) - 1, points).astype(int))]
        errors = np.cumsum(~self.right)
        return tuple((float((end + 1) / self.size), float(errors[end] / (end + 1))) for end in keep)

    def _coverage(self, risk: float, weight: Floats) -> float:
        ends, total = self._ends(), weight.sum()
        taken = np.cumsum(weight)[ends]
        wrong = np.cumsum(weight * ~self.right)[ends]
        good = taken[wrong <= risk * taken + 1e-9]
        return float(good.max() / total) if len(good) and total else 0.0

    def _ends(self) -> npt.NDArray[np.intp]:
        """Last index of each run of equal confidence: fields equally sure are taken together."""
        count = int(self.covered.sum())
        sure = self.confidence[:count]
        return np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) if count else np.empty(0, int)

    def _per_cluster(self, column: Floats) -> Floats:
        return np.bincount(self.cluster, column, self.clusters).astype(np.float64)


def _with_interval(value: float, samples: Floats) -> Estimate:
    if not len(samples):
        return Estimate(value)
    low, high = np.quantile(samples, (0.025, 0.975))
    return Estimate(value, float(low), float(high))


def _bin_of(confidence: Floats) -> npt.NDArray[np.intp]:
    return np.clip((confidence * BINS).astype(np.intp), 0, BINS - 1)


def _flags(values: Any) -> npt.NDArray[np.bool_]:
    return np.fromiter(values, dtype=bool)


def _numbers(values: Any) -> Floats:
    return np.fromiter(values, dtype=float)
