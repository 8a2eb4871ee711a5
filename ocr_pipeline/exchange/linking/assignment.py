"""Which row belongs to which record of a book: all together, one to one, with probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.exchange.heaviest_pairs import heaviest_columns
from ocr_pipeline.exchange.linking.link_rules import LinkRules, OrderRule

_ROUNDS = 60  # of balancing; the sums of rows and columns are right to 1e-3 long before
_MOST = 60.0  # nats: what is surer than this is as sure


@dataclass(frozen=True, slots=True)
class Assignment:
    """Rows of records.

    Attributes:
        rows: (records,) index of the row of each record; -1 for none.
        probabilities: (records, rows) how probable each pair is, not calibrated; what is missing to
            1 in a line is the probability that the record has no row.

    """

    rows: npt.NDArray[np.intp]
    probabilities: Floats


def assign(evidence: Floats, ranks: Sequence[float], rules: LinkRules) -> Assignment:
    """Assign rows to the records of a book.

    Args:
        evidence: (records, rows) log-odds of the fields, records in the order of the book.
        ranks: (rows,) where each row stands in the order of numbers; nan where it has none.
        rules: shares that are expected.

    """
    records, rows = evidence.shape
    if not records or not rows:
        return Assignment(np.full(records, -1), np.zeros((records, rows)))
    prior = np.log((1 - rules.no_row) / rows) - np.log(rules.no_row)
    alone = np.clip(evidence + prior, -_MOST, _MOST)
    first = _balanced(alone)
    told = alone + _order(first, np.asarray(ranks, float), rules.order)
    weights = np.clip(told, -_MOST, _MOST)
    return Assignment(heaviest_columns(weights), _balanced(weights))


def _balanced(weights: Floats) -> Floats:
    """Probabilities of pairs when each record has one row or none, and each row one record or none.

    Sinkhorn's scaling, with a place for "none" (weight 1) beside each record and each row.
    """
    peak = np.maximum(weights.max(), 0.0)
    pairs, none = np.exp(weights - peak), np.exp(-peak / 2)
    left: Floats = np.ones(weights.shape[0])
    right: Floats = np.ones(weights.shape[1])
    for _ in range(_ROUNDS):
        left = _scale(pairs @ right, none)
        right = _scale(pairs.T @ left, none)
    left = _scale(pairs @ right, none)
    found: Floats = left[:, None] * pairs * right[None, :]
    return found


def _scale(sums: Floats, none: float) -> Floats:
    """The factor x with x · sums + x · none = 1."""
    scale: Floats = 1.0 / np.maximum(sums + none, 1e-300)
    return scale


def _order(found: Floats, ranks: Floats, rule: OrderRule) -> Floats:
    """Log-odds of pairs by the order: rows of neighbours are neighbours in the order of numbers."""
    records, rows = found.shape
    best, sure = found.argmax(axis=1), found.max(axis=1) >= rule.sure
    known = [(r, ranks[best[r]]) for r in range(records) if sure[r] and np.isfinite(ranks[best[r]])]
    told = np.zeros((records, rows))
    for record in range(records):
        near = sorted(
            (abs(r - record), rank - r) for r, rank in known if r != record
        )[: 2 * rule.reach]  # fmt: skip
        if len(near) < 2:
            continue
        expected = record + np.median([offset for _, offset in near])
        away = np.abs(ranks - expected)
        share = np.exp(-away / 1.5)
        share = np.where(np.isfinite(away), share / max(np.nansum(share), 1e-9), 1.0 / rows)
        told[record] = np.log((1 - rule.strays) * share * rows + rule.strays)
    return told
